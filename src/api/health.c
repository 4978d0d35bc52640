#include "api/health.h"

#include "api/api.h"
#include "api/figures.h"
#include "base/metrics.h"

#define METRICS_BYTES_MAX ((size_t)1 << 20)

static void answer_text(struct http_answer *answer, int status, struct str body)
{
    answer->status = status;
    answer->content_type = "application/json";
    answer->body = body;
}

static void health(struct http_request *request, struct http_answer *answer)
{
    (void)request;
    answer_text(answer, 200, STR("{\"status\":\"ok\"}\n"));
}

static void ready(struct http_request *request, struct http_answer *answer)
{
    const struct api_env *env = request->env;
    struct fault fault;
    fault_init(&fault, request->arena);
    struct ctx ctx = {.app = env->app,
                      .arena = request->arena,
                      .fault = &fault,
                      .actor = STR("ready"),
                      .origin = request->id};
    if (app_check(&ctx) == ERR_NONE)
        answer_text(answer, 200, STR("{\"status\":\"ready\"}\n"));
    else
        answer_text(answer, 503, STR("{\"status\":\"the database does not answer\"}\n"));
}

static void metrics(struct http_request *request, struct http_answer *answer)
{
    const struct api_env *env = request->env;
    struct buf text;
    figures_gather(env->app, request->arena);
    buf_init(&text, request->arena, METRICS_BYTES_MAX);
    metrics_write(&text);
    answer->status = 200;
    answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
    answer->body = buf_str(&text);
}

const struct route health_routes[] = {
    {.method = HTTP_GET, .pattern = "/health", .handle = health},
    {.method = HTTP_GET, .pattern = "/ready", .handle = ready},
    {.method = HTTP_GET, .pattern = "/metrics", .handle = metrics},
    {0},
};
