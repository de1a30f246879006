/* dlc check: no errors, and what the program's instances consist of. */
#include "driver/cli_internal.h"

#include <stdio.h>

static int64_t weight_count(const Type *type) {
    int64_t count = 1;
    for (int i = 0; i < type->rank; i++) {
        if (!dim_is_constant(type->axes[i].dim)) return -1;
        count *= dim_constant_value(type->axes[i].dim);
    }
    return count;
}

static int64_t list_weights(Cli *cli, const Layout *layout, const char *path) {
    Arena *arena = &cli->session.arena;
    int64_t total = 0;
    for (int i = 0; i < layout->weights.len; i++) {
        const Weight *weight = layout->weights.data[i];
        int64_t count = weight_count(weight->type);
        const char *type = type_text(arena, weight->type);
        const char *name = arena_printf(arena, "%s.%s", path, weight->name->text);
        if (cli->is_json)
            printf("{\"weight\":\"%s\",\"type\":\"%s\",\"state\":%s,\"elements\":%lld}\n", name, type,
                   weight->is_state ? "true" : "false", (long long)count);
        else printf("  %-28s %-20s %10lld%s\n", name, type, (long long)count, weight->is_state ? "  state" : "");
        if (count > 0 && !weight->is_state) total += count;
    }
    for (int i = 0; i < layout->parts.len; i++)
        total += list_weights(cli, layout->parts.data[i].layout,
                              arena_printf(arena, "%s.%s", path, layout->parts.data[i].name->text));
    return total;
}

int command_check(Cli *cli) {
    int code;
    TProgram *program = cli_program(cli, &code);
    if (!program) return code;
    int64_t total = 0;
    for (int i = 0; i < program->instances.len; i++)
        total += list_weights(cli, program->instances.data[i]->layout, program->instances.data[i]->name->text);
    if (cli->is_json) printf("{\"parameters\":%lld}\n", (long long)total);
    else printf("%s: no errors, %lld parameters\n", program->source->name, (long long)total);
    return EXIT_DONE;
}
