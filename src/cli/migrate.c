#include "cli/command.h"

#include <stdio.h>

static const struct option options[] = {COMMAND_DATABASE_OPTION, {0}};

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct str url = option_text(values, "database");
    enum err err = app_migrate(url, fault);
    (void)arena;
    if (err != ERR_NONE)
        return command_failed(err, fault);
    printf("%.*s is up to date\n", STR_ARG(url));
    return EXIT_OK;
}

const struct command migrate_command = {
    .name = "migrate",
    .usage = "",
    .summary = "bring a database's schema up to this program",
    .options = options,
    .run = run,
};
