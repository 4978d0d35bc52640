#include "sandbox/sandbox.h"

#include "connectors/gateway.h"
#include "http/server.h"
#include "locale/locales.h"

#include <stdlib.h>
#include <string.h>

struct sandbox_server {
    struct sandbox sandbox;
    struct router router;
    struct http_server *http;
};

static void refuse(struct http_request *request, const char *code, struct str detail,
                   struct http_answer *answer)
{
    sandbox_answer_error(request, answer, answer->status, code, arena_cstr(request->arena, detail));
}

static enum err check(const struct sandbox_config *config, struct sandbox *sandbox,
                      struct fault *fault)
{
    char origin[GATEWAY_ADDRESS_BYTES];
    if (str_is_null(config->api_key) || config->api_key.len == 0 ||
        config->api_key.len >= GATEWAY_SECRET_BYTES)
        return fault_set(fault, ERR_INVALID,
                         "the sandbox gateway needs an API key of 1 to %d characters",
                         GATEWAY_SECRET_BYTES - 1);
    if (!webhook_key_parse(config->webhook_secret, &sandbox->webhook_key))
        return fault_set(fault, ERR_INVALID,
                         "the sandbox gateway needs a webhook secret: whsec_ and base64 of %d to "
                         "%d bytes",
                         WEBHOOK_KEY_BYTES_MIN, WEBHOOK_KEY_BYTES_MAX);
    if (!str_is_null(config->webhook_url) && !gateway_origin_of(config->webhook_url, origin))
        return fault_set(fault, ERR_INVALID, "--webhook-url %.*s: wanted an http or https address",
                         STR_ARG(config->webhook_url));
    if (!str_is_null(config->address) &&
        (!gateway_origin_of(config->address, origin) || strlen(origin) != config->address.len))
        return fault_set(fault, ERR_INVALID, "--address %.*s: wanted http://HOST:PORT",
                         STR_ARG(config->address));
    return ERR_NONE;
}

static enum err serve(struct sandbox_server *server, const struct sandbox_config *config,
                      struct arena *arena, struct fault *fault)
{
    struct sandbox *sandbox = &server->sandbox;
    TRY(teller_start(sandbox, fault, &sandbox->teller));
    router_init(&server->router, arena);
    router_add_all(&server->router, "", sandbox_api_routes);
    router_add_all(&server->router, "", sandbox_page_routes);
    enum err err = http_server_start(
        &(struct http_config){
            .listen = config->listen, .router = &server->router, .env = sandbox, .refuse = refuse},
        fault, &server->http);
    if (err != ERR_NONE) {
        teller_stop(sandbox->teller);
        teller_free(sandbox->teller);
        return err;
    }
    return ERR_NONE;
}

/* Where the host says what it is, as "localhost:0", that name with the port that was taken. */
static struct str address_of(const struct sandbox_server *server, struct str listen,
                             struct arena *arena)
{
    if (str_starts(listen, STR("localhost:")))
        return arena_fmt(arena, "http://localhost:%d", http_server_port(server->http));
    return arena_fmt(arena, "http://%.*s", STR_ARG(http_server_address(server->http)));
}

enum err sandbox_start(const struct sandbox_config *config, struct arena *arena,
                       struct fault *fault, struct sandbox_server **server)
{
    struct sandbox_server *started = ARENA_NEW(arena, struct sandbox_server);
    struct sandbox *sandbox = &started->sandbox;
    TRY(check(config, sandbox, fault));
    sandbox->api_key = arena_str(arena, config->api_key);
    sandbox->webhook_url = arena_str(arena, config->webhook_url);
    TRY(sandbox_state_open(&sandbox->state, config->state_path, fault));
    sandbox->address = arena_str(arena, config->address);
    sandbox->locales = locales_new();
    enum err err = serve(started, config, arena, fault);
    if (err != ERR_NONE) {
        locales_free(sandbox->locales);
        sandbox_state_close(&sandbox->state);
        return err;
    }
    if (str_is_null(sandbox->address))
        sandbox->address = address_of(started, config->listen, arena);
    *server = started;
    return ERR_NONE;
}

struct str sandbox_address(const struct sandbox_server *server)
{
    return server->sandbox.address;
}

struct str sandbox_listens(const struct sandbox_server *server)
{
    return http_server_address(server->http);
}

void sandbox_stop(struct sandbox_server *server)
{
    teller_stop(server->sandbox.teller); /* answers what hangs, for which the server would wait */
    http_server_stop(server->http);
    teller_free(server->sandbox.teller);
    locales_free(server->sandbox.locales);
    sandbox_state_close(&server->sandbox.state);
}
