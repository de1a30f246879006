/* The procedures that read and write files: save, load, write_png, and grid, which makes one picture of many. */
#include "lang/check_expression.h"
#include "lang/check_program.h"

#include "lang/ast.h"

#include <string.h>

enum { GRID_GAP = 2, GRID_COLUMNS = 8, GRID_MOST_COLUMNS = 1 << 12 }; /* the gap is runtime/png_file.c's */

static const Tx *wrong_argument(Checker *cx, const Tx *tx, int i, const char *wanted) {
    check_error(cx, tx->args.data[i]->span, E_TYPE_MISMATCH, "`%s` takes %s, this is %s",
                procedure_name(tx->procedure), wanted, type_shown(cx, tx->args.data[i]->type));
    return tx_error(cx, tx->span);
}

/* A picture's channels: absent, 1 or 3 where that is known. */
static int has_channels(const Type *type, int axis) {
    const Dim *dim = type->axes[axis].dim;
    if (!dim || !dim_is_constant(dim)) return 1;
    return dim_constant_value(dim) == 1 || dim_constant_value(dim) == 3;
}

static int is_picture_type(const Type *type, int extra_axes) {
    if (type->kind != TY_TENSOR || type->index_bound) return 0;
    if (!dtype_is_float(type->dtype) && type->dtype != DT_U8 && type->dtype != DT_BOOL) return 0;
    int rank = type->rank - extra_axes;
    return rank == 2 || (rank == 3 && has_channels(type, extra_axes));
}

/* The number in `[columns=n]`; 0 after a diagnostic. */
static int64_t grid_columns(Checker *cx, const Callable *callee) {
    int64_t columns = GRID_COLUMNS;
    for (int i = 0; callee->items && i < callee->items->len; i++) {
        const Ast *item = callee->items->data[i];
        if (item->kind != AST_NAMED || strcmp(item->named.name.symbol->text, "columns") != 0) {
            Diag *diag = check_error(cx, item->span, E_STATIC_ARGUMENT, "`grid` takes `columns` in its brackets");
            check_fix(cx, diag, "grid[columns=8](pictures)");
            return 0;
        }
        const Tx *value = check_expression(cx, item->named.value, NULL);
        if (is_error(value)) return 0;
        int is_size = value->kind == T_DIM && dim_is_constant(value->dim);
        columns = is_size ? dim_constant_value(value->dim) : value->integer;
        if ((is_size || (value->kind == T_NUMBER && !dtype_is_float(value->type->dtype))) && columns >= 1 &&
            columns <= GRID_MOST_COLUMNS)
            continue;
        check_error(cx, item->span, E_STATIC_ARGUMENT, "`columns` is a whole number of 1 to %d", GRID_MOST_COLUMNS);
        return 0;
    }
    return columns;
}

/* `count` tiles of size `side` with gaps between them. */
static const Dim *tiled(Checker *cx, const Dim *count, const Dim *side) {
    DimTable *dims = &cx->session->dims;
    const Dim *gap = dim_constant(dims, GRID_GAP);
    return dim_sub(dims, dim_mul(dims, count, dim_add(dims, side, gap)), gap);
}

static const Tx *grid(Checker *cx, const Callable *callee, Tx *tx) {
    const Type *of = tx->args.data[0]->type;
    if (!is_picture_type(of, 1))
        return wrong_argument(cx, tx, 0, "pictures [N, H, W], [N, 1, H, W] or [N, 3, H, W] of u8 or floats");
    int64_t columns = grid_columns(cx, callee);
    if (!columns) return tx_error(cx, tx->span);
    DimTable *dims = &cx->session->dims;
    const Axis *first = of->axes, *h = &of->axes[of->rank - 2], *w = &of->axes[of->rank - 1];
    const Dim *rows = dim_floor_div(dims, dim_add(dims, first->dim, dim_constant(dims, columns - 1)),
                                    dim_constant(dims, columns));
    Axis axes[3] = {{.dim = of->rank == 4 ? of->axes[1].dim : dim_constant(dims, 1)},
                    {.dim = tiled(cx, rows, h->dim)},
                    {.dim = tiled(cx, dim_constant(dims, columns), w->dim)}};
    tx->type = type_tensor(cx, of->dtype, 3, axes);
    tx->integer = columns;
    return tx;
}

const Tx *check_file_procedure(Checker *cx, const Callable *callee, Tx *tx) {
    switch (tx->procedure) {
    case PROC_SAVE: case PROC_LOAD:
        if (tx->args.len == 1) { /* the whole program */
            if (tx->args.data[0]->type->kind == TY_STRING) return tx;
            return wrong_argument(cx, tx, 0, "a model and a path, or the path alone for the whole program");
        }
        if (tx->args.data[0]->type->kind != TY_INSTANCE)
            return wrong_argument(cx, tx, 0, "a model or another instance");
        break;
    case PROC_WRITE_PNG:
        if (!is_picture_type(tx->args.data[0]->type, 0))
            return wrong_argument(cx, tx, 0, "a picture [H, W], [1, H, W] or [3, H, W] of u8 or floats");
        break;
    case PROC_GRID: return grid(cx, callee, tx);
    case PROC_PRINT: case PROC_ASSERT: case PROC_ASSERT_CLOSE: case PROC_ASSERT_GRADIENT: case PROC_SEED:
    case PROC_WINDOWS: case PROC_BATCHES: case PROC_SIZE: case PROC_ROWS: case PROC_ENCODE: case PROC_DECODE:
    case PROC_COUNT:
        return tx;
    }
    return tx->args.data[1]->type->kind == TY_STRING ? tx : wrong_argument(cx, tx, 1, "the path of a file, a string");
}
