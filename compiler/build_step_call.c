/* What a step reports, and a step that another step calls: its body stands in the caller's, its reports are its value
 * where it has no result of its own, and are logged with the caller's. */
#include "compiler/build_internal.h"

static Node *report_scalar(Builder *b, Frame *frame, const Tx *tx) {
    Node *node = build_node(b, frame, tx);
    return graph_convert(b->region, node, b->options.use_f64 ? DT_F64 : DT_F32, tx->span);
}

void build_report(Builder *b, Frame *frame, const TStmt *stmt) {
    SymbolTable *symbols = &b->session->symbols;
    Node *figure = report_scalar(b, frame, stmt->value);
    Node *count = stmt->report == REPORT_RATIO ? report_scalar(b, frame, stmt->second) : NULL;
    if (b->inlined)
        map_set(b->arena, b->inlined, stmt->name,
                count ? graph_map2(b->region, SC_DIV, figure, count, stmt->span) : figure);
    if (map_has(&b->reported, stmt->name)) return; /* of several steps the first one is logged */
    map_set(b->arena, &b->reported, stmt->name, figure);
    BuildTarget target = {.kind = TARGET_REPORT, .name = stmt->name, .report = stmt->report};
    build_target(b, symbol_printf(symbols, "report.%s", stmt->name->text), figure, target);
    if (!count) return;
    target.kind = TARGET_REPORT_COUNT;
    build_target(b, symbol_printf(symbols, "report.%s.count", stmt->name->text), count, target);
}

/* The reports in the order of the record's fields. */
static Value reports_value(Builder *b, const Map *reports, const Type *record, Span span) {
    Value *items = arena_array(b->arena, Value, record->count);
    for (int i = 0; i < record->count; i++) {
        Node *node = map_get(reports, record->fields[i].name);
        items[i] = value_of(node ? node : graph_number(b->region, 0, DT_F32, 0, NULL, span));
    }
    return (Value){.kind = VALUE_TUPLE, .items = items, .count = record->count};
}

Value build_step_call(Builder *b, Frame *frame, const Tx *tx) {
    const TStep *step = tx->step;
    Frame callee = {.site = arena_printf(b->arena, "%s.%s", frame->site, tx->site->text)};
    for (int i = 0; i < step->inputs.len; i++)
        frame_set(b, &callee, step->inputs.data[i], build_value(b, frame, tx->args.data[i]));
    Map reports = {0}, *outer = b->inlined;
    b->inlined = &reports;
    build_given(b, &step->conditions, tx->span);
    Value value = build_block(b, &callee, step->body);
    b->inlined = outer;
    for (int i = 0; outer && i < reports.len; i++)
        if (!map_has(outer, reports.entries[i].key)) map_set(b->arena, outer, reports.entries[i].key, reports.entries[i].value);
    return step->body->value ? value : reports_value(b, &reports, step->result, tx->span);
}

int makes_reports(const Frame *frame, const Tx *tx) {
    if (tx->type->kind != TY_RECORD) return 0;
    const Value *value = tx->kind == T_VARIABLE ? map_get(&frame->variables, tx->variable) : NULL;
    return tx->kind == T_STEP_CALL || (value && value->kind == VALUE_TUPLE);
}

Value build_report_field(Builder *b, Frame *frame, const Tx *tx) {
    const Type *record = tx->args.data[0]->type;
    Value value = build_value(b, frame, tx->args.data[0]);
    for (int i = 0; value.kind == VALUE_TUPLE && i < record->count; i++)
        if (record->fields[i].name == tx->name) return value.items[i];
    build_unsupported(b, tx->span, "a field of this record inside a step");
    return (Value){0};
}

/* ---- what the body calls ------------------------------------------------------------------------------- */

static void visit_expression(const Tx *tx, void (*visit)(void *, const TStmt *), void *context) {
    for (int i = 0; i < tx->args.len; i++) visit_expression(tx->args.data[i], visit, context);
    if (tx->kind == T_STEP_CALL) visit_minimizes(tx->step->body, visit, context);
    if (tx->kind == T_FOR) visit_minimizes(tx->loop->block, visit, context);
    if (tx->kind != T_IF && tx->kind != T_BLOCK) return;
    visit_minimizes(tx->block, visit, context);
    visit_minimizes(tx->otherwise, visit, context);
}

void visit_minimizes(const TBlock *block, void (*visit)(void *, const TStmt *), void *context) {
    for (int i = 0; block && i < block->statements.len; i++) {
        const TStmt *stmt = block->statements.data[i];
        if (stmt->value) visit_expression(stmt->value, visit, context);
        if (stmt->kind == TS_MINIMIZE) visit(context, stmt);
        visit_minimizes(stmt->block, visit, context);
        visit_minimizes(stmt->otherwise, visit, context);
    }
    if (block && block->value) visit_expression(block->value, visit, context);
}
