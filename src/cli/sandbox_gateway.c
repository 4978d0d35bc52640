#include "cli/command.h"

#include "base/log.h"
#include "base/notify.h"
#include "cli/gateways.h"
#include "sandbox/sandbox.h"

#include <signal.h>
#include <stdio.h>

static const struct option options[] = {
    {"listen", OPTION_TEXT, "ADDR:PORT", "where to serve; port 0: any free one",
     .preset = "localhost:9090"},
    {"webhook-url", OPTION_TEXT, "URL",
     "where webhooks go: Billow's address and /webhooks/gateways/sandbox", .preset = NULL},
    {"address", OPTION_TEXT, "URL", "how browsers and Billow reach it; preset: where it listens",
     .preset = NULL},
    {"state", OPTION_TEXT, "FILE", "keep checkouts and charges in a file; preset: in memory",
     .preset = NULL},
    {0},
};

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct sandbox_server *server = NULL;
    struct sandbox_options secrets = {.url = STR_NULL};
    struct str state = option_text(values, "state");
    sigset_t ends;
    int number = 0;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    enum err err = gateways_sandbox_secrets(arena, fault, &secrets);
    if (err == ERR_NONE)
        err = sandbox_start(
            &(struct sandbox_config){
                .listen = option_text(values, "listen"),
                .webhook_url = option_text(values, "webhook-url"),
                .address = option_text(values, "address"),
                .state_path = str_is_null(state) ? NULL : arena_cstr(arena, state),
                .api_key = secrets.api_key,
                .webhook_secret = secrets.webhook_secret,
            },
            arena, fault, &server);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    printf("sandbox gateway on %.*s, listening on %.*s\n", STR_ARG(sandbox_address(server)),
           STR_ARG(sandbox_listens(server)));
    fflush(stdout);
    notify_send("READY=1");
    while (sigwait(&ends, &number) != 0)
        ;
    notify_send("STOPPING=1");
    sandbox_stop(server);
    return EXIT_OK;
}

const struct command sandbox_gateway_command = {
    .name = "sandbox-gateway",
    .usage = "",
    .summary = "a payment gateway to try Billow with: test cards, webhooks",
    .options = options,
    .more_help = {gateways_help},
    .run = run,
};
