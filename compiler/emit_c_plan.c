/* A plan as a product: a header with the workspace's size, the buffers and the function, and a source that holds its
 * kernels, its constants and the function, which runs the kernels one after the other. */
#include "compiler/emit_c.h"
#include "compiler/emit_c_parts.h"

#include <math.h>
#include <string.h>

typedef struct PlanC {
    EmitC e;
    const LoopPlan *plan;
    const EmitNotes *notes;
    const char *name;      /* of the function; what else is visible begins with it */
    const char **kernels;  /* names */
    const char **buffers;  /* names: fields of the struct, or constants */
    int *first_code;       /* per kernel: what is added to the code of a failed check */
    Map used;
    Vec(const char *) indices; /* of the loops around, outermost first */
    Text *out;
} PlanC;

static const char *fresh(PlanC *p, const char *wanted) {
    const char *text = wanted;
    for (int n = 2; map_has(&p->used, symbol(&p->e.session->symbols, text)); n++) {
        text = arena_printf(p->e.arena, "%s_%d", wanted, n);
    }
    const Symbol *key = symbol(&p->e.session->symbols, text);
    map_set(p->e.arena, &p->used, key, (void *)key);
    return text;
}

static const char *fresh_name(PlanC *p, const Symbol *name) { return fresh(p, c_name(&p->e, name)); }

static int is_bound(const PlanBuffer *b) { return b->kind != BUFFER_ARENA && b->kind != BUFFER_CONST; }

static const char *upper(PlanC *p, const char *name) {
    char *text = arena_text(p->e.arena, name, strlen(name));
    for (char *c = text; *c; c++) {
        if (*c >= 'a' && *c <= 'z') {
            *c = (char)(*c - 'a' + 'A');
        }
    }
    return text;
}

/* ---- names -------------------------------------------------------------------------------------------- */

static void name_things(PlanC *p) {
    static const char *const own[] = {"workspace", "buffers", "code", "arena", "scratch"};
    for (int i = 0; i < 5; i++) {
        fresh(p, own[i]);
    }
    fresh(p, p->name);
    const LoopPlan *plan = p->plan;
    p->kernels = arena_array(p->e.arena, const char *, plan->kernels.len + 1);
    p->first_code = arena_array(p->e.arena, int, plan->kernels.len + 1);
    int code = 0;
    for (int i = 0; i < plan->kernels.len; i++) {
        p->kernels[i] = fresh_name(p, plan->kernels.data[i]->name);
        p->first_code[i] = code;
        code += plan->kernels.data[i]->checks.len;
    }
    p->buffers = arena_array(p->e.arena, const char *, plan->buffers.len + 1);
    for (int i = 0; i < plan->buffers.len; i++) {
        p->buffers[i] = fresh_name(p, plan->buffers.data[i].name);
    }
}

static void name_dims(PlanC *p) {
    p->e.dims = (Map){0};
    for (int i = 0; i < p->plan->dims.len; i++) {
        const DimName *dim = p->plan->dims.data[i];
        map_set(p->e.arena, &p->e.dims, dim, (void *)fresh_name(p, dim->name));
    }
}

/* ---- header ------------------------------------------------------------------------------------------- */

static const char *type_text(PlanC *p, const PlanBuffer *b) {
    Text text = text_new(p->e.arena);
    text_add(&text, dtype_name(b->dtype));
    for (int i = 0; i < b->rank; i++) {
        text_printf(&text, "%s%s", i ? ", " : "[", c_dim(&p->e, b->extents[i]));
    }
    text_add(&text, b->rank ? "]" : "");
    int is_padded = b->rank > 1 && b->pitch && b->pitch != b->extents[b->rank - 1];
    if (is_padded) {
        text_printf(&text, ", rows of %s", c_dim(&p->e, b->pitch));
    }
    return text_str(&text);
}

static void declaration(PlanC *p, Text *out) {
    text_printf(out, "int32_t %s(void *workspace, const struct %s_buffers *buffers", p->name, p->name);
    for (int i = 0; i < p->plan->dims.len; i++) {
        text_printf(out, ", int64_t %s", (const char *)map_get(&p->e.dims, p->plan->dims.data[i]));
    }
    text_add(out, ")");
}

