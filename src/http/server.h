/* server.h - the HTTP server: few network threads, a pool of workers between them and the handlers.
 *
 * Network threads never block: they read requests, check the limits below, and put what is
 * complete into a queue; workers run the handlers.  A request that waits or runs costs no thread.
 *
 * What the server answers by itself, before any handler (through http_config.refuse):
 *   400 malformed percent-encoding, UTF-8 or U+0000 in path or query; too many parameters
 *   404 unknown path      405 unknown method, with Allow      413 body too large
 *   414 URL too long      415 Content-Encoding other than gzip      400 damaged gzip
 *   503 too busy or stopping, with Retry-After
 * A gzip body is unpacked before the handler sees it, and bounded by the route's limit then too.
 * Headers that do not fit HTTP_HEADER_BYTES_MAX get 431 (a longer URL 414) from the HTTP library
 * itself.  A refused body is read to its end and thrown away, up to HTTP_DRAIN_BYTES_MAX, because
 * many clients read no answer before they have sent all.  Who is too slow is cut off. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"
#include "http/request.h"
#include "http/router.h"

#include <stdbool.h>
#include <stddef.h>

#define HTTP_BODY_BYTES_MAX     ((size_t)1 << 20)   /* of a route that says nothing else */
#define HTTP_BODIES_BYTES_MAX   ((size_t)256 << 20) /* of all requests at once; beyond: 503 */
#define HTTP_DRAIN_BYTES_MAX    ((size_t)64 << 20)  /* of a refused body */
#define HTTP_HEADER_BYTES_MAX   ((size_t)32 << 10)  /* request line and headers */
#define HTTP_URL_BYTES_MAX      ((size_t)8 << 10)
#define HTTP_CONNECTIONS_MAX    1000 /* more wait in the system's backlog */
#define HTTP_IDLE_S             60   /* without a byte, then the connection is closed */
#define HTTP_HEAD_RECEIVE_S     60 /* from the connection, or the last answer, to the headers' end */
#define HTTP_BODY_RECEIVE_S     60                  /* from the headers to the body's end */
#define HTTP_STREAMS_MAX        64                  /* open at once; beyond: 503 */
#define HTTP_STREAM_BYTES       ((size_t)256 << 10) /* of each of a stream's three buffers */
#define HTTP_STREAM_WINDOW_S    60 /* in each, a stream brings HTTP_STREAM_LEAST_BYTES, or ends */
#define HTTP_STREAM_LEAST_BYTES 1024
#define HTTP_QUEUE_MAX          256 /* requests waiting for a worker; beyond: 503 */
#define HTTP_WORKERS            4
#define HTTP_NETWORK_THREADS    2
#define HTTP_PORT_TRIES         100  /* of next_free_port */
#define HTTP_STOP_SEND_MS       2000 /* for clients to take the last answers when stopping */

struct http_config {
    struct str listen;   /* "127.0.0.1:8080", "[::1]:8080", "localhost:0"; port 0: any free one */
    bool next_free_port; /* where the port is taken, try the ports after it */
    const struct router *router;
    void *env; /* becomes http_request.env */
    /* Fills body and content type of an answer that the server gives by itself; status and
     * headers stand already.  Runs on a network thread: must not block.  NULL: plain text.
     *   code    stable: "bad_request", "not_found", "not_allowed", "too_large", "busy" ...
     *   detail  a sentence for a person */
    void (*refuse)(struct http_request *request, const char *code, struct str detail,
                   struct http_answer *answer);
    const struct listen_socket *socket; /* from listen_open (http/listen.h), in place of `listen`;
                                           closed by the server; NULL: none */
    /* Called once with the address that was got, before the first request; may be NULL. */
    void (*bound)(void *arg, struct str address);
    void *bound_arg;
    /* 0 stands for the constant above */
    int worker_count;
    int network_thread_count;
    int queue_max;
    int connections_max;
    int idle_s;
    int head_receive_s;
    int body_receive_s;
    int stream_window_s;
    int streams_max;
};

struct http_server;

/* Listens and serves.  ERR_INVALID: `listen` is malformed; ERR_UNAVAILABLE: the address can't be
 * had; the fault says why.  What `config` points to must outlive the server. */
MUST_CHECK enum err http_server_start(const struct http_config *config, struct fault *fault,
                                      struct http_server **server);

/* Where it listens, as "127.0.0.1:8080"; lives as long as the server. */
struct str http_server_address(const struct http_server *server);
int http_server_port(const struct http_server *server);

/* Stops gracefully: answers 503 to requests that come now, on new connections too, waits until
 * every request that was taken has its answer (so whoever answers deferred ones must still run),
 * tells open streams to end, gives clients HTTP_STOP_SEND_MS to read the answers, and ends all
 * threads. */
void http_server_stop(struct http_server *server);

#endif
