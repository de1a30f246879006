/* The procedures of the program: print, assert and their kin. */
#include "driver/program_internal.h"

#include <math.h>
#include <string.h>

void value_print(Text *out, const ProgramValue *value, int digits) {
    switch (value->tag) {
    case PROGRAM_UNIT: text_add(out, "()"); return;
    case PROGRAM_STRING: text_add(out, value->text); return;
    case PROGRAM_INSTANCE: text_add(out, value->instance->name->text); return;
    case PROGRAM_DATA: ICE("a data set is printed by its fields");
    case PROGRAM_ARRAY: {
        char *text = array_text(value->array, digits);
        text_add(out, text);
        array_text_free(text);
        return;
    }
    case PROGRAM_TUPLE: case PROGRAM_RECORD:
        text_char(out, '(');
        for (int i = 0; i < value->count; i++) {
            if (i) text_add(out, ", ");
            if (value->names[i]) text_printf(out, "%s = ", value->names[i]->text);
            value_print(out, &value->items[i], digits);
        }
        text_char(out, ')');
        return;
    }
}

/* Data sets in a value give way to records of their fields, which is what is shown of them. */
static void show_fields(Program *p, ProgramValue *value) {
    for (int i = 0; i < value->count && !p->is_failed; i++) show_fields(p, &value->items[i]);
    if (value->tag != PROGRAM_DATA) return;
    ProgramValue record = data_record(p, value->set);
    value_release(value);
    *value = record;
}

static ProgramValue printed_value(Program *p, const Tx *tx) {
    ProgramValue value = program_evaluate(p, tx);
    show_fields(p, &value);
    return value;
}

void program_format(Program *p, const Tx *tx, Text *out) {
    for (int i = 0; i < tx->parts.len && !p->is_failed; i++) {
        const FormatPart *part = &tx->parts.data[i];
        text_add(out, part->text);
        if (!part->value) continue;
        ProgramValue value = printed_value(p, part->value);
        if (!p->is_failed) value_print(out, &value, part->digits);
        value_release(&value);
    }
}

static const char *named_text(Program *p, const Tx *tx, const char *name, const char *otherwise) {
    for (int i = 0; i < tx->args.len; i++) {
        const Symbol *given = tx->argument_names.data[i];
        if (!given || strcmp(given->text, name) != 0) continue;
        ProgramValue value = program_evaluate(p, tx->args.data[i]);
        const char *text = value.tag == PROGRAM_STRING ? value.text : otherwise;
        value_release(&value);
        return text;
    }
    return otherwise;
}

static void print(Program *p, const Tx *tx) {
    Text out = text_new(&p->arena);
    int count = 0;
    for (int i = 0; i < tx->args.len && !p->is_failed; i++) {
        if (tx->argument_names.data[i]) continue;
        ProgramValue value = printed_value(p, tx->args.data[i]);
        if (!p->is_failed) {
            if (count++) text_char(&out, ' ');
            value_print(&out, &value, -1);
        }
        value_release(&value);
    }
    text_add(&out, named_text(p, tx, "end", "\n"));
    if (!p->is_failed) progress_print(p->progress, text_str(&out));
}

static void check_assert(Program *p, const Tx *tx) {
    Array *condition = program_array(p, tx->args.data[0]);
    int64_t wrong = -1;
    for (int64_t i = 0; i < condition->count && wrong < 0; i++)
        if (array_number(condition, i) == 0) wrong = i;
    if (!p->is_failed && wrong >= 0) {
        Diag *diag = program_fail(p, tx->span, E_ASSERTION, "the assertion does not hold");
        if (condition->rank)
            diag_note(&p->session->diags, diag, "element %lld of %lld is the first that is false",
                      (long long)wrong, (long long)condition->count);
    }
    array_release(condition);
}

/* |a - b| <= tolerance everywhere; a scalar goes with every element. */
static void check_close(Program *p, const Tx *tx) {
    Array *a = program_array(p, tx->args.data[0]), *b = program_array(p, tx->args.data[1]);
    double tolerance = program_number(p, tx->args.data[2]);
    int64_t count = a->count > b->count ? a->count : b->count;
    for (int64_t i = 0; i < count && !p->is_failed; i++) {
        double x = array_number(a, a->rank ? i : 0), y = array_number(b, b->rank ? i : 0);
        if (fabs(x - y) <= tolerance || x == y) continue;
        Diag *diag = program_fail(p, tx->span, E_ASSERTION, "the values are not close: %g and %g differ by more than %g",
                                  x, y, tolerance);
        if (count > 1)
            diag_note(&p->session->diags, diag, "element %lld of %lld is the first that differs", (long long)i,
                      (long long)count);
    }
    array_release(a);
    array_release(b);
}

/* The function's value with element i of the point at `to`; every evaluation draws the same random numbers. */
static double value_at(Program *p, const Tx *tx, const Array *point, int64_t i, double to, double *reached) {
    Array *moved = array_copy(point);
    array_set_number(moved, i, to);
    *reached = array_number(moved, i);
    program_set(p, tx->variable, value_array(moved));
    int64_t draws = p->draws;
    double value = program_number(p, tx->args.data[1]);
    p->draws = draws;
    return value;
}

/* Differences to both sides, by a step that leaves as little of the rounding as of the curvature: in f32 they agree to
 * about three digits, in f64 to seven. */
static void check_differences(Program *p, const Tx *tx) {
    Array *point = program_array(p, tx->args.data[0]);
    if (p->is_failed) return;
    int is_f64 = point->dtype == DT_F64;
    double step = is_f64 ? 0x1p-17 : 0x1p-7, tolerance = is_f64 ? 1e-6 : 2e-3;
    program_set(p, tx->variable, value_array(array_copy(point)));
    int64_t draws = p->draws;
    Array *gradient = program_array(p, tx->args.data[2]);
    p->draws = draws;
    for (int64_t i = 0; i < point->count && !p->is_failed; i++) {
        double x = array_number(point, i), h = step * fmax(1, fabs(x)), low, high;
        double above = value_at(p, tx, point, i, x + h, &high), below = value_at(p, tx, point, i, x - h, &low);
        double difference = (above - below) / (high - low), is = array_number(gradient, i);
        double scale = fmax(1, fmax(fabs(difference), fmax(fabs(above), fabs(below))));
        if (p->is_failed || fabs(is - difference) <= tolerance * scale) continue;
        Diag *diag = program_fail(p, tx->span, E_ASSERTION, "the gradient is %g, and differences give %g", is, difference);
        if (point->count > 1)
            diag_note(&p->session->diags, diag, "by element %lld of %lld, the first that differs", (long long)i,
                      (long long)point->count);
    }
    array_release(gradient);
    array_release(point);
}

ProgramValue procedure_call(Program *p, const Tx *tx) {
    switch (tx->procedure) {
    case PROC_PRINT: print(p, tx); break;
    case PROC_ASSERT: check_assert(p, tx); break;
    case PROC_ASSERT_CLOSE: check_close(p, tx); break;
    case PROC_SEED:
        p->seed = (uint64_t)program_number(p, tx->args.data[0]);
        p->draws = 0;
        break;
    case PROC_ASSERT_GRADIENT:
        check_differences(p, tx);
        break;
    case PROC_SAVE: case PROC_LOAD: case PROC_WRITE_PNG: case PROC_GRID: return procedure_file(p, tx);
    case PROC_WINDOWS: case PROC_BATCHES: case PROC_SIZE: case PROC_ROWS: case PROC_ENCODE: case PROC_DECODE:
        return procedure_view(p, tx);
    case PROC_COUNT: ICE("no procedure");
    }
    return (ProgramValue){0};
}
