/* Train blocks: the loop over epochs and batches that a user would write by hand.
 *
 * Passes (train_pass.c) run the step on each batch; after every epoch each validate runs over its set, and what
 * stands in `every` runs where it says.  A line of figures is shown after every epoch, and after an `every n steps` that
 * validates.  Interrupted, the block ends
 * after the current step with the weights as they are, or the best ones. */
#include "driver/train_internal.h"

#include "runtime/random.h"

#include <math.h>
#include <string.h>

/* An `every` with its passes, in the order of its validates. */
typedef struct Every {
    const TEvery *typed;
    int64_t count; /* steps; 0: after every epoch */
    Pass *passes;
    int pass_count;
} Every;

typedef struct Loop {
    Program *p;
    const TTrain *train;
    struct Loop *outer; /* the block that was running, or NULL */
    uint64_t seed;
    int64_t epochs, steps, patience;
    int shuffles;
    Pass step;
    Pass *validates;
    int validate_count;
    Every *everies;
    int every_count;
    int64_t per_epoch, total;   /* steps of an epoch, steps planned */
    int64_t done;               /* steps done */
    Array *t, *epoch, *planned; /* the block's own names */
    Vec(Figure) figures;        /* the last of each report */
    Vec(Figure) best_figures;   /* those of the best weights */
    Kept kept;
    int is_over;                /* no better report for too long */
} Loop;

static int interrupted(const Loop *loop) { return *loop->p->options->interrupted; }

static int goes_on(const Loop *loop) { return !interrupted(loop) && !loop->is_over && loop->done < loop->total; }

/* ---- settings ---------------------------------------------------------------------------------------- */

static const TSetting *setting(const TTrain *train, const char *name) {
    for (int i = 0; i < train->settings.len; i++)
        if (strcmp(train->settings.data[i].name->text, name) == 0) return &train->settings.data[i];
    return NULL;
}

static int64_t setting_number(const Loop *loop, const char *name, int64_t otherwise) {
    const TSetting *found = setting(loop->train, name);
    return found && !loop->p->is_failed ? (int64_t)program_number(loop->p, found->value) : otherwise;
}

static void read_settings(Loop *loop) {
    loop->epochs = setting_number(loop, "epochs", 1);
    loop->steps = setting_number(loop, "steps", 0);
    loop->seed = (uint64_t)setting_number(loop, "seed", 0);
    loop->patience = setting_number(loop, "patience", 0);
    loop->shuffles = setting_number(loop, "shuffle", 0) != 0;
}

/* The step's arena against `budget`. */
static int is_within_budget(Loop *loop) {
    int64_t budget = setting_number(loop, "budget", INT64_MAX), bytes = executor_arena_bytes(loop->step.rs->compiled);
    if (bytes <= budget) return 1;
    Diag *diag = program_fail(loop->p, setting(loop->train, "budget")->span, E_BUDGET,
                              "the step takes %lld bytes beside its weights, more than its budget of %lld",
                              (long long)bytes, (long long)budget);
    diag_note(&loop->p->session->diags, diag, "`dlc check` names the line where it is fullest");
    diag_fix(&loop->p->session->diags, diag, "a smaller `batch`, or a larger `budget`");
    return 0;
}

/* ---- figures ----------------------------------------------------------------------------------------- */

static Figure *figure_named(Loop *loop, const char *name, int is_validation) {
    for (int i = 0; i < loop->figures.len; i++) {
        Figure *f = &loop->figures.data[i];
        if (f->is_validation == is_validation && strcmp(f->name, name) == 0) return f;
    }
    vec_push(&loop->p->arena, &loop->figures, ((Figure){.name = name, .is_validation = is_validation}));
    return &loop->figures.data[loop->figures.len - 1];
}

static void set_figure(Loop *loop, const char *name, double value, int is_validation) {
    Figure *figure = figure_named(loop, name, is_validation);
    figure->value = value;
    figure->is_new = 1;
}

/* The pass's new figures; its loss too, where it reports none of that name. */
static void collect_pass(Loop *loop, Pass *pass, int is_validation) {
    if (!pass->has_figures) return;
    pass->has_figures = 0;
    pass->is_shown = 1;
    int has_loss = is_validation || pass_reports(pass, symbol(&loop->p->session->symbols, "loss"));
    for (int i = 0; i < pass->rs->build->targets.len; i++) {
        const BuildTarget *t = &pass->rs->build->targets.data[i];
        if (t->kind == TARGET_LOSS && !has_loss) set_figure(loop, "loss", pass_figure(pass, i), 0);
        if (t->kind == TARGET_LOSS) has_loss = 1;
        if (t->kind == TARGET_REPORT) set_figure(loop, t->name->text, pass_figure(pass, i), is_validation);
    }
}

