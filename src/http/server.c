#include "http/server.h"

#include "base/assert.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/route_metrics.h"
#include "http/server_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SPARE_EXCHANGES_MAX 64

/* ---- exchanges ---- */

struct exchange *server_exchange_new(struct http_server *server, struct MHD_Connection *connection)
{
    pthread_mutex_lock(&server->lock);
    struct exchange *exchange = server->spare;
    if (exchange != NULL) {
        server->spare = exchange->next;
        server->spare_count--;
    }
    pthread_mutex_unlock(&server->lock);

    struct arena arena;
    if (exchange != NULL) {
        arena = exchange->arena;
    } else {
        exchange = malloc(sizeof *exchange);
        ASSERT(exchange != NULL);
        arena_init(&arena);
    }
    *exchange = (struct exchange){
        .arena = arena,
        .server = server,
        .connection = connection,
        .started_us = clock_monotonic_us(),
        .request = {.body = STR(""), .env = server->config.env},
    };
    exchange->request.arena = &exchange->arena;
    return exchange;
}

void server_exchange_free(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    ASSERT(exchange->body == NULL);
    stream_free(exchange);
    arena_reset(&exchange->arena);
    pthread_mutex_lock(&server->lock);
    bool is_kept = server->spare_count < SPARE_EXCHANGES_MAX;
    if (is_kept) {
        exchange->next = server->spare;
        server->spare = exchange;
        server->spare_count++;
    }
    pthread_mutex_unlock(&server->lock);
    if (!is_kept) {
        arena_clear(&exchange->arena);
        free(exchange);
    }
}

/* ---- the way to the workers and back ---- */

bool server_submit(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    pthread_mutex_lock(&server->lock);
    bool is_stopping = atomic_load(&server->is_stopping);
    if (!is_stopping)
        server->running++;
    pthread_mutex_unlock(&server->lock);
    if (is_stopping)
        return false;

    /* Suspended first: a worker may be done before this function is. */
    exchange->stage = EXCHANGE_RUNNING;
    exchange->is_submitted = true;
    MHD_suspend_connection(exchange->connection);
    if (!workers_submit(&server->workers, exchange)) {
        receive_refuse_busy(exchange);
        server_send(exchange);
    }
    return true;
}

