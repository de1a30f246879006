/* Emitted files: kernels with the type of base/abi.h for tests, and plans as a product (emit_c_plan.c). */
#include "compiler/emit_c.h"
#include "compiler/emit_c_parts.h"

/* The function that unpacks the arguments of a KernelFunction. */
static void kernel_entry(EmitC *e, const LoopKernel *k, const char *inner, Text *out) {
    text_printf(out, "\n#ifdef __cplusplus\nextern \"C\"\n#endif\n");
    text_printf(out, "int32_t %s(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,\n",
                k->name->text);
    text_add(out, "        int64_t last, void *scratch);\n");
    text_printf(out, "int32_t %s(const void *context, void *const *buffers, const int64_t *scalars, int64_t first,\n",
                k->name->text);
    text_add(out, "        int64_t last, void *scratch) {\n    (void)context;\n    (void)buffers;\n    (void)scalars;\n");
    text_printf(out, "    return %s(", inner);
    int argument = 0;
    for (int i = 0; i < k->buffers.len; i++) {
        const LoopBuffer *b = &k->buffers.data[i];
        if (b->access != LOOP_SCRATCH) {
            text_printf(out, "(%s%s *)buffers[%d], ", b->access == LOOP_IN ? "const " : "", c_storage(b->dtype),
                        argument++);
        }
    }
    for (int i = 0; i < k->dims.len + k->loop_indices.len; i++) {
        text_printf(out, "scalars[%d], ", i);
    }
    text_add(out, "first, last, scratch);\n}\n");
    (void)e;
}

void emit_c_kernels(Session *session, LoopKernel *const *kernels, int count, Text *out) {
    EmitC e = {.session = session, .arena = &session->arena, .prelude = text_new(&session->arena)};
    Text body = text_new(&session->arena);
    for (int i = 0; i < count; i++) {
        const char *inner = arena_printf(e.arena, "%s_tiles", c_name(&e, kernels[i]->name));
        c_kernel(&e, kernels[i], inner, &body);
        kernel_entry(&e, kernels[i], inner, &body);
    }
    c_opening(out);
    text_add(out, text_str(&e.prelude));
    text_add(out, text_str(&body));
}
