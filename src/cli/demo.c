#include "cli/command.h"

#include "app/mail_send.h"
#include "app/portal_link.h"
#include "app/user.h"
#include "cli/demo_config.h"
#include "cli/demo_gateway.h"
#include "cli/demo_run.h"
#include "cli/demo_summary.h"
#include "cli/serve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct option options[] = {
    COMMAND_DATABASE_OPTION,
    {"data", OPTION_TEXT, "DIR", "where demo.json and its files are", .env = "BILLOW_DEMO_DATA",
     .preset = BILLOW_DATA_DIR "/demo"},
    {"listen", OPTION_TEXT, "ADDR:PORT", "where to serve", .env = "BILLOW_LISTEN"},
    {"files", OPTION_TEXT, "DIR",
     "where mails are caught and the gateway keeps its state; preset: beside a SQLite database "
     "(demo.db: demo.db-files), else ./billow-demo-files",
     .env = "BILLOW_DEMO_FILES"},
    {"again", OPTION_FLAG, NULL, "serve the demo that is in the database", .env = NULL},
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

static void show_first_call(struct str address)
{
    printf("\nTry, with the API key of above:\n"
           "  curl -H 'Authorization: Bearer KEY' "
           "'http://%.*s/api/v1/invoices?payment_overdue=true'\n\n",
           STR_ARG(address));
    fflush(stdout);
}

#define DEMO_USER "demo@skylark.example"

/* Someone who can look around, and a customer's way into the portal. */
static enum err make_ways_in(struct ctx *ctx, struct str address, struct str customer, bool again)
{
    struct user_input input = {.email = STR(DEMO_USER),
                               .name = STR("Demo"),
                               .password = user_password_generate(ctx->arena)};
    struct app_user_row user;
    struct str url;
    if (again) {
        printf("\nconsole:  http://%.*s/  as " DEMO_USER
               " (a new password: billow user password " DEMO_USER ")\n",
               STR_ARG(address));
    } else {
        TRY(user_add(ctx, &input, &user));
        printf("\nconsole:  http://%.*s/  as " DEMO_USER " with the password %.*s\n",
               STR_ARG(address), STR_ARG(input.password));
    }
    ctx->app->public_url = arena_fmt(ctx->arena, "http://%.*s", STR_ARG(address));
    TRY(portal_link_make(ctx, customer, &url));
    printf("portal:   of the customer %.*s, opens once (billow portal-link %.*s makes others):\n"
           "          %.*s\n",
           STR_ARG(customer), STR_ARG(customer), STR_ARG(url));
    return ERR_NONE;
}

/* What belongs to the demo beside its database. */
struct demo_files {
    struct str mails;         /* the folder in which they are caught */
    struct str gateway_state; /* the gateway's journal */
};

static struct str files_folder(struct arena *arena, const struct option_values *values)
{
    struct str said = option_text(values, "files");
    struct str database = option_text(values, "database");
    struct str prefix = STR("sqlite:");
    if (!str_is_null(said))
        return said;
    if (!str_starts(database, prefix))
        return STR("billow-demo-files");
    return arena_fmt(arena, "%.*s-files", STR_ARG(str_slice(database, prefix.len, database.len)));
}

/* Makes the folder, and has all mails caught in it: no other setting of the environment counts. */
static enum err open_files(struct ctx *ctx, const struct demo_config *config, struct str folder,
                           struct demo_files *files, struct mail_sender *sender)
{
    bool sends = false;
    const char *path = arena_cstr(ctx->arena, folder);
    *files = (struct demo_files){
        .mails = arena_fmt(ctx->arena, "%s/mails", path),
        .gateway_state = arena_fmt(ctx->arena, "%s/gateway.jsonl", path),
    };
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return fault_errno(ctx->fault, ERR_IO, folder);
    TRY(mail_sender_open(&(struct mail_options){.smtp_url = STR_NULL,
                                                .smtp_password = STR_NULL,
                                                .smtp_ca_file = STR_NULL,
                                                .folder = files->mails,
                                                .from = config->mail_from,
                                                .makes_folder = true},
                         ctx->arena, ctx->fault, sender, &sends));
    ctx->app->mail = sender;
    return ERR_NONE;
}

