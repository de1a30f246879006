/* Views of data sets and alphabets at run time: what lang/check_view.c and check_alphabet.c have typed. */
#include "driver/program_internal.h"

#include <stdlib.h>

/* The set of argument 0, owned; NULL after a diagnostic. */
static DataSet *set_argument(Program *p, const Tx *tx) {
    ProgramValue value = program_evaluate(p, tx->args.data[0]);
    if (value.tag == PROGRAM_DATA) return value.set;
    if (!p->is_failed)
        ICE("a data set was expected of an expression of kind %d", (int)tx->args.data[0]->kind);
    value_release(&value);
    return NULL;
}

static ProgramValue view_value(Program *p, const Tx *tx, DataSet *view) {
    if (view) know_size(p, tx->type, view, NULL);
    return view ? value_data(view) : (ProgramValue){0};
}

/* ---- records ----------------------------------------------------------------------------------------- */

/* A bound, from the end where it is negative. */
static int64_t bound(Program *p, const Tx *tx, int64_t rows) {
    Array *array = program_array(p, tx);
    int64_t at = p->is_failed ? 0 : array_integer(array, 0);
    array_release(array);
    return at < 0 ? rows + at : at;
}

static DataSet *range_view(Program *p, const Tx *tx, const DataSet *set) {
    int next = 1;
    int64_t first = tx->integer & VIEW_HAS_LO ? bound(p, tx->args.data[next++], set->rows) : 0;
    int64_t last = tx->integer & VIEW_HAS_HI ? bound(p, tx->args.data[next], set->rows) : set->rows;
    if (p->is_failed) return NULL;
    if (first >= 0 && last <= set->rows && first <= last) return data_set_range(set, first, last - first);
    Diag *diag = program_fail(p, tx->span, E_RECORDS, "this asks for records %lld to %lld of a set of %lld",
                              (long long)first, (long long)last, (long long)set->rows);
    if (first > last) diag_note(&p->session->diags, diag, "the range ends before it begins");
    return NULL;
}

static DataSet *numbers_view(Program *p, const Tx *tx, const DataSet *set, const Array *numbers) {
    int64_t *records = malloc(sizeof *records * (size_t)(numbers->count + 1));
    if (!records) ICE("no memory for %lld records", (long long)numbers->count);
    DataSet *view = NULL;
    for (int64_t i = 0; i < numbers->count; i++) {
        records[i] = array_integer(numbers, i);
        if (records[i] >= 0 && records[i] < set->rows) continue;
        program_fail(p, tx->args.data[1]->span, E_RECORDS,
                     "number %lld of these is %lld, and the set has %lld records", (long long)i,
                     (long long)records[i], (long long)set->rows);
        break;
    }
    if (!p->is_failed) view = data_set_select(set, records, numbers->count);
    free(records);
    return view;
}

static DataSet *condition_view(Program *p, const Tx *tx, const DataSet *set, const Array *holds) {
    if (holds->count != set->rows) {
        program_fail(p, tx->args.data[1]->span, E_RECORDS,
                     "the condition has %lld values, the set has %lld records", (long long)holds->count,
                     (long long)set->rows);
        return NULL;
    }
    int64_t *records = malloc(sizeof *records * (size_t)(holds->count + 1)), count = 0;
    if (!records) ICE("no memory for %lld records", (long long)holds->count);
    for (int64_t i = 0; i < holds->count; i++)
        if (((const unsigned char *)holds->data)[i]) records[count++] = i;
    DataSet *view = data_set_select(set, records, count);
    free(records);
    return view;
}

static DataSet *rows_view(Program *p, const Tx *tx) {
    DataSet *set = set_argument(p, tx), *view = NULL;
    int kind = (int)tx->integer & 3;
    if (set && kind == VIEW_RANGE) view = range_view(p, tx, set);
    if (set && kind != VIEW_RANGE) {
        Array *chosen = program_array(p, tx->args.data[1]);
        if (!p->is_failed)
            view = kind == VIEW_CONDITION ? condition_view(p, tx, set, chosen)
                                          : numbers_view(p, tx, set, chosen);
        array_release(chosen);
    }
    data_set_release(set);
    return view;
}

/* ---- windows, batches -------------------------------------------------------------------------------- */

