/* In: the typed program.  Out: text that shows every conversion, call and weight, one statement a
 * line; elaborated functions follow where they are first called, numbered, so that equal names with
 * other sizes can be told apart. */
#include "lang/typed_print.h"

#include "base/map.h"

typedef struct Printer {
    Text *out;
    Map functions; /* const TFunction * to its number */
    Vec(const TFunction *) pending;
} Printer;

static void print_tx(Printer *p, const Tx *tx);
static void print_for(Printer *p, const TStmt *s);
static void print_block(Printer *p, const TBlock *block);

static void print_args(Printer *p, const Tx *tx, int first, const char *open, const char *close) {
    text_add(p->out, open);
    for (int i = first; i < tx->args.len; i++) {
        if (i > first) text_add(p->out, ", ");
        print_tx(p, tx->args.data[i]);
    }
    text_add(p->out, close);
}

static void print_statics(Printer *p, const TStatics *statics) {
    if (!statics || (!statics->axes.len && !statics->dims.len && !statics->text && !statics->keep))
        return;
    text_char(p->out, '[');
    for (int i = 0; i < statics->axes.len; i++)
        text_printf(p->out, i ? ", %d" : "%d", statics->axes.data[i]);
    for (int i = 0; i < statics->dims.len; i++) {
        text_add(p->out, "; ");
        dim_print(p->out, statics->dims.data[i]);
    }
    if (statics->text) text_printf(p->out, "\"%s\"", statics->text->text);
    if (statics->keep) text_add(p->out, " keep");
    text_char(p->out, ']');
}

static int function_number(Printer *p, const TFunction *f) {
    intptr_t number = (intptr_t)map_get(&p->functions, f);
    if (number) return (int)number;
    vec_push(p->out->arena, &p->pending, f);
    map_set(p->out->arena, &p->functions, f, (void *)(intptr_t)p->pending.len);
    return p->pending.len;
}

static void print_number(Printer *p, const Tx *tx) {
    if (tx->type->dtype == DT_BOOL) text_add(p->out, tx->integer ? "true" : "false");
    else if (dtype_is_float(tx->type->dtype)) text_printf(p->out, "%.9g", tx->real);
    else text_printf(p->out, "%lld", (long long)tx->integer);
    if (tx->type->dtype != DT_BOOL)
        text_printf(p->out, ":%s", tx->type->index_bound ? "index" : dtype_name(tx->type->dtype));
}

static void print_format(Printer *p, const Tx *tx) {
    text_add(p->out, "format(");
    for (int i = 0; i < tx->parts.len; i++) {
        text_printf(p->out, "%s\"%s\"", i ? ", " : "", tx->parts.data[i].text);
        if (!tx->parts.data[i].value) continue;
        text_add(p->out, ", ");
        print_tx(p, tx->parts.data[i].value);
    }
    text_char(p->out, ')');
}

static void print_call(Printer *p, const Tx *tx) {
    if (tx->function)
        text_printf(p->out, "%s.%d", tx->function->name->text, function_number(p, tx->function));
    else text_add(p->out, "generic");
    if (tx->self) {
        text_char(p->out, '{');
        print_tx(p, tx->self);
        text_char(p->out, '}');
    }
    print_args(p, tx, 0, "(", ")");
}

static void print_braces(Printer *p, const TBlock *block) {
    text_add(p->out, "{\n");
    p->out->indent++;
    print_block(p, block);
    p->out->indent--;
    text_char(p->out, '}');
}

static void print_if(Printer *p, const Tx *condition, const TBlock *block,
                     const TBlock *otherwise) {
    text_add(p->out, "if ");
    print_tx(p, condition);
    text_char(p->out, ' ');
    print_braces(p, block);
    if (!otherwise) return;
    text_add(p->out, " else ");
    print_braces(p, otherwise);
}

static void print_train(Printer *p, const TTrain *train);
static void print_step(Printer *p, const TStep *step);

