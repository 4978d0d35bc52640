#include "cli/serve.h"
#include "cli/command.h"

#include "api/api.h"
#include "api/gateway_webhook.h"
#include "api/health.h"
#include "api/inside.h"
#include "api/limit.h"
#include "api/routes.h"
#include "api/webhook_body.h"
#include "app/api_key.h"
#include "app/ingest.h"
#include "app/user.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/zone.h"
#include "cli/gateways.h"
#include "cli/mail_settings.h"
#include "cli/settings.h"
#include "cli/stop.h"
#include "cli/webhook_settings.h"
#include "connectors/gateway.h"
#include "http/server.h"
#include "jobs/billing_job.h"
#include "jobs/outbox_job.h"
#include "jobs/payment_job.h"
#include "jobs/upkeep_job.h"
#include "jobs/webhook_job.h"
#include "web/assets.h"
#include "web/logos.h"
#include "web/routes.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option serve_options[] = {
    COMMAND_DATABASE_OPTION,
    {"listen", OPTION_TEXT, "ADDR:PORT", "where to serve; port 0: any free one",
     .env = "BILLOW_LISTEN", .preset = NULL},
    {"stop-timeout", OPTION_INT, "SECONDS", "how long a stop may take",
     .env = "BILLOW_STOP_TIMEOUT", .preset = "30", .min = 1, .max = 3600},
    {"rate-limit", OPTION_INT, "N", "requests a minute for each API key; 0: no limit",
     .env = "BILLOW_RATE_LIMIT", .preset = "6000", .min = 0, .max = LIMIT_MAX},
    {"event-rate-limit", OPTION_INT, "N", "events a minute for each API key; 0: no limit",
     .env = "BILLOW_EVENT_RATE_LIMIT", .preset = "0", .min = 0, .max = LIMIT_MAX},
    {"public-url", OPTION_TEXT, "URL", "where browsers find it: https://billing.example",
     .env = "BILLOW_PUBLIC_URL"},
    {"test-clock", OPTION_FLAG, NULL, "an empty database gets a test clock", .env = NULL},
    {0},
};

/* What handlers find behind a request; the API's part first, which its handlers take it for. */
struct serving_env {
    struct api_env api;
    struct web_env web;
};

#define STUCK_US \
    ((int64_t)300 * 1000000) /* one transaction of the ingest, or one step of billing */

enum { JOB_BILLING, JOB_PAYMENT, JOB_OUTBOX, JOB_UPKEEP, JOB_COUNT };

struct serving {
    struct app *app;
    struct job_thread
        *jobs[JOB_COUNT]; /* NULL: it does not run: with a test clock, or nothing for it */
    struct webhook_job webhooks;
    struct billing_watch billing;
    struct upkeep upkeep;
    struct limits *limits;
    struct attempts *attempts;
    struct locales *locales;
    const struct serve_options *options;
    struct arena *arena;       /* lives as long as it serves */
    struct limit_config limit; /* as it is now */
    sigset_t signals;          /* all that is waited for */
    sigset_t ends;             /* those that end it */
};

