/* Random bits: the counter is (column block, row, step, iteration), four columns to a block; the row counts the leading
 * axes, the first of them from example0 on, so a batch cut differently draws the same.
 *
 * Four neighbours take the four words of one block.  Where a loop goes along the columns, the words of 64 of them are
 * made at once, a block to each lane, and wait in scratch: lane 4g + r makes block 4r + g, so that two rounds of trades
 * leave the words of vector r in order. */
#include "compiler/lower_internal.h"

#include "base/session.h"

enum { LANES = 16, WORDS = 4, AT_ONCE = WORDS * LANES, LONGEST_ROW = 1 << 14 };

/* ---- keys and counters --------------------------------------------------------------------------------- */

static LoopVal low_word(Emit *e, const Node *n) {
    NodePlace none = {0};
    LoopVal v = value_at(e, n, &none);
    return emit_low_bits(e, v);
}

/* Of a sum the low words suffice. */
static LoopVal index_word(Emit *e, const Index *i) {
    LoopVal word = emit_low_bits(e, i->wide ? i->wide : i->base);
    if (!i->stride) return word;
    LoopVal lane = emit_op2(e, LO_MUL, emit_low_bits(e, index_lane(e)), emit_integer(e, DT_U32, i->stride));
    return emit_op2(e, LO_ADD, word, lane);
}

static LoopVal extent_word(Emit *e, const Dim *extent) { return emit_low_bits(e, index_dim(e, extent)); }

static RandomKey key_of(Emit *e, const Node *n) {
    NodePlace at = {0};
    at.axis[0] = index_scalar(index_const(e, 0));
    LoopVal low = value_at(e, n->in[0], &at);
    at.axis[0] = index_scalar(index_const(e, 1));
    return random_key(&e->math, low, value_at(e, n->in[0], &at), n->attr.site);
}

typedef struct Draw {
    LoopVal row, column;
} Draw;

/* Of arrays that are seen as one axis: the row and column of an element's number. */
static Draw draw_of_number(Emit *e, const Node *n, LoopVal number, LoopVal example0) {
    if (n->rank == 1) return (Draw){emit_number(e, DT_U32, 0), emit_op2(e, LO_ADD, number, example0)};
    LoopVal columns = extent_word(e, n->shape[n->rank - 1]), row = emit_op2(e, LO_DIV, number, columns);
    LoopVal column = emit_op2(e, LO_SUB, number, emit_op2(e, LO_MUL, row, columns));
    for (int i = 1; i + 1 < n->rank; i++) example0 = emit_op2(e, LO_MUL, example0, extent_word(e, n->shape[i]));
    return (Draw){emit_op2(e, LO_ADD, row, example0), column};
}

static Draw draw_at(Emit *e, const Node *n, const NodePlace *at) {
    LoopVal example0 = low_word(e, n->in[3]);
    if (e->is_flat && n->rank) return draw_of_number(e, n, index_word(e, &at->axis[0]), example0);
    Draw draw = {emit_number(e, DT_U32, 0), emit_number(e, DT_U32, 0)};
    if (n->rank) draw.column = index_word(e, &at->axis[n->rank - 1]);
    if (n->rank == 1) draw.column = emit_op2(e, LO_ADD, draw.column, example0);
    for (int i = 0; i + 1 < n->rank; i++) {
        LoopVal index = index_word(e, &at->axis[i]);
        if (i) draw.row = emit_op2(e, LO_MUL, draw.row, extent_word(e, n->shape[i]));
        draw.row = emit_op2(e, LO_ADD, draw.row, i ? index : emit_op2(e, LO_ADD, index, example0));
    }
    return draw;
}

static RandomWords words_of(Emit *e, const Node *n, RandomKey key, Draw draw) {
    LoopVal counter[4] = {emit_op2(e, LO_SHR, draw.column, emit_number(e, DT_U32, 2)), draw.row, low_word(e, n->in[1]),
                          low_word(e, n->in[2])};
    int wide = emit_is_wide(e, draw.column) || emit_is_wide(e, draw.row);
    for (int i = 0; wide && i < 4; i++) counter[i] = emit_wide(e, counter[i]);
    for (int i = 0; wide && i < 2; i++) key.word[i] = emit_wide(e, key.word[i]);
    return random_philox(&e->math, key, counter);
}

/* ---- words that wait in scratch ------------------------------------------------------------------------ */

int random_fits_flat(const Node *n) {
    double count = 1;
    for (int i = 0; i < n->rank; i++) count *= (double)dim_maximum(n->shape[i]);
    return count < UINT32_MAX && (n->rank < 2 || dim_is_constant(n->shape[n->rank - 1]));
}

/* Do the words of four elements, the first a multiple of four, come from one block? */
static int has_whole_blocks(const Emit *e, const Node *n) {
    if (n->rank < 2) return 0; /* example0 moves them */
    return !e->is_flat || dim_constant_value(n->shape[n->rank - 1]) % WORDS == 0;
}

