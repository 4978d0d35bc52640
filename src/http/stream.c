#include "http/stream.h"

#include "base/assert.h"
#include "base/buf.h"
#include "base/gunzip.h"
#include "http/server_private.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_HEAD_BYTES_MAX 8192

struct stream {
    struct exchange *exchange;
    struct stream *next, *previous; /* open ones; under the server's lock */

    /* The owner's: whoever has is_working. */
    struct gunzip *gunzip; /* NULL: the body is not packed */
    char *taken;           /* from the network thread */
    struct str packed;     /* what of it is not in `text` yet */
    char *text;
    size_t text_len;
    size_t used; /* of text, by the handler's last call */
    bool is_opened;
    bool is_damaged;
    bool may_hold_more; /* the unpacker filled its room */

    pthread_mutex_t lock; /* for what follows; taken after the server's, never before */
    char *filling;
    size_t filling_len;
    bool is_begun;     /* the body may come */
    bool is_working;   /* queued, with a worker, or with the handler */
    bool is_suspended; /* the connection */
    bool has_ended;    /* the body is complete; the connection is suspended for the answer */
    bool is_too_slow;
    bool is_answered;
    bool is_gone;              /* the connection */
    int64_t window_started_us; /* 0: with the next byte */
    size_t window_bytes;
    size_t drained;
};

/* ---- opening and closing --------------------------------------------------------------------- */

static struct stream *stream_new(struct exchange *exchange)
{
    struct stream *stream = calloc(1, sizeof *stream);
    ASSERT(stream != NULL);
    *stream = (struct stream){
        .exchange = exchange,
        .gunzip = exchange->is_packed ? gunzip_new() : NULL,
        .taken = malloc(HTTP_STREAM_BYTES),
        .text = malloc(HTTP_STREAM_BYTES),
        .filling = malloc(HTTP_STREAM_BYTES),
        .packed = STR(""),
        .is_working = true,
        .is_suspended = true,
    };
    ASSERT(stream->taken != NULL && stream->text != NULL && stream->filling != NULL);
    pthread_mutex_init(&stream->lock, NULL);
    return stream;
}

void stream_free(struct exchange *exchange)
{
    struct stream *stream = exchange->stream;
    if (stream == NULL)
        return;
    gunzip_free(stream->gunzip);
    free(stream->taken);
    free(stream->text);
    free(stream->filling);
    pthread_mutex_destroy(&stream->lock);
    free(stream);
    exchange->stream = NULL;
}

/* The stream is no longer told of the server's end, nor waited for; `sending` says whether its
 * answer is on its way. */