/* The pass that decides which weights are best: a figure that both report is the validate's. */
static const Pass *deciding_pass(const Loop *loop) {
    const Pass *found = NULL;
    for (int i = 0; i < loop->validate_count; i++)
        if (pass_reports(&loop->validates[i], loop->train->best)) found = &loop->validates[i];
    for (int e = 0; e < loop->every_count; e++)
        for (int i = 0; i < loop->everies[e].pass_count; i++)
            if (pass_reports(&loop->everies[e].passes[i], loop->train->best)) found = &loop->everies[e].passes[i];
    return found ? found : &loop->step;
}

static void judge(Loop *loop, int64_t epoch, int is_validation) {
    const TTrain *train = loop->train;
    double value = figure_named(loop, train->best->text, is_validation)->value;
    if (keep_if_best(loop->p, &loop->kept, value, train->best_is_lowest, epoch, loop->done)) {
        loop->best_figures.len = 0;
        for (int i = 0; i < loop->figures.len; i++)
            vec_push(&loop->p->arena, &loop->best_figures, loop->figures.data[i]);
        const TSetting *save = setting(train, "save");
        if (save) keep_save(loop->p, train, loop->step.rs, save);
    }
    loop->is_over = loop->patience && loop->kept.misses >= loop->patience;
}

/* Collects, judges and shows what is new.  The step's figures are those of the epoch, so they are ready at its end;
 * where the block counts steps, those since the last line. */
static void show_line(Loop *loop, int64_t epoch, int is_epoch_end) {
    const Pass *deciding = loop->train->best ? deciding_pass(loop) : NULL;
    int has_step = loop->step.has_figures && (is_epoch_end || loop->steps);
    int is_judged = deciding && (deciding == &loop->step ? has_step : deciding->has_figures);
    for (int i = 0; i < loop->figures.len; i++) loop->figures.data[i].is_new = 0;
    if (has_step) collect_pass(loop, &loop->step, 0);
    for (int i = 0; i < loop->validate_count; i++) collect_pass(loop, &loop->validates[i], 1);
    for (int e = 0; e < loop->every_count; e++)
        for (int i = 0; i < loop->everies[e].pass_count; i++) collect_pass(loop, &loop->everies[e].passes[i], 1);
    if (is_judged && !interrupted(loop)) judge(loop, epoch, deciding != &loop->step);
    Vec(Figure) news = {0};
    for (int i = 0; i < loop->figures.len; i++)
        if (loop->figures.data[i].is_new) vec_push(&loop->p->arena, &news, loop->figures.data[i]);
    if (news.len || !loop->figures.len)
        progress_epoch(loop->p->progress, epoch, loop->done, news.data, news.len);
}

/* ---- validate and every ------------------------------------------------------------------------------ */

static int validate(Loop *loop, Pass *pass) {
    if (!pass_begin(pass)) return 0;
    int64_t batches = pass_batches(pass);
    for (int64_t k = 0; k < batches && !interrupted(loop); k++)
        if (!pass_run(pass, k, loop->done)) return 0;
    return 1;
}

int train_validate(Program *p, const TStep *step) {
    for (int e = 0; e < p->train->every_count; e++)
        for (int i = 0; i < p->train->everies[e].pass_count; i++)
            if (p->train->everies[e].typed->validates.data[i] == step)
                return validate(p->train, &p->train->everies[e].passes[i]);
    ICE("no pass for a validate");
}

/* The block's own names as the statements of an `every` see them. */
static void set_own_names(Loop *loop) {
    const TTrain *train = loop->train;
    if (train->t) program_set(loop->p, train->t, value_array(array_copy(loop->t)));
    if (train->epoch) program_set(loop->p, train->epoch, value_array(array_copy(loop->epoch)));
    if (train->total) program_set(loop->p, train->total, value_array(array_copy(loop->planned)));
}

static int run_every(Loop *loop, const Every *every) {
    set_own_names(loop);
    program_block(loop->p, every->typed->block, NULL);
    return !loop->p->is_failed;
}

static int run_step_everies(Loop *loop, int64_t epoch) {
    int is_line = 0;
    for (int i = 0; i < loop->every_count; i++) {
        const Every *every = &loop->everies[i];
        if (!every->count || loop->done % every->count != 0 || interrupted(loop)) continue;
        if (!run_every(loop, every)) return 0;
        is_line |= every->pass_count > 0;
    }
    if (is_line) show_line(loop, epoch, 0);
    return !loop->p->is_failed;
}

