#include "api/frame.h"

#include "base/assert.h"
#include "base/log.h"
#include "base/metrics.h"

#include <pthread.h>
#include <string.h>

#define ERROR_BYTES_MAX ((size_t)1 << 20)
#define RETRY_AFTER_S   "1"

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

/* The conflict ends by itself: another request with the same Idempotency-Key is running. */
static bool is_waiting(const struct api_request *req, enum err err)
{
    return err == ERR_CONFLICT && req->fault->field_count > 0 &&
           str_eq(req->fault->fields[0].code, STR("idempotency_key_in_use"));
}

static struct metric error_counts[] = {
#define X(err, http, api_code, retry)                                     \
    [ERR_##err] = {                                                       \
        .kind = METRIC_KIND_COUNTER,                                      \
        .name = "billow_errors_total",                                    \
        .help = "Requests that the API answered with an error, by code.", \
        .labels = "code=\"" api_code "\"",                                \
    },
    ERR_MAP(X)
#undef X
};

static void register_errors(void)
{
    for (size_t i = 1; i < sizeof error_counts / sizeof error_counts[0]; i++)
        metric_register(&error_counts[i]);
}

static void count_error(enum err err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_errors);
    metric_add(&error_counts[err], 1);
}

static void answer_error(struct api_request *req, enum err err, struct http_answer *answer)
{
    int status = err_http_status(err);
    count_error(err);
    struct face_error error = {
        .arena = req->arena,
        .status = status,
        .code = code_of(req, err),
        .detail = detail_of(req, err, status),
        .fault = status < 500 ? req->fault : NULL,
        .request_id = req->http->id,
        .durable_lines = req->durable_lines >= 0 ? &req->durable_lines : NULL,
    };
    write_error_answer(req->http, req->face, &error, answer);
    if (err == ERR_UNAUTHORIZED)
        http_answer_header(req->http, answer, "WWW-Authenticate", STR("Bearer"));
    if (err == ERR_LIMITED)
        http_answer_header(req->http, answer, "Retry-After",
                           arena_fmt(req->arena, "%lld", (long long)req->frame->limit.retry_s));
    else if (err_is_retryable(err) || is_waiting(req, err))
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

/* An object's representation has an ETag; who has it already is told so. */
static void tell_etag(struct api_request *req, struct http_answer *answer)
{
    if (req->http->method != HTTP_GET || answer->status != 200 || answer->body.len == 0 ||
        req->frame->is_list || req->frame->is_csv)
        return;
    struct str etag = api_etag(req->arena, answer->body);
    struct str known = http_request_header(req->http, "If-None-Match");
    http_answer_header(req->http, answer, "ETag", etag);
    if (str_is_null(known) || !api_etag_matches(known, etag, false))
        return;
    answer->status = 304;
    answer->content_type = NULL;
    answer->body = STR("");
}

static enum err turn_into_csv(struct api_request *req, struct http_answer *answer)
{
    struct buf csv;
    buf_init(&csv, req->arena, API_ANSWER_BYTES_MAX);
    TRY(api_csv(req->arena, req->fault, answer->body, &csv));
    answer->body = buf_str(&csv);
    answer->content_type = "text/csv; charset=utf-8; header=present";
    return ERR_NONE;
}

static enum err good_answer(struct api_request *req, struct http_answer *answer)
{
    if (!buf_ok(req->body))
        return fault_set(req->fault, ERR_INVALID,
                         "the answer is larger than %zu bytes; ask for less", API_ANSWER_BYTES_MAX);
    ASSERT(req->out->depth == 0);
    answer->status = req->status;
    answer->body = buf_str(req->body);
    if (answer->body.len == 0) {
        answer->status = answer->status == 200 ? 204 : answer->status;
        return ERR_NONE;
    }
    answer->content_type = req->content_type != NULL ? req->content_type : "application/json";
    return req->frame->is_csv ? turn_into_csv(req, answer) : ERR_NONE;
}

void api_render(struct api_request *req, enum err err)
{
    struct http_answer *answer = &req->frame->answer;
    *answer = (struct http_answer){0};
    if (err == ERR_NONE)
        err = good_answer(req, answer);
    if (err != ERR_NONE) {
        *answer = (struct http_answer){0};
        answer_error(req, err, answer);
    }
    tell_ignored(req, answer);
    tell_etag(req, answer);
    req->frame->is_answered = true;
}

/* What belongs to this answering of the request, not to its answer. */
static void tell_limit(struct api_request *req, struct http_answer *answer)
{
    const struct limit_state *limit = &req->frame->limit;
    if (!req->frame->is_limited)
        return;
    http_answer_header(req->http, answer, "RateLimit-Limit",
                       arena_fmt(req->arena, "%lld", (long long)limit->limit));
    http_answer_header(req->http, answer, "RateLimit-Remaining",
                       arena_fmt(req->arena, "%lld", (long long)limit->remaining));
    http_answer_header(req->http, answer, "RateLimit-Reset",
                       arena_fmt(req->arena, "%lld", (long long)limit->reset_s));
}

static struct http_answer *finish(struct api_request *req, enum err err)
{
    if (err != ERR_NONE || !req->frame->is_answered)
        api_render(req, err);
    tell_limit(req, &req->frame->answer);
    api_release(req);
    return &req->frame->answer;
}

/* Whether CSV is what the client wants first. */
static bool accepts_csv(struct api_request *req)
{
    struct str accept = http_request_header(req->http, "Accept");
    struct str first;
    struct str type;
    return str_split(&accept, ',', &first) && str_split(&first, ';', &type) &&
           str_eq_nocase(str_trim(type), STR("text/csv"));
}

/* `format` is the frame's own parameter, which no handler sees. */
static void choose_format(struct api_request *req)
{
    struct http_request *http = req->http;
    if (http->method != HTTP_GET)
        return;
    struct http_param *others = ARENA_ARRAY(req->arena, http->query_count, struct http_param);
    size_t count = 0;
    bool said = false;
    for (size_t i = 0; i < http->query_count; i++) {
        bool is_format = str_eq(http->query[i].name, STR("format"));
        bool csv = is_format && str_eq(http->query[i].value, STR("csv"));
        if (csv || (is_format && str_eq(http->query[i].value, STR("json")))) {
            req->frame->is_csv = csv;
            said = true;
        } else {
            others[count++] = http->query[i];
        }
    }
    http->query = others;
    http->query_count = count;
    if (!said)
        req->frame->is_csv = accepts_csv(req);
}

static enum err run(struct api_request *req)
{
    TRY(api_admit(req));
    choose_format(req);
    TRY(api_conditions(req));
    return api_write(req);
}

static struct api_request *request_new(struct http_request *request)
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
        .durable_lines = -1,
        .out = ARENA_NEW(arena, struct json_writer),
        .body = ARENA_NEW(arena, struct buf),
        .frame = ARENA_NEW(arena, struct api_frame),
    };
    *req->frame = (struct api_frame){.mounted = mounted};
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

    return req;
}

