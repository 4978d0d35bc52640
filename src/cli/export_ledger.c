#include "cli/command.h"

#include "app/ledger_export.h"
#include "cli/output.h"

#include <stdio.h>

static const struct option options[] = {
    COMMAND_DATABASE_OPTION,
    {"format", OPTION_TEXT, "FORMAT", "hledger", .env = NULL, .preset = "hledger"},
    {"output", OPTION_TEXT, "FILE", "where to write; standard output by default", .env = NULL},
    {0},
};

static enum err export_to(struct ctx *ctx, struct str path)
{
    struct output output;
    int64_t postings = 0;
    TRY(output_open(&output, path, ctx->arena, ctx->fault));
    TRY(output_close(&output, ledger_export_hledger(ctx, output_put, &output, &postings)));
    fprintf(stderr, "%lld postings\n", (long long)postings);
    return ERR_NONE;
}

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct app app;
    struct ctx ctx;
    struct str format = option_text(values, "format");
    if (!str_eq(format, STR("hledger")))
        return command_failed(
            fault_set(fault, ERR_INVALID, "--format %.*s: wanted hledger", STR_ARG(format)), fault);
    enum err err = command_open(values, DATABASE_EXISTING, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    err = export_to(&ctx, option_text(values, "output"));
    app_close(&app);
    return err == ERR_NONE ? EXIT_OK : command_failed(err, fault);
}

const struct command export_ledger_command = {
    .name = "export ledger",
    .usage = "",
    .summary = "write the books as a journal",
    .options = options,
    .run = run,
};
