/* Runs of elements that lie apart in an array, or columns of scratch, are brought side by side: blocks of sixteen by sixteen, transposed in registers. */
#include "compiler/lower_internal.h"

enum { LANES = 16 };

/* Elements from .. from + count - 1, at most sixteen, of each run; of those behind them zeros. */
static void turn_block(Emit *e, const Turn *t, LoopVal from, int64_t count, LoopVal to) {
    LoopVal v[LANES];
    e->lane_count = count < LANES ? index_const(e, count) : 0;
    for (int i = 0; i < LANES; i++) {
        LoopVal run = index_op(e, LO_MIN, index_op(e, LO_ADD, t->first, index_const(e, i)), t->last);
        v[i] = emit_wide(e, emit_load_flat_lanes(e, t->array, index_op(e, LO_ADD, from, index_op(e, LO_MUL, run, index_const(e, t->pitch))), 1));
    }
    e->lane_count = 0;
    emit_transpose(e, v);
    for (int i = 0; i < LANES; i++)
        emit_store_scratch(e, t->scratch, index_op(e, LO_ADD, to, index_const(e, i)), index_const(e, t->column), v[i]);
}

void emit_turn(Emit *e, const Turn *t, LoopVal from, int64_t count, LoopVal to) {
    int64_t whole = count / LANES * LANES;
    if (whole) {
        LoopVal x = emit_for(e, "x", index_const(e, 0), index_const(e, whole), LANES);
        Scope scope = emit_scope_open(e);
        turn_block(e, t, index_op(e, LO_ADD, from, x), LANES, index_op(e, LO_ADD, to, x));
        emit_scope_close(e, scope);
        emit_end(e);
    }
    LoopVal rest = index_const(e, whole);
    if (whole < count) turn_block(e, t, index_op(e, LO_ADD, from, rest), count - whole, index_op(e, LO_ADD, to, rest));
}

void emit_turn_rows(Emit *e, int from, LoopVal first, LoopVal count, int64_t column, int to) {
    LoopVal row = emit_for(e, "row", index_const(e, 0), count, LANES), last = index_op(e, LO_SUB, count, index_const(e, 1)), v[LANES];
    Scope scope = emit_scope_open(e);
    for (int i = 0; i < LANES; i++) {
        LoopVal at = index_op(e, LO_MIN, index_op(e, LO_ADD, row, index_const(e, i)), last);
        v[i] = emit_load_scratch(e, from, index_op(e, LO_ADD, first, at), index_const(e, column));
    }
    emit_transpose(e, v);
    for (int i = 0; i < LANES; i++) emit_store_scratch(e, to, index_const(e, column + i), row, v[i]);
    emit_scope_close(e, scope);
    emit_end(e);
}