/* From here on it is the one that payments begin at. */
static void use_gateway(struct app *app, const struct demo_gateway *gateway)
{
    gateways_close(&app->gateways);
    app->gateways.items[app->gateways.count++] = gateway->gateway;
}

static void remove_generated(struct arena *arena, const struct demo_config *config,
                             const char *folder)
{
    for (size_t i = 0; i < config->vendor.file_count; i++)
        unlink(arena_fmt(arena, "%s/%.*s", folder, STR_ARG(config->vendor.files[i].file)).ptr);
    rmdir(folder);
}

/* Generated files live in a folder of their own for the length of the run, and so does the gateway,
 * which tells nobody: each customer comes back from its page. */
static enum err play(struct ctx *ctx, const struct demo_config *config, struct str dir,
                     const struct demo_files *files)
{
    struct progress progress = {0};
    struct demo_gateway gateway = {.pid = 0};
    char folder[] = "/tmp/billow-demo-XXXXXX";
    if (mkdtemp(folder) == NULL)
        return fail(ctx, ERR_IO, "no folder can be made below /tmp");
    enum err err = demo_write_files(ctx->arena, ctx->fault, config, dir, str_of(folder));
    if (err == ERR_NONE)
        err = demo_gateway_start(ctx->arena, ctx->fault, files->gateway_state, STR_NULL, &gateway);
    if (err == ERR_NONE) {
        use_gateway(ctx->app, &gateway);
        err = demo_play(&(struct demo_run){
            .ctx = ctx,
            .config = config,
            .dir = dir,
            .files = str_of(folder),
            .progress = show_day,
            .arg = &progress,
        });
    }
    demo_gateway_stop(&gateway);
    remove_generated(ctx->arena, config, folder);
    return err;
}

/* With the gateway beside it, so that *Pay* works in the portal.  The gateway is told where its
 * webhooks go, so the socket is there before it. */
static enum err serve_demo(struct ctx *ctx, const struct listen_socket *socket,
                           const struct demo_files *files)
{
    struct demo_gateway gateway;
    struct str address = str_of(socket->address);
    TRY(demo_gateway_start(
        ctx->arena, ctx->fault, files->gateway_state,
        arena_fmt(ctx->arena, "http://%.*s/webhooks/gateways/sandbox", STR_ARG(address)),
        &gateway));
    use_gateway(ctx->app, &gateway);
    show_first_call(address);
    enum err err = serve(
        ctx->app, &(struct serve_options){.socket = socket, .stop_timeout_s = SERVE_STOP_TIMEOUT_S},
        ctx->arena, ctx->fault);
    demo_gateway_stop(&gateway);
    return err;
}

static enum err run_demo(struct ctx *ctx, const struct option_values *values,
                         const struct demo_config *config)
{
    struct demo_files files;
    struct mail_sender sender;
    struct listen_socket socket;
    struct str said = option_text(values, "listen");
    struct str listen = str_is_null(said) ? STR("127.0.0.1:8080") : said;
    bool serves = !option_flag(values, "no-serve");
    bool again = option_flag(values, "again");
    if (again && ctx_now(ctx) == 0)
        return fail(ctx, ERR_CONFLICT, "%.*s holds no demo yet",
                    STR_ARG(option_text(values, "database")));
    if (!again && ctx_now(ctx) != 0)
        return fail(ctx, ERR_CONFLICT, "%.*s is not empty; the demo wants a database of its own",
                    STR_ARG(option_text(values, "database")));
    TRY(open_files(ctx, config, files_folder(ctx->arena, values), &files, &sender));
    if (!again)
        TRY(play(ctx, config, option_text(values, "data"), &files));
    TRY(demo_summarize(ctx, option_text(values, "summary-json")));
    if (serves)
        TRY(listen_open(listen, str_is_null(said), ctx->fault, &socket));
    TRY(make_ways_in(ctx, serves ? str_of(socket.address) : listen, config->portal_customer,
                     again));
    printf("mails:    caught in %.*s, listed in the console\n", STR_ARG(files.mails));
    return serves ? serve_demo(ctx, &socket, &files) : ERR_NONE;
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
    err = run_demo(&ctx, values, &config);
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