/* The buffers that the caller binds, in the order of their slots. */
static void buffer_struct(PlanC *p, Text *out) {
    static const char *const words[] = {"read", "written", "read and written"};
    text_printf(out, "/* What the caller binds: row-major, each aligned to its element. */\nstruct %s_buffers {\n", p->name);
    out->indent++;
    int count = 0;
    for (int slot = 0; slot < p->plan->slot_count; slot++) {
        for (int i = 0; i < p->plan->buffers.len; i++) {
            const PlanBuffer *b = &p->plan->buffers.data[i];
            if (is_bound(b) && b->slot == slot) {
                int kind = b->kind == BUFFER_INPUT ? 0 : b->kind == BUFFER_OUTPUT ? 1 : 2;
                const char *note = p->notes->slots && p->notes->slots[slot] ? p->notes->slots[slot] : "";
                text_printf(out, "%s%s *%s; /* %s, %s%s%s */\n", kind ? "" : "const ", c_storage(b->dtype),
                            p->buffers[i], type_text(p, b), words[kind], *note ? ": " : "", note);
                count++;
            }
        }
    }
    text_add(out, count ? "" : "int nothing;\n");
    out->indent--;
    text_add(out, "};\n\n");
}

static int has_checks(const LoopPlan *plan) {
    for (int i = 0; i < plan->kernels.len; i++) {
        if (plan->kernels.data[i]->checks.len) {
            return 1;
        }
    }
    return 0;
}

static void list_codes(PlanC *p, Text *out) {
    for (int k = 0; k < p->plan->kernels.len; k++) {
        const LoopKernel *kernel = p->plan->kernels.data[k];
        for (int i = 0; i < kernel->checks.len; i++) {
            text_printf(out, "\n * %d: ", p->first_code[k] + i + 1);
            for (const char *c = kernel->checks.data[i].message; *c; c++) {
                text_char(out, *c == '*' || *c == '\\' || *c == '\n' ? ' ' : *c);
            }
        }
    }
}

