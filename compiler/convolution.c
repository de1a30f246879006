#include "compiler/convolution.h"

#include "compiler/fuse.h"

#include <math.h>

enum { MOST_COLUMNS = 128, LEAST_PIECE = 32, SHARED_COLUMNS = 4 }; /* of a piece of a line */
enum { MOST_STEP = 4 }; /* between neighbouring windows of a line */
enum { MOST_RUNNING = 16 }; /* vectors of a tile whose lanes run on */
static const double LINE_COST = 4, BORDER_COST = 9; /* lines cost as much as a panel of so many places; an array with its zeros, like PACK_COST */
enum { LEAST_DEPTH = 256, LEAST_LINE = 4 }; /* of sums that lanes run across: contracted elements, those of the last axis */
enum { LANES = 16, PACK_COST = 10, MOST_PLACES = 64 }; /* what packing a vector costs, in multiply-adds; of a window whose gradient is made at once */

/* Of lanes across the examples: those of a tile; places of a picture; rows that share a panel; what turning a vector costs, in
 * multiply-adds; what the lists of places cost, in sums over the window; and what is worth it. */
enum { EXAMPLES = 32, MOST_BATCH_PLACES = 1024, SOME_ROWS = 64 };
static const double TURN_COST = 14, LIST_COST = 0.05, BATCH_GAIN = 0.97;

/* -1 where it is not fixed, or 0. */
static int64_t fixed(const Dim *dim) { return dim_is_constant(dim) && dim_constant_value(dim) > 0 ? dim_constant_value(dim) : -1; }

int convolution_is_plain(const Node *n) {
    const Node *kernel = n->in[1];
    if (n->op != OP_CONVOLUTION || n->attr.groups != 1 || !dtype_is_float(n->dtype)) return 0;
    for (int i = 0; i < n->rank; i++) {
        /* the axis of the sum that comes first may be known at run time only: the examples of a batch */
        int is_open = i == 1;
        if (fixed(n->shape[i]) < 0 || (!is_open && (fixed(kernel->shape[i]) < 0 || fixed(n->in[0]->shape[i]) < 0))) return 0;
        if (n->attr.spread[i] != 1 || !dim_is_constant(n->attr.low[i]) || dim_constant_value(n->attr.low[i]) > 0) return 0;
    }
    return 1;
}

int convolution_runs_across(const Node *n) {
    if (!convolution_is_plain(n)) return 0;
    const Node *kernel = n->in[1];
    double places = 1, depth = 1, window = 1;
    for (int i = 1; i < n->rank; i++) {
        if (i > 1) places *= (double)fixed(n->shape[i]);
        if (i > 1) window *= (double)fixed(kernel->shape[i]);
        int64_t most;
        depth *= dim_upper_bound(kernel->shape[i], &most) ? 1 : (double)most;
    }
    return fixed(n->shape[1]) >= LANES && places <= MOST_PLACES && places <= window && depth >= LEAST_DEPTH &&
           fixed(kernel->shape[n->rank - 1]) >= LEAST_LINE;
}

static int stays_inside(const Node *n, int i) {
    const Dim *low = n->attr.low[i], *places = n->in[1]->shape[i], *extent = n->in[0]->shape[i];
    if (!dim_is_constant(low) || dim_constant_value(low) > 0 || n->attr.spread[i] != 1) return 0;
    if (!dim_is_constant(n->shape[i]) || !dim_is_constant(places) || !dim_is_constant(extent)) return 0;
    int64_t reach = (dim_constant_value(n->shape[i]) - 1) * n->attr.step[i] +
                    (dim_constant_value(places) - 1) * n->attr.dilation[i] + 1;
    return reach - dim_constant_value(low) <= dim_constant_value(extent);
}

/* Longer lines are cut so that pieces fill their vectors, and meet little that others meet too; the last may be shorter. */
int64_t convolution_piece(const Node *n) {
    int64_t columns = dim_constant_value(n->shape[n->rank - 1]), best = 0, cuts = (columns + MOST_COLUMNS - 1) / MOST_COLUMNS;
    if (columns <= MOST_COLUMNS) return columns;
    int64_t even = (columns + cuts - 1) / cuts;
    double least = 0;
    for (int64_t piece = MOST_COLUMNS; piece >= LEAST_PIECE; piece--) {
        if (columns % piece && piece != even) continue;
        double lanes = (double)((piece + LANES - 1) / LANES * LANES), cost = (lanes + SHARED_COLUMNS) / (double)piece;
        if (columns % piece) cost = (lanes + SHARED_COLUMNS) * (double)cuts / (double)columns;
        if (best && cost >= least) continue;
        best = piece;
        least = cost;
    }
    return best;
}

static int64_t vectors_of(int64_t elements) { return (elements + LANES - 1) / LANES; }

/* Of windows some elements apart: are all phases of the lines that a line of the result adds fewer vectors, by half, than what its
 * windows meet place by place? */