/* What is printed there stands below the epoch's line, unless it validates and so has its figures in it. */
static int run_epoch_everies(Loop *loop, int validates) {
    for (int i = 0; i < loop->every_count && !interrupted(loop); i++) {
        const Every *every = &loop->everies[i];
        if (every->count || (every->pass_count > 0) != validates) continue;
        if (!run_every(loop, every)) return 0;
    }
    return 1;
}

/* ---- the loop ---------------------------------------------------------------------------------------- */

static int run_epoch(Loop *loop, int64_t epoch) {
    *(int64_t *)loop->epoch->data = epoch;
    if (!pass_begin(&loop->step)) return 0;
    int64_t rows = pass_rows(&loop->step), batch = loop->train->batch;
    if (loop->shuffles && loop->step.set)
        random_permutation(loop->step.order, loop->step.set->rows, loop->seed, (uint64_t)epoch);
    for (int64_t i = 0; i < loop->per_epoch && goes_on(loop); i++) {
        *(int64_t *)loop->t->data = ++loop->done;
        if (!pass_run(&loop->step, loop->step.set ? i : 0, loop->done)) return 0;
        progress_step(loop->p->progress, epoch, loop->done, i * batch + batch < rows ? i * batch + batch : rows);
        if (!run_step_everies(loop, epoch)) return 0;
    }
    return 1;
}

static void run_epochs(Loop *loop) {
    for (int64_t epoch = 1; goes_on(loop); epoch++) {
        if (!run_epoch(loop, epoch)) return;
        for (int i = 0; i < loop->validate_count && !interrupted(loop); i++)
            if (!validate(loop, &loop->validates[i])) return;
        if (!run_epoch_everies(loop, 1)) return;
        show_line(loop, epoch, 1);
        if (loop->p->is_failed || !run_epoch_everies(loop, 0)) return;
    }
}

/* The best weights come back; they, or the last ones, are saved. */
static void finish(Loop *loop) {
    const TSetting *save = setting(loop->train, "save");
    if (loop->kept.is_there) {
        keep_restore(loop->p, &loop->kept);
        progress_best(loop->p->progress, &(ProgressBest){loop->train->best->text, loop->kept.value,
                                                         loop->steps ? 0 : loop->kept.epoch, loop->kept.step,
                                                         loop->is_over});
    } else if (save) {
        keep_save(loop->p, loop->train, loop->step.rs, save);
    }
}

static void run_loop(Loop *loop) {
    Program *p = loop->p;
    progress_train_begin(p->progress, loop->steps ? 0 : loop->epochs, loop->total, pass_rows(&loop->step));
    run_epochs(loop);
    if (p->is_failed) return;
    progress_train_end(p->progress, loop->figures.data, loop->figures.len, executor_compile_seconds(p->executor),
                       interrupted(loop));
    finish(loop);
}

/* ---- opening ----------------------------------------------------------------------------------------- */

/* The set behind `on`, owned. */
static DataSet *set_of(Program *p, const Tx *on) {
    ProgramValue value = program_evaluate(p, on);
    if (value.tag == PROGRAM_DATA) return value.set;
    if (!p->is_failed) ICE("a data set was expected of an expression of kind %d", (int)on->kind);
    return NULL;
}

static int open_validate(Loop *loop, Pass *pass, const TStep *step, DataSet *otherwise) {
    DataSet *on = step->on ? set_of(loop->p, step->on) : otherwise ? data_set_retain(otherwise) : NULL;
    return !loop->p->is_failed && pass_open(loop->p, pass, loop->train, step, on);
}

static int open_everies(Loop *loop, DataSet *set) {
    const TTrain *train = loop->train;
    loop->everies = arena_array(&loop->p->arena, Every, train->everies.len);
    for (int e = 0; e < train->everies.len; e++) {
        const TEvery *typed = &train->everies.data[e];
        Every *every = &loop->everies[loop->every_count++];
        *every = (Every){.typed = typed, .passes = arena_array(&loop->p->arena, Pass, typed->validates.len)};
        if (typed->count) every->count = (int64_t)program_number(loop->p, typed->count);
        if (typed->count && every->count < 1 && !loop->p->is_failed)
            program_fail(loop->p, typed->count->span, E_EVERY, "`every` counts steps from 1, this is %lld",
                         (long long)every->count);
        for (int i = 0; i < typed->validates.len && !loop->p->is_failed; i++) {
            every->pass_count++;
            if (!open_validate(loop, &every->passes[i], typed->validates.data[i], set)) return 0;
        }
        if (loop->p->is_failed) return 0;
    }
    return 1;
}

