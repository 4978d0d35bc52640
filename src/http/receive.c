/* What happens on the network threads: nothing here blocks. */
#include "base/assert.h"
#include "base/log.h"
#include "base/uuid.h"
#include "http/server_private.h"
#include "http/url.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define METHOD_UNKNOWN   HTTP_METHOD_COUNT
#define BODY_BYTES_LEAST 4096
#define RETRY_AFTER_S    "1"

static struct watched *watched_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    ASSERT(info != NULL);
    return info->socket_context;
}

/* ---- the answers that the server gives by itself ---- */

/* Lets the answer stand; the body that may still come is thrown away. */
void receive_refuse(struct exchange *exchange, int status, const char *code, struct str detail)
{
    struct http_server *server = exchange->server;
    struct http_answer *answer = &exchange->answer;
    answer->status = status;
    answer->content_type = "text/plain; charset=utf-8";
    answer->body = detail;
    if (status == 503)
        http_answer_header(&exchange->request, answer, "Retry-After", STR(RETRY_AFTER_S));
    if (server->config.refuse != NULL)
        server->config.refuse(&exchange->request, code, detail, answer);
    exchange->has_answer = true;
    if (exchange->stage == EXCHANGE_BODY)
        exchange->stage = EXCHANGE_DRAIN;
}

void receive_refuse_busy(struct exchange *exchange)
{
    receive_refuse(exchange, 503, "busy", STR("the server is too busy; try again"));
}

void receive_refuse_too_large(struct exchange *exchange)
{
    receive_refuse(exchange, 413, "too_large",
                   arena_fmt(exchange->request.arena, "the body is larger than %zu bytes",
                             exchange->body_bytes_max));
}

static void refuse_method(struct exchange *exchange, unsigned allowed)
{
    struct buf methods;
    buf_init(&methods, exchange->request.arena, 256);
    for (unsigned i = 0; i < HTTP_METHOD_COUNT; i++) {
        if ((allowed & 1u << i) == 0)
            continue;
        buf_add(&methods, methods.len > 0 ? STR(", ") : STR(""));
        buf_add(&methods, str_of(http_method_name((enum http_method)i)));
        buf_add(&methods, i == HTTP_GET ? STR(", HEAD") : STR(""));
    }
    http_answer_header(&exchange->request, &exchange->answer, "Allow", buf_str(&methods));
    receive_refuse(
        exchange, 405, "not_allowed",
        arena_fmt(exchange->request.arena, "this path takes %.*s", STR_ARG(buf_str(&methods))));
}

/* ---- headers ---- */

static enum http_method method_of(const char *name)
{
    if (strcmp(name, MHD_HTTP_METHOD_HEAD) == 0)
        return HTTP_GET;
    for (unsigned i = 0; i < HTTP_METHOD_COUNT; i++) {
        if (strcmp(name, http_method_name((enum http_method)i)) == 0)
            return (enum http_method)i;
    }
    return METHOD_UNKNOWN;
}

static bool is_request_id(struct str id)
{
    if (id.len == 0 || id.len > HTTP_REQUEST_ID_MAX)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        bool is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == ':';
        if (!is_good)
            return false;
    }
    return true;
}

static struct str request_id(struct exchange *exchange)
{
    struct str id = http_request_header(&exchange->request, "Request-Id");
    if (!is_request_id(id))
        id = http_request_header(&exchange->request, "X-Request-Id");
    if (!is_request_id(id))
        id = uuid_text(exchange->request.arena, uuid_new(clock_now(&exchange->server->clock)));
    return id;
}

static struct str client_address(struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char host[NI_MAXHOST];
    if (info == NULL || info->client_addr == NULL)
        return STR("");
    socklen_t len = info->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                             : sizeof(struct sockaddr_in);
    if (getnameinfo(info->client_addr, len, host, sizeof host, NULL, 0, NI_NUMERICHOST) != 0)
        return STR("");
    return arena_str(exchange->request.arena, str_of(host));
}

