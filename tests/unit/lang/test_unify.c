/* Binding the names of signatures: random shapes with names, sizes made of them and packs against random arguments.
 * The checker takes a call exactly when some sizes for the names make the shapes equal, which is tried out. */
#include "tests/support/lang_texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { NAMES = 2, MOST = 6, MAX_RANK = 4, INPUTS = 2, CALLS = 400, PROGRAMS = 5 };

typedef enum ItemKind { ITEM_NAME, ITEM_NUMBER, ITEM_DOUBLE, ITEM_NEXT, ITEM_SUM, ITEM_PACK } ItemKind;

typedef struct Item {
    ItemKind kind;
    int value; /* which name; the number */
} Item;

typedef struct Shape {
    Item items[MAX_RANK];
    int count;
} Shape;

typedef struct Argument {
    int sizes[MAX_RANK];
    int rank;
} Argument;

typedef struct Call {
    Shape shapes[INPUTS];
    Argument args[INPUTS];
    int is_right;
} Call;

static const char *const names[NAMES] = {"A", "B"};

static uint32_t pick(uint32_t *seed, uint32_t count) {
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % count;
}

/* ---- what must hold -------------------------------------------------------------------------------------- */

static int size_of(const Item *item, const int *values) {
    switch (item->kind) {
    case ITEM_NAME: return values[item->value];
    case ITEM_NUMBER: return item->value;
    case ITEM_DOUBLE: return 2 * values[item->value];
    case ITEM_NEXT: return values[item->value] + 1;
    case ITEM_SUM: return values[0] + values[1];
    case ITEM_PACK: break;
    }
    return -1;
}

/* The pack takes what the other items leave; `pack` is its value, of rank -1 where nothing has bound it yet. */
static int fits(const Shape *shape, const Argument *arg, const int *values, Argument *pack) {
    int at = 0;
    for (int i = 0; i < shape->count; i++) {
        if (shape->items[i].kind != ITEM_PACK) {
            if (at >= arg->rank || size_of(&shape->items[i], values) != arg->sizes[at++]) return 0;
            continue;
        }
        int rank = arg->rank - (shape->count - 1);
        if (rank < 0 || (pack->rank >= 0 && pack->rank != rank)) return 0;
        for (int k = 0; k < rank; k++) {
            if (pack->rank >= 0 && pack->sizes[k] != arg->sizes[at + k]) return 0;
            pack->sizes[k] = arg->sizes[at + k];
        }
        if (pack->rank < 0) pack->rank = rank;
        at += rank;
    }
    return at == arg->rank;
}

static int has_solution(const Call *call) {
    for (int n = 0; n < (2 * MOST) * (2 * MOST); n++) {
        int values[NAMES] = {n % (2 * MOST), n / (2 * MOST)};
        Argument pack = {.rank = -1};
        if (fits(&call->shapes[0], &call->args[0], values, &pack) && fits(&call->shapes[1], &call->args[1], values, &pack))
            return 1;
    }
    return 0;
}

/* ---- random calls ---------------------------------------------------------------------------------------- */

static Shape random_shape(uint32_t *seed) {
    Shape shape = {.count = (int)pick(seed, MAX_RANK)};
    int has_pack = 0;
    for (int i = 0; i < shape.count; i++) {
        Item *item = &shape.items[i];
        uint32_t kind = pick(seed, 9);
        *item = (Item){ITEM_NAME, (int)pick(seed, NAMES)};
        if (kind == 4) *item = (Item){ITEM_NUMBER, 1 + (int)pick(seed, 3)};
        if (kind == 5) item->kind = ITEM_DOUBLE;
        if (kind == 6) item->kind = ITEM_NEXT;
        if (kind == 7) item->kind = ITEM_SUM;
        if (kind == 8 && !has_pack) item->kind = ITEM_PACK, has_pack = 1;
    }
    return shape;
}

static int stands_alone(const Call *call, int name) {
    for (int i = 0; i < INPUTS; i++)
        for (int k = 0; k < call->shapes[i].count; k++)
            if (call->shapes[i].items[k].kind == ITEM_NAME && call->shapes[i].items[k].value == name) return 1;
    return 0;
}

