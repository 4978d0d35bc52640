#include "api/inside.h"

#include "api/frame.h"
#include "api/routes.h"
#include "base/assert.h"

#include <string.h>

const struct api_route *inside_route(const struct api_route *routes, enum http_method method,
                                     const char *path)
{
    for (const struct api_route *route = routes; route->path != NULL; route++) {
        if (route->method == method && strcmp(route->path, path) == 0)
            return route;
    }
    return NULL;
}

enum err inside_call(struct ctx *ctx, const struct inside_call *call, struct str *answer)
{
    struct buf body;
    struct json_writer out;
    struct api_frame frame = {0};
    struct http_request http = {
        .arena = ctx->arena,
        .method = call->method,
        .path = str_of(call->path),
        .params = {call->param},
        .param_count = str_is_null(call->param) ? 0 : 1,
        .query = call->query,
        .query_count = call->query_count,
        .body = str_is_null(call->body) ? STR("") : call->body,
        .id = STR("inside"),
        .client = STR("inside"),
    };
    struct api_request req = {
        .arena = ctx->arena,
        .fault = ctx->fault,
        .ctx = ctx,
        .face = call->face == NULL ? &face_native : call->face,
        .http = &http,
        .route = inside_route(call->routes, call->method, call->path),
        .status = 200,
        .out = &out,
        .body = &body,
        .frame = &frame,
    };
    ASSERT(req.route != NULL);
    bind_init(&req.bind, ctx->arena, ctx->fault, false);
    buf_init(&body, ctx->arena, API_ANSWER_BYTES_MAX);
    json_writer_init(&out, &body);
    TRY(req.route->handler(&req, &out));
    ASSERT(!req.is_deferred);
    if (!buf_ok(&body))
        return fault_set(ctx->fault, ERR_TOO_LARGE, "%s has too much in it", call->path);
    *answer = buf_str(&body);
    return ERR_NONE;
}

enum err inside_read_as(struct ctx *ctx, const struct face *face, const char *path,
                        struct str param, const struct http_param *query, size_t query_count,
                        struct str *answer)
{
    const struct api_table *table = api_routes;
    while (table->routes != NULL && inside_route(table->routes, HTTP_GET, path) == NULL)
        table++;
    ASSERT(table->routes != NULL);
    return inside_call(ctx,
                       &(struct inside_call){.routes = table->routes,
                                             .method = HTTP_GET,
                                             .face = face,
                                             .path = path,
                                             .param = param,
                                             .query = query,
                                             .query_count = query_count},
                       answer);
}

enum err inside_read(struct ctx *ctx, const char *path, struct str param,
                     const struct http_param *query, size_t query_count, struct str *answer)
{
    return inside_read_as(ctx, &face_native, path, param, query, query_count, answer);
}