static void wake_counted(struct http_server *server, struct MHD_Connection *connection)
{
    MHD_resume_connection(connection);
    pthread_mutex_lock(&server->lock);
    server->waking--;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

void server_wake(struct http_server *server, struct MHD_Connection *connection)
{
    pthread_mutex_lock(&server->lock);
    server->waking++;
    pthread_mutex_unlock(&server->lock);
    wake_counted(server, connection);
}

void server_send(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    struct MHD_Connection *connection = exchange->connection;
    ASSERT(exchange->has_answer);
    pthread_mutex_lock(&server->lock);
    server->running--;
    server->waking++;
    server->sending++;
    pthread_mutex_unlock(&server->lock);

    wake_counted(server, connection); /* the exchange is gone from here on */
}

static void log_access(struct exchange *exchange, bool is_sent, int64_t duration_us)
{
    const struct http_request *request = &exchange->request;
    log_request(request->id);
    log_info("request", LOG_STR("method", str_of(http_method_name(request->method))),
             LOG_STR("route", str_of(request->route != NULL ? request->route->pattern : "none")),
             LOG_STR("path", request->path), LOG_INT("status", exchange->answer.status),
             LOG_INT("duration_us", duration_us),
             LOG_INT("bytes", (int64_t)exchange->answer.body.len),
             LOG_STR("client", request->client), LOG_STR("key", request->key),
             LOG_STR("end", is_sent ? STR("sent") : STR("aborted")));
    log_request(STR_NULL);
}

void server_done(struct exchange *exchange, bool is_sent)
{
    struct http_server *server = exchange->server;
    int64_t duration_us = clock_monotonic_us() - exchange->started_us;
    bool was_submitted = exchange->is_submitted;
    /* What never got as far as an answer (a torn connection, headers that the library refused)
     * is no request of anyone's. */
    if (exchange->has_answer) {
        route_metrics_count(server, exchange, duration_us);
        log_access(exchange, is_sent, duration_us);
    }
    server_exchange_free(exchange);
    if (!was_submitted)
        return;
    pthread_mutex_lock(&server->lock);
    server->sending--;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

/* ---- libmicrohttpd ---- */

/* Paths and queries are decoded by us, strictly. */
static size_t leave_encoded(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls, (void)connection;
    return str_of(text).len;
}

__attribute__((format(printf, 2, 0))) static void library_log(void *cls, const char *format,
                                                              va_list args)
{
    (void)cls;
    char text[512];
    int len = vsnprintf(text, sizeof text, format, args);
    if (len <= 0)
        return;
    size_t shown = (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    log_debug("http library", LOG_STR("says", str_trim((struct str){text, shown})));
}

static void connection_changed(void *cls, struct MHD_Connection *connection, void **socket_context,
                               enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        ASSERT(info != NULL);
        *socket_context = head_watch_add(&server->head_watch, info->connect_fd);
    } else {
        head_watch_remove(&server->head_watch, *socket_context);
        *socket_context = NULL;
    }
}

static struct MHD_Daemon *daemon_start(struct http_server *server)
{
    const struct http_config *config = &server->config;
    // clang-format off
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG,
        0, NULL, NULL, receive, server,
        MHD_OPTION_EXTERNAL_LOGGER, library_log, server,
        MHD_OPTION_LISTEN_SOCKET, server->socket.fd,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)config->network_thread_count,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)config->connections_max,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)config->idle_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, HTTP_HEADER_BYTES_MAX,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, receive_request_line, server,
        MHD_OPTION_NOTIFY_COMPLETED, receive_completed, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, connection_changed, server,
        MHD_OPTION_END);
    // clang-format on
}

/* ---- start and stop ---- */

static void fill_in(int *value, int standard)
{
    ASSERT(*value >= 0);
    if (*value == 0)
        *value = standard;
}