static void plan_steps(Loop *loop) {
    loop->per_epoch = pass_batches(&loop->step);
    if (!loop->step.set) loop->per_epoch = loop->steps ? loop->steps : 1;
    loop->total = loop->steps ? loop->steps : loop->per_epoch * loop->epochs;
    if (!loop->per_epoch) loop->total = 0; /* an empty set */
    loop->t = array_scalar(DT_I64, 0);
    loop->epoch = array_scalar(DT_I64, 1);
    loop->planned = array_scalar(DT_I64, (double)loop->total);
}

static int bind_names(Loop *loop, Pass *pass) {
    const TTrain *train = loop->train;
    if (train->t) running_step_bind(pass->rs, train->t, &loop->t);
    if (train->epoch) running_step_bind(pass->rs, train->epoch, &loop->epoch);
    if (train->total) running_step_bind(pass->rs, train->total, &loop->planned);
    return running_step_bind_globals(loop->p, pass->rs);
}

static int bind_all(Loop *loop) {
    if (!bind_names(loop, &loop->step)) return 0;
    for (int i = 0; i < loop->validate_count; i++)
        if (!bind_names(loop, &loop->validates[i])) return 0;
    for (int e = 0; e < loop->every_count; e++)
        for (int i = 0; i < loop->everies[e].pass_count; i++)
            if (!bind_names(loop, &loop->everies[e].passes[i])) return 0;
    return 1;
}

static int open_passes(Loop *loop) {
    Program *p = loop->p;
    const TTrain *train = loop->train;
    DataSet *set = train->data ? set_of(p, train->data) : NULL;
    if (p->is_failed || !pass_open(p, &loop->step, train, train->step, set) || !is_within_budget(loop)) return 0;
    loop->validates = arena_array(&p->arena, Pass, train->validates.len);
    for (int i = 0; i < train->validates.len; i++) {
        loop->validate_count++;
        if (!open_validate(loop, &loop->validates[i], train->validates.data[i], set)) return 0;
    }
    if (!open_everies(loop, set)) return 0;
    plan_steps(loop);
    loop->step.rs->seed = &loop->seed;
    if (loop->shuffles && set) loop->step.order = arena_array(&p->arena, int64_t, set->rows);
    return bind_all(loop);
}

static void close_passes(Loop *loop) {
    pass_close(&loop->step);
    for (int i = 0; i < loop->validate_count; i++) pass_close(&loop->validates[i]);
    for (int e = 0; e < loop->every_count; e++)
        for (int i = 0; i < loop->everies[e].pass_count; i++) pass_close(&loop->everies[e].passes[i]);
    array_release(loop->t);
    array_release(loop->epoch);
    array_release(loop->planned);
    keep_release(&loop->kept);
}

/* A figure that both report is the validate's. */
static ProgramValue reports_record(Loop *loop) {
    const Figure *figures = loop->kept.is_there ? loop->best_figures.data : loop->figures.data;
    int figure_count = loop->kept.is_there ? loop->best_figures.len : loop->figures.len, count = 0;
    ProgramValue record = value_list(PROGRAM_RECORD, figure_count);
    for (int i = 0; i < figure_count; i++) {
        const Symbol *name = symbol(&loop->p->session->symbols, figures[i].name);
        int at = 0;
        while (at < count && record.names[at] != name) at++;
        if (at < count && !figures[i].is_validation) continue;
        if (at == count) count++;
        value_release(&record.items[at]);
        record.names[at] = name;
        record.items[at] = value_array(array_scalar(DT_F32, figures[i].value));
    }
    record.count = count;
    return record;
}

/* A report that never came about (epochs = 0, an `every` that was not reached) is not a number. */
static ProgramValue complete_record(const Type *type, ProgramValue found) {
    ProgramValue record = value_list(PROGRAM_RECORD, type->count);
    for (int i = 0; i < type->count; i++) {
        const ProgramValue *item = value_field(&found, type->fields[i].name);
        record.names[i] = type->fields[i].name;
        record.items[i] = item ? value_retain(item) : value_array(array_scalar(DT_F32, NAN));
    }
    value_release(&found);
    return record;
}

ProgramValue train_run(Program *p, const Tx *tx) {
    Loop loop = {.p = p, .train = tx->train, .outer = p->train};
    p->train = &loop;
    executor_expect_step(p->executor);
    read_settings(&loop);
    if (!p->is_failed && open_passes(&loop)) run_loop(&loop);
    ProgramValue record = p->is_failed ? (ProgramValue){0} : complete_record(tx->type, reports_record(&loop));
    close_passes(&loop);
    p->train = loop.outer;
    return record;
}
