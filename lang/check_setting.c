/* The settings of a train block, and what must hold between them. */
#include "lang/check_expression.h"
#include "lang/check_program.h"
#include "lang/check_train.h"

#include <string.h>

/* ---- train blocks --------------------------------------------------------------------------- */

typedef enum SettingKind {
    SETTING_COUNT, /* a whole number, found when the block is run */
    SETTING_SIZE,  /* the same, known when compiling */
    SETTING_FLAG,  /* true or false, known when compiling */
    SETTING_TEXT,
    SETTING_CHOICE /* highest("report"), lowest("report") */
} SettingKind;

static const struct {
    const char *name;
    SettingKind kind;
    int least;
} settings[] = {
    {"batch", SETTING_SIZE, 1},       /* examples of one step */
    {"epochs", SETTING_COUNT, 0},     /* passes over the data */
    {"steps", SETTING_COUNT, 0},      /* steps in all, instead of epochs */
    {"shuffle", SETTING_FLAG, 0},     /* another order in every epoch */
    {"keep_short", SETTING_FLAG, 0},  /* the last, shorter batch of a pass counts */
    {"contiguous", SETTING_FLAG, 0},  /* each row of the batch reads its own stretch of the data */
    {"seed", SETTING_COUNT, 0},       /* what the random numbers follow from */
    {"best", SETTING_CHOICE, 0},      /* which report decides what weights are kept */
    {"save", SETTING_TEXT, 0},        /* where the weights go */
    {"patience", SETTING_COUNT, 1},   /* how often `best` may fail to get better until the block ends */
    {"budget", SETTING_COUNT, 1},     /* bytes that the arena of the step may take */
};
enum { SETTING_KINDS = sizeof settings / sizeof *settings };

static void unknown_setting(Checker *cx, AstName name) {
    Diag *diag =
        check_error(cx, name.span, E_SETTING, "`train` has no setting `%s`", name.symbol->text);
    const char *best = NULL;
    int best_distance = 4;
    Text list = text_new(cx->arena);
    for (int i = 0; i < SETTING_KINDS; i++) {
        int distance = edit_distance(settings[i].name, name.symbol->text, 3);
        text_printf(&list, "%s%s", i ? ", " : "", settings[i].name);
        if (distance >= best_distance || distance >= (int)name.symbol->len) continue;
        best = settings[i].name;
        best_distance = distance;
    }
    if (best) check_fix_edit(cx, diag, name.span, best, "did you mean `%s`?", best);
    else check_note(cx, diag, "the settings are %s", text_str(&list));
}

static void setting_mismatch(Checker *cx, const char *name, const char *wanted, const Tx *value) {
    check_error(cx, value->span, E_SETTING, "`%s` is %s, this is %s", name, wanted,
                type_shown(cx, value->type));
}

static int is_whole_number(const Type *type) {
    return type_is_scalar(type) && !dtype_is_float(type->dtype) && type->dtype != DT_BOOL;
}

/* The number that the expression is already, when compiling; 0 where only running it tells. */
static int known_number(const Tx *tx, int64_t *number) {
    while (tx->kind == T_CONVERT) tx = tx->args.data[0];
    if (tx->kind == T_DIM && dim_is_constant(tx->dim)) *number = dim_constant_value(tx->dim);
    else if (tx->kind == T_NUMBER && !dtype_is_float(tx->type->dtype)) *number = tx->integer;
    else return 0;
    return 1;
}

static const Tx *count_value(Checker *cx, int index, const Tx *value) {
    const char *name = settings[index].name;
    int64_t number = settings[index].least;
    if (!is_whole_number(value->type)) {
        setting_mismatch(cx, name, "a whole number", value);
        return tx_error(cx, value->span);
    }
    if (!known_number(value, &number) && settings[index].kind == SETTING_SIZE) {
        Diag *diag = check_error(cx, value->span, E_SETTING, "`%s` must be known when compiling", name);
        check_fix(cx, diag, "make it a number, a `dim` or an `option ...: dim`");
        return tx_error(cx, value->span);
    }
    if (number < settings[index].least) {
        check_error(cx, value->span, E_SETTING, "`%s` is %lld; it is at least %d", name, (long long)number,
                    settings[index].least);
        return tx_error(cx, value->span);
    }
    return convert_element(cx, value, DT_I64, NULL);
}

static const Tx *flag_value(Checker *cx, const char *name, const Tx *value) {
    if (!type_is_scalar(value->type) || value->type->dtype != DT_BOOL)
        setting_mismatch(cx, name, "true or false", value);
    else if (value->kind != T_NUMBER)
        check_error(cx, value->span, E_SETTING, "`%s` must be known when compiling", name);
    else return value;
    return tx_error(cx, value->span);
}