static void print_tx(Printer *p, const Tx *tx) {
    switch (tx->kind) {
    case T_ERROR: text_add(p->out, "error"); return;
    case T_NUMBER: print_number(p, tx); return;
    case T_STRING: text_printf(p->out, "\"%s\"", tx->text->text); return;
    case T_DIM: dim_print(p->out, tx->dim); return;
    case T_VARIABLE: text_add(p->out, tx->variable->name->text); return;
    case T_OPTION: text_printf(p->out, "option %s", tx->option->name->text); return;
    case T_SELF: text_add(p->out, "self"); return;
    case T_INSTANCE: text_add(p->out, tx->instance->name->text); return;
    case T_WEIGHT:
    case T_PART:
    case T_FIELD:
        print_tx(p, tx->args.data[0]);
        text_printf(p->out, ".%s", tx->kind == T_WEIGHT ? tx->weight->name->text : tx->name->text);
        return;
    case T_ITEM:
        print_tx(p, tx->args.data[0]);
        text_printf(p->out, ".%lld", (long long)tx->integer);
        return;
    case T_TUPLE: print_args(p, tx, 0, "(", ")"); return;
    case T_CONVERT: {
        Type element = *tx->type;
        element.rank = 0;
        type_print(p->out, &element);
        print_args(p, tx, 0, "(", ")");
        return;
    }
    case T_PRIMITIVE:
        text_printf(p->out, "`%s`", primitive_name(tx->primitive));
        print_statics(p, tx->statics);
        print_args(p, tx, 0, "(", ")");
        return;
    case T_CALL: print_call(p, tx); return;
    case T_IF: print_if(p, tx->args.data[0], tx->block, tx->otherwise); return;
    case T_BLOCK: print_braces(p, tx->block); return;
    case T_FOR: print_for(p, tx->loop); return;
    case T_FORMAT: print_format(p, tx); return;
    case T_GRADIENT: print_args(p, tx, 0, "grad(", ")"); return;
    case T_RECORD: print_args(p, tx, 0, "record(", ")"); return;
    case T_DATA:
        text_printf(p->out, "%s%s%s", tx->data->name->text, tx->name ? "." : "",
                    tx->name ? tx->name->text : "");
        return;
    case T_PROCEDURE:
        text_add(p->out, procedure_name(tx->procedure));
        print_args(p, tx, 0, "(", ")");
        return;
    case T_STEP_CALL:
        text_printf(p->out, "step %s", tx->step->name->text);
        print_args(p, tx, 0, "(", ")");
        return;
    case T_TRAIN: print_train(p, tx->train); return;
    }
}

/* ---- statements ----------------------------------------------------------------------------- */

static void print_targets(Printer *p, const TStmt *s) {
    for (int i = 0; i < s->targets.len; i++)
        text_printf(p->out, "%s%s", i ? ", " : "",
                    s->targets.data[i] ? s->targets.data[i]->name->text : "_");
    if (s->targets.len == 1 && s->targets.data[0]) {
        text_add(p->out, ": ");
        type_print(p->out, s->targets.data[0]->type);
    }
}

static void print_for(Printer *p, const TStmt *s) {
    text_add(p->out, "for ");
    for (int i = 0; i < s->sources.len; i++) {
        const TForSource *source = &s->sources.data[i];
        text_printf(p->out, "%s%s in ", i ? ", " : "",
                    source->variable ? source->variable->name->text : "_");
        if (source->value) {
            print_tx(p, source->value);
            text_printf(p->out, " along %d", source->axis);
            continue;
        }
        print_tx(p, source->lo);
        text_add(p->out, "..");
        if (source->hi) print_tx(p, source->hi);
    }
    text_add(p->out, s->is_reversed ? " reversed " : " ");
    print_braces(p, s->block);
}

