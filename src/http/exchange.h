/* exchange.h - private to http: a request on its way through the server.
 *
 * It is made when the request line has come, and given back when the answer has been sent.  One
 * thread owns it at a time: the network thread of its connection while it is read and while the
 * answer is sent; between, the worker that runs the handler, and whoever a deferred answer is
 * left to. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "base/arena.h"
#include "http/request.h"

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_server;
struct stream; /* http/stream.h */

enum exchange_stage {
    EXCHANGE_HEAD,   /* headers are not complete yet */
    EXCHANGE_BODY,   /* the body is coming */
    EXCHANGE_DRAIN,  /* it is refused: the answer stands, the body is thrown away */
    EXCHANGE_STREAM, /* the body is handed on as it comes (http/stream.h) */
    EXCHANGE_RUNNING /* suspended; afterwards the answer stands */
};

struct exchange {
    struct http_request request; /* first, so that a request leads back to its exchange */
    struct arena arena;
    struct http_server *server;
    struct MHD_Connection *connection;
    enum exchange_stage stage;
    struct str url; /* as sent */
    char *body;     /* malloc'ed: it grows */
    size_t body_len;
    size_t body_capacity;
    size_t drained;
    size_t body_bytes_max;
    bool is_packed;        /* the body is gzip; unpacked by the worker, or by the stream */
    struct stream *stream; /* NULL: the body is gathered */
    int64_t started_us;    /* monotonic */
    atomic_int holds;      /* the worker's, and a deferred answer's; at 0 it is answered */
    bool is_deferred;
    bool was_sent; /* the answer, amid the body */
    bool has_answer;
    bool is_submitted; /* counted as running, then as sending */
    struct http_answer answer;
    struct exchange *next; /* in the queue or among the spare ones */
};

#endif
