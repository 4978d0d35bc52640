#include "cli/serve.h"
#include "cli/command.h"

#include "api/api.h"
#include "api/health.h"
#include "api/routes.h"
#include "app/api_key.h"
#include "app/ingest.h"
#include "base/log.h"
#include "base/zone.h"
#include "http/server.h"
#include "jobs/billing_job.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static const struct option options[] = {
    COMMAND_DATABASE_OPTION,
    {"listen", OPTION_TEXT, "ADDR:PORT", "where to serve; port 0: any free one",
     .env = "BILLOW_LISTEN", .preset = NULL},
    {"test-clock", OPTION_FLAG, NULL, "an empty database gets a test clock", .env = NULL},
    {0},
};

/* Blocked in all threads, so that wait_for_end takes them. */
static void block_signals(sigset_t *ends)
{
    sigemptyset(ends);
    sigaddset(ends, SIGTERM);
    sigaddset(ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, ends, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static enum err serve_until_signal(struct app *app, const char *listen, bool next_free_port,
                                   const sigset_t *ends, struct arena *arena, struct fault *fault)
{
    struct router router;
    struct api_env env = {.app = app, .key_check = api_key_check};
    struct http_server *server = NULL;
    router_init(&router, arena);
    api_mount(&router, api_routes);
    router_add_all(&router, "", health_routes);
    TRY(http_server_start(
        &(struct http_config){
            .listen = str_of(listen),
            .next_free_port = next_free_port,
            .router = &router,
            .env = &env,
            .refuse = api_refuse,
        },
        fault, &server));
    struct str address = http_server_address(server);
    printf("serving on http://%.*s\n", STR_ARG(address));
    fflush(stdout);
    log_info("serving", LOG_STR("address", address), LOG_STR("tzdata", zone_data_version()));
    int signal_number = 0;
    sigwait(ends, &signal_number);
    log_info("stopping", LOG_INT("signal", signal_number));
    http_server_stop(server); /* first: what it took is still answered by the ingest */
    return ERR_NONE;
}

enum err serve(struct app *app, struct str listen, struct arena *arena, struct fault *fault)
{
    struct billing_job *job = NULL;
    sigset_t ends;
    bool given = !str_is_null(listen);
    block_signals(&ends);
    TRY(ingest_start(app, fault));
    enum err err = app->clock.is_test ? ERR_NONE : billing_job_start(app, fault, &job);
    if (err == ERR_NONE)
        err = serve_until_signal(app, given ? arena_cstr(arena, listen) : "127.0.0.1:8080", !given,
                                 &ends, arena, fault);
    billing_job_stop(job);
    ingest_stop(app);
    return err;
}

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct app app;
    struct ctx ctx;
    enum err err =
        command_open(values, option_flag(values, "test-clock") ? DATABASE_TEST_CLOCK : DATABASE_NEW,
                     arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    err = serve(&app, option_text(values, "listen"), arena, fault);
    app_close(&app);
    return err == ERR_NONE ? EXIT_OK : command_failed(err, fault);
}

const struct command serve_command = {
    .name = "serve",
    .usage = "",
    .summary = "serve the API and do what falls due",
    .options = options,
    .run = run,
};
