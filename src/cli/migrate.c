#include "cli/command.h"

#include <stdio.h>

static const struct option options[] = {COMMAND_DATABASE_OPTION, {0}};

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct app app;
    struct ctx ctx;
    enum err err = command_open(values, false, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    printf("%.*s is up to date\n", STR_ARG(option_text(values, "database")));
    app_close(&app);
    return EXIT_OK;
}

const struct command migrate_command = {
    .name = "migrate",
    .usage = "",
    .summary = "bring a database's schema up to this program",
    .options = options,
    .run = run,
};
