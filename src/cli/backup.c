#include "app/backup.h"

#include "cli/command.h"

#include <stdio.h>

static const struct option backup_options[] = {
    COMMAND_DATABASE_OPTION,
    {"without-books", OPTION_FLAG, NULL, "compare the rows, but don't derive the books again",
     .env = NULL},
    {0},
};

static const struct option restore_options[] = {COMMAND_DATABASE_OPTION, {0}};

static void show(void *arg, int64_t rows)
{
    progress_show(arg, "rows", rows, 0, false);
}

static void show_finding(void *arg, struct str line)
{
    (void)arg;
    printf("wrong: %.*s\n", STR_ARG(line));
}

static int back_up(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct app app;
    struct ctx ctx;
    struct progress progress = {0};
    struct backup_result result;
    if (values->argument_count != 1)
        return command_failed(fault_set(fault, ERR_INVALID, "backup wants one FILE"), fault);
    enum err err = command_open(values, DATABASE_EXISTING, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    struct str path = values->arguments[0];
    err = backup_create(&ctx,
                        &(struct backup_options){
                            .path = path,
                            .without_books = option_flag(values, "without-books"),
                            .progress = show,
                            .arg = &progress,
                            .found = show_finding,
                        },
                        &result);
    app_close(&app);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    printf("%.*s: %lld rows, read back and compared\n", STR_ARG(path), (long long)result.rows);
    if (result.books.findings == 0)
        return EXIT_OK;
    printf("but its books are wrong, as the original's are: %lld findings\n",
           (long long)result.books.findings);
    return EXIT_FAILED_WORK;
}

static int restore(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct progress progress = {0};
    int64_t rows = 0;
    if (values->argument_count != 1)
        return command_failed(fault_set(fault, ERR_INVALID, "restore wants one FILE"), fault);
    enum err err = backup_restore(arena, fault, values->arguments[0],
                                  option_text(values, "database"), show, &progress, &rows);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    printf("%lld rows restored, read back and compared\n", (long long)rows);
    return EXIT_OK;
}

const struct command backup_command = {
    .name = "backup",
    .usage = "FILE",
    .summary = "the whole database as one SQLite file, while work goes on; proved by reading it",
    .options = backup_options,
    .arguments_max = 1,
    .run = back_up,
};

const struct command restore_command = {
    .name = "restore",
    .usage = "FILE",
    .summary = "copy a backup into an empty database, of either engine",
    .options = restore_options,
    .arguments_max = 1,
    .run = restore,
};
