#include "cli/command.h"

#include "app/ledger_export.h"

#include <stdio.h>

static const struct option options[] = {
    COMMAND_DATABASE_OPTION,
    {"format", OPTION_TEXT, "FORMAT", "hledger", .env = NULL, .preset = "hledger"},
    {"output", OPTION_TEXT, "FILE", "where to write; standard output by default", .env = NULL},
    {0},
};

struct sink {
    FILE *file;
    struct fault *fault;
};

static enum err put(void *arg, struct str piece)
{
    struct sink *sink = arg;
    if (fwrite(piece.ptr, 1, piece.len, sink->file) != piece.len)
        return fault_errno(sink->fault, ERR_IO, STR("the journal"));
    return ERR_NONE;
}

static enum err export_to(struct ctx *ctx, struct str path)
{
    struct sink sink = {.file = stdout, .fault = ctx->fault};
    int64_t postings = 0;
    if (!str_is_null(path))
        sink.file = fopen(arena_cstr(ctx->arena, path), "w");
    if (sink.file == NULL)
        return fault_errno(ctx->fault, ERR_IO, path);
    enum err err = ledger_export_hledger(ctx, put, &sink, &postings);
    bool flushed = sink.file == stdout ? fflush(stdout) == 0 : fclose(sink.file) == 0;
    if (err == ERR_NONE && !flushed)
        err = fault_errno(ctx->fault, ERR_IO, STR("the journal"));
    if (err == ERR_NONE)
        fprintf(stderr, "%lld postings\n", (long long)postings);
    return err;
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
