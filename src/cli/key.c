/* key create, list, revoke, rotate: API keys from the command line, where no key is needed. */
#include "app/api_key.h"

#include "base/time.h"
#include "cli/command.h"

#include <stdio.h>

#define LIST_MAX 1000

static enum err with_id(struct option_values *values, struct fault *fault, struct uuid *id)
{
    if (values->argument_count != 1)
        return fault_set(fault, ERR_INVALID,
                         "wanted: the id of a key, as billow key list shows it");
    if (!uuid_parse(values->arguments[0], id))
        return fault_set(fault, ERR_INVALID, "%.*s is no id: wanted one that billow key list shows",
                         STR_ARG(values->arguments[0]));
    return ERR_NONE;
}

static void print_secret(struct arena *arena, const struct api_key_row *row, struct str key)
{
    printf("API key %.*s \"%.*s\" (%.*s), shown this once:\n%.*s\n",
           STR_ARG(uuid_text(arena, row->id)), STR_ARG(row->name), STR_ARG(row->scopes),
           STR_ARG(key));
}

/* Opens the database, does one thing, closes it. */
static int run_with(struct option_values *values, struct arena *arena, struct fault *fault,
                    enum err (*work)(struct ctx *ctx, struct option_values *values))
{
    struct app app;
    struct ctx ctx;
    enum err err = command_open(values, DATABASE_EXISTING, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    err = work(&ctx, values);
    app_close(&app);
    return err == ERR_NONE ? EXIT_OK : command_failed(err, fault);
}

/* ---- create ---------------------------------------------------------------------------------- */

static const struct option create_options[] = {
    COMMAND_DATABASE_OPTION,
    {"name", OPTION_TEXT, "NAME", "what the key is for; the audit shows it", .env = NULL},
    {"scopes", OPTION_TEXT, "\"SCOPE ...\"",
     "all, admin, or words like events:write customers:read", .env = NULL, .preset = "all"},
    {"expires-at", OPTION_INSTANT, "TIME", "when the key ends", .env = NULL},
    {0},
};

static enum err create(struct ctx *ctx, struct option_values *values)
{
    struct api_key_row row;
    struct str key;
    TRY(api_key_create(ctx,
                       &(struct api_key_input){
                           .name = option_text(values, "name"),
                           .scopes = option_text(values, "scopes"),
                           .expires_at = option_int(values, "expires-at"),
                       },
                       &row, &key));
    print_secret(ctx->arena, &row, key);
    return ERR_NONE;
}

static int run_create(struct option_values *values, struct arena *arena, struct fault *fault)
{
    return run_with(values, arena, fault, create);
}

const struct command key_create_command = {
    .name = "key create",
    .usage = "",
    .summary = "make an API key",
    .options = create_options,
    .run = run_create,
};

/* ---- list ------------------------------------------------------------------------------------ */

static const struct option database_options[] = {COMMAND_DATABASE_OPTION, {0}};

static struct str instant_or(struct arena *arena, int64_t at, struct str none)
{
    return at == TIME_NONE ? none : time_text(arena, at);
}

static void print_row(struct ctx *ctx, const struct api_key_row *row)
{
    const char *status = "active";
    if (row->revoked_at != TIME_NONE)
        status = "revoked";
    else if (row->expires_at != TIME_NONE && row->expires_at <= ctx_now(ctx))
        status = "expired";
    printf("%.*s  %-8s  %.*s  [%.*s]  ends %.*s, last used %.*s\n",
           STR_ARG(uuid_text(ctx->arena, row->id)), status, STR_ARG(row->name),
           STR_ARG(row->scopes), STR_ARG(instant_or(ctx->arena, row->expires_at, STR("never"))),
           STR_ARG(instant_or(ctx->arena, row->last_used_at, STR("never"))));
}

static enum err list(struct ctx *ctx, struct option_values *values)
{
    int64_t total = 0;
    size_t count = 0;
    (void)values;
    for (int64_t offset = 0; offset == 0 || offset < total; offset += LIST_MAX) {
        struct api_key_row *rows = NULL;
        TRY(api_key_list(ctx, LIST_MAX, offset, &rows, &count, &total));
        for (size_t i = 0; i < count; i++)
            print_row(ctx, &rows[i]);
    }
    return ERR_NONE;
}

static int run_list(struct option_values *values, struct arena *arena, struct fault *fault)
{
    return run_with(values, arena, fault, list);
}

const struct command key_list_command = {
    .name = "key list",
    .usage = "",
    .summary = "show all API keys, without the keys themselves",
    .options = database_options,
    .run = run_list,
};

/* ---- revoke ---------------------------------------------------------------------------------- */

static enum err revoke(struct ctx *ctx, struct option_values *values)
{
    struct api_key_row row;
    struct uuid id;
    TRY(with_id(values, ctx->fault, &id));
    TRY(api_key_revoke(ctx, id, &row));
    printf("API key %.*s \"%.*s\" is revoked\n", STR_ARG(uuid_text(ctx->arena, row.id)),
           STR_ARG(row.name));
    return ERR_NONE;
}

static int run_revoke(struct option_values *values, struct arena *arena, struct fault *fault)
{
    return run_with(values, arena, fault, revoke);
}

const struct command key_revoke_command = {
    .name = "key revoke",
    .usage = "ID",
    .summary = "end an API key now",
    .options = database_options,
    .arguments_max = 1,
    .run = run_revoke,
};

/* ---- rotate ---------------------------------------------------------------------------------- */

static const struct option rotate_options[] = {
    COMMAND_DATABASE_OPTION,
    {"overlap", OPTION_INT, "SECONDS", "how long the old key still works", .env = NULL,
     .preset = "86400", .min = 0, .max = API_KEY_OVERLAP_MAX_S},
    {0},
};

static enum err rotate(struct ctx *ctx, struct option_values *values)
{
    struct api_key_row row;
    struct uuid id;
    struct str key;
    TRY(with_id(values, ctx->fault, &id));
    TRY(api_key_rotate(ctx, id, option_int(values, "overlap"), &row, &key));
    print_secret(ctx->arena, &row, key);
    return ERR_NONE;
}

static int run_rotate(struct option_values *values, struct arena *arena, struct fault *fault)
{
    return run_with(values, arena, fault, rotate);
}

const struct command key_rotate_command = {
    .name = "key rotate",
    .usage = "ID",
    .summary = "make a new API key in the place of another one",
    .options = rotate_options,
    .arguments_max = 1,
    .run = run_rotate,
};
