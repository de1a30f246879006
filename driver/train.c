/* Train blocks: the loop over epochs and batches that a user would write by hand.
 *
 * Fields of the batch are gathered into arrays of the step's own (64-byte aligned, at most `batch` rows); the
 * step runs on them, its figures are averaged over the epoch by example, and each validate runs over its set after
 * every epoch.  Interrupted, it ends after the current step with the weights as they are. */
#include "driver/program_internal.h"

#include "runtime/random.h"

#include <string.h>

typedef struct Settings {
    int64_t batch, epochs, steps;
    uint64_t seed;
    int shuffle, keep_short;
} Settings;

/* One figure over a pass: the weighted mean, the ratio of two sums, or the last value. */
typedef struct Sum {
    double sum, weight;
} Sum;

/* A step or validate, its data set, its batch arrays and its figures. */
typedef struct Pass {
    Program *program;
    RunningStep *rs;
    DataSet *set;              /* owned; NULL for a step without data */
    Array **batch;       /* by input of the step: owned */
    const DataColumn **source; /* by input: the set's field */
    Sum *sums;           /* by target */
    int64_t *order;      /* permutation of the set's rows, or NULL */
} Pass;

static const Tx *setting(const TTrain *train, const char *name) {
    for (int i = 0; i < train->settings.len; i++)
        if (strcmp(train->settings.data[i].name->text, name) == 0) return train->settings.data[i].value;
    return NULL;
}

static int64_t setting_number(Program *p, const TTrain *train, const char *name, int64_t otherwise) {
    const Tx *value = setting(train, name);
    return value ? (int64_t)program_number(p, value) : otherwise;
}

static Settings read_settings(Program *p, const TTrain *train) {
    static const char *const later[] = {"best", "save", "patience", "contiguous", "budget"};
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        const Tx *value = setting(train, later[i]);
        if (value) program_fail(p, value->span, E_NOT_COMPILED, "the setting `%s` cannot be run yet", later[i]);
    }
    return (Settings){.batch = setting_number(p, train, "batch", 32),
                      .epochs = setting_number(p, train, "epochs", 1),
                      .steps = setting_number(p, train, "steps", 0),
                      .seed = (uint64_t)setting_number(p, train, "seed", 0),
                      .shuffle = setting_number(p, train, "shuffle", 0) != 0,
                      .keep_short = setting_number(p, train, "keep_short", 1) != 0};
}

/* ---- one pass over a set ------------------------------------------------------------------------------ */

/* Takes over `set`, which is NULL for a step without data. */
static int pass_open(Program *p, Pass *pass, const TStep *step, DataSet *set, int64_t batch) {
    Build *build = build_step(p->session, &p->arena, executor_build_options(p->executor), step);
    int inputs = set ? step->inputs.len : 0;
    *pass = (Pass){.program = p, .set = set, .rs = running_step_new(p, step, build, 1)};
    if (p->is_failed) return 0;
    pass->sums = arena_array(&p->arena, Sum, build->targets.len);
    pass->batch = arena_array(&p->arena, Array *, inputs);
    pass->source = arena_array(&p->arena, const DataColumn *, inputs);
    for (int i = 0; i < inputs; i++) {
        pass->source[i] = data_column(p, set, step->inputs.data[i]->name);
        if (!pass->source[i]) return 0;
        pass->batch[i] = column_array(pass->source[i], batch);
        running_step_bind(pass->rs, step->inputs.data[i], &pass->batch[i]);
    }
    return 1;
}

static void pass_close(Pass *pass) {
    for (int i = 0; pass->set && pass->batch && i < pass->rs->step->inputs.len; i++) array_release(pass->batch[i]);
    if (pass->rs) running_step_free(pass->rs);
    data_set_release(pass->set);
}

static void gather(Pass *pass, int64_t first, int64_t rows) {
    for (int i = 0; pass->set && i < pass->rs->step->inputs.len; i++)
        column_gather(pass->set, pass->source[i], pass->order, first, rows, pass->batch[i]->data);
}

static void pass_reset(Pass *pass) {
    memset(pass->sums, 0, sizeof(Sum) * (size_t)pass->rs->build->targets.len);
}

static void add_figures(Pass *pass, int64_t rows) {
    double examples = rows ? (double)rows : 1;
    for (int i = 0; i < pass->rs->build->targets.len; i++) {
        const BuildTarget *target = &pass->rs->build->targets.data[i];
        if (target->kind != TARGET_REPORT && target->kind != TARGET_REPORT_COUNT && target->kind != TARGET_LOSS)
            continue;
        double value = array_number(running_step_output(pass->rs, i), 0);
        Sum *sum = &pass->sums[i];
        int is_loss = target->kind == TARGET_LOSS;
        if (!is_loss && target->report == REPORT_LAST) *sum = (Sum){value, 1};
        else if (!is_loss && target->report == REPORT_RATIO) *sum = (Sum){sum->sum + value, 1};
        else *sum = (Sum){sum->sum + value * examples, sum->weight + examples};
    }
}

