#include "api/api.h"

#include "base/assert.h"
#include "base/log.h"

#include <string.h>

#define ERROR_BYTES_MAX ((size_t)1 << 20)
#define RETRY_AFTER_S   "1"

/* What a route's argument is: the same handler stands under each face. */
struct api_mounted {
    const struct api_route *route;
    const struct face *face;
};

/* ---- errors ---- */

/* "/taxes/{code}" is about a "tax", "/billing_entities/{code}" about a "billing_entity"; STR_NULL
 * where a path names nothing, or more than one thing. */
static struct str noun_of_path(struct arena *arena, const char *path)
{
    struct str rest = str_of(path);
    struct str plural;
    struct str name;
    if (!str_starts(rest, STR("/")))
        return STR_NULL;
    rest = str_slice(rest, 1, rest.len);
    if (!str_split(&rest, '/', &plural) || !str_split(&rest, '/', &name))
        return STR_NULL;
    if (!str_starts(name, STR("{")) || str_find(rest, '{') >= 0)
        return STR_NULL;
    if (str_ends(plural, STR("ies")))
        return arena_fmt(arena, "%.*sy", (int)plural.len - 3, plural.ptr);
    if (str_ends(plural, STR("xes")))
        return str_slice(plural, 0, plural.len - 2);
    return str_ends(plural, STR("s")) ? str_slice(plural, 0, plural.len - 1) : plural;
}

static struct str missing_code(const struct api_request *req)
{
    struct str noun =
        req->missing != NULL ? str_of(req->missing) : noun_of_path(req->arena, req->route->path);
    if (str_is_null(noun))
        return str_of(err_code(ERR_NOT_FOUND));
    return arena_fmt(req->arena, "%.*s_not_found", STR_ARG(noun));
}

static struct str code_of(const struct api_request *req, enum err err)
{
    bool is_about_one = err == ERR_NOT_FOUND || err == ERR_NOT_ALLOWED || err == ERR_FORBIDDEN ||
                        err == ERR_CONFLICT;
    if (is_about_one && req->fault->field_count > 0)
        return req->fault->fields[0].code;
    if (err == ERR_NOT_FOUND)
        return missing_code(req);
    return str_of(err_code(err));
}

/* What went wrong inside is for the log; the caller gets the request id to ask about. */
static struct str detail_of(const struct api_request *req, enum err err, int status)
{
    struct str message = req->fault->message;
    if (status >= 500 && !err_is_retryable(err)) {
        log_error("request failed", LOG_STR("code", str_of(err_code(err))),
                  LOG_STR("why", str_is_null(message) ? STR("") : message),
                  LOG_STR("path", req->http->path));
        return STR("something went wrong inside; it has been logged under the request id");
    }
    return str_is_null(message) ? str_of(http_status_name(status)) : message;
}

static void write_error_answer(struct http_request *request, const struct face *face,
                               const struct face_error *error, struct http_answer *answer)
{
    struct buf body;
    struct json_writer writer;
    buf_init(&body, request->arena, ERROR_BYTES_MAX);
    json_writer_init(&writer, &body);
    face->write_error(&writer, error);
    answer->status = error->status;
    answer->content_type = face->error_type;
    answer->body = buf_str(&body);
}

static void answer_error(struct api_request *req, enum err err, struct http_answer *answer)
{
    int status = err_http_status(err);
    struct face_error error = {
        .arena = req->arena,
        .status = status,
        .code = code_of(req, err),
        .detail = detail_of(req, err, status),
        .fault = status < 500 ? req->fault : NULL,
        .request_id = req->http->id,
    };
    write_error_answer(req->http, req->face, &error, answer);
    if (err == ERR_UNAUTHORIZED)
        http_answer_header(req->http, answer, "WWW-Authenticate", STR("Bearer"));
    if (err_is_retryable(err))
        http_answer_header(req->http, answer, "Retry-After", STR(RETRY_AFTER_S));
}

void api_refuse(struct http_request *request, const char *code, struct str detail,
                struct http_answer *answer)
{
    struct face_error error = {
        .arena = request->arena,
        .status = answer->status,
        .code = str_of(code),
        .detail = detail,
        .request_id = request->id,
    };
    write_error_answer(request, face_of_path(request->path), &error, answer);
}

/* ---- one request ---- */

