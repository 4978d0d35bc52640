#include "cli/command.h"

#include "api/catalog.h"
#include "cli/output.h"

static const struct option options[] = {
    COMMAND_DATABASE_OPTION,
    {"output", OPTION_TEXT, "FILE", "where to write; standard output by default", .env = NULL},
    {0},
};

static enum err export_to(struct ctx *ctx, struct str path)
{
    struct value *document = NULL;
    struct output output;
    TRY(catalog_read(ctx, &document));
    TRY(output_open(&output, path, ctx->arena, ctx->fault));
    return output_close(&output, output_put(&output, catalog_text(ctx->arena, document)));
}

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct app app;
    struct ctx ctx;
    enum err err = command_open(values, DATABASE_EXISTING, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    err = export_to(&ctx, option_text(values, "output"));
    app_close(&app);
    return err == ERR_NONE ? EXIT_OK : command_failed(err, fault);
}

const struct command export_catalog_command = {
    .name = "export catalog",
    .usage = "",
    .summary = "write the catalogue as a file for billow apply",
    .options = options,
    .run = run,
};
