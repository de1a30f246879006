/* One pass of a step or validate over its set: batches are gathered into arrays of the pass's own (64-byte aligned, at
 * most `batch` rows), the step runs on them, its figures are averaged by example. */
#include "driver/train_internal.h"

#include <string.h>

static int is_contiguous(Program *p, const TTrain *train) {
    for (int i = 0; i < train->settings.len; i++)
        if (strcmp(train->settings.data[i].name->text, "contiguous") == 0)
            return program_number(p, train->settings.data[i].value) != 0;
    return 0;
}

/* Row i of every batch reads its own stretch of the set, in order. */
static void order_stretches(Pass *pass) {
    int64_t batch = pass->train->batch, length = pass->set->rows / batch;
    pass->order = arena_array(&pass->program->arena, int64_t, batch * length);
    for (int64_t k = 0; k < length; k++)
        for (int64_t i = 0; i < batch; i++) pass->order[k * batch + i] = i * length + k;
}

static int has_enough(Program *p, const Pass *pass, const TStep *step) {
    if (!pass->set || !pass->train->is_even || pass->set->rows >= pass->train->batch) return 1;
    Diag *diag = program_fail(p, step->span, E_FEW_EXAMPLES, "the set of this `%s` has %lld examples, fewer than a batch of %lld",
                              step->name->text, (long long)pass->set->rows, (long long)pass->train->batch);
    diag_note(&p->session->diags, diag, "with `contiguous` and without `keep_short` every batch is full");
    diag_fix(&p->session->diags, diag, "a smaller `batch`");
    return 0;
}

int pass_open(Program *p, Pass *pass, const TTrain *train, const TStep *step, DataSet *set) {
    TimedPart before = program_enter(p, TIMED_BUILD);
    BuildOptions options = *executor_build_options(p->executor);
    options.is_for_run = 1;
    Build *build = build_step(p->session, &p->arena, &options, step);
    program_leave(p, before);
    int inputs = set ? step->inputs.len : 0;
    *pass = (Pass){.program = p, .train = train, .set = set, .rs = running_step_new(p, step, build, 1)};
    if (p->is_failed || !has_enough(p, pass, step)) return 0;
    pass->sums = arena_array(&p->arena, Sum, build->targets.len);
    pass->batch = arena_array(&p->arena, Array *, inputs);
    pass->source = arena_array(&p->arena, const DataColumn *, inputs);
    pass->states = arena_array(&p->arena, Array *, step->states.len);
    for (int i = 0; i < inputs; i++) {
        pass->source[i] = data_column(p, set, step->inputs.data[i]->name);
        if (!pass->source[i]) return 0;
        pass->batch[i] = column_array(pass->source[i], train->batch);
        running_step_bind(pass->rs, step->inputs.data[i], &pass->batch[i]);
    }
    for (int i = 0; i < step->states.len; i++) running_step_bind(pass->rs, step->states.data[i], &pass->states[i]);
    if (set && is_contiguous(p, train)) order_stretches(pass);
    return !p->is_failed;
}

void pass_close(Pass *pass) {
    if (pass->set) data_set_release(pass->set);
    if (!pass->rs) return;
    const TStep *step = pass->rs->step;
    for (int i = 0; pass->set && pass->batch && i < step->inputs.len; i++) array_release(pass->batch[i]);
    for (int i = 0; pass->states && i < step->states.len; i++) array_release(pass->states[i]);
    running_step_free(pass->rs);
}

int64_t pass_batches(const Pass *pass) {
    if (!pass->set) return 1;
    int64_t batch = pass->train->batch;
    return pass->train->is_even ? pass->set->rows / batch : (pass->set->rows + batch - 1) / batch;
}

int64_t pass_rows(const Pass *pass) {
    if (!pass->set) return 0;
    return pass->train->is_even ? pass_batches(pass) * pass->train->batch : pass->set->rows;
}

static void gather(Pass *pass, int64_t first, int64_t rows) {
    for (int i = 0; pass->set && i < pass->rs->step->inputs.len; i++)
        column_gather(pass->set, pass->source[i], pass->order, first, rows, pass->batch[i]->data);
}

int pass_begin(Pass *pass) {
    const TStep *step = pass->rs->step;
    for (int i = 0; i < step->states.len; i++) {
        int at = 0;
        while (pass->train->states.data[at] != step->states.data[i]) at++;
        array_release(pass->states[i]);
        pass->states[i] = program_array(pass->program, pass->train->state_initial.data[at]);
    }
    return !pass->program->is_failed;
}

static void add_figures(Pass *pass, int64_t rows) {
    double examples = rows ? (double)rows : 1;
    int count = pass->rs->build->targets.len;
    if (pass->is_shown) memset(pass->sums, 0, sizeof(Sum) * (size_t)count);
    pass->is_shown = 0;
    pass->has_figures = 1;
    for (int i = 0; i < count; i++) {
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

int pass_run(Pass *pass, int64_t batch, int64_t step_number) {
    int64_t first = batch * pass->train->batch, left = pass_rows(pass) - first;
    int64_t rows = !pass->set ? 0 : left < pass->train->batch ? left : pass->train->batch;
    Profile *profile = executor_profile(pass->program->executor);
    if (profile) profile_data_begin(profile);
    program_enter(pass->program, TIMED_STEP); /* ended behind the first one */
    gather(pass, first, rows);
    if (profile) profile_data_end(profile);
    for (int i = 0; i < pass->rs->step->states.len; i++) pass->states[i] = array_own(pass->states[i]);
    if (!running_step_run(pass->program, pass->rs, rows, step_number, first)) return 0;
    timings_end(executor_timings(pass->program->executor));
    add_figures(pass, rows);
    return 1;
}

double pass_figure(const Pass *pass, int target) {
    const Sum *sum = &pass->sums[target];
    const BuildTarget *t = &pass->rs->build->targets.data[target];
    if (t->kind == TARGET_REPORT && t->report == REPORT_RATIO) return sum->sum / pass->sums[target + 1].sum;
    return sum->weight != 0 ? sum->sum / sum->weight : 0;
}

int pass_reports(const Pass *pass, const Symbol *name) {
    for (int i = 0; i < pass->rs->build->targets.len; i++) {
        const BuildTarget *t = &pass->rs->build->targets.data[i];
        if (t->kind == TARGET_REPORT && t->name == name) return 1;
    }
    return 0;
}
