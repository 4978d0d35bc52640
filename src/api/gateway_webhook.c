#include "api/gateway_webhook.h"

#include "api/api.h"
#include "app/payment_settle.h"
#include "app/security.h"
#include "base/clock.h"
#include "base/log.h"
#include "connectors/gateway.h"

static struct str header(void *arg, const char *name)
{
    return http_request_header(arg, name);
}

/* Gateways know no test clock. */
static int64_t real_now(void)
{
    struct clock clock;
    clock_init_real(&clock);
    return clock_now(&clock);
}

static void answer_text(struct http_answer *answer, int status, struct str body)
{
    answer->status = status;
    answer->content_type = "application/json";
    answer->body = body;
}

static void refuse(struct http_request *request, struct http_answer *answer, enum err err,
                   const struct fault *fault)
{
    int status = err_http_status(err);
    if (err == ERR_UNAUTHORIZED)
        security_log("webhook_refused", STR_NULL, http_request_address(request),
                     arena_fmt(request->arena, "gateway %.*s: %.*s", STR_ARG(request->params[0]),
                               STR_ARG(fault->message)));
    else if (status >= 500)
        log_error("a webhook was not taken", LOG_STR("why", fault->message),
                  LOG_STR("gateway", request->params[0]));
    answer_text(
        answer, status,
        arena_fmt(request->arena, "{\"status\":%d,\"code\":\"%s\"}\n", status, err_code(err)));
}

static void take(struct http_request *request, struct http_answer *answer)
{
    const struct api_env *env = request->env;
    struct fault fault;
    int64_t changed = 0;
    fault_init(&fault, request->arena);
    struct ctx ctx = {
        .app = env->app,
        .arena = request->arena,
        .fault = &fault,
        .actor = arena_fmt(request->arena, "gateway:%.*s", STR_ARG(request->params[0])),
        .origin =
            arena_fmt(request->arena, "%.*s %.*s", STR_ARG(request->id), STR_ARG(request->client)),
    };
    struct gateway_webhook webhook = {
        .body = request->body, .header = header, .arg = request, .now_at = real_now()};
    enum err err = payment_webhook(&ctx, request->params[0], &webhook, &changed);
    if (err == ERR_NONE)
        answer_text(answer, 200, STR("{\"status\":\"taken\"}\n"));
    else
        refuse(request, answer, err, &fault);
}

const struct route gateway_webhook_routes[] = {
    {.method = HTTP_POST,
     .pattern = "/webhooks/gateways/{code}",
     .handle = take,
     .body_bytes_max = GATEWAY_WEBHOOK_MAX},
    {0},
};