/* Path, route and query; refuses what is wrong with them. */
static void find_route(struct exchange *exchange, const char *method_name)
{
    struct http_request *request = &exchange->request;
    enum http_method method = method_of(method_name);
    request->method = method == METHOD_UNKNOWN ? HTTP_GET : method;

    struct str query = exchange->url;
    str_split(&query, '?', &request->path);
    if (exchange->url.len > HTTP_URL_BYTES_MAX) {
        receive_refuse(
            exchange, 414, "url_too_long",
            arena_fmt(request->arena, "the URL is longer than %zu bytes", HTTP_URL_BYTES_MAX));
        return;
    }
    struct route_result found;
    switch (router_match(exchange->server->config.router, request->arena, request->method,
                         request->path, &found)) {
    case ROUTE_BAD_TEXT:
        receive_refuse(exchange, 400, "bad_request",
                       STR("the path is not UTF-8 text in percent-encoding"));
        return;
    case ROUTE_NO_PATH:
        receive_refuse(exchange, 404, "not_found", STR("there is nothing at this path"));
        return;
    case ROUTE_NO_METHOD:
        refuse_method(exchange, found.allowed);
        return;
    case ROUTE_FOUND:
        break;
    }
    if (method == METHOD_UNKNOWN) {
        refuse_method(exchange, found.allowed);
        return;
    }
    request->route = found.route;
    request->param_count = found.param_count;
    memcpy(request->params, found.params, sizeof request->params);
    exchange->body_bytes_max =
        found.route->body_bytes_max != 0 ? found.route->body_bytes_max : HTTP_BODY_BYTES_MAX;
    switch (url_query(request->arena, query, &request->query, &request->query_count)) {
    case URL_QUERY_BAD_TEXT:
        receive_refuse(exchange, 400, "bad_request",
                       STR("the query is not UTF-8 text in percent-encoding"));
        break;
    case URL_QUERY_TOO_MANY:
        receive_refuse(exchange, 400, "bad_request",
                       arena_fmt(request->arena, "the query has more than %d parameters",
                                 HTTP_QUERY_PARAMS_MAX));
        break;
    case URL_QUERY_READ:
        break;
    }
}

static enum MHD_Result send_answer(struct exchange *exchange);

/* Bodies come plain or as gzip. */
static void find_encoding(struct exchange *exchange)
{
    struct str encoding = http_request_header(&exchange->request, "Content-Encoding");
    if (str_is_null(encoding) || str_eq_nocase(str_trim(encoding), STR("identity")))
        return;
    exchange->is_packed = str_eq_nocase(str_trim(encoding), STR("gzip")) ||
                          str_eq_nocase(str_trim(encoding), STR("x-gzip"));
    if (!exchange->is_packed) {
        http_answer_header(&exchange->request, &exchange->answer, "Accept-Encoding", STR("gzip"));
        receive_refuse(exchange, 415, "unsupported_encoding",
                       STR("the body's Content-Encoding may be gzip or identity"));
    }
}

/* The headers are complete.  A refusal is sent at once only where the client waits for a word
 * before it sends the body, or would send too much; else after the body. */
static enum MHD_Result begin(struct exchange *exchange, const char *method_name)
{
    struct http_server *server = exchange->server;
    head_watch_pause(&server->head_watch, watched_of(exchange->connection));
    exchange->stage = EXCHANGE_BODY;
    exchange->request.client = client_address(exchange);
    exchange->request.id = request_id(exchange);
    find_route(exchange, method_name);
    if (exchange->stage == EXCHANGE_BODY)
        find_encoding(exchange);
    bool is_stream = exchange->stage == EXCHANGE_BODY && exchange->request.route->take != NULL;

    int64_t length = 0;
    struct str length_text = http_request_header(&exchange->request, "Content-Length");
    bool has_length = !str_is_null(length_text) && str_to_int64(length_text, &length);
    if (exchange->stage == EXCHANGE_BODY && has_length && !is_stream &&
        (length < 0 || (size_t)length > exchange->body_bytes_max))
        receive_refuse_too_large(exchange);
    if (exchange->stage == EXCHANGE_BODY && atomic_load(&server->is_stopping))
        receive_refuse_busy(exchange);
    if (exchange->stage == EXCHANGE_BODY && is_stream)
        stream_begin(exchange);
    if (exchange->stage == EXCHANGE_DRAIN) {
        bool is_waiting = !str_is_null(http_request_header(&exchange->request, "Expect"));
        if (is_waiting || (has_length && (size_t)length > HTTP_DRAIN_BYTES_MAX))
            return send_answer(exchange);
    }
    return MHD_YES;
}

/* ---- body ---- */

static void drop_body(struct exchange *exchange)
{
    atomic_fetch_sub(&exchange->server->bodies_bytes, exchange->body_capacity);
    free(exchange->body);
    exchange->body = NULL;
    exchange->body_capacity = 0;
    exchange->body_len = 0;
}