static int pass_run(Pass *pass, int64_t first, int64_t rows, int64_t step_number) {
    gather(pass, first, rows);
    if (!running_step_run(pass->program, pass->rs, rows, step_number, first)) return 0;
    add_figures(pass, rows);
    return 1;
}

static double figure(const Pass *pass, int target) {
    const Sum *sum = &pass->sums[target];
    const BuildTarget *t = &pass->rs->build->targets.data[target];
    if (t->kind == TARGET_REPORT && t->report == REPORT_RATIO) return sum->sum / pass->sums[target + 1].sum;
    return sum->weight != 0 ? sum->sum / sum->weight : 0;
}

static int pass_reports(const Pass *pass, const char *name) {
    for (int i = 0; i < pass->rs->build->targets.len; i++) {
        const BuildTarget *t = &pass->rs->build->targets.data[i];
        if (t->kind == TARGET_REPORT && strcmp(t->name->text, name) == 0) return 1;
    }
    return 0;
}

/* ---- the loop ---------------------------------------------------------------------------------------- */

typedef struct Loop {
    Program *p;
    const TTrain *train;
    Settings settings;
    Pass step;
    Pass *validates;
    int validate_count;
    int64_t rows, per_epoch, total; /* examples and steps of an epoch, steps planned */
    int64_t done;                   /* steps done */
    Array *t, *epoch, *planned;     /* the block's own names */
    Vec(Figure) figures;            /* of the last epoch */
} Loop;

static int interrupted(const Loop *loop) { return *loop->p->options->interrupted; }

static void add_figure(Loop *loop, const char *name, double value, int is_validation) {
    vec_push(&loop->p->arena, &loop->figures, ((Figure){name, value, is_validation}));
}

/* The step's reports (and its loss, where it reports none of that name), then each validate's. */
static void collect(Loop *loop) {
    loop->figures.len = 0;
    int has_loss = pass_reports(&loop->step, "loss");
    for (int i = 0; i < loop->step.rs->build->targets.len; i++) {
        const BuildTarget *t = &loop->step.rs->build->targets.data[i];
        if (t->kind == TARGET_LOSS && !has_loss) add_figure(loop, "loss", figure(&loop->step, i), 0);
        if (t->kind == TARGET_LOSS) has_loss = 1;
        if (t->kind == TARGET_REPORT) add_figure(loop, t->name->text, figure(&loop->step, i), 0);
    }
    for (int k = 0; k < loop->validate_count; k++)
        for (int i = 0; i < loop->validates[k].rs->build->targets.len; i++) {
            const BuildTarget *t = &loop->validates[k].rs->build->targets.data[i];
            if (t->kind == TARGET_REPORT) add_figure(loop, t->name->text, figure(&loop->validates[k], i), 1);
        }
}

static int validate(Loop *loop, Pass *pass) {
    pass_reset(pass);
    int64_t batch = loop->settings.batch;
    for (int64_t first = 0; first < pass->set->rows && !interrupted(loop); first += batch) {
        int64_t rows = pass->set->rows - first < batch ? pass->set->rows - first : batch;
        if (!pass_run(pass, first, rows, loop->done)) return 0;
    }
    return 1;
}

static int run_epoch(Loop *loop, int64_t epoch) {
    pass_reset(&loop->step);
    *(int64_t *)loop->epoch->data = epoch;
    if (loop->step.order)
        random_permutation(loop->step.order, loop->rows, loop->settings.seed, (uint64_t)epoch);
    for (int64_t i = 0; i < loop->per_epoch && loop->done < loop->total && !interrupted(loop); i++) {
        int64_t first = i * loop->settings.batch, left = loop->rows - first;
        int64_t rows = loop->step.set ? (left < loop->settings.batch ? left : loop->settings.batch) : 0;
        *(int64_t *)loop->t->data = ++loop->done;
        if (!pass_run(&loop->step, first, rows, loop->done)) return 0;
        progress_step(loop->p->progress, epoch, loop->done, first + rows);
    }
    return 1;
}