static void handle(struct http_request *request, struct http_answer *answer)
{
    struct api_request *req = request_new(request);
    enum err err = run(req);
    if (req->is_deferred) { /* it may be gone already */
        ASSERT(err == ERR_NONE);
        return;
    }
    *answer = *finish(req, err);
}

static void take(struct http_request *request, const struct http_part *part)
{
    struct api_request *req = request->state;
    enum err err = ERR_NONE;
    if (req == NULL) {
        req = request_new(request);
        req->is_deferred = true; /* its answer comes by api_finish */
        request->state = req;
        err = api_admit(req);
        if (err == ERR_NONE)
            err = api_conditions(req);
    }
    req->part = part;
    if (err == ERR_NONE)
        err = req->route->handler(req, req->out);
    if (err != ERR_NONE)
        api_finish(req, err);
}

void api_stream_next(struct api_request *req, size_t used)
{
    http_stream_next(req->http, used);
}

/* The GET that shows what `route` changes: of the same path, or of the longest one above it that
 * ends in a {name}. */
static const struct api_route *representation_of(const struct api_route *table,
                                                 const struct api_route *route)
{
    const struct api_route *found = NULL;
    size_t found_len = 0;
    struct str path = str_of(route->path);
    for (const struct api_route *get = table; get->path != NULL; get++) {
        struct str above = str_of(get->path);
        bool is_same = str_eq(above, path);
        bool is_above = path.len > above.len && str_starts(path, above) &&
                        path.ptr[above.len] == '/' && str_ends(above, STR("}"));
        if (get->method != HTTP_GET || (!is_same && !is_above) || above.len < found_len)
            continue;
        /* a POST to a list makes something new: the list is not its representation */
        if (is_same && route->method == HTTP_POST)
            continue;
        found = get;
        found_len = above.len;
    }
    return found;
}

void api_mount(struct router *router, const struct api_table *tables)
{
    static const struct face *const faces[] = {&face_native, &face_lago};
    for (size_t f = 0; f < sizeof faces / sizeof faces[0]; f++) {
        for (const struct api_table *table = tables; table->routes != NULL; table++) {
            for (const struct api_route *route = table->routes; route->path != NULL; route++) {
                bool is_stream = (route->flags & API_STREAM) != 0;
                struct api_mounted *mounted = ARENA_NEW(router->arena, struct api_mounted);
                *mounted = (struct api_mounted){
                    .route = route,
                    .face = faces[f],
                    .group = table->group,
                    .representation = representation_of(table->routes, route),
                };
                router_add(router, faces[f]->prefix,
                           &(struct route){.method = route->method,
                                           .pattern = route->path,
                                           .handle = is_stream ? NULL : handle,
                                           .take = is_stream ? take : NULL,
                                           .body_bytes_max = route->body_bytes_max,
                                           .arg = mounted});
            }
        }
    }
}

void api_defer(struct api_request *req)
{
    ASSERT(!req->is_deferred);
    ASSERT(req->frame->once == NULL || (req->route->flags & API_DEFERS) != 0);
    req->is_deferred = true;
    http_defer(req->http);
}

void api_finish(struct api_request *req, enum err err)
{
    ASSERT(req->is_deferred);
    http_answer(req->http, finish(req, err));
}
