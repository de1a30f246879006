/* Control flow: branches, loops of both directions, `while`, registers across them, checks, scratch memory. */
#include "generate.h"

#include "compiler/loop_build.h"

/* Registers that are set in one branch only, in both, in loops that turn zero times, and backwards. */
static void registers_across(Cases *cases) {
    enum { COUNT = 40 };
    LoopBuilder *b = loop_builder_new(cases->session, cases->arena, "flow");
    const Dim *extent = dim_constant(&cases->session->dims, COUNT);
    const char *const fills[] = {"below 12", NULL, NULL, NULL};
    int in = loop_buffer(b, "n", LOOP_IN, DT_I32, 1, &extent, NULL), out[3];
    for (int i = 0; i < 3; i++) {
        out[i] = loop_buffer(b, arena_printf(cases->arena, "y%d", i), LOOP_OUT, DT_I64, 1, &extent, NULL);
    }
    LoopType index = loop_scalar(DT_INDEX);
    LoopVal at = loop_for(b, "i", loop_index(b, 0), loop_index(b, COUNT), 1);
    LoopVal n = loop_convert(b, loop_load(b, in, &at), index);
    int sum = loop_array(b, "sum", index, 0, NULL, loop_index(b, 1));
    int pair = loop_array(b, "pair", index, 1, (int[]){2}, n);
    LoopVal first = loop_index(b, 0), second = loop_index(b, 1);
    LoopVal j = loop_for(b, "j", loop_index(b, 2), n, 3);
    loop_set(b, sum, NULL, loop_binary(b, LO_ADD, loop_binary(b, LO_MUL, loop_read(b, sum, NULL), second),
                                       loop_binary(b, LO_MUL, j, j)));
    loop_if(b, loop_binary(b, LO_LT, loop_index(b, 4), j));
    int inner = loop_array(b, "inner", index, 0, NULL, j);
    LoopVal back = loop_for_reversed(b, "k", loop_index(b, 1), j, 2);
    loop_set(b, inner, NULL, loop_binary(b, LO_SUB, loop_binary(b, LO_MUL, loop_read(b, inner, NULL), back),
                                         loop_read(b, sum, NULL)));
    loop_end(b);
    loop_set(b, pair, &first, loop_read(b, inner, NULL));
    loop_else(b);
    loop_set(b, pair, &second, loop_binary(b, LO_SUB, loop_read(b, sum, NULL), loop_read(b, pair, &first)));
    loop_end(b);
    loop_end(b);
    loop_while(b);
    LoopVal now = loop_read(b, sum, NULL);
    loop_while_body(b, loop_binary(b, LO_LT, now, loop_index(b, 1000)));
    loop_set(b, sum, NULL, loop_binary(b, LO_ADD, loop_binary(b, LO_MUL, loop_read(b, sum, NULL), loop_index(b, 3)),
                                       loop_index(b, 1)));
    loop_end(b);
    LoopVal results[3] = {loop_read(b, sum, NULL), loop_read(b, pair, &first), loop_read(b, pair, &second)};
    for (int i = 0; i < 3; i++) loop_store(b, out[i], &at, loop_convert(b, results[i], loop_scalar(DT_I64)), 0);
    loop_end(b);
    case_of_kernel(cases, loop_builder_finish(b), fills);
}

/* Ends with the code of the second check at element 30. */
static void checks(Cases *cases) {
    LoopBuilder *b = loop_builder_new(cases->session, cases->arena, "checks");
    const Dim *extent = dim_constant(&cases->session->dims, 40);
    const char *const fills[] = {"iota 0", NULL};
    int in = loop_buffer(b, "x", LOOP_IN, DT_I32, 1, &extent, NULL);
    int out = loop_buffer(b, "y", LOOP_OUT, DT_I32, 1, &extent, NULL);
    LoopVal at = loop_for(b, "i", loop_index(b, 0), loop_index(b, 40), 1);
    LoopVal x = loop_load(b, in, &at);
    loop_check(b, loop_binary(b, LO_LE, loop_const_int(b, loop_scalar(DT_I32), 0), x), "x is negative", (Span){0});
    loop_check(b, loop_binary(b, LO_LT, x, loop_const_int(b, loop_scalar(DT_I32), 30)), "x is large", (Span){0});
    loop_store(b, out, &at, x, 0);
    loop_end(b);
    case_of_kernel(cases, loop_builder_finish(b), fills)->code = 2;
}

/* Two scratch buffers of odd size with a padded row, filled and read again by each tile. */
static void scratch(Cases *cases) {
    enum { TILES = 5, ROWS = 3, COLUMNS = 19, PITCH = 32 };
    DimTable *dims = &cases->session->dims;
    LoopBuilder *b = loop_builder_new(cases->session, cases->arena, "scratch");
    const Dim *whole[3] = {dim_constant(dims, TILES), dim_constant(dims, ROWS), dim_constant(dims, COLUMNS)};
    const char *const fills[] = {"uniform -4 4", NULL, NULL, NULL};
    int in = loop_buffer(b, "x", LOOP_IN, DT_F32, 3, whole, NULL);
    int odd = loop_buffer(b, "odd", LOOP_SCRATCH, DT_U8, 1, &whole[2], NULL);
    int rows = loop_buffer(b, "rows", LOOP_SCRATCH, DT_F32, 2, &whole[1], dim_constant(dims, PITCH));
    int out = loop_buffer(b, "y", LOOP_OUT, DT_F32, 3, whole, NULL);
    loop_tiles(b, whole[0], 1);
    LoopVal t = loop_builder_kernel(b)->tile;
    LoopVal r = loop_for(b, "r", loop_index(b, 0), loop_index(b, ROWS), 1);
    LoopVal c = loop_for(b, "c", loop_index(b, 0), loop_index(b, COLUMNS), 1);
    LoopVal x = loop_load(b, in, (LoopVal[]){t, r, c});
    loop_store(b, rows, (LoopVal[]){r, c}, loop_binary(b, LO_MUL, x, x), 0);
    loop_store(b, odd, &c, loop_convert(b, x, loop_scalar(DT_U8)), 0);
    loop_end(b);
    loop_end(b);
    r = loop_for(b, "s", loop_index(b, 0), loop_index(b, ROWS), 1);
    c = loop_for(b, "d", loop_index(b, 0), loop_index(b, COLUMNS), ABI_LANES);
    LoopVal left = loop_binary(b, LO_SUB, loop_index(b, COLUMNS), c);
    LoopVal count = loop_binary(b, LO_MIN, left, loop_index(b, ABI_LANES));
    LoopVal wide = loop_load_wide(b, rows, (LoopVal[]){r, c}, count);
    LoopVal bytes = loop_convert(b, loop_load_wide(b, odd, &c, count), loop_wide(DT_F32));
    loop_store(b, out, (LoopVal[]){t, r, c}, loop_binary(b, LO_ADD, wide, bytes), count);
    loop_end(b);
    loop_end(b);
    case_of_kernel(cases, loop_builder_finish(b), fills);
}

void generate_flow(Cases *cases) {
    registers_across(cases);
    checks(cases);
    scratch(cases);
}