static void plan_steps(Loop *loop) {
    const Settings *s = &loop->settings;
    loop->rows = loop->step.set ? loop->step.set->rows : 0;
    loop->per_epoch = s->keep_short ? (loop->rows + s->batch - 1) / s->batch : loop->rows / s->batch;
    if (!loop->step.set) loop->per_epoch = s->steps ? s->steps : 1;
    loop->total = s->steps ? s->steps : loop->per_epoch * s->epochs;
}

static void bind_own_names(Loop *loop, Pass *pass) {
    const TTrain *train = loop->train;
    if (train->t) running_step_bind(pass->rs, train->t, &loop->t);
    if (train->epoch) running_step_bind(pass->rs, train->epoch, &loop->epoch);
    if (train->total) running_step_bind(pass->rs, train->total, &loop->planned);
}

/* The set behind `on`, owned. */
static DataSet *set_of(Program *p, const Tx *on) {
    ProgramValue value = program_evaluate(p, on);
    if (value.tag == PROGRAM_DATA) return value.set;
    if (!p->is_failed) ICE("a data set was expected of an expression of kind %d", (int)on->kind);
    return NULL;
}

static int open_passes(Loop *loop) {
    Program *p = loop->p;
    const TTrain *train = loop->train;
    DataSet *set = train->data ? set_of(p, train->data) : NULL;
    if (p->is_failed || !pass_open(p, &loop->step, train->step, set, loop->settings.batch)) return 0;
    loop->validates = arena_array(&p->arena, Pass, train->validates.len);
    for (int i = 0; i < train->validates.len; i++) {
        const TStep *validate_step = train->validates.data[i];
        DataSet *on = validate_step->on ? set_of(p, validate_step->on) : set ? data_set_retain(set) : NULL;
        if (p->is_failed || !pass_open(p, &loop->validates[i], validate_step, on, loop->settings.batch)) return 0;
        loop->validate_count++;
    }
    loop->t = array_scalar(DT_I64, 0);
    loop->epoch = array_scalar(DT_I64, 1);
    plan_steps(loop);
    loop->planned = array_scalar(DT_I64, (double)loop->total);
    loop->step.rs->seed = &loop->settings.seed;
    bind_own_names(loop, &loop->step);
    for (int i = 0; i < loop->validate_count; i++) bind_own_names(loop, &loop->validates[i]);
    if (!running_step_bind_globals(p, loop->step.rs)) return 0;
    for (int i = 0; i < loop->validate_count; i++)
        if (!running_step_bind_globals(p, loop->validates[i].rs)) return 0;
    if (loop->settings.shuffle && set) loop->step.order = arena_array(&p->arena, int64_t, set->rows);
    return 1;
}

static void run_loop(Loop *loop) {
    Progress *progress = loop->p->progress;
    progress_train_begin(progress, loop->settings.steps ? 0 : loop->settings.epochs, loop->total, loop->rows);
    for (int64_t epoch = 1; loop->done < loop->total && !interrupted(loop); epoch++) {
        if (!run_epoch(loop, epoch)) return;
        for (int i = 0; i < loop->validate_count && !interrupted(loop); i++)
            if (!validate(loop, &loop->validates[i])) return;
        collect(loop);
        progress_epoch(progress, epoch, loop->done, loop->figures.data, loop->figures.len);
    }
    progress_train_end(progress, loop->figures.data, loop->figures.len,
                       executor_compile_seconds(loop->p->executor), interrupted(loop));
}

/* A figure that both report is the validate's. */
static ProgramValue reports_record(Loop *loop) {
    int count = 0;
    ProgramValue record = value_list(PROGRAM_RECORD, loop->figures.len);
    for (int i = 0; i < loop->figures.len; i++) {
        const Figure *f = &loop->figures.data[i];
        const Symbol *name = symbol(&loop->p->session->symbols, f->name);
        int at = 0;
        while (at < count && record.names[at] != name) at++;
        if (at == count) count++;
        value_release(&record.items[at]);
        record.names[at] = name;
        record.items[at] = value_array(array_scalar(DT_F32, f->value));
    }
    record.count = count;
    return record;
}

ProgramValue train_run(Program *p, const TTrain *train, Span span) {
    Loop loop = {.p = p, .train = train, .settings = read_settings(p, train)};
    if (!p->is_failed && !train->step)
        program_fail(p, span, E_TRAIN_STEP, "this `train` has no `step`, so it would change nothing");
    if (!p->is_failed && open_passes(&loop)) run_loop(&loop);
    if (loop.step.rs) pass_close(&loop.step);
    for (int i = 0; i < loop.validate_count; i++) pass_close(&loop.validates[i]);
    array_release(loop.t);
    array_release(loop.epoch);
    array_release(loop.planned);
    return p->is_failed ? (ProgramValue){0} : reports_record(&loop);
}