static DataSet *windows_view(Program *p, const Tx *tx) {
    int64_t length = dim_constant_value(tx->statics->dims.data[0]),
            stride = dim_constant_value(tx->statics->dims.data[1]);
    Array *array = program_array(p, tx->args.data[0]);
    DataSet *view = NULL;
    if (!p->is_failed && !window_count(array->extents[0], length, stride))
        program_fail(p, tx->span, E_RECORDS,
                     "a window of %lld and the one behind it need %lld rows, there are %lld",
                     (long long)length, (long long)length + 1, (long long)array->extents[0]);
    SymbolTable *symbols = &p->session->symbols;
    if (!p->is_failed)
        view = data_set_windows(array, length, stride, symbol(symbols, "x"), symbol(symbols, "next"));
    array_release(array);
    return view;
}

DataSet *data_batches(Program *p, const Tx *tx, int64_t *length) {
    *length = dim_constant_value(tx->statics->dims.data[0]);
    return set_argument(p, tx);
}

static ProgramValue size_value(Program *p, const Tx *tx) {
    const Tx *of = tx->args.data[0];
    int64_t length = 1;
    int is_batches = of->kind == T_PROCEDURE && of->procedure == PROC_BATCHES;
    DataSet *set = is_batches ? data_batches(p, of, &length) : set_argument(p, tx);
    if (!set) return (ProgramValue){0};
    Array *size = array_scalar(DT_I64, (double)((set->rows + length - 1) / length));
    data_set_release(set);
    return value_array(size);
}

/* ---- alphabets --------------------------------------------------------------------------------------- */

static const OpenAlphabet *open_alphabet(Program *p, const Tx *tx) {
    const OpenAlphabet *open = alphabets_find(p->options->alphabets, tx->alphabet->name);
    if (!open) ICE("the alphabet %s is not open", tx->alphabet->name->text);
    return open;
}

static ProgramValue encode(Program *p, const Tx *tx) {
    ProgramValue text = program_evaluate(p, tx->args.data[0]);
    if (p->is_failed) return (ProgramValue){0};
    IoError error = {0};
    Array *numbers = alphabet_encode(&open_alphabet(p, tx)->alphabet, text.text, &error);
    value_release(&text);
    if (numbers) return value_array(numbers);
    Diag *diag = program_fail(p, tx->args.data[0]->span, E_NO_CHARACTER, "%s", error.text);
    diag_note(&p->session->diags, diag, "%s has what occurs in %s", tx->alphabet->name->text,
              tx->alphabet->path->text);
    return (ProgramValue){0};
}

static ProgramValue decode(Program *p, const Tx *tx) {
    const Alphabet *alphabet = &open_alphabet(p, tx)->alphabet;
    Array *numbers = program_array(p, tx->args.data[0]);
    int32_t *ids = malloc(sizeof *ids * (size_t)(numbers->count + 1));
    if (!ids) ICE("no memory for %lld characters", (long long)numbers->count);
    for (int64_t i = 0; i < numbers->count && !p->is_failed; i++) {
        int64_t id = array_integer(numbers, i);
        if (id < 0 || id >= alphabet->count)
            program_fail(p, tx->args.data[0]->span, E_NO_CHARACTER,
                         "%s has %d elements, none of the number %lld", tx->alphabet->name->text,
                         alphabet->count, (long long)id);
        else ids[i] = (int32_t)id;
    }
    ProgramValue value = {0};
    char *text = p->is_failed ? NULL : alphabet_decode(alphabet, ids, numbers->count);
    if (text) value = (ProgramValue){.tag = PROGRAM_STRING, .text = arena_printf(&p->arena, "%s", text)};
    else if (!p->is_failed) ICE("no memory for %lld characters", (long long)numbers->count);
    free(text);
    free(ids);
    array_release(numbers);
    return value;
}

ProgramValue procedure_view(Program *p, const Tx *tx) {
    switch (tx->procedure) {
    case PROC_ROWS: return view_value(p, tx, rows_view(p, tx));
    case PROC_WINDOWS: return view_value(p, tx, windows_view(p, tx));
    case PROC_SIZE: return size_value(p, tx);
    case PROC_ENCODE: return encode(p, tx);
    case PROC_DECODE: return decode(p, tx);
    case PROC_BATCHES:
        program_fail(p, tx->span, E_VIEW, "batches are walked by a `for`");
        return (ProgramValue){0};
    case PROC_PRINT:
    case PROC_ASSERT:
    case PROC_ASSERT_CLOSE:
    case PROC_ASSERT_GRADIENT:
    case PROC_SEED:
    case PROC_SAVE:
    case PROC_LOAD:
    case PROC_WRITE_PNG:
    case PROC_GRID:
    case PROC_COUNT: break;
    }
    ICE("procedure %d makes no view", (int)tx->procedure);
}
