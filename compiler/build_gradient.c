/* Functions with a derivative of their own: `gradient(dy) { }` in place of what would follow from the body.
 *
 * Every tensor of the result becomes a node of its own (a `detach`, which costs nothing), and the region is told that
 * these depend on the float inputs as a rule says.  When graph_gradient comes to them it asks the rule, which builds
 * the block with `dy` bound.  What the block adds are ordinary nodes, so they can be differentiated again; `value`
 * in it stands for the result, and leads to the same rule. */
#include "compiler/build_internal.h"

typedef struct OwnRule {
    Builder *builder;
    Frame frame; /* the inputs of the call */
    const TFunction *function;
    const Tx *call;
    Value value;
    Node *guard; /* of the branch that the call stands in */
} OwnRule;

/* The tensors of a value, in order, each replaced by a node of its own. */
static Value own_nodes(Builder *b, Value value, Nodes *out, Span span) {
    if (value.kind == VALUE_TENSOR) {
        Node *node = graph_detach(b->region, value.node, span);
        vec_push(b->arena, out, node);
        return value_of(node);
    }
    Value *items = arena_array(b->arena, Value, value.count);
    for (int i = 0; i < value.count; i++) items[i] = own_nodes(b, value.items[i], out, span);
    value.items = items;
    return value;
}

/* The gradients that arrived, shaped as the value: zeros where none did. */
static Value arrived(Builder *b, Value value, Node *const **next, Span span) {
    if (value.kind == VALUE_TENSOR) {
        Node *g = *(*next)++, *of = value.node;
        return value_of(g ? g : graph_number(b->region, 0, of->dtype, of->rank, of->shape, span));
    }
    Value *items = arena_array(b->arena, Value, value.count);
    for (int i = 0; i < value.count; i++) items[i] = arrived(b, value.items[i], next, span);
    value.items = items;
    return value;
}

static int is_float_input(const TVariable *v) {
    return v->type->kind == TY_TENSOR && dtype_is_float(v->type->dtype) && !v->type->index_bound;
}

static void apply_rule(void *context, Node *const *arriving, Node **leaving) {
    OwnRule *rule = context;
    Builder *b = rule->builder;
    int first = b->region->nodes.len;
    Node *guard = b->guard;
    b->guard = rule->guard;
    Frame frame = rule->frame;
    frame_set(b, &frame, rule->function->gradient_dy, arrived(b, rule->value, &arriving, rule->call->span));
    frame_set(b, &frame, rule->function->gradient_value, rule->value);
    Value gradients = build_block(b, &frame, rule->function->gradient);
    b->guard = guard;
    for (int i = 0; gradients.kind == VALUE_TUPLE && i < gradients.count; i++) leaving[i] = gradients.items[i].node;
    if (gradients.kind == VALUE_TENSOR) leaving[0] = gradients.node;
    blame_caller(b, first, rule->call->span);
}

/* The float inputs behind the rates, which are hidden inputs in front; rates have no gradient of their own. */
static int own_inputs(Builder *b, const Frame *callee, const TFunction *f, Nodes *inputs) {
    for (int i = f->rate_count; i < f->inputs.len; i++)
        if (is_float_input(f->inputs.data[i]))
            vec_push(b->arena, inputs, ((const Value *)map_get(&callee->variables, f->inputs.data[i]))->node);
    return inputs->len;
}

Value build_own_gradient(Builder *b, const Frame *callee, const Tx *call, Value value) {
    Nodes inputs = {0}, outputs = {0};
    if (!own_inputs(b, callee, call->function, &inputs)) return value;
    OwnRule *rule = arena_new(b->arena, OwnRule);
    *rule = (OwnRule){.builder = b, .frame = {.self = callee->self, .site = callee->site},
                      .function = call->function, .call = call, .guard = b->guard};
    for (int i = 0; i < call->function->inputs.len; i++)
        frame_set(b, &rule->frame, call->function->inputs.data[i],
                  *(const Value *)map_get(&callee->variables, call->function->inputs.data[i]));
    rule->value = own_nodes(b, value, &outputs, call->span);
    graph_own_gradient(b->region, &(OwnGradient){.outputs = outputs.data, .output_count = outputs.len,
                                                 .inputs = inputs.data, .input_count = inputs.len,
                                                 .rule = apply_rule, .context = rule});
    return rule->value;
}