static void close_stream(struct http_server *server, struct stream *stream, bool sending)
{
    pthread_mutex_lock(&server->lock);
    if (stream->previous != NULL)
        stream->previous->next = stream->next;
    else
        server->streams = stream->next;
    if (stream->next != NULL)
        stream->next->previous = stream->previous;
    server->stream_count--;
    server->running--;
    server->sending += sending;
    stream->exchange->is_submitted = sending;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

void stream_begin(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    struct stream *stream = NULL;
    pthread_mutex_lock(&server->lock);
    if (!atomic_load(&server->is_stopping) && server->stream_count < server->config.streams_max) {
        stream = stream_new(exchange);
        stream->next = server->streams;
        if (server->streams != NULL)
            server->streams->previous = stream;
        server->streams = stream;
        server->stream_count++;
        server->running++;
    }
    pthread_mutex_unlock(&server->lock);
    if (stream == NULL) {
        receive_refuse_busy(exchange);
        return;
    }
    exchange->stream = stream;
    exchange->stage = EXCHANGE_STREAM;
    MHD_suspend_connection(exchange->connection);
    workers_submit_again(&server->workers, exchange);
}

void streams_stop(struct http_server *server)
{
    for (struct stream *stream = server->streams; stream != NULL; stream = stream->next) {
        pthread_mutex_lock(&stream->lock);
        bool is_idle = !stream->is_working && !stream->is_answered && !stream->is_gone;
        if (is_idle)
            stream->is_working = true;
        pthread_mutex_unlock(&stream->lock);
        if (is_idle)
            workers_submit_again(&server->workers, stream->exchange);
    }
}

bool stream_left(struct exchange *exchange)
{
    struct stream *stream = exchange->stream;
    pthread_mutex_lock(&stream->lock);
    bool is_answered = stream->is_answered;
    bool is_working = stream->is_working;
    stream->is_gone = true;
    pthread_mutex_unlock(&stream->lock);
    if (is_working)
        return true;
    if (!is_answered)
        close_stream(exchange->server, stream, false);
    return false;
}

/* The connection went away while a worker had the stream. */
static void give_back(struct exchange *exchange)
{
    close_stream(exchange->server, exchange->stream, false);
    server_done(exchange, false);
}

/* Writes the answer to the socket; the stream is locked, so that the connection stays. */
static void send_amid_body(struct exchange *exchange)
{
    const struct http_answer *answer = &exchange->answer;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct buf out;
    ASSERT(info != NULL);
    buf_init(&out, exchange->request.arena, ANSWER_HEAD_BYTES_MAX + answer->body.len);
    buf_fmt(&out, "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: %zu\r\n", answer->status,
            http_status_name(answer->status), answer->body.len);
    if (answer->content_type != NULL)
        buf_fmt(&out, "Content-Type: %s\r\n", answer->content_type);
    buf_fmt(&out, "Request-Id: %.*s\r\nX-Content-Type-Options: nosniff\r\n",
            STR_ARG(exchange->request.id));
    for (size_t i = 0; i < answer->header_count; i++)
        buf_fmt(&out, "%s: %.*s\r\n", answer->headers[i].name, STR_ARG(answer->headers[i].value));
    buf_add(&out, STR("\r\n"));
    buf_add(&out, answer->body);
    /* Nothing was sent on the connection for this request, so it fits the system's buffer. */
    int bytes = (int)out.len;
    (void)setsockopt(info->connect_fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    ssize_t sent =
        buf_ok(&out) ? send(info->connect_fd, out.ptr, out.len, MSG_DONTWAIT | MSG_NOSIGNAL) : -1;
    exchange->was_sent = sent == (ssize_t)out.len;
    (void)shutdown(info->connect_fd, SHUT_WR);
}

/* ---- network thread -------------------------------------------------------------------------- */

/* Whether a window has passed with too few bytes.  Time that the client was held up is not
 * counted. */
static bool is_too_slow(struct stream *stream, size_t more)
{
    int64_t now_us = clock_monotonic_us();
    int64_t window_us = (int64_t)stream->exchange->server->config.stream_window_s * 1000000;
    if (stream->window_started_us == 0) {
        stream->window_started_us = now_us;
        stream->window_bytes = 0;
    }
    stream->window_bytes += more;
    if (now_us - stream->window_started_us < window_us)
        return false;
    bool is_slow = stream->window_bytes < HTTP_STREAM_LEAST_BYTES;
    stream->window_started_us = now_us;
    stream->window_bytes = 0;
    return is_slow;
}

static enum MHD_Result drain(struct stream *stream, size_t *size)
{
    stream->drained += *size;
    *size = 0;
    return stream->drained <= HTTP_DRAIN_BYTES_MAX ? MHD_YES : MHD_NO;
}

enum MHD_Result stream_take(struct exchange *exchange, const char *data, size_t *size)
{
    struct stream *stream = exchange->stream;
    bool is_handed = false;
    pthread_mutex_lock(&stream->lock);
    if (stream->is_answered) {
        enum MHD_Result result = drain(stream, size);
        pthread_mutex_unlock(&stream->lock);
        return result;
    }
    size_t room = HTTP_STREAM_BYTES - stream->filling_len;
    size_t taken = *size < room ? *size : room;
    memcpy(stream->filling + stream->filling_len, data, taken);
    stream->filling_len += taken;
    *size -= taken;
    stream->is_too_slow = is_too_slow(stream, taken) || stream->is_too_slow;
    if (stream->filling_len == HTTP_STREAM_BYTES) {
        stream->is_suspended = true;
        stream->window_started_us = 0;
        MHD_suspend_connection(exchange->connection);
    }
    is_handed = !stream->is_working;
    stream->is_working = true;
    pthread_mutex_unlock(&stream->lock);
    if (is_handed)
        workers_submit_again(&exchange->server->workers, exchange);
    return MHD_YES;
}

bool stream_is_opening(struct exchange *exchange)
{
    return !exchange->stream->is_begun; /* set by this thread alone */
}

bool stream_body_begins(struct exchange *exchange)
{
    struct stream *stream = exchange->stream;
    pthread_mutex_lock(&stream->lock);
    stream->is_begun = true;
    /* A client that waits for a word before it sends the body gets the answer instead, from the
     * library; another one is sending already. */
    bool is_refused = stream->is_answered;
    bool is_waiting = is_refused && !str_is_null(http_request_header(&exchange->request, "Expect"));
    if (is_refused && !is_waiting)
        send_amid_body(exchange);
    pthread_mutex_unlock(&stream->lock);
    return !is_waiting;
}

enum MHD_Result stream_body_end(struct exchange *exchange)
{
    struct stream *stream = exchange->stream;
    pthread_mutex_lock(&stream->lock);
    if (stream->is_answered) { /* amid the body: all is said */
        pthread_mutex_unlock(&stream->lock);
        return MHD_NO;
    }
    stream->has_ended = true;
    stream->is_suspended = true;
    MHD_suspend_connection(exchange->connection);
    bool is_handed = !stream->is_working;
    stream->is_working = true;
    pthread_mutex_unlock(&stream->lock);
    if (is_handed)
        workers_submit_again(&exchange->server->workers, exchange);
    return MHD_YES;
}

/* ---- worker ---------------------------------------------------------------------------------- */

/* Takes what the network thread has gathered; lets it go on if it waits for that. */
static void take_filling(struct stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    char *filled = stream->filling;
    stream->packed = (struct str){filled, stream->filling_len};
    stream->filling = stream->taken;
    stream->filling_len = 0;
    stream->taken = filled;
    bool is_waiting = stream->is_suspended && !stream->has_ended && stream->is_opened;
    if (is_waiting)
        stream->is_suspended = false;
    pthread_mutex_unlock(&stream->lock);
    if (is_waiting)
        server_wake(stream->exchange->server, stream->exchange->connection);
}

/* Unpacks as much as fits behind what is not used; whether anything was added. */
static bool refill(struct stream *stream)
{
    size_t before = stream->text_len;
    while (stream->text_len < HTTP_STREAM_BYTES && !stream->is_damaged) {
        char *out = stream->text + stream->text_len;
        size_t room = HTTP_STREAM_BYTES - stream->text_len;
        size_t made = 0;
        if (stream->packed.len == 0 && !stream->may_hold_more)
            take_filling(stream);
        if (stream->packed.len == 0 && !stream->may_hold_more)
            break;
        if (stream->gunzip != NULL) {
            stream->is_damaged = !gunzip_feed(stream->gunzip, &stream->packed, out, room, &made);
            stream->may_hold_more = made == room;
        } else {
            made = stream->packed.len < room ? stream->packed.len : room;
            memcpy(out, stream->packed.ptr, made);
            stream->packed = str_slice(stream->packed, made, stream->packed.len);
        }
        stream->text_len += made;
    }
    return stream->text_len > before;
}

static enum http_stream_end end_of(struct stream *stream)
{
    bool is_used_up = stream->packed.len == 0 && !stream->may_hold_more;
    pthread_mutex_lock(&stream->lock);
    bool is_complete = stream->has_ended && stream->filling_len == 0 && is_used_up;
    bool is_slow = stream->is_too_slow;
    pthread_mutex_unlock(&stream->lock);
    if (stream->is_damaged ||
        (is_complete && stream->gunzip != NULL && !gunzip_is_complete(stream->gunzip)))
        return HTTP_STREAM_DAMAGED;
    if (is_complete)
        return HTTP_STREAM_COMPLETE;
    if (atomic_load(&stream->exchange->server->is_stopping))
        return HTTP_STREAM_STOPPING;
    return is_slow ? HTTP_STREAM_TOO_SLOW : HTTP_STREAM_GOES_ON;
}

/* Nothing to tell: the network thread hands it over again.  false: something came meanwhile. */
static bool go_idle(struct exchange *exchange)
{
    struct stream *stream = exchange->stream;
    struct http_server *server = exchange->server;
    struct MHD_Connection *connection = exchange->connection;
    pthread_mutex_lock(&server->lock); /* so that streams_stop sees it idle, or it the stopping */
    pthread_mutex_lock(&stream->lock);
    bool is_idle = !stream->is_gone && !stream->has_ended && stream->filling_len == 0 &&
                   !stream->is_too_slow && !atomic_load(&server->is_stopping);
    bool is_waiting = is_idle && stream->is_suspended;
    if (is_idle)
        stream->is_working = false;
    if (is_waiting)
        stream->is_suspended = false;
    pthread_mutex_unlock(&stream->lock);
    pthread_mutex_unlock(&server->lock);
    if (is_waiting)
        server_wake(server, connection);
    return is_idle;
}

static bool is_gone(struct stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    bool gone = stream->is_gone;
    pthread_mutex_unlock(&stream->lock);
    return gone;
}

void stream_run(struct exchange *exchange)
{
    struct stream *stream = exchange->stream;
    struct http_part part = {.bytes = STR(""), .end = HTTP_STREAM_GOES_ON};
    bool is_new = stream->used > 0;
    if (is_gone(stream)) {
        give_back(exchange);
        return;
    }
    if (!stream->is_opened) {
        stream->is_opened = true;
        exchange->request.route->take(&exchange->request, &part);
        return;
    }
    memmove(stream->text, stream->text + stream->used, stream->text_len - stream->used);
    stream->text_len -= stream->used;
    stream->used = 0;
    do {
        is_new = refill(stream) || is_new;
        part.end = end_of(stream);
        if ((is_new && stream->text_len > 0) || part.end != HTTP_STREAM_GOES_ON) {
            part.bytes = (struct str){stream->text, stream->text_len};
            part.is_full = stream->text_len == HTTP_STREAM_BYTES;
            exchange->request.route->take(&exchange->request, &part);
            return;
        }
        if (is_gone(stream)) {
            give_back(exchange);
            return;
        }
    } while (!go_idle(exchange));
}

void http_stream_next(struct http_request *request, size_t used)
{
    struct exchange *exchange = (struct exchange *)request;
    struct stream *stream = exchange->stream;
    ASSERT(used <= stream->text_len);
    ASSERT(used > 0 || stream->text_len < HTTP_STREAM_BYTES);
    stream->used = used;
    workers_submit_again(&exchange->server->workers, exchange);
}

/* ---- answers --------------------------------------------------------------------------------- */

void stream_answer(struct exchange *exchange, const struct http_answer *answer)
{
    struct stream *stream = exchange->stream;
    struct http_server *server = exchange->server;
    struct MHD_Connection *connection = exchange->connection;
    exchange->answer = *answer;
    exchange->has_answer = true;
    close_stream(server, stream, true);
    pthread_mutex_lock(&stream->lock);
    bool is_gone = stream->is_gone;
    bool is_waiting = stream->is_suspended;
    stream->is_suspended = false;
    stream->is_answered = true;
    stream->is_working = false;
    if (stream->has_ended)
        exchange->stage = EXCHANGE_RUNNING;
    else if (!is_gone && stream->is_begun)
        send_amid_body(exchange);
    pthread_mutex_unlock(&stream->lock);
    if (is_gone)
        server_done(exchange, false);
    else if (is_waiting)
        server_wake(server, connection);
}