static int is_wanted(const Emit *e, const Node *n, const Dim *columns) {
    if (n->op != OP_RANDOM_BITS || emit_reads(e, n) || !has_whole_blocks(e, n)) return 0;
    if (e->is_flat) return 1;
    if (n->rank != e->fused->lead + 1 || n->shape[n->rank - 1] != columns) return 0;
    for (int i = 0; i < e->fused->lead; i++)
        if (n->shape[i] != e->fused->space[i]) return 0;
    return dim_maximum(columns) > LANES && dim_maximum(columns) <= LONGEST_ROW;
}

static void store_words(Emit *e, int buffer, LoopVal column, const LoopVal word[WORDS]) {
    LoopVal even[2] = {emit_op2(e, LO_TRADE_LOW_1, word[0], word[1]), emit_op2(e, LO_TRADE_LOW_1, word[2], word[3])};
    LoopVal odd[2] = {emit_op2(e, LO_TRADE_HIGH_1, word[0], word[1]), emit_op2(e, LO_TRADE_HIGH_1, word[2], word[3])};
    LoopVal vector[WORDS] = {emit_op2(e, LO_TRADE_LOW_2, even[0], even[1]), emit_op2(e, LO_TRADE_LOW_2, odd[0], odd[1]),
                             emit_op2(e, LO_TRADE_HIGH_2, even[0], even[1]), emit_op2(e, LO_TRADE_HIGH_2, odd[0], odd[1])};
    for (int r = 0; r < WORDS; r++)
        emit_store_scratch(e, buffer, index_const(e, 0), index_op(e, LO_ADD, column, index_const(e, r * LANES)), vector[r]);
}

/* The first of the four elements whose words a lane makes, less the first of all 64. */
static LoopVal first_of_lane(Emit *e) {
    LoopVal lane = index_lane(e), r = index_op(e, LO_AND, lane, emit_wide(e, index_const(e, 3)));
    LoopVal g = index_op(e, LO_SUB, lane, r); /* four times */
    return index_op(e, LO_ADD, index_op(e, LO_MUL, r, emit_wide(e, index_const(e, LANES))), g);
}

/* `at` is the place of the row. */
static void make_words(Emit *e, Words *words, const NodePlace *at, LoopVal hi) {
    const Node *n = words->node;
    Scope scope = emit_scope_open(e);
    RandomKey key = key_of(e, n);
    LoopVal first = first_of_lane(e), from = emit_for(e, "words", words->from, hi, AT_ONCE);
    NodePlace place = *at;
    place.axis[e->is_flat ? 0 : n->rank - 1] = (Index){.wide = index_op(e, LO_ADD, emit_wide(e, from), first)};
    RandomWords made = words_of(e, n, key, draw_at(e, n, &place));
    store_words(e, words->buffer, index_op(e, LO_SUB, from, words->from), made.word);
    emit_end(e);
    emit_scope_close(e, scope);
}

int random_waits(const Emit *e, const Dim *columns) {
    const Lower *l = e->lower;
    for (int i = 0; i < l->content.len; i++)
        if (is_wanted(e, l->region->nodes.data[l->content.data[i]], columns)) return 1;
    return 0;
}

void random_prepare(Emit *e, const NodePlace *at, const Dim *columns, int64_t width, LoopVal lo, LoopVal hi) {
    Lower *l = e->lower;
    const Dim *one = dim_constant(&l->session->dims, 1);
    for (int i = 0; i < l->content.len; i++) {
        const Node *n = l->region->nodes.data[l->content.data[i]];
        if (!is_wanted(e, n, columns)) continue;
        Words words = {n, emit_scratch(e, "words", DT_U32, one, ceil_to(width, AT_ONCE)), lo};
        make_words(e, &words, at, hi);
        vec_push(l->arena, &e->words, words);
    }
}

static int is_of_words(const Emit *e, const Words *words, const Node *n, const NodePlace *at) {
    if (words->node != n) return 0;
    if (!e->is_flat) return is_row_place(e, n, at);
    return at->axis[0].stride == 1 && !at->axis[0].wide;
}

static LoopVal waiting_words(Emit *e, const Node *n, const NodePlace *at) {
    for (int i = 0; i < e->words.len; i++) {
        const Words *words = &e->words.data[i];
        if (!is_of_words(e, words, n, at)) continue;
        LoopVal base = at->axis[e->is_flat ? 0 : n->rank - 1].base;
        return emit_load_scratch(e, words->buffer, index_const(e, 0), index_op(e, LO_SUB, base, words->from));
    }
    return 0;
}

/* ---- the rule ------------------------------------------------------------------------------------------ */

LoopVal lower_random(Emit *e, const Node *n, const NodePlace *at) {
    LoopVal waiting = waiting_words(e, n, at);
    if (waiting) return waiting;
    RandomKey key = key_of(e, n);
    Draw draw = draw_at(e, n, at);
    RandomWords words = words_of(e, n, key, draw);
    LoopVal which = emit_op2(e, LO_AND, draw.column, emit_number(e, DT_U32, 3)), value = words.word[3];
    for (int i = 2; i >= 0; i--)
        value = emit_op3(e, LO_SELECT, emit_op2(e, LO_EQ, which, emit_number(e, DT_U32, i)), words.word[i], value);
    return value;
}
