/* Arena, vectors, text, symbols, maps, sources and diagnostics. */
#include "base/diag.h"
#include "base/map.h"
#include "base/symbol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void arena_grows_in_place(void **state) {
    (void)state;
    Arena arena = {0};
    char *first = arena_alloc(&arena, 10);
    memset(first, 7, 10);
    char *wider = arena_grow(&arena, first, 10, 1000);
    assert_ptr_equal(first, wider);
    assert_int_equal(wider[9], 7);
    assert_int_equal(wider[999], 0);
    char *other = arena_alloc(&arena, 1);
    char *moved = arena_grow(&arena, wider, 1000, 100000);
    assert_ptr_not_equal(moved, wider);
    assert_int_equal(moved[9], 7);
    assert_ptr_not_equal(other, moved);
    arena_release(&arena);
}

static void vec_keeps_elements(void **state) {
    (void)state;
    Arena arena = {0};
    Vec(int) v = {0};
    for (int i = 0; i < 1000; i++) vec_push(&arena, &v, i);
    assert_int_equal(v.len, 1000);
    for (int i = 0; i < 1000; i++) assert_int_equal(v.data[i], i);
    arena_release(&arena);
}

static void text_indents_lines(void **state) {
    (void)state;
    Arena arena = {0};
    Text text = text_new(&arena);
    text_add(&text, "a {\n");
    text.indent++;
    text_printf(&text, "b%d\n\nc\n", 1);
    text.indent--;
    text_add(&text, "}\n");
    assert_string_equal(text_str(&text), "a {\n    b1\n\n    c\n}\n");
    arena_release(&arena);
}

static void symbols_are_unique(void **state) {
    (void)state;
    Arena arena = {0};
    SymbolTable table = {.arena = &arena};
    const Symbol *a = symbol(&table, "weight");
    for (int i = 0; i < 3000; i++) symbol_printf(&table, "name%d", i);
    assert_ptr_equal(a, symbol_bytes(&table, "weights", 6));
    assert_int_equal(table.count, 3001);
    assert_int_equal(edit_distance("Dens", "Dense", 2), 1);
    assert_int_equal(edit_distance("form", "from", 2), 1);
    assert_int_equal(edit_distance("relu", "softmax", 2), 3);
    arena_release(&arena);
}

static void map_finds_and_replaces(void **state) {
    (void)state;
    Arena arena = {0};
    Map map = {0};
    static char keys[500][16];
    for (int i = 0; i < 500; i++) map_set(&arena, &map, keys[i], &keys[i][1]);
    map_set(&arena, &map, keys[3], NULL);
    assert_int_equal(map.len, 500);
    assert_true(map_has(&map, keys[3]));
    assert_null(map_get(&map, keys[3]));
    assert_ptr_equal(map_get(&map, keys[499]), &keys[499][1]);
    assert_false(map_has(&map, &map));
    arena_release(&arena);
}

static void diagnostics_name_place_and_origin(void **state) {
    (void)state;
    Arena arena = {0};
    SourceMap sources = {.arena = &arena};
    Diags diags = {.arena = &arena};
    const char *text = "let a = 1\n\tlet \xC3\xBC = a\n";
    Source *source = source_add(&sources, "m.dlm", text, strlen(text));
    uint32_t at = source->base + (uint32_t)(strstr(text, "= a") - text) + 2;
    Diag *diag = diag_add(&diags, (Span){at, at + 1}, E_SYNTAX, "no %s", "good");
    diag_primary(&diags, diag, "here");
    diag_label(&diags, diag, (Span){source->base + 4, source->base + 5}, "bound here");
    diag_fix(&diags, diag, "write b");
    Text out = text_new(&arena);
    diags_render(&diags, &sources, (DiagStyle){0}, &out);
    assert_string_equal(text_str(&out), "error[E0101]: no good\n"
                                        " --> m.dlm:2:11\n"
                                        "  |\n"
                                        "1 | let a = 1\n"
                                        "  |     - bound here\n"
                                        "2 |     let \xC3\xBC = a\n"
                                        "  |             ^ here\n"
                                        "   = fix: write b\n");
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_grows_in_place), cmocka_unit_test(vec_keeps_elements),
        cmocka_unit_test(text_indents_lines),   cmocka_unit_test(symbols_are_unique),
        cmocka_unit_test(map_finds_and_replaces), cmocka_unit_test(diagnostics_name_place_and_origin),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
