/* What the files of the running program share. */
#ifndef DLC_DRIVER_PROGRAM_INTERNAL_H
#define DLC_DRIVER_PROGRAM_INTERNAL_H

#include "driver/data_set.h"
#include "driver/program.h"

typedef enum Flow { FLOW_NEXT, FLOW_BREAK, FLOW_CONTINUE, FLOW_STOP } Flow;

/* A compiled step with what it is bound to.  slots[i] points to where the binding's array is held, so that a
 * run only follows pointers. */
typedef struct RunningStep {
    const TStep *step; /* NULL for an expression */
    const Build *build;
    CompiledStep *compiled;
    Array ***slots;      /* by slot: where the array is; outputs point into `outputs` */
    StoreEntry **written; /* entries that the step writes in place */
    int written_count;
    Array **outputs;     /* owned: results that take no input's place, in slot order */
    Array **held;        /* owned: scalars that the runner fills in: seed, step number, counts, options */
    int64_t *batch;      /* the run-time dims' values, by DimName id: the batch, sizes that data knows */
    int size_count;      /* entries of `batch` */
    int *taken_from;     /* beside `batch`: 1 + the source whose operand has said it in this run; 0: none */
    int64_t *planned;    /* by dim of the region: the largest value that its code is planned for */
    const uint64_t *seed; /* the program's, or the train block's */
    double seconds;      /* spent in the interpreter so far */
    int is_machine_code;
} RunningStep;

typedef struct Frame {
    Map variables; /* const TVariable * to ProgramValue * */
} Frame;

/* A size that only data knows: its value, from when the set is opened. */
typedef struct KnownSize {
    const DimName *name;
    int64_t value;
    const char *from; /* "the records of x.csv"; or NULL */
} KnownSize;

typedef struct Program {
    Arena arena;
    Session *session;
    const TProgram *typed;
    Executor *executor;
    Progress *progress;
    const ProgramOptions *options;
    Frame globals;
    Frame *frame;         /* of the function being run; &globals at top level */
    Store store;
    Map expressions;      /* const Tx * to RunningStep * */
    Map steps;            /* const TStep * to RunningStep * */
    Map data;             /* const TData * to OpenData * */
    Vec(KnownSize) sizes; /* of the open data sets, and of arrays whose types name them */
    const Tx *step_call;  /* the call of a step that is running, or NULL */
    Span data_use;        /* where the set that is being read was named */
    struct Loop *train;   /* the block that is running, or NULL */
    uint64_t seed;
    int64_t draws;        /* random expressions evaluated so far: each draws anew */
    ProgramValue *yielded; /* where the `yield` of the present turn goes; NULL where nobody stacks them */
    int is_failed;        /* a diagnostic was given: the program ends */
    int known_errors;     /* of failed tests: those after them run all the same */
    int exit_code;
} Program;

/* What is being done now, for --timings. */
static inline TimedPart program_enter(Program *p, TimedPart part) {
    return timings_enter(executor_timings(p->executor), part);
}
static inline void program_leave(Program *p, TimedPart before) { timings_leave(executor_timings(p->executor), before); }