static int has_long_phases(const Node *n, int64_t columns) {
    int last = n->rank - 1;
    const Node *kernel = n->in[1];
    int64_t step = n->attr.step[last], reach = (dim_constant_value(kernel->shape[last]) - 1) * n->attr.dilation[last], places = 1;
    for (int i = 2; i <= last; i++) places *= dim_constant_value(kernel->shape[i]);
    int64_t phases = step < reach + 1 ? step : reach + 1, lines = last > 2 ? n->attr.step[last - 1] : 1;
    return 2 * lines * phases * vectors_of(columns + reach / step) <= places * vectors_of(columns);
}

static const double TILE_COST = 0.25; /* of a tile's beginning and end, in vectors */

double convolution_tiles_cost(int64_t lines, int64_t tile_lines, int64_t vectors) {
    return (double)((lines + tile_lines - 1) / tile_lines) * ((double)vectors + TILE_COST);
}

RunningLines convolution_running_lines(const Node *n, double most_cost) {
    RunningLines best = {0, 0, most_cost};
    int last = n->rank - 1, axis = last > 2 ? last - 1 : 0;
    int64_t columns = dim_maximum(n->shape[last]), lines = dim_maximum(n->shape[axis]);
    int64_t steps = n->attr.step[last] * (axis ? n->attr.step[axis] : 1);
    int64_t met = columns + (dim_constant_value(n->in[1]->shape[last]) - 1) * n->attr.dilation[last];
    if (steps != 1 || convolution_piece(n) != columns || dim_maximum(n->shape[1]) == n->attr.groups) return best;
    for (int64_t t = 2; t <= lines; t++) {
        int64_t vectors = vectors_of((t - 1) * met + columns);
        if (vectors > MOST_RUNNING) break;
        double cost = convolution_tiles_cost(lines, t, vectors);
        if (cost < best.cost) best = (RunningLines){t, vectors, cost};
    }
    return best;
}

static int is_border(const Node *pad) {
    double zero;
    if (!node_is_number(pad->in[1], &zero) || zero != 0 || signbit(zero)) return 0;
    for (int i = 0; i < pad->rank; i++) {
        if (pad->attr.step[i]) return 0;
        if (pad->shape[i] == pad->in[0]->shape[i]) continue;
        if (i < 2 || !dim_is_constant(pad->attr.low[i]) || dim_constant_value(pad->attr.low[i]) < 0) return 0;
        if (!dim_is_constant(pad->shape[i]) || !dim_is_constant(pad->in[0]->shape[i])) return 0;
        int64_t extent = dim_constant_value(pad->in[0]->shape[i]);
        if (extent < 1 || dim_constant_value(pad->attr.low[i]) + extent > dim_constant_value(pad->shape[i])) return 0;
    }
    return 1;
}

int convolution_has_lines(const Node *n) {
    int last = n->rank - 1;
    if (n->op != OP_CONVOLUTION || n->attr.step[last] > MOST_STEP) return 0;
    for (int i = 2; i < n->rank; i++)
        if (!stays_inside(n, i)) return 0;
    int64_t columns = convolution_piece(n), rows = dim_maximum(n->shape[1]) / n->attr.groups;
    if (!columns) return 1;
    if (n->attr.step[last] > 1 && !has_long_phases(n, columns)) return 0;
    /* does a panel of all places cost more than lanes that are computed in vain? */
    if (vectors_of(columns) * LANES * rows <= columns * (rows + PACK_COST)) return 1;
    /* or than what lies between lines where they run on?  Of a small window the panel has few places; zeros around the operand are laid
     * on the way. */
    double places = 1, lines = (double)dim_maximum(n->shape[last > 2 ? last - 1 : 0]);
    for (int i = 2; i <= last; i++) places *= (double)dim_constant_value(n->in[1]->shape[i]);
    double exact = lines * (double)columns / LANES, saved = PACK_COST + (n->in[0]->op == OP_PAD && is_border(n->in[0]) ? BORDER_COST : 0);
    saved *= (1 - LINE_COST / places) / (double)rows;
    return convolution_running_lines(n, exact * (1 + saved)).lines > 0;
}

Node *convolution_bordered(const Node *n) {
    if (n->op != OP_CONVOLUTION || n->in[0]->op != OP_PAD) return NULL;
    return convolution_has_lines(n) && is_border(n->in[0]) ? n->in[0]->in[0] : NULL;
}

/* ---- lanes across the examples ------------------------------------------------------------------------- */

const Node *convolution_border(const Node *n) {
    const Node *x = n->in[0];
    int is_turned = x->op == OP_TRANSPOSE;
    for (int i = 2; i < n->rank && is_turned; i++) is_turned = x->attr.axes[i] == i;
    if (is_turned) x = x->in[0];
    return x->op == OP_PAD && is_border(x) ? x : NULL;
}