static void print_minimize(Printer *p, const TStmt *s) {
    text_add(p->out, "minimize ");
    print_tx(p, s->value);
    for (int g = 0; g < s->groups.len; g++) {
        text_printf(p->out, " group %d [", g);
        for (int i = 0; i < s->groups.data[g].rates.len; i++) {
            if (i) text_add(p->out, ", ");
            print_tx(p, s->groups.data[g].rates.data[i]);
        }
        text_char(p->out, ']');
        if (!s->groups.data[g].transformed) continue;
        text_add(p->out, " of ");
        print_tx(p, s->groups.data[g].transformed);
    }
    p->out->indent++;
    for (int i = 0; i < s->updates.len; i++) {
        const TUpdate *u = &s->updates.data[i];
        text_printf(p->out, "\n%s by %s of group %d ", u->path->text, u->optimizer->name->text,
                    u->group);
        print_braces(p, u->optimizer->body);
    }
    p->out->indent--;
}

static void print_statement(Printer *p, const TStmt *s) {
    switch (s->kind) {
    case TS_LET:
    case TS_ASSIGN:
        text_add(p->out, s->kind == TS_LET ? "let " : "");
        print_targets(p, s);
        text_add(p->out, " = ");
        print_tx(p, s->value);
        break;
    case TS_SET_WEIGHT:
        print_tx(p, s->weight);
        text_add(p->out, " = ");
        print_tx(p, s->value);
        break;
    case TS_EXPRESSION: print_tx(p, s->value); break;
    case TS_IF: print_if(p, s->value, s->block, s->otherwise); break;
    case TS_FOR: print_for(p, s); break;
    case TS_WHILE:
        text_add(p->out, "while ");
        print_tx(p, s->value);
        text_char(p->out, ' ');
        print_braces(p, s->block);
        break;
    case TS_BREAK: text_add(p->out, "break"); break;
    case TS_CONTINUE: text_add(p->out, "continue"); break;
    case TS_YIELD:
        text_add(p->out, "yield ");
        print_tx(p, s->value);
        break;
    case TS_MINIMIZE: print_minimize(p, s); break;
    case TS_VALIDATE: print_step(p, s->step); break;
    case TS_REPORT:
        text_printf(p->out, "report %s = ", s->name->text);
        print_tx(p, s->value);
        if (s->second) {
            text_add(p->out, " over ");
            print_tx(p, s->second);
        }
        break;
    }
    text_char(p->out, '\n');
}

static void print_block(Printer *p, const TBlock *block) {
    for (int i = 0; i < block->statements.len; i++) print_statement(p, block->statements.data[i]);
    if (!block->value) return;
    print_tx(p, block->value);
    text_add(p->out, "   # ");
    type_print(p->out, block->value->type);
    text_char(p->out, '\n');
}

/* ---- the program ---------------------------------------------------------------------------- */

static void print_inputs(Printer *p, TVariable *const *inputs, int count) {
    text_char(p->out, '(');
    for (int i = 0; i < count; i++) {
        text_printf(p->out, "%s%s: ", i ? ", " : "", inputs[i]->name ? inputs[i]->name->text : "_");
        type_print(p->out, inputs[i]->type);
    }
    text_add(p->out, ") ");
}

static void print_step(Printer *p, const TStep *step) {
    text_printf(p->out, "step %s", step->name->text);
    print_inputs(p, step->inputs.data, step->inputs.len);
    if (step->on) {
        text_add(p->out, "on ");
        print_tx(p, step->on);
        text_char(p->out, ' ');
    }
    print_braces(p, step->body);
    text_char(p->out, '\n');
}

static void print_train(Printer *p, const TTrain *train) {
    text_printf(p->out, "train %s", train->model ? train->model->name->text : "");
    if (train->data) {
        text_add(p->out, " on ");
        print_tx(p, train->data);
    }
    text_add(p->out, " {\n");
    p->out->indent++;
    for (int i = 0; i < train->settings.len; i++) {
        text_printf(p->out, "%s = ", train->settings.data[i].name->text);
        if (train->settings.data[i].value) print_tx(p, train->settings.data[i].value);
        else text_printf(p->out, "%s(\"%s\")", train->best_is_lowest ? "lowest" : "highest", train->best->text);
        text_char(p->out, '\n');
    }
    for (int i = 0; i < train->states.len; i++) {
        text_printf(p->out, "state %s: ", train->states.data[i]->name->text);
        type_print(p->out, train->states.data[i]->type);
        text_add(p->out, " ~ ");
        print_tx(p, train->state_initial.data[i]);
        text_char(p->out, '\n');
    }
    if (train->step) print_step(p, train->step);
    for (int i = 0; i < train->validates.len; i++) print_step(p, train->validates.data[i]);
    for (int i = 0; i < train->everies.len; i++) {
        text_add(p->out, "every ");
        if (train->everies.data[i].count) print_tx(p, train->everies.data[i].count);
        text_add(p->out, train->everies.data[i].count ? " steps " : "epoch ");
        print_braces(p, train->everies.data[i].block);
        text_char(p->out, '\n');
    }
    p->out->indent--;
    text_char(p->out, '}');
}