/* `highest("accuracy")`: which report decides, and which way. */
static void choice_value(Checker *cx, TTrain *train, const Ast *ast) {
    const Ast *call = ast_ungroup(ast), *callee = call->kind == AST_CALL ? ast_ungroup(call->call.callee) : NULL;
    const Ast *name = callee && call->call.args.len == 1 ? ast_ungroup(call->call.args.data[0]) : NULL;
    int is_form = callee && callee->kind == AST_NAME &&
                  (!strcmp(callee->name->text, "highest") || !strcmp(callee->name->text, "lowest"));
    if (!is_form || !name || name->kind != AST_STRING || name->string.parts.len != 1) {
        Diag *diag = check_error(cx, ast->span, E_BEST, "`best` says which report decides");
        check_fix(cx, diag, "best = highest(\"accuracy\") or best = lowest(\"loss\")");
        return;
    }
    train->best = symbol(&cx->session->symbols, name->string.parts.data[0].text);
    train->best_is_lowest = !strcmp(callee->name->text, "lowest");
    train->best_span = name->span;
}

static const Tx *setting_value(Checker *cx, int index, const Ast *ast) {
    const Tx *value = check_expression(cx, ast, NULL);
    if (is_error(value)) return value;
    switch (settings[index].kind) {
    case SETTING_COUNT:
    case SETTING_SIZE: return count_value(cx, index, value);
    case SETTING_FLAG: return flag_value(cx, settings[index].name, value);
    case SETTING_TEXT:
        if (value->type->kind == TY_STRING) return value;
        setting_mismatch(cx, settings[index].name, "a string", value);
        break;
    case SETTING_CHOICE: break;
    }
    return tx_error(cx, ast->span);
}

void check_setting(Checker *cx, TTrain *train, const Ast *ast) {
    const Ast *target = ast->assign.targets.data[0];
    if (ast->assign.targets.len != 1 || target->kind != AST_NAME) {
        check_error(cx, ast->span, E_PLACE, "a setting is `name = value`");
        return;
    }
    AstName name = {target->name, target->span};
    int index = 0;
    while (index < SETTING_KINDS && strcmp(settings[index].name, name.symbol->text) != 0) index++;
    if (index == SETTING_KINDS) {
        unknown_setting(cx, name);
        return;
    }
    if (find_setting(train, name.symbol->text)) {
        check_error(cx, ast->span, E_SETTING, "`%s` is set twice", name.symbol->text);
        return;
    }
    const Tx *value = NULL;
    if (settings[index].kind == SETTING_CHOICE) choice_value(cx, train, ast->assign.value);
    else value = setting_value(cx, index, ast->assign.value);
    vec_push(cx->arena, &train->settings, ((TSetting){name.symbol, value, ast->span}));
}

const TSetting *find_setting(const TTrain *train, const char *name) {
    for (int i = 0; i < train->settings.len; i++)
        if (!strcmp(train->settings.data[i].name->text, name)) return &train->settings.data[i];
    return NULL;
}

/* ---- together ------------------------------------------------------------------------------------------ */

static int flag_of(const TTrain *train, const char *name, int otherwise) {
    const TSetting *setting = find_setting(train, name);
    return setting && setting->value->kind == T_NUMBER ? setting->value->integer != 0 : otherwise;
}

static void check_apart(Checker *cx, const TSetting *one, const TSetting *other, const char *why) {
    if (!one || !other) return;
    const TSetting *later = one->span.begin > other->span.begin ? one : other, *first = later == one ? other : one;
    Diag *diag = check_error(cx, later->span, E_SETTING, "`%s` and `%s` do not go together: %s", one->name->text,
                             other->name->text, why);
    check_label(cx, diag, first->span, "`%s` is set here", first->name->text);
}

void check_settings_agree(Checker *cx, TTrain *train) {
    const TSetting *batch = find_setting(train, "batch");
    train->batch = 32;
    train->batch_span = batch ? batch->span : train->span;
    if (batch) known_number(batch->value, &train->batch);
    int is_contiguous = flag_of(train, "contiguous", 0);
    train->is_even = is_contiguous || !flag_of(train, "keep_short", 1);
    check_apart(cx, find_setting(train, "epochs"), find_setting(train, "steps"),
                "each says how long the block runs");
    if (is_contiguous && flag_of(train, "shuffle", 0))
        check_apart(cx, find_setting(train, "contiguous"), find_setting(train, "shuffle"),
                    "each row of the batch reads its stretch of the data in order");
    const TSetting *patience = find_setting(train, "patience");
    if (!patience || train->best || find_setting(train, "best")) return;
    Diag *diag = check_error(cx, patience->span, E_BEST, "`patience` counts reports that are no better than the best");
    check_fix(cx, diag, "say which report: best = lowest(\"loss\")");
}

void check_best(Checker *cx, const TTrain *train, const Type *reports) {
    if (!train->best) return;
    const char *near = NULL;
    int best_distance = 4;
    Text list = text_new(cx->arena);
    for (int i = 0; i < reports->count; i++) {
        const Symbol *name = reports->fields[i].name;
        if (name == train->best) return;
        text_printf(&list, "%s`%s`", i ? ", " : "", name->text);
        int distance = edit_distance(name->text, train->best->text, 3);
        if (distance >= best_distance || distance >= (int)name->len) continue;
        best_distance = distance;
        near = name->text;
    }
    Diag *diag = check_error(cx, train->best_span, E_BEST, "this block reports no `%s`", train->best->text);
    if (near) check_fix(cx, diag, "did you mean \"%s\"?", near);
    else if (reports->count) check_note(cx, diag, "it reports %s", text_str(&list));
}
