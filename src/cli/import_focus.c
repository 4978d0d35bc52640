#include "cli/command.h"

#include "app/cost_import.h"

#include <stdio.h>

static const struct option options[] = {
    COMMAND_DATABASE_OPTION,
    {"source", OPTION_TEXT, "NAME", "whose bills; a file of the same source supersedes",
     .env = NULL, .preset = "focus"},
    {0},
};

static void show_cost(struct arena *arena, const char *name, struct decimal cost)
{
    printf("  %-16s %.*s\n", name, STR_ARG(decimal_text(arena, cost)));
}

static void show(struct arena *arena, struct str path, const struct cost_import_result *result)
{
    printf("%.*s: FOCUS %.*s, %lld rows%s\n", STR_ARG(path), STR_ARG(result->focus_version),
           (long long)result->row_count,
           result->is_known ? ", imported before: nothing changed" : "");
    show_cost(arena, "BilledCost", result->billed_cost);
    show_cost(arena, "EffectiveCost", result->effective_cost);
    show_cost(arena, "ListCost", result->list_cost);
    show_cost(arena, "ContractedCost", result->contracted_cost);
    if (!result->is_known)
        printf("%lld billing accounts and periods, %lld of them superseded; %lld rows assigned, "
               "%lld rows of %lld sub-accounts unassigned\n",
               (long long)result->batch_count, (long long)result->superseded_count,
               (long long)result->assigned_row_count, (long long)result->unassigned_row_count,
               (long long)result->unassigned_account_count);
    for (size_t i = 0; i < result->notice_count; i++)
        printf("notice: %.*s\n", STR_ARG(result->notices[i]));
}

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct app app;
    struct ctx ctx;
    struct cost_import_result result = {0};
    if (values->argument_count != 1)
        return command_failed(fault_set(fault, ERR_INVALID, "import focus wants one FILE"), fault);
    enum err err = command_open(values, DATABASE_EXISTING, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    err = cost_import(&ctx,
                      &(struct cost_import_options){
                          .path = values->arguments[0],
                          .source = option_text(values, "source"),
                      },
                      &result);
    if (err == ERR_NONE)
        show(arena, values->arguments[0], &result);
    app_close(&app);
    return err == ERR_NONE ? EXIT_OK : command_failed(err, fault);
}

const struct command import_focus_command = {
    .name = "import focus",
    .usage = "FILE",
    .summary = "take in a vendor's cost file",
    .options = options,
    .arguments_max = 1,
    .run = run,
};