static void server_free(struct http_server *server)
{
    while (server->spare != NULL) {
        struct exchange *next = server->spare->next;
        arena_clear(&server->spare->arena);
        free(server->spare);
        server->spare = next;
    }
    route_metrics_clear(server);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

static enum err threads_start(struct http_server *server, struct fault *fault)
{
    const struct http_config *config = &server->config;
    if (workers_start(&server->workers, config->worker_count, config->queue_max) != ERR_NONE)
        return fault_set(fault, ERR_UNAVAILABLE, "can't start worker threads");
    if (head_watch_start(&server->head_watch, config->head_receive_s) != ERR_NONE) {
        workers_stop(&server->workers);
        return fault_set(fault, ERR_UNAVAILABLE, "can't start the HTTP server's threads");
    }
    server->daemon = daemon_start(server);
    if (server->daemon == NULL) {
        head_watch_stop(&server->head_watch);
        workers_stop(&server->workers);
        return fault_set(fault, ERR_UNAVAILABLE, "can't start the HTTP server's threads");
    }
    return ERR_NONE;
}

static int64_t read_queue(void *arg)
{
    return workers_waiting(&((struct http_server *)arg)->workers);
}

static int64_t read_running(void *arg)
{
    struct http_server *server = arg;
    pthread_mutex_lock(&server->lock);
    int running = server->running;
    pthread_mutex_unlock(&server->lock);
    return running;
}

static int64_t read_bodies(void *arg)
{
    return (int64_t)atomic_load(&((struct http_server *)arg)->bodies_bytes);
}

static void gauges_register(struct http_server *server)
{
    static const struct metric gauges[] = {
        {.kind = METRIC_KIND_GAUGE,
         .name = "billow_http_queue_requests",
         .help = "Requests that wait for a worker.",
         .read = read_queue},
        {.kind = METRIC_KIND_GAUGE,
         .name = "billow_http_running_requests",
         .help = "Requests that wait, are handled, or wait for a commit.",
         .read = read_running},
        {.kind = METRIC_KIND_GAUGE,
         .name = "billow_http_bodies_bytes",
         .help = "Memory taken by request bodies.",
         .read = read_bodies},
    };
    for (size_t i = 0; i < HTTP_GAUGES; i++) {
        server->gauges[i] = gauges[i];
        server->gauges[i].arg = server;
        metric_register(&server->gauges[i]);
    }
}

enum err http_server_start(const struct http_config *config, struct fault *fault,
                           struct http_server **started)
{
    ASSERT(config->router != NULL);
    struct http_server *server = calloc(1, sizeof *server);
    ASSERT(server != NULL);
    server->config = *config;
    fill_in(&server->config.worker_count, HTTP_WORKERS);
    fill_in(&server->config.network_thread_count, HTTP_NETWORK_THREADS);
    fill_in(&server->config.queue_max, HTTP_QUEUE_MAX);
    fill_in(&server->config.connections_max, HTTP_CONNECTIONS_MAX);
    fill_in(&server->config.idle_s, HTTP_IDLE_S);
    fill_in(&server->config.head_receive_s, HTTP_HEAD_RECEIVE_S);
    fill_in(&server->config.body_receive_s, HTTP_BODY_RECEIVE_S);
    fill_in(&server->config.stream_window_s, HTTP_STREAM_WINDOW_S);
    fill_in(&server->config.streams_max, HTTP_STREAMS_MAX);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&server->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&server->lock, NULL);
    clock_init_real(&server->clock);
    route_metrics_init(server);

    enum err err = ERR_NONE;
    if (config->socket != NULL)
        server->socket = *config->socket;
    else
        err = listen_open(config->listen, config->next_free_port, fault, &server->socket);
    if (err == ERR_NONE) {
        if (config->bound != NULL)
            config->bound(config->bound_arg, http_server_address(server));
        err = threads_start(server, fault);
        if (err != ERR_NONE)
            close(server->socket.fd);
    }
    if (err != ERR_NONE) {
        server_free(server);
        return err;
    }
    gauges_register(server);
    *started = server;
    return ERR_NONE;
}

struct str http_server_address(const struct http_server *server)
{
    return str_of(server->socket.address);
}

int http_server_port(const struct http_server *server)
{
    return server->socket.port;
}

static void wait_for_answers(struct http_server *server)
{
    struct timespec until;
    pthread_mutex_lock(&server->lock);
    while (server->running > 0)
        pthread_cond_wait(&server->changed, &server->lock);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += HTTP_STOP_SEND_MS / 1000;
    until.tv_nsec += HTTP_STOP_SEND_MS % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    int waited = 0;
    while (server->sending > 0 && waited == 0)
        waited = pthread_cond_timedwait(&server->changed, &server->lock, &until);
    while (server->waking > 0)
        pthread_cond_wait(&server->changed, &server->lock);
    pthread_mutex_unlock(&server->lock);
}

void http_server_stop(struct http_server *server)
{
    /* New connections are still taken, to be told 503: MHD_quiesce_daemon of libmicrohttpd 0.9.75
     * takes the socket out of each thread's epoll set, and so may that thread at the same moment;
     * the second of them ends the process.
     * Under the lock: after it, what server_submit counted is counted for good. */
    pthread_mutex_lock(&server->lock);
    atomic_store(&server->is_stopping, true);
    streams_stop(server);
    pthread_mutex_unlock(&server->lock);
    wait_for_answers(server);
    for (size_t i = 0; i < HTTP_GAUGES; i++)
        metric_unregister(&server->gauges[i]);
    workers_stop(&server->workers);
    MHD_stop_daemon(server->daemon); /* closes the socket */
    head_watch_stop(&server->head_watch);
    server_free(server);
}