/* Makes room for `more` bytes; refuses when they are too many. */
bool receive_grow_body(struct exchange *exchange, size_t more)
{
    struct http_server *server = exchange->server;
    size_t need = exchange->body_len + more;
    if (more > exchange->body_bytes_max - exchange->body_len) {
        drop_body(exchange);
        receive_refuse_too_large(exchange);
        return false;
    }
    if (need <= exchange->body_capacity)
        return true;
    size_t capacity = exchange->body_capacity * 2;
    if (capacity < BODY_BYTES_LEAST)
        capacity = BODY_BYTES_LEAST;
    if (capacity < need)
        capacity = need;
    if (capacity > exchange->body_bytes_max)
        capacity = exchange->body_bytes_max;
    size_t added = capacity - exchange->body_capacity;
    char *grown = NULL;
    if (atomic_fetch_add(&server->bodies_bytes, added) + added <= HTTP_BODIES_BYTES_MAX)
        grown = realloc(exchange->body, capacity);
    if (grown == NULL) {
        atomic_fetch_sub(&server->bodies_bytes, added);
        drop_body(exchange);
        receive_refuse_busy(exchange);
        return false;
    }
    exchange->body = grown;
    exchange->body_capacity = capacity;
    return true;
}

static enum MHD_Result take_body(struct exchange *exchange, const char *data, size_t *size)
{
    size_t len = *size;
    *size = 0; /* all of it was taken */
    int64_t limit_us = (int64_t)exchange->server->config.body_receive_s * 1000000;
    if (clock_monotonic_us() - exchange->started_us > limit_us)
        return MHD_NO;
    if (exchange->stage == EXCHANGE_BODY && receive_grow_body(exchange, len)) {
        memcpy(exchange->body + exchange->body_len, data, len);
        exchange->body_len += len;
        return MHD_YES;
    }
    exchange->drained += len;
    return exchange->drained <= HTTP_DRAIN_BYTES_MAX ? MHD_YES : MHD_NO;
}

/* ---- answers ---- */

static enum MHD_Result send_answer(struct exchange *exchange)
{
    ASSERT(exchange->has_answer);
    const struct http_answer *answer = &exchange->answer;
    /* The body lives in the exchange's arena, which outlives the response. */
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->body.len, (void *)answer->body.ptr, MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        return MHD_NO;
    if (answer->content_type != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type);
    const char *id = arena_cstr(exchange->request.arena, exchange->request.id);
    MHD_add_response_header(response, "Request-Id", id);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    for (size_t i = 0; i < answer->header_count; i++) {
        const char *value = arena_cstr(exchange->request.arena, answer->headers[i].value);
        MHD_add_response_header(response, answer->headers[i].name, value);
    }
    if (atomic_load(&exchange->server->is_stopping))
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    enum MHD_Result queued =
        MHD_queue_response(exchange->connection, (unsigned)answer->status, response);
    MHD_destroy_response(response);
    return queued;
}

void *receive_request_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct exchange *exchange = server_exchange_new(cls, connection);
    /* The library decodes its copy of the URL in place; ours stays as it was sent. */
    exchange->url = arena_str(exchange->request.arena, str_of(uri));
    return exchange;
}

enum MHD_Result receive(void *cls, struct MHD_Connection *connection, const char *url,
                        const char *method, const char *version, const char *upload_data,
                        size_t *upload_data_size, void **con_cls)
{
    (void)cls, (void)connection, (void)url, (void)version;
    struct exchange *exchange = *con_cls;
    if (exchange->stage == EXCHANGE_HEAD)
        return begin(exchange, method);
    /* A connection that was suspended with its headers comes back with them once more. */
    if (exchange->stage == EXCHANGE_STREAM && stream_is_opening(exchange)) {
        bool is_read = stream_body_begins(exchange);
        if (!is_read)
            return send_answer(exchange);
        if (*upload_data_size == 0)
            return MHD_YES;
    }
    if (exchange->stage == EXCHANGE_STREAM)
        return *upload_data_size > 0 ? stream_take(exchange, upload_data, upload_data_size)
                                     : stream_body_end(exchange);
    if (*upload_data_size > 0)
        return take_body(exchange, upload_data, upload_data_size);
    if (exchange->stage == EXCHANGE_BODY) {
        exchange->request.body =
            exchange->body != NULL ? (struct str){exchange->body, exchange->body_len} : STR("");
        if (server_submit(exchange))
            return MHD_YES;
        receive_refuse_busy(exchange);
    }
    return send_answer(exchange);
}

void receive_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                       enum MHD_RequestTerminationCode code)
{
    (void)cls;
    struct exchange *exchange = *con_cls;
    if (exchange == NULL)
        return;
    *con_cls = NULL;
    head_watch_resume(&exchange->server->head_watch, watched_of(connection));
    if (exchange->stream != NULL && stream_left(exchange))
        return; /* a worker has it, and gives it back */
    drop_body(exchange);
    server_done(exchange, exchange->was_sent || code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
}
