/* server_private.h - private to http: the server's own state.
 *
 * A request goes: receive.c (network thread) -> workers.c -> server_send -> receive.c -> done. */
#ifndef HTTP_SERVER_PRIVATE_H
#define HTTP_SERVER_PRIVATE_H

#include "base/clock.h"
#include "base/metrics.h"
#include "http/exchange.h"
#include "http/head_watch.h"
#include "http/listen.h"
#include "http/server.h"
#include "http/stream.h"
#include "http/workers.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct route_metrics; /* http/route_metrics.h */

struct http_server {
    struct http_config config; /* with the defaults filled in */
    struct listen_socket socket;
    struct MHD_Daemon *daemon;
    struct workers workers;
    struct head_watch head_watch;
    struct clock clock; /* for request ids; nothing else here asks what time it is */
    atomic_bool is_stopping;
    atomic_size_t bodies_bytes; /* of all requests now in memory */

    pthread_mutex_t lock;   /* for what follows */
    pthread_cond_t changed; /* one of the counts went down */
    int running;            /* requests queued, being handled, or deferred */
    int waking;             /* threads inside MHD_resume_connection */
    int sending;            /* answers not yet sent */
    struct stream *streams; /* open ones */
    int stream_count;
    struct exchange *spare; /* finished ones, for the next requests */
    int spare_count;

    struct route_metrics *route_metrics;
#define HTTP_GAUGES 3
    struct metric gauges[HTTP_GAUGES];
};

/* An exchange for a new request, empty. */
struct exchange *server_exchange_new(struct http_server *server, struct MHD_Connection *connection);
/* Gives it back, with its body and all that is in its arena. */
void server_exchange_free(struct exchange *exchange);

/* The request is complete: suspends its connection and hands it to the workers; where their queue
 * is full the answer is that.  false: the server is stopping, and nothing was done. */
bool server_submit(struct exchange *exchange);
/* The handler's answer stands: wakes the connection, which sends it.  From any thread; the
 * exchange belongs to the network thread afterwards. */
void server_send(struct exchange *exchange);
/* The answer has been sent, or the connection is gone: `is_sent` says which. */
void server_done(struct exchange *exchange, bool is_sent);

/* Wakes a suspended connection; the exchange may be gone afterwards. */
void server_wake(struct http_server *server, struct MHD_Connection *connection);

/* Lets an answer of the server's own stand (receive.c). */
void receive_refuse(struct exchange *exchange, int status, const char *code, struct str detail);
void receive_refuse_busy(struct exchange *exchange);
void receive_refuse_too_large(struct exchange *exchange);
/* Makes room for `more` bytes of body; refuses, drops what there is and is false when they are too
 * many. */
bool receive_grow_body(struct exchange *exchange, size_t more);
/* Unpacks a gzip body in place (content.c), for the worker: false when it was refused. */
bool content_unpack(struct exchange *exchange);

/* libmicrohttpd's callbacks (receive.c). */
void *receive_request_line(void *cls, const char *uri, struct MHD_Connection *connection);
enum MHD_Result receive(void *cls, struct MHD_Connection *connection, const char *url,
                        const char *method, const char *version, const char *upload_data,
                        size_t *upload_data_size, void **con_cls);
void receive_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                       enum MHD_RequestTerminationCode code);

#endif