/* Mostly what the shape asks for, with a size changed now and then. */
static Argument random_argument(uint32_t *seed, const Shape *shape, const int *values, const Argument *pack) {
    Argument arg = {0};
    for (int i = 0; i < shape->count; i++) {
        if (shape->items[i].kind != ITEM_PACK) arg.sizes[arg.rank++] = size_of(&shape->items[i], values);
        for (int k = 0; shape->items[i].kind == ITEM_PACK && k < pack->rank && arg.rank < MAX_RANK; k++)
            arg.sizes[arg.rank++] = pack->sizes[k];
    }
    if (arg.rank && pick(seed, 3) == 0) arg.sizes[pick(seed, (uint32_t)arg.rank)] = 1 + (int)pick(seed, MOST);
    if (arg.rank < MAX_RANK && pick(seed, 9) == 0) arg.sizes[arg.rank++] = 1 + (int)pick(seed, MOST);
    return arg;
}

static Call random_call(uint32_t *seed) {
    Call call;
    do
        for (int i = 0; i < INPUTS; i++) call.shapes[i] = random_shape(seed);
    while (!stands_alone(&call, 0) || !stands_alone(&call, 1));
    int values[NAMES] = {1 + (int)pick(seed, MOST / 2), 1 + (int)pick(seed, MOST / 2)};
    Argument pack = {.rank = (int)pick(seed, 3)};
    for (int k = 0; k < pack.rank; k++) pack.sizes[k] = 1 + (int)pick(seed, MOST);
    for (int i = 0; i < INPUTS; i++) call.args[i] = random_argument(seed, &call.shapes[i], values, &pack);
    call.is_right = has_solution(&call);
    return call;
}

/* ---- as a program ---------------------------------------------------------------------------------------- */

static void write_shape(Text *out, const Shape *shape) {
    text_add(out, shape->count ? "f32[" : "f32");
    for (int i = 0; i < shape->count; i++) {
        const Item *item = &shape->items[i];
        const char *name = names[item->kind == ITEM_NUMBER ? 0 : item->value];
        if (i) text_add(out, ", ");
        switch (item->kind) {
        case ITEM_NAME: text_add(out, name); break;
        case ITEM_NUMBER: text_printf(out, "%d", item->value); break;
        case ITEM_DOUBLE: text_printf(out, "2*%s", name); break;
        case ITEM_NEXT: text_printf(out, "%s + 1", name); break;
        case ITEM_SUM: text_add(out, "A + B"); break;
        case ITEM_PACK: text_add(out, "..S"); break;
        }
    }
    if (shape->count) text_char(out, ']');
}

/* One line a declaration, one a call. */
static void write_call(Text *out, const Call *call, int number) {
    text_printf(out, "fn f%d(x: ", number);
    write_shape(out, &call->shapes[0]);
    text_add(out, ", y: ");
    write_shape(out, &call->shapes[1]);
    text_printf(out, ") -> f32 { sum(x) + sum(y) }\nprint(f%d(", number);
    for (int i = 0; i < INPUTS; i++) {
        const Argument *arg = &call->args[i];
        text_add(out, i ? ", " : "");
        text_add(out, arg->rank ? "zeros[" : "0.0");
        for (int k = 0; k < arg->rank; k++) text_printf(out, "%s%d", k ? ", " : "", arg->sizes[k]);
        if (arg->rank) text_char(out, ']');
    }
    text_add(out, "))\n");
}

static void check_program(uint32_t seed) {
    Session session;
    session_init(&session);
    Call *calls = arena_array(&session.arena, Call, CALLS);
    Text text = text_new(&session.arena);
    for (int i = 0; i < CALLS; i++) {
        calls[i] = random_call(&seed);
        write_call(&text, &calls[i], i);
    }
    lang_check_text(&session, "unify.dlm", text_str(&text), text.len);
    char *has_error = arena_array(&session.arena, char, CALLS);
    for (int i = 0; i < session.diags.list.len; i++) {
        const Diag *diag = session.diags.list.data[i];
        int line = source_place(&session.sources, diag->span.begin).line;
        if (diag->severity != SEVERITY_ERROR) continue;
        if (line % 2) fail_msg("line %d: %s", line, diag->message); /* a declaration has no mistake */
        has_error[line / 2 - 1]++;
    }
    for (int i = 0; i < CALLS; i++) {
        if (has_error[i] == !calls[i].is_right) continue;
        Text shown = text_new(&session.arena);
        write_call(&shown, &calls[i], i);
        fail_msg("%d messages where the call is %s:\n%s", has_error[i], calls[i].is_right ? "right" : "wrong",
                 text_str(&shown));
    }
    session_release(&session);
}

static void calls_are_taken_when_sizes_exist(void **state) {
    (void)state;
    for (uint32_t i = 1; i <= PROGRAMS; i++) check_program(i);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(calls_are_taken_when_sizes_exist)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
