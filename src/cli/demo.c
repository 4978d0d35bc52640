#include "cli/command.h"

#include "app/customer.h"
#include "app/portal_link.h"
#include "app/user.h"
#include "cli/demo_config.h"
#include "cli/demo_run.h"
#include "cli/demo_summary.h"
#include "cli/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option options[] = {
    COMMAND_DATABASE_OPTION,
    {"data", OPTION_TEXT, "DIR", "where demo.json and its files are", .env = "BILLOW_DEMO_DATA",
     .preset = BILLOW_DATA_DIR "/demo"},
    {"listen", OPTION_TEXT, "ADDR:PORT", "where to serve", .env = "BILLOW_LISTEN"},
    {"no-serve", OPTION_FLAG, NULL, "end after the summary", .env = NULL},
    {"summary-json", OPTION_TEXT, "FILE", "write the figures as JSON", .env = NULL},
    {"write-files", OPTION_TEXT, "DIR",
     "write the generated vendor files there (made if missing) and end", .env = NULL},
    {0},
};

static void show_day(void *arg, int64_t day, int64_t days)
{
    progress_show(arg, "days", day, days, day == days);
}

static void show_first_call(struct str listen)
{
    struct str address = str_is_null(listen) ? STR("127.0.0.1:8080") : listen;
    printf("\nTry, with the API key of above:\n"
           "  curl -H 'Authorization: Bearer KEY' "
           "'http://%.*s/api/v1/invoices?payment_overdue=true'\n\n",
           STR_ARG(address));
    fflush(stdout);
}

#define DEMO_USER "demo@skylark.example"

/* Someone who can look around, and a customer's way into the portal. */
static enum err make_ways_in(struct ctx *ctx, struct str listen)
{
    struct str address = str_is_null(listen) ? STR("127.0.0.1:8080") : listen;
    struct user_input input = {.email = STR(DEMO_USER),
                               .name = STR("Demo"),
                               .password = user_password_generate(ctx->arena)};
    struct customer_filter filter = {.limit = 1};
    struct customer_view *customers = NULL;
    struct app_user_row user;
    struct str url;
    size_t count = 0;
    int64_t total = 0;
    TRY(user_add(ctx, &input, &user));
    printf("\nconsole:  http://%.*s/  as " DEMO_USER " with the password %.*s\n", STR_ARG(address),
           STR_ARG(input.password));
    TRY(customer_list(ctx, &filter, &customers, &count, &total));
    if (count == 0)
        return ERR_NONE;
    ctx->app->public_url = arena_fmt(ctx->arena, "http://%.*s", STR_ARG(address));
    TRY(portal_link_make(ctx, customers[0].row.external_id, &url));
    printf("portal of %.*s, opens once (billow portal-link makes others):\n  %.*s\n",
           STR_ARG(customers[0].row.external_id), STR_ARG(url));
    return ERR_NONE;
}

/* Generated files live in a folder of their own for the length of the run. */
static enum err play(struct ctx *ctx, const struct demo_config *config, struct str dir)
{
    struct progress progress = {0};
    char folder[] = "/tmp/billow-demo-XXXXXX";
    if (mkdtemp(folder) == NULL)
        return fail(ctx, ERR_IO, "no folder can be made below /tmp");
    enum err err = demo_write_files(ctx->arena, ctx->fault, config, dir, str_of(folder));
    if (err == ERR_NONE)
        err = demo_play(&(struct demo_run){
            .ctx = ctx,
            .config = config,
            .dir = dir,
            .files = str_of(folder),
            .progress = show_day,
            .arg = &progress,
        });
    for (size_t i = 0; i < config->vendor.file_count; i++)
        unlink(arena_fmt(ctx->arena, "%s/%.*s", folder, STR_ARG(config->vendor.files[i].file)).ptr);
    rmdir(folder);
    return err;
}

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct app app;
    struct ctx ctx;
    struct demo_config config;
    struct str dir = option_text(values, "data");
    struct str out_dir = option_text(values, "write-files");
    enum err err = demo_config_load(arena, fault, dir, &config);
    if (err == ERR_NONE && !str_is_null(out_dir)) {
        err = demo_write_files(arena, fault, &config, dir, out_dir);
        return err == ERR_NONE ? EXIT_OK : command_failed(err, fault);
    }
    if (err == ERR_NONE)
        err = command_open(values, DATABASE_TEST_CLOCK, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    if (ctx_now(&ctx) != 0)
        err = fail(&ctx, ERR_CONFLICT, "%.*s is not empty; the demo wants a database of its own",
                   STR_ARG(option_text(values, "database")));
    if (err == ERR_NONE)
        err = play(&ctx, &config, dir);
    if (err == ERR_NONE)
        err = demo_summarize(&ctx, option_text(values, "summary-json"));
    if (err == ERR_NONE)
        err = make_ways_in(&ctx, option_text(values, "listen"));
    if (err == ERR_NONE && !option_flag(values, "no-serve")) {
        show_first_call(option_text(values, "listen"));
        err = serve(&app,
                    &(struct serve_options){.listen = option_text(values, "listen"),
                                            .stop_timeout_s = SERVE_STOP_TIMEOUT_S},
                    arena, fault);
    }
    app_close(&app);
    return err == ERR_NONE ? EXIT_OK : command_failed(err, fault);
}

const struct command demo_command = {
    .name = "demo",
    .usage = "",
    .summary = "fill an empty database with a reseller's year, bill it, serve it",
    .options = options,
    .run = run,
};