static void emit_header(PlanC *p, Text *out) {
    const char *guard = upper(p, p->name);
    const char *summary = p->notes->summary ? p->notes->summary : "a plan";
    text_printf(out, "/* %s: %s.  Made by dlc. */\n", p->name, summary);
    text_printf(out, "#ifndef %s_H\n#define %s_H\n\n#include <stdint.h>\n\n", guard, guard);
    text_printf(out, "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    text_printf(out, "/* The workspace: its bytes, and of what its address must be a multiple.  What is in it need not be\n"
                     " * kept between calls; two calls at once need two%s. */\n",
                p->plan->arena_bytes + p->plan->scratch_bytes ? "" : "; NULL will do");
    text_printf(out, "#define %s_WORKSPACE_BYTES %lld\n", guard,
                (long long)(p->plan->arena_bytes + p->plan->scratch_bytes));
    text_printf(out, "#define %s_WORKSPACE_ALIGNMENT %d\n\n", guard, ABI_ALIGN);
    for (int i = 0; i < p->plan->dims.len; i++) {
        const DimName *dim = p->plan->dims.data[i];
        text_printf(out, "/* The largest %s. */\n#define %s_%s_MAX %lld\n\n", dim->name->text, guard,
                    upper(p, map_get(&p->e.dims, dim)), (long long)dim->maximum);
    }
    buffer_struct(p, out);
    text_add(out, "/* Gives 0");
    text_add(out, p->plan->dims.len ? ", or -1 for a size outside its range" : "");
    for (int i = 0; i < p->plan->tests.len; i++) {
        text_add(out, i ? ", " : ", or where one of these does not hold:\n * ");
        dim_test_print(out, p->plan->tests.data[i]);
    }
    text_add(out, p->plan->tests.len ? ";\n * then nothing has been written" : "");
    text_add(out, p->plan->dims.len && !p->plan->tests.len ? ": then nothing has been written" : "");
    text_add(out, has_checks(p->plan) ? ", or the number of a check that failed:" : ".");
    list_codes(p, out);
    text_add(out, "\n * Rounding must be to nearest with subnormals kept, as a program starts. */\n");
    declaration(p, out);
    text_add(out, ";\n\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}

/* ---- constants ---------------------------------------------------------------------------------------- */

static const char *element_text(PlanC *p, const PlanBuffer *b, int64_t i) {
    const unsigned char *at = (const unsigned char *)b->data + i * dtype_bytes(b->dtype);
    double real = 0;
    int64_t whole = 0;
    switch (b->dtype) {
    case DT_F32: { float x; memcpy(&x, at, sizeof x); real = (double)x; break; }
    case DT_F64: memcpy(&real, at, sizeof real); break;
    case DT_BOOL: case DT_U8: whole = *at; break;
    case DT_I8: { int8_t x; memcpy(&x, at, sizeof x); whole = x; break; }
    case DT_I16: { int16_t x; memcpy(&x, at, sizeof x); whole = x; break; }
    case DT_U16: case DT_F16: case DT_BF16: { uint16_t x; memcpy(&x, at, sizeof x); whole = x; break; }
    case DT_I32: { int32_t x; memcpy(&x, at, sizeof x); whole = x; break; }
    case DT_U32: { uint32_t x; memcpy(&x, at, sizeof x); whole = x; break; }
    case DT_I64: case DT_U64: case DT_INDEX: memcpy(&whole, at, sizeof whole); break;
    case DT_COUNT: ICE("no element type");
    }
    if (dtype_is_float(b->dtype) && !isfinite(real)) { /* in an initialiser there are no calls of our own */
        return isnan(real) ? "__builtin_nanf(\"\")" : real < 0 ? "-__builtin_inff()" : "__builtin_inff()";
    }
    DType stored = b->dtype == DT_F16 || b->dtype == DT_BF16 ? DT_U16 : b->dtype;
    return c_constant(&p->e, stored, whole, real);
}

static void constants(PlanC *p, Text *out) {
    for (int i = 0; i < p->plan->buffers.len; i++) {
        const PlanBuffer *b = &p->plan->buffers.data[i];
        if (b->kind != BUFFER_CONST) {
            continue;
        }
        int64_t count = b->bytes / dtype_bytes(b->dtype);
        text_printf(out, "\n/* %s */\nstatic const %s %s[%lld] = {", type_text(p, b), c_storage(b->dtype), p->buffers[i],
                    (long long)(count ? count : 1));
        for (int64_t k = 0; k < count; k++) {
            text_printf(out, "%s%s,", k % 8 ? " " : "\n    ", element_text(p, b, k));
        }
        text_add(out, count ? "\n};\n" : "0};\n");
    }
}

/* ---- the function ------------------------------------------------------------------------------------- */

/* A pointer to a buffer's first element. */
static const char *base(PlanC *p, int buffer) {
    const PlanBuffer *b = &p->plan->buffers.data[buffer];
    if (b->kind == BUFFER_ARENA) {
        return arena_printf(p->e.arena, "(%s *)(arena + %lld)", c_storage(b->dtype), (long long)b->offset);
    }
    return b->kind == BUFFER_CONST ? p->buffers[buffer] : arena_printf(p->e.arena, "buffers->%s", p->buffers[buffer]);
}

static const char *argument(PlanC *p, const PlanArgument *a) {
    const char *text = base(p, a->buffer);
    if (a->offset && a->offset->term_count) {
        text = arena_printf(p->e.arena, "%s + (%s)", text, c_dim(&p->e, a->offset));
    }
    for (int i = 0; i < p->indices.len; i++) {
        if (a->step[i] && a->step[i]->term_count) {
            text = arena_printf(p->e.arena, "%s + (%s)*%s", text, c_dim(&p->e, a->step[i]), p->indices.data[i]);
        }
    }
    return text;
}

static void run(PlanC *p, const PlanStmt *s) {
    const LoopKernel *k = p->plan->kernels.data[s->kernel];
    text_printf(p->out, k->checks.len ? "code = %s(" : "(void)%s(", p->kernels[s->kernel]);
    int a = 0;
    for (int i = 0; i < k->buffers.len; i++) {
        if (k->buffers.data[i].access != LOOP_SCRATCH) {
            text_printf(p->out, "%s, ", argument(p, &s->arguments.data[a++]));
        }
    }
    for (int i = 0; i < k->dims.len; i++) {
        text_printf(p->out, "%s, ", (const char *)map_get(&p->e.dims, k->dims.data[i]));
    }
    for (int i = 0; i < k->loop_indices.len; i++) {
        text_printf(p->out, "%s, ", p->indices.data[i]);
    }
    text_printf(p->out, "0, %s, scratch);\n", c_dim(&p->e, k->tile_count));
    if (k->checks.len) {
        text_printf(p->out, "if (code) {\n    return code + %d;\n}\n", p->first_code[s->kernel]);
    }
}

static void plan_statements(PlanC *p, const PlanStmt *s);

static void plan_block(PlanC *p, const PlanStmt *body) {
    p->out->indent++;
    plan_statements(p, body);
    p->out->indent--;
}

static void plan_loop(PlanC *p, const PlanStmt *s) {
    const char *i = fresh_name(p, s->index);
    const char *lo = c_dim(&p->e, s->lo), *hi = c_dim(&p->e, s->hi);
    if (s->is_reversed) {
        text_printf(p->out, "for (int64_t %s = %s - 1; %s >= %s; %s--) {\n", i, hi, i, lo, i);
    } else {
        text_printf(p->out, "for (int64_t %s = %s; %s < %s; %s++) {\n", i, lo, i, hi, i);
    }
    vec_push(p->e.arena, &p->indices, i);
    plan_block(p, s->body);
    (void)vec_pop(&p->indices);
    text_add(p->out, "}\n");
}

static void plan_statements(PlanC *p, const PlanStmt *s) {
    for (; s; s = s->next) {
        switch (s->kind) {
        case PLAN_RUN: run(p, s); break;
        case PLAN_PHASE: break;
        case PLAN_LOOP: plan_loop(p, s); break;
        case PLAN_WHEN:
            text_printf(p->out, "if (*(%s)) {\n", base(p, s->condition));
            plan_block(p, s->body);
            if (s->otherwise) {
                text_add(p->out, "} else {\n");
                plan_block(p, s->otherwise);
            }
            text_add(p->out, "}\n");
            break;
        case PLAN_UNTIL:
            text_add(p->out, "do {\n");
            plan_block(p, s->body);
            text_printf(p->out, "} while (!*(%s));\n", base(p, s->condition));
            break;
        }
    }
}

static void function(PlanC *p, Text *out) {
    text_add(out, "\n");
    declaration(p, out);
    text_add(out, " {\n");
    out->indent++;
    text_add(out, "unsigned char *const arena = (unsigned char *)workspace;\n");
    if (p->plan->arena_bytes) {
        text_printf(out, "void *const scratch = arena + %lld;\n", (long long)p->plan->arena_bytes);
    } else {
        text_add(out, "void *const scratch = arena;\n"); /* both may be NULL */
    }
    text_add(out, has_checks(p->plan) ? "int32_t code;\n" : "");
    for (int i = 0; i < p->plan->dims.len; i++) {
        const char *dim = map_get(&p->e.dims, p->plan->dims.data[i]);
        text_printf(out, "if (%s < 0 || %s > %lld) {\n    return -1;\n}\n", dim, dim,
                    (long long)p->plan->dims.data[i]->maximum);
    }
    for (int i = 0; i < p->plan->tests.len; i++) {
        text_printf(out, "if (!%s) {\n    return -1;\n}\n", c_test(&p->e, p->plan->tests.data[i]));
    }
    p->out = out;
    text_add(out, "(void)buffers;\n(void)scratch;\n");
    plan_statements(p, p->plan->body);
    text_add(out, "return 0;\n");
    out->indent--;
    text_add(out, "}\n");
}

const char *emit_c_plan(Session *session, const LoopPlan *plan, const EmitNotes *notes, const char *basename,
                        Text *header, Text *source) {
    PlanC p = {.e = {.session = session, .arena = &session->arena, .prelude = text_new(&session->arena)}, .plan = plan,
               .notes = notes};
    p.name = c_name(&p.e, symbol(&session->symbols, basename));
    name_things(&p);
    Text body = text_new(&session->arena);
    for (int i = 0; source && i < plan->kernels.len; i++) {
        c_kernel(&p.e, plan->kernels.data[i], p.kernels[i], &body);
    }
    name_dims(&p);
    emit_header(&p, header);
    if (!source) {
        return p.name;
    }
    constants(&p, &body);
    function(&p, &body);
    text_printf(source, "#include \"%s.h\"\n\n", basename);
    c_opening(source);
    text_add(source, text_str(&p.e.prelude));
    text_add(source, text_str(&body));
    return p.name;
}
