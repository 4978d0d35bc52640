#include "cli/command.h"

#include "api/catalog.h"
#include "base/input.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_DIFFERENCES = 3 };

static const struct option apply_options[] = {
    COMMAND_DATABASE_OPTION,
    {"dry-run", OPTION_FLAG, NULL, "only show; exit code 3 where something differs", .env = NULL},
    {"prune", OPTION_FLAG, NULL, "delete what the file's lists don't name", .env = NULL},
    {"yes", OPTION_FLAG, NULL, "don't ask", .env = NULL},
    {0},
};

static enum err read_file(struct arena *arena, struct fault *fault, struct str path,
                          struct str *text)
{
    struct input *input = NULL;
    struct buf content;
    struct str part = STR_NULL;
    buf_init(&content, arena, CATALOG_BYTES_MAX + 1);
    TRY(input_open(path, fault, &input));
    enum err err = ERR_NONE;
    do {
        err = input_next(input, &part);
        if (err == ERR_NONE)
            buf_add(&content, part);
    } while (err == ERR_NONE && part.len > 0);
    input_close(input);
    if (err == ERR_NONE && !buf_ok(&content))
        return fault_set(fault, ERR_TOO_LARGE, "%.*s is larger than %zu bytes", STR_ARG(path),
                         CATALOG_BYTES_MAX);
    *text = buf_str(&content);
    return err;
}

static void show_value(struct arena *arena, const struct value *value)
{
    struct str text = value == NULL ? STR("nothing") : value_line(arena, value);
    printf("%.*s", STR_ARG(text));
}

struct showing {
    struct arena *arena;
    bool is_new;
};

static void show_field(void *arg, struct str path, const struct value *before,
                       const struct value *after)
{
    const struct showing *showing = arg;
    printf("    %.*s: ", STR_ARG(path));
    if (!showing->is_new) {
        show_value(showing->arena, before);
        printf(" → ");
    }
    show_value(showing->arena, after);
    printf("\n");
}

static void show_diff(struct arena *arena, const struct catalog_diff *diff)
{
    static const char signs[] = {'+', '~', '-', '!'};
    for (size_t i = 0; i < diff->count; i++) {
        const struct catalog_change *change = &diff->items[i];
        struct showing showing = {arena, change->action == CATALOG_CREATE};
        bool stays = change->action == CATALOG_CANNOT_DELETE;
        printf("%c %s %.*s%s\n", signs[change->action], change->kind->noun, STR_ARG(change->code),
               stays ? " is not in the file; it cannot be deleted and stays" : "");
        if (change->after != NULL)
            catalog_fields(arena, change->before, change->after, show_field, &showing);
    }
    printf("%zu to create, %zu to change, %zu to delete; %zu as they should be\n", diff->created,
           diff->changed, diff->deleted, diff->unchanged);
}

/* On a terminal; elsewhere --yes has to say it. */
static enum err confirm(struct fault *fault, bool *yes)
{
    char answer[16] = "";
    if (isatty(STDIN_FILENO) != 1)
        return fault_set(fault, ERR_INVALID,
                         "nothing was changed: say --yes where nobody can be asked");
    printf("Do it? [y/N] ");
    fflush(stdout);
    *yes = fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
    return ERR_NONE;
}

static enum err apply_file(struct ctx *ctx, struct option_values *values, int *code)
{
    struct catalog_diff diff;
    struct str text = STR_NULL;
    bool yes = option_flag(values, "yes");
    TRY(read_file(ctx->arena, ctx->fault, values->arguments[0], &text));
    TRY(catalog_compare(ctx, text, option_flag(values, "prune"), &diff));
    show_diff(ctx->arena, &diff);
    bool differs = diff.created + diff.changed + diff.deleted > 0;
    if (option_flag(values, "dry-run"))
        *code = differs ? EXIT_DIFFERENCES : EXIT_OK;
    if (!differs || option_flag(values, "dry-run"))
        return ERR_NONE;
    if (!yes)
        TRY(confirm(ctx->fault, &yes));
    if (!yes) {
        *code = EXIT_FAILED_WORK;
        printf("nothing was changed\n");
        return ERR_NONE;
    }
    TRY(catalog_apply(ctx, &diff));
    printf("done\n");
    return ERR_NONE;
}

static int apply(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct app app;
    struct ctx ctx;
    int code = EXIT_OK;
    if (values->argument_count != 1)
        return command_failed(fault_set(fault, ERR_INVALID, "apply wants one FILE"), fault);
    enum err err = command_open(values, DATABASE_NEW, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    err = apply_file(&ctx, values, &code);
    app_close(&app);
    return err == ERR_NONE ? code : command_failed(err, fault);
}

const struct command apply_command = {
    .name = "apply",
    .usage = "FILE",
    .summary = "bring the catalogue to what a file says; shows the difference first",
    .options = apply_options,
    .arguments_max = 1,
    .run = apply,
};