static void print_layout(Printer *p, const Layout *layout) {
    text_printf(p->out, "%s {\n", layout->layer->text);
    p->out->indent++;
    for (int i = 0; i < layout->weights.len; i++) {
        const Weight *w = layout->weights.data[i];
        text_printf(p->out, "%s %s: ", w->is_state ? "state" : "param", w->name->text);
        type_print(p->out, w->type);
        text_add(p->out, " ~ ");
        print_tx(p, w->initial);
        text_char(p->out, '\n');
    }
    for (int i = 0; i < layout->parts.len; i++) {
        text_printf(p->out, "%s = ", layout->parts.data[i].name->text);
        print_layout(p, layout->parts.data[i].layout);
    }
    p->out->indent--;
    text_add(p->out, "}\n");
}

static void print_data(Printer *p, const TData *data) {
    text_printf(p->out, "data %s {\n", data->name->text);
    p->out->indent++;
    for (int i = 0; i < data->lets.len; i++) print_statement(p, data->lets.data[i]);
    for (int i = 0; i < data->parts.len; i++) {
        const TDataPart *part = &data->parts.data[i];
        if (part->name) text_printf(p->out, "part %s %g\n", part->name->text, part->fraction);
        for (int k = 0; k < part->fields.len; k++) {
            const TDataField *field = &part->fields.data[k];
            text_printf(p->out, "%s: ", field->name->text);
            type_print(p->out, field->type);
            text_add(p->out, " from ");
            if (field->value) print_tx(p, field->value);
            else text_add(p->out, field->source->text);
            text_char(p->out, '\n');
        }
    }
    p->out->indent--;
    text_add(p->out, "}\n");
}

static void print_function(Printer *p, const TFunction *f, int number) {
    text_printf(p->out, "%s.%d", f->name->text, number);
    print_inputs(p, f->inputs.data, f->inputs.len);
    print_braces(p, f->body);
    text_char(p->out, '\n');
}

void typed_print_expression(Text *out, const Tx *tx) {
    Printer p = {.out = out};
    print_tx(&p, tx);
}

void typed_print(Text *out, const TProgram *program) {
    Printer p = {.out = out};
    for (int i = 0; i < program->options.len; i++)
        text_printf(out, "option %s\n", program->options.data[i]->name->text);
    for (int i = 0; i < program->data.len; i++) print_data(&p, program->data.data[i]);
    for (int i = 0; i < program->instances.len; i++) {
        text_printf(out, "instance %s = ", program->instances.data[i]->name->text);
        print_layout(&p, program->instances.data[i]->layout);
    }
    for (int i = 0; i < program->steps.len; i++) print_step(&p, program->steps.data[i]);
    for (int i = 0; i < program->statements.len; i++)
        print_statement(&p, program->statements.data[i]);
    for (int i = 0; i < program->tests.len; i++) {
        text_printf(out, "test \"%s\" ", program->tests.data[i].name);
        print_braces(&p, program->tests.data[i].body);
        text_char(out, '\n');
    }
    for (int i = 0; i < program->entries.len; i++)
        text_printf(out, "entry %s = %s.%d\n", program->entries.data[i].name->text,
                    program->entries.data[i].function->name->text,
                    function_number(&p, program->entries.data[i].function));
    for (int i = 0; i < p.pending.len; i++) print_function(&p, p.pending.data[i], i + 1);
}