static void tell_ignored(struct api_request *req, struct http_answer *answer)
{
    struct buf names;
    if (req->bind.ignored_count == 0)
        return;
    buf_init(&names, req->arena, 4096);
    for (size_t i = 0; i < req->bind.ignored_count; i++) {
        buf_add(&names, i > 0 ? STR(", ") : STR(""));
        buf_add(&names, req->bind.ignored[i]);
    }
    http_answer_header(req->http, answer, "Billow-Ignored-Fields", buf_str(&names));
}

static void make_answer(struct api_request *req, enum err err, struct http_answer *answer)
{
    if (err == ERR_NONE && !buf_ok(req->body))
        err = fault_set(req->fault, ERR_INVALID,
                        "the answer is larger than %zu bytes; ask for less", API_ANSWER_BYTES_MAX);
    if (err != ERR_NONE) {
        answer_error(req, err, answer);
    } else {
        ASSERT(req->out->depth == 0);
        answer->status = req->status;
        answer->body = buf_str(req->body);
        if (answer->body.len > 0)
            answer->content_type = "application/json";
        else if (answer->status == 200)
            answer->status = 204;
    }
    tell_ignored(req, answer);
}

static enum err check_key(struct api_request *req)
{
    struct str key = http_request_header(req->http, "Authorization");
    struct str scheme;
    if ((req->route->flags & API_PUBLIC) != 0)
        return ERR_NONE;
    if (!str_split(&key, ' ', &scheme) || !str_eq_nocase(scheme, STR("Bearer")) || str_is_null(key))
        return fault_set(req->fault, ERR_UNAUTHORIZED,
                         "this needs an API key: Authorization: Bearer KEY");
    return req->env->key_check(req->ctx, str_trim(key), &req->ctx->actor);
}

static void handle(struct http_request *request, struct http_answer *answer)
{
    const struct api_mounted *mounted = request->route->arg;
    struct arena *arena = request->arena;
    struct api_request *req = ARENA_NEW(arena, struct api_request);
    *req = (struct api_request){
        .arena = arena,
        .fault = ARENA_NEW(arena, struct fault),
        .ctx = ARENA_NEW(arena, struct ctx),
        .face = mounted->face,
        .http = request,
        .env = request->env,
        .route = mounted->route,
        .status = 200,
        .out = ARENA_NEW(arena, struct json_writer),
        .body = ARENA_NEW(arena, struct buf),
    };
    fault_init(req->fault, arena);
    *req->ctx = (struct ctx){
        .app = req->env->app,
        .arena = arena,
        .fault = req->fault,
        .actor = STR("anyone"),
        .origin = arena_fmt(arena, "%.*s %.*s", STR_ARG(request->id), STR_ARG(request->client)),
    };
    bind_init(&req->bind, arena, req->fault, req->face->is_lenient);
    buf_init(req->body, arena, API_ANSWER_BYTES_MAX);
    json_writer_init(req->out, req->body);

    enum err err = check_key(req);
    if (err == ERR_NONE)
        err = req->route->handler(req, req->out);
    if (req->is_deferred) {
        ASSERT(err == ERR_NONE);
        return;
    }
    make_answer(req, err, answer);
}

void api_mount(struct router *router, const struct api_route *const *tables)
{
    static const struct face *const faces[] = {&face_native, &face_lago};
    for (size_t f = 0; f < sizeof faces / sizeof faces[0]; f++) {
        for (const struct api_route *const *table = tables; *table != NULL; table++) {
            for (const struct api_route *route = *table; route->path != NULL; route++) {
                struct api_mounted *mounted = ARENA_NEW(router->arena, struct api_mounted);
                *mounted = (struct api_mounted){route, faces[f]};
                router_add(router, faces[f]->prefix,
                           &(struct route){.method = route->method,
                                           .pattern = route->path,
                                           .handle = handle,
                                           .body_bytes_max = route->body_bytes_max,
                                           .arg = mounted});
            }
        }
    }
}

void api_defer(struct api_request *req)
{
    ASSERT(!req->is_deferred);
    req->is_deferred = true;
    http_defer(req->http);
}

void api_finish(struct api_request *req, enum err err)
{
    struct http_answer answer = {0};
    ASSERT(req->is_deferred);
    make_answer(req, err, &answer);
    http_answer(req->http, &answer);
}