/* program.c */
/* Runs the statements; the block's value goes to `value`, or is dropped where that is NULL. */
Flow program_block(Program *p, const TBlock *block, ProgramValue *value);
ProgramValue program_evaluate(Program *p, const Tx *tx);
/* The tensor of an expression, owned by the caller; a rank-0 array of zeros after a failure. */
Array *program_array(Program *p, const Tx *tx);
double program_number(Program *p, const Tx *tx);
void program_set(Program *p, const TVariable *variable, ProgramValue value); /* takes over the value */
const ProgramValue *program_get(Program *p, const TVariable *variable);      /* NULL where unset */
/* The path of an instance's weights, or of a part's: "Net", "Net.head"; NULL for a computed record. */
const Symbol *program_record_path(Program *p, const Tx *tx);
/* Ends the program with a diagnostic at a place; exit code 1. */
Diag *program_fail(Program *p, Span span, DiagCode code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* program_loop.c */
/* A TS_FOR; where `stacks` is not NULL, its yields as a value of that type. */
Flow program_for(Program *p, const TStmt *stmt, const Type *stacks, ProgramValue *value);
Flow program_while(Program *p, const TStmt *stmt);
void program_yield(Program *p, const TStmt *stmt);

/* running_step.c */
RunningStep *running_step_new(Program *p, const TStep *step, Build *build, int use_jit);
/* Where the runner keeps the array of a variable the step reads (data field, argument, t, global): the address
 * must stay valid. */
void running_step_bind(RunningStep *rs, const TVariable *variable, Array **where);
/* Binds the globals of the program that the step reads to their values now; false after a diagnostic. */
int running_step_bind_globals(Program *p, RunningStep *rs);
/* A new step takes over what an old one of the same program keeps from call to call, and ends it. */
void running_step_replace(RunningStep *old, RunningStep *by);
/* Runs with `rows` as the batch's size; false after a diagnostic. */
int running_step_run(Program *p, RunningStep *rs, int64_t rows, int64_t step_number, int64_t example0);
/* The array of a target; borrowed, valid until the next run. */
Array *running_step_output(const RunningStep *rs, int target);
StoreEntry *program_weight(Program *p, const Symbol *path, const Weight *weight);
void running_step_free(RunningStep *rs);

/* running_size.c */
/* What operands have in their open sizes is planned for: call it before the step is compiled.  arrays: by source, NULL
 * for those that are the runner's own. */
void running_step_plan(Program *p, const Build *build, Array *const *arrays);
/* False where sizes have grown beyond what the code was planned for: compile again. */
int running_step_fits(const RunningStep *rs);
/* The open sizes of this run: those of the operands, which must agree; a batch may be shorter than its array.  False
 * after a diagnostic: what they must fulfil they do not. */
int running_step_take_sizes(Program *p, RunningStep *rs, int64_t rows);
/* From now on the set's number of records is known, in compiled code as a run-time size; `from` says where it comes
 * from, or is NULL. */
void know_size(Program *p, const Type *type, const DataSet *set, const char *from);
/* The same of the sizes that the type of a value names; false after a diagnostic at the place: the value has another
 * size than its type says. */
int know_sizes(Program *p, const Type *type, const ProgramValue *value, Span span);
/* Ends the program: a is `is`, and b is `found`; b NULL: the operand at the place has the size `found`. */
Diag *program_sizes_differ(Program *p, Span span, const Dim *a, int64_t is, const Dim *b, int64_t found);
/* The `given` of a procedure that is called, for the sizes that are known; false after a diagnostic. */
int procedure_conditions_hold(Program *p, const Tx *call);

/* expression.c */
ProgramValue expression_evaluate(Program *p, const Tx *tx);
/* The value of the run from its TARGET_VALUEs, from *next on. */
ProgramValue program_result(Program *p, const RunningStep *rs, const Type *type, int *next);
void program_make_weights(Program *p, const Instance *instance);

/* record.c: records of weights */
ProgramValue record_value(Program *p, const Layout *layout); /* its items named, units at first */
/* An instance, alone or in a tuple, as a value that later changes do not reach; takes over `value`, others as they
 * are. */
ProgramValue record_snapshot(Program *p, ProgramValue value, const Type *type);
/* What a SOURCE_VARIABLE reads, owned by the caller; NULL where the variable has no value. */
Array *program_source(Program *p, const BuildSource *source);
void program_set_weight(Program *p, const TStmt *stmt);

/* procedure.c */
ProgramValue procedure_call(Program *p, const Tx *tx);
void program_format(Program *p, const Tx *tx, Text *out);
void value_print(Text *out, const ProgramValue *value, int digits);

/* procedure_file.c: save, load, write_png, grid */
ProgramValue procedure_file(Program *p, const Tx *tx);
/* A file that cannot be read or written: exit code 3. */
Diag *program_file_fail(Program *p, Span span, DiagCode code, const char *path, const char *why);

/* weight_file.c */
typedef struct SavedWeight {
    const Symbol *name; /* in the file: the path below the instance, "dense_1.w", or that of the store */
    const Symbol *path; /* in the store: "Net.dense_1.w" */
    const Weight *weight;
} SavedWeight;

typedef struct WeightFile {
    Vec(SavedWeight) weights;
    int is_program; /* of all instances: what the file has nothing of stays as it is */
} WeightFile;

/* Adds the weights and states of a record, named `below` and their path in it. */
void weight_file_add(Program *p, WeightFile *file, const Layout *layout, const Symbol *path, const char *below);
/* The same under the names of the program: "Net.dense_1.w". */
void weight_file_add_instance(Program *p, WeightFile *file, const Instance *instance);
/* Whole or not at all, folders made; false after a diagnostic. */
int weight_file_write(Program *p, const WeightFile *file, const char *path, Span span);
void weight_file_read(Program *p, const WeightFile *weights, const char *path, Span span);

/* views.c: windows, records, size, encode, decode */
ProgramValue procedure_view(Program *p, const Tx *tx);
/* The set that `batches[n](d)` walks, owned, and n; NULL after a diagnostic. */
DataSet *data_batches(Program *p, const Tx *tx, int64_t *length);

/* data.c */
/* Borrowed; NULL after a diagnostic. */
const DataSet *data_open(Program *p, const TData *data, const Symbol *part, Span span);
/* A column whose array is there, borrowed; NULL after a diagnostic. */
const DataColumn *data_column(Program *p, const DataSet *set, const Symbol *name);
/* All records of a field, owned by the caller; NULL after a diagnostic. */
Array *data_field(Program *p, const DataSet *set, const Symbol *name);
ProgramValue data_record(Program *p, const DataSet *set); /* every field as an array */
/* What is wrong with a field's data, reported at the field, or at the use of a library's set.  Exit code 3. */
Diag *data_fail(Program *p, const TDataField *field, DiagCode code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void data_close_all(Program *p);

/* train.c */
ProgramValue train_run(Program *p, const Tx *tx);
/* A `validate` among the statements of an `every` of the block that is running. */
int train_validate(Program *p, const TStep *step);

#endif
