#include "cli/command.h"

#include "app/audit_export.h"
#include "base/time.h"
#include "cli/output.h"

#include <stdio.h>

static const struct option options[] = {
    COMMAND_DATABASE_OPTION,
    {"format", OPTION_TEXT, "FORMAT", "jsonl (with the anchors) or csv", .env = NULL,
     .preset = "jsonl"},
    {"customer", OPTION_TEXT, "EXTERNAL_ID", "only this customer's chain", .env = NULL},
    {"from", OPTION_INSTANT, "TIME", "only from this instant on", .env = NULL},
    {"to", OPTION_INSTANT, "TIME", "only before this instant", .env = NULL},
    {"output", OPTION_TEXT, "FILE", "where to write; standard output by default", .env = NULL},
    {0},
};

static enum err export_to(struct ctx *ctx, struct str path, struct audit_export_options *wanted)
{
    struct output output;
    struct audit_export_result result = {0};
    TRY(output_open(&output, path, ctx->arena, ctx->fault));
    wanted->put = output_put;
    wanted->arg = &output;
    TRY(output_close(&output, audit_export(ctx, wanted, &result)));
    fprintf(stderr, "%lld entries, %lld anchors\n", (long long)result.entries,
            (long long)result.anchors);
    return ERR_NONE;
}

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct app app;
    struct ctx ctx;
    struct str format = option_text(values, "format");
    bool is_csv = str_eq(format, STR("csv"));
    if (!is_csv && !str_eq(format, STR("jsonl")))
        return command_failed(
            fault_set(fault, ERR_INVALID, "--format %.*s: wanted jsonl or csv", STR_ARG(format)),
            fault);
    struct audit_export_options wanted = {
        .format = is_csv ? AUDIT_CSV : AUDIT_JSONL,
        .filter = {.external_customer_id = option_text(values, "customer"),
                   .from_at = option_int(values, "from"),
                   .to_at = option_int(values, "to")},
    };
    enum err err = command_open(values, DATABASE_EXISTING, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    err = export_to(&ctx, option_text(values, "output"), &wanted);
    app_close(&app);
    return err == ERR_NONE ? EXIT_OK : command_failed(err, fault);
}

const struct command export_audit_command = {
    .name = "export audit",
    .usage = "",
    .summary = "write the audit trail with its hashes, for others to check",
    .options = options,
    .run = run,
};
