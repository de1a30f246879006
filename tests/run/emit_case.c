#include "emit_case.h"

#include "compiler/emit_c.h"

#include <stdio.h>
#include <string.h>

struct CaseWriter {
    Session *session;
    const char *folder;
    FILE *script;
    Vec(LoopKernel *) kernels; /* each once, by name */
};

static FILE *open_in(CaseWriter *writer, const char *name) {
    const char *path = arena_printf(&writer->session->arena, "%s/%s", writer->folder, name);
    FILE *f = fopen(path, "wb");
    if (!f) ICE("can't write %s", path);
    return f;
}

CaseWriter *case_writer_open(Session *session, const char *folder) {
    CaseWriter *writer = arena_new(&session->arena, CaseWriter);
    writer->session = session;
    writer->folder = folder;
    writer->script = open_in(writer, "script.bin");
    return writer;
}

void case_writer_add(CaseWriter *writer, const Case *c, const CaseResult *expected) {
    case_write(writer->script, c, expected);
    for (int i = 0; i < c->kernels.len; i++) {
        int is_known = 0;
        for (int k = 0; k < writer->kernels.len; k++) {
            if (writer->kernels.data[k] == c->kernels.data[i]) is_known = 1;
            else if (writer->kernels.data[k]->name == c->kernels.data[i]->name) {
                ICE("two kernels are called %s", c->kernels.data[i]->name->text);
            }
        }
        if (!is_known) vec_push(&writer->session->arena, &writer->kernels, c->kernels.data[i]);
    }
}

void case_writer_close(CaseWriter *writer) {
    fclose(writer->script);
    Text text = text_new(&writer->session->arena);
    emit_c_kernels(writer->session, writer->kernels.data, writer->kernels.len, &text);
    FILE *source = open_in(writer, "kernels.c");
    fwrite(text_str(&text), 1, text.len, source);
    fclose(source);
    FILE *table = open_in(writer, "table.h");
    fputs("#ifdef __cplusplus\nextern \"C\" {\n#endif\n", table);
    for (int i = 0; i < writer->kernels.len; i++) {
        fprintf(table, "Kernel %s;\n", writer->kernels.data[i]->name->text);
    }
    fputs("#ifdef __cplusplus\n}\n#endif\nstatic const KernelEntry kernel_table[] = {\n", table);
    for (int i = 0; i < writer->kernels.len; i++) {
        const char *name = writer->kernels.data[i]->name->text;
        fprintf(table, "    {\"%s\", %s},\n", name, name);
    }
    fputs("    {NULL, NULL}\n};\n", table);
    fclose(table);
}