/* Blocked in all threads, so that wait_for_end takes them. */
static void block_signals(struct serving *serving)
{
    sigemptyset(&serving->ends);
    sigaddset(&serving->ends, SIGTERM);
    sigaddset(&serving->ends, SIGINT);
    serving->signals = serving->ends;
    sigaddset(&serving->signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &serving->signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Whether the threads that work by themselves get on. */
static bool is_alive(const struct serving *serving)
{
    struct ingest_status ingest;
    ingest_status(serving->app, &ingest);
    return ingest.working_us < STUCK_US && ingest.oldest_wait_us < STUCK_US &&
           billing_watch_silent_us(&serving->billing) < STUCK_US;
}

/* What the command line says stays. */
static void reload(struct serving *serving)
{
    char message[64];
    struct settings_number numbers[2];
    size_t count = 0;
    if (serving->options->reloads_requests)
        numbers[count++] = (struct settings_number){
            "rate-limit", 0, LIMIT_MAX, LIMIT_REQUESTS_DEFAULT, &serving->limit.requests};
    if (serving->options->reloads_events)
        numbers[count++] =
            (struct settings_number){"event-rate-limit", 0, LIMIT_MAX, 0, &serving->limit.events};
    snprintf(message, sizeof message, "RELOADING=1\nMONOTONIC_USEC=%lld",
             (long long)clock_monotonic_us());
    notify_send(message);
    settings_reload(numbers, count);
    limits_change(serving->limits, &serving->limit);
    notify_send("READY=1");
}

/* Until a signal ends it; meanwhile reloads on SIGHUP and tells the watchdog that all is well. */
static int wait_for_end(struct serving *serving)
{
    int64_t pause_us = notify_watchdog_us();
    const struct timespec pause = {.tv_sec = pause_us / 1000000,
                                   .tv_nsec = pause_us % 1000000 * 1000};
    for (;;) {
        int number = pause_us == 0 ? sigwaitinfo(&serving->signals, NULL)
                                   : sigtimedwait(&serving->signals, NULL, &pause);
        if (number == SIGHUP)
            reload(serving);
        else if (number > 0)
            return number;
        if (pause_us == 0)
            continue;
        if (is_alive(serving))
            notify_send("WATCHDOG=1");
        else
            log_error("a thread is stuck; the watchdog is not told that all is well");
    }
}

/* The request's form decides: a page for a browser, else the API's. */
static void refuse(struct http_request *request, const char *code, struct str detail,
                   struct http_answer *answer)
{
    const struct serving_env *env = request->env;
    if (!page_refuse(&env->web, request, code, detail, answer))
        api_refuse(request, code, detail, answer);
}

/* Where nobody said how browsers find it: the address that was got, before anyone asks for it. */
static void set_own_url(void *arg, struct str address)
{
    struct serving *serving = arg;
    if (str_is_null(serving->options->public_url))
        serving->app->public_url = arena_fmt(serving->arena, "http://%.*s", STR_ARG(address));
}

/* Where nobody can sign in yet. */
static enum err tell_first_user(struct app *app, struct arena *arena, struct fault *fault)
{
    struct ctx ctx = {
        .app = app, .arena = arena, .fault = fault, .actor = STR("start"), .origin = STR("serve")};
    struct app_user_row *rows = NULL;
    size_t count = 0;
    TRY(user_list(&ctx, &rows, &count));
    if (count == 0)
        printf("nobody can sign in to the console yet; the first user: billow user add EMAIL\n");
    return ERR_NONE;
}

static enum err check_public_url(struct str url, struct fault *fault)
{
    char origin[GATEWAY_ADDRESS_BYTES];
    if (gateway_origin_of(url, origin) && strlen(origin) == url.len)
        return ERR_NONE;
    return fault_set(fault, ERR_INVALID,
                     "--public-url %.*s: wanted https://HOST or http://HOST:PORT, with nothing "
                     "behind it",
                     STR_ARG(url));
}

static void stop_jobs(struct serving *serving)
{
    for (int i = 0; i < JOB_COUNT; i++) {
        job_thread_stop(serving->jobs[i]);
        serving->jobs[i] = NULL;
    }
    webhook_job_stop(&serving->webhooks);
}

static enum err serve_until_signal(struct serving *serving, const struct serve_options *options,
                                   struct arena *arena, struct fault *fault)
{
    struct app *app = serving->app;
    struct router router;
    struct serving_env env = {
        .api = {.app = app, .key_check = api_key_check, .limits = serving->limits},
        .web = {.app = app,
                .attempts = serving->attempts,
                .locales = serving->locales,
                .api_read = inside_read},
    };
    struct http_server *server = NULL;
    router_init(&router, arena);
    api_mount(&router, api_routes);
    router_add_all(&router, "", health_routes);
    router_add_all(&router, "", assets_routes);
    logos_mount(&router, app);
    page_mount(&router, &env.web, web_routes);
    if (!str_is_null(options->public_url))
        TRY(check_public_url(options->public_url, fault));
    app->public_url = options->public_url;
    router_add_all(&router, "", gateway_webhook_routes);
    TRY(http_server_start(
        &(struct http_config){
            .listen = str_is_null(options->listen) ? STR("127.0.0.1:8080") : options->listen,
            .next_free_port = str_is_null(options->listen),
            .socket = options->socket,
            .router = &router,
            .env = &env,
            .refuse = refuse,
            .bound = set_own_url,
            .bound_arg = serving,
        },
        fault, &server));
    struct str address = http_server_address(server);
    printf("serving on http://%.*s\n", STR_ARG(address));
    if (tell_first_user(app, arena, fault) != ERR_NONE) /* it serves all the same */
        fault_reset(fault);
    fflush(stdout);
    log_info("serving", LOG_STR("address", address), LOG_STR("tzdata", zone_data_version()));
    notify_send("READY=1");
    int number = wait_for_end(serving);
    log_info("stopping", LOG_INT("signal", number));
    notify_send("STOPPING=1");
    struct stop *stop = stop_begin(&serving->ends, options->stop_timeout_s);
    for (int i = 0; i < JOB_UPKEEP; i++) /* they end while the last answers are given */
        job_thread_ask_stop(serving->jobs[i]);
    http_server_stop(server); /* before the ingest, which answers what the server took */
    stop_jobs(serving);
    ingest_stop(app);
    stop_end(stop);
    log_info("stopped");
    return ERR_NONE;
}

static size_t take_uses(void *limits, struct api_key_use *uses, size_t max)
{
    return limits_take_uses(limits, uses, max);
}

static enum err start_jobs(struct serving *serving, struct fault *fault)
{
    struct app *app = serving->app;
    struct job_thread **jobs = serving->jobs;
    if (!app->clock.is_test) {
        TRY(billing_job_start(app, &serving->billing, fault, &jobs[JOB_BILLING]));
        if (app->gateways.count > 0)
            TRY(payment_job_start(app, fault, &jobs[JOB_PAYMENT]));
    }
    TRY(outbox_job_start(app, fault, &jobs[JOB_OUTBOX]));
    TRY(webhook_job_start(&serving->webhooks, app, fault));
    return upkeep_job_start(app, &serving->upkeep, fault, &jobs[JOB_UPKEEP]);
}

enum err serve(struct app *app, const struct serve_options *options, struct arena *arena,
               struct fault *fault)
{
    struct serving serving = {
        .app = app, .options = options, .arena = arena, .limit = options->limit};
    struct mail_sender sender;
    bool sends = false;
    block_signals(&serving);
    if (app->gateways.count == 0)
        TRY(gateways_open(arena, fault, &app->gateways));
    if (app->mail == NULL) { /* as with gateways: unless whoever serves has chosen */
        TRY(mail_settings_read(arena, fault, true, &sender, &sends));
        app->mail = sends ? &sender : NULL;
    }
    TRY(webhook_settings_read(fault, &app->webhook_reach));
    app->webhook_body = webhook_body_write;
    TRY(ingest_start(app, fault));
    serving.limits = limits_new(&options->limit);
    serving.attempts = attempts_new();
    serving.locales = locales_new();
    serving.upkeep = (struct upkeep){.take_uses = take_uses, .arg = serving.limits};
    enum err err = start_jobs(&serving, fault);
    if (err == ERR_NONE)
        err = serve_until_signal(&serving, options, arena, fault);
    stop_jobs(&serving);
    ingest_stop(app);
    limits_free(serving.limits);
    attempts_free(serving.attempts);
    locales_free(serving.locales);
    app->mail = NULL;
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
    err =
        serve(&app,
              &(struct serve_options){.listen = option_text(values, "listen"),
                                      .public_url = option_text(values, "public-url"),
                                      .stop_timeout_s = option_int(values, "stop-timeout"),
                                      .limit = {.requests = option_int(values, "rate-limit"),
                                                .events = option_int(values, "event-rate-limit"),
                                                .failures = LIMIT_FAILURES_DEFAULT},
                                      .reloads_requests = !option_given(values, "rate-limit"),
                                      .reloads_events = !option_given(values, "event-rate-limit")},
              arena, fault);
    app_close(&app);
    return err == ERR_NONE ? EXIT_OK : command_failed(err, fault);
}

const struct command serve_command = {
    .name = "serve",
    .usage = "",
    .summary = "serve the API and do what falls due",
    .options = serve_options,
    .more_help = {mail_settings_help, gateways_help, webhook_settings_help},
    .run = run,
};