MetAxis convolution_met_axis(const Node *n, int i) {
    const Node *border = convolution_border(n), *x = border ? border->in[0] : n->in[0];
    MetAxis axis = {.extent = fixed(n->shape[i]), .places = fixed(n->in[1]->shape[i]), .step = n->attr.step[i], .apart = n->attr.dilation[i]};
    axis.first = -dim_constant_value(n->attr.low[i]);
    axis.size = fixed(x->shape[i]);
    if (border && border->shape[i] != x->shape[i]) axis.first -= dim_constant_value(border->attr.low[i]);
    return axis;
}

void met_places(const MetAxis *axis, int64_t p, int64_t *lo, int64_t *hi) {
    int64_t at = p * axis->step + axis->first;
    for (*lo = 0; *lo < axis->places && at + *lo * axis->apart < 0;) (*lo)++;
    for (*hi = axis->places; *hi > *lo && at + (*hi - 1) * axis->apart >= axis->size;) (*hi)--;
}

double convolution_met_share(const Node *n) {
    double share = 1;
    for (int i = 2; i < n->rank; i++) {
        MetAxis axis = convolution_met_axis(n, i);
        int64_t met = 0, lo, hi;
        for (int64_t p = 0; p < axis.extent; p++) {
            met_places(&axis, p, &lo, &hi);
            met += hi - lo;
        }
        share *= (double)met / (double)(axis.extent * axis.places);
    }
    return share;
}

/* What a convolution costs in its other forms, in sums over its whole window: those of lanes in vain, and packing. */
static double lanes_cost(const Node *n) {
    int64_t columns = dim_maximum(n->shape[n->rank - 1]), lines = dim_maximum(n->shape[n->rank > 3 ? n->rank - 2 : 0]);
    double exact = (double)lines * (double)columns / LANES, rows = (double)dim_maximum(n->shape[1]);
    if (!convolution_has_lines(n)) return 1 + PACK_COST / rows;
    double most = (double)(lines * vectors_of(columns));
    RunningLines running = convolution_running_lines(n, most);
    return (running.lines ? running.cost : most) / exact + LINE_COST / rows;
}

int convolution_runs_over_batch(const Node *n) {
    if (!convolution_is_plain(n) || fixed(n->in[1]->shape[1]) < 0 || n->rank < 4) return 0;
    double places = 1, window = 1, rows = (double)fixed(n->shape[1]), examples = (double)fixed(n->shape[0]);
    for (int i = 2; i < n->rank; i++) {
        MetAxis axis = convolution_met_axis(n, i);
        if (axis.size < 1) return 0;
        places *= (double)axis.extent;
        window *= (double)axis.places;
    }
    double depth = window * (double)fixed(n->in[1]->shape[1]);
    if (rows < LANES || depth < LEAST_DEPTH || window > MOST_PLACES || places > MOST_BATCH_PLACES) return 0;
    double vain = ceil(examples / EXAMPLES) * EXAMPLES / examples;
    double cost = vain * (convolution_met_share(n) + TURN_COST / ((rows < SOME_ROWS ? rows : SOME_ROWS) * window) + TURN_COST / depth) + LIST_COST;
    return cost < BATCH_GAIN * lanes_cost(n);
}

Node *convolution_batch_bordered(const Node *n) {
    if (!convolution_runs_over_batch(n) || n->in[0]->op != OP_PAD || !convolution_border(n)) return NULL;
    Node *x = n->in[0]->in[0];
    return x->op == OP_TRANSPOSE || x->op == OP_REVERSE || x->op == OP_SLICE ? NULL : x;
}

/* ---- gradients of depthwise kernels -------------------------------------------------------------------- */

static int is_fixed(const Dim *dim) { return dim_is_constant(dim) && dim_constant_value(dim) > 0; }

GroupGradient convolution_group_gradient(const Node *n) {
    GroupGradient none = {NULL, NULL}, found = none;
    if (n->op != OP_CONVOLUTION || n->rank != 4 || n->attr.groups < 2 || !dtype_is_float(n->dtype)) return none;
    const Node *kernel = n->in[1];
    if (!dim_is_constant(n->shape[1]) || dim_constant_value(n->shape[1]) != n->attr.groups || !is_fixed(n->shape[0])) return none;
    for (int i = 2; i < 4; i++)
        if (!is_fixed(n->shape[i]) || !is_fixed(kernel->shape[i]) || !stays_inside(n, i)) return none;
    int64_t places = dim_constant_value(n->shape[2]) * dim_constant_value(n->shape[3]);
    if (places > MOST_PLACES || places > dim_constant_value(kernel->shape[2]) * dim_constant_value(kernel->shape[3])) return none;
    Node *x = n->in[0];
    if (x->op == OP_PAD && is_border(x)) {
        found.border = x;
        x = x->in[0];
    }
    if (x->op != OP_RESHAPE || x->in[0]->rank != 5) return none;
    const Dim *const *shape = x->in[0]->shape;
    if (shape[1] != kernel->shape[0] || shape[2] != kernel->shape[1] || shape[3] != x->shape[2] || shape[4] != x->shape[3]) return none;
    found.met = x->in[0];
    return found;
}
