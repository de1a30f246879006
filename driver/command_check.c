/* dlc check: no errors, and what the program's instances consist of. */
#include "driver/cli_internal.h"
#include "driver/fix.h"
#include "driver/summary.h"

#include <stdio.h>

static int64_t weight_count(const Type *type) {
    int64_t count = 1;
    for (int i = 0; i < type->rank; i++) {
        if (!dim_is_constant(type->axes[i].dim)) return -1;
        count *= dim_constant_value(type->axes[i].dim);
    }
    return count;
}

static void list_weights(Cli *cli, const Layout *layout, const char *path) {
    Arena *arena = &cli->session.arena;
    for (int i = 0; i < layout->weights.len; i++) {
        const Weight *weight = layout->weights.data[i];
        int64_t count = weight_count(weight->type);
        const char *type = type_text(arena, weight->type);
        const char *name = arena_printf(arena, "%s.%s", path, weight->name->text);
        if (cli->is_json)
            printf("{\"weight\":\"%s\",\"type\":\"%s\",\"state\":%s,\"elements\":%lld}\n", name, type,
                   weight->is_state ? "true" : "false", (long long)count);
        else printf("  %-28s %-20s %10lld%s\n", name, type, (long long)count, weight->is_state ? "  state" : "");
    }
    for (int i = 0; i < layout->parts.len; i++)
        list_weights(cli, layout->parts.data[i].layout,
                     arena_printf(arena, "%s.%s", path, layout->parts.data[i].name->text));
}

static void show_step(const Cli *cli, const StepSummary *summary) {
    const char *name = summary->step->name->text;
    if (cli->is_json) {
        printf("{\"step\":\"%s\"", name);
        if (summary->is_known)
            printf(",\"product_flops\":%.0f,\"arena_bytes\":%lld", summary->product_flops,
                   (long long)summary->arena_bytes);
        if (summary->is_known && summary->peak.source) printf(",\"peak_line\":%d", summary->peak.line);
        puts("}");
        return;
    }
    if (!summary->is_known) {
        printf("  step %-23s costs are not known without its data\n", name);
        return;
    }
    printf("  step %-23s %.0f FLOPs in products, arena %lld bytes", name, summary->product_flops,
           (long long)summary->arena_bytes);
    if (summary->peak.source) printf(", fullest at %s:%d", summary->peak.source->name, summary->peak.line);
    putchar('\n');
}

static void show_steps(Cli *cli, const TProgram *program, Executor *executor) {
    for (int i = 0; i < program->steps.len; i++) {
        StepSummary summary = step_summary(&cli->session, executor, program->steps.data[i]);
        show_step(cli, &summary);
    }
    for (int i = 0; i < program->statements.len; i++) {
        const Tx *value = program->statements.data[i]->value;
        if (!value || value->kind != T_TRAIN || !value->train->step) continue;
        StepSummary summary = step_summary(&cli->session, executor, value->train->step);
        show_step(cli, &summary);
    }
}

int command_check(Cli *cli) {
    int code = cli->is_fix ? fix_file(cli) : 0;
    if (code) return code;
    TProgram *program = cli_program(cli, &code);
    if (!program) return code;
    Text report = text_new(&cli->session.arena);
    Executor *executor = cli_executor(cli, &report, &code);
    if (!executor) return code;
    int64_t total = 0;
    for (int i = 0; i < program->instances.len; i++) {
        const Instance *instance = program->instances.data[i];
        list_weights(cli, instance->layout, instance->name->text);
        total += layout_parameters(instance->layout);
    }
    show_steps(cli, program, executor);
    executor_free(executor);
    if (cli->is_json) printf("{\"parameters\":%lld}\n", (long long)total);
    else printf("%s: no errors, %lld parameters\n", program->source->name, (long long)total);
    return EXIT_DONE;
}
