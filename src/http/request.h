/* request.h - one HTTP request and its answer, as handlers see them.
 *
 * A request is made by the server (http/server.h), read by one handler, and lives until its
 * answer has been sent.  All views in it live as long; its arena is the handler's to use, and
 * what an answer points to must live in it (or longer).
 *
 * A handler that can't answer at once calls http_defer, hands the request on and returns;
 * later any thread calls http_answer, once.  Between the two the request and its arena belong to
 * whoever it was handed to, and the handler must not touch them after handing over. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_PATH_PARAMS_MAX    8   /* {name} segments of a pattern */
#define HTTP_QUERY_PARAMS_MAX   100 /* more: 400 */
#define HTTP_ANSWER_HEADERS_MAX 24
#define HTTP_REQUEST_ID_MAX     64 /* bytes of an id taken from the client */

/* HEAD arrives as HTTP_GET; the server leaves the body out. */
enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_METHOD_COUNT };

struct http_param {
    struct str name;
    struct str value;
};

struct http_request {
    struct arena *arena;
    enum http_method method;
    struct str path;                         /* as sent, still percent-encoded, without the query */
    struct str params[HTTP_PATH_PARAMS_MAX]; /* the {name} segments in order, decoded: UTF-8 without
                                                U+0000 */
    size_t param_count;
    const struct http_param *query; /* in the order sent, decoded likewise; '+' is a space */
    size_t query_count;
    struct str body;           /* complete; STR("") when there is none */
    struct str id;             /* the request id: the client's when valid, else ours */
    struct str client;         /* address, without the port */
    const struct route *route; /* what matched; NULL while the request is being refused */
    void *env;                 /* http_config.env */
    struct str key;            /* name of the API key, for the log; STR_NULL: none */
    void *state;               /* a stream's: its handler's own; NULL at first */
};

struct http_header {
    const char *name;
    struct str value;
};

/* Sent with Content-Length, Date, Request-Id and X-Content-Type-Options of the server's own. */
struct http_answer {
    int status;               /* 200 to 599 */
    const char *content_type; /* NULL: none, as for 204 */
    struct str body;
    struct http_header headers[HTTP_ANSWER_HEADERS_MAX];
    size_t header_count;
};

/* Adds a header.  Bytes that may not stand in a header value become '?'. */
void http_answer_header(struct http_request *request, struct http_answer *answer, const char *name,
                        struct str value);

/* The value of a request header (any case), or STR_NULL.  Bytes as sent, not checked to be UTF-8.
 */
struct str http_request_header(struct http_request *request, const char *name);

/* Where the request comes from: the client's address, or behind a reverse proxy on this machine
 * what that says in X-Forwarded-For. */
struct str http_request_address(struct http_request *request);

/* From inside a handler: its answer will come by http_answer; what the handler itself put into
 * its answer is ignored. */
void http_defer(struct http_request *request);

/* Answers a deferred request; the request is gone afterwards.  From any thread, also before the
 * handler that deferred has returned. */
void http_answer(struct http_request *request, const struct http_answer *answer);

/* ---- streams ---- */

enum http_stream_end {
    HTTP_STREAM_GOES_ON,
    HTTP_STREAM_COMPLETE, /* `bytes` is all that is left */
    HTTP_STREAM_STOPPING, /* the server stops */
    HTTP_STREAM_TOO_SLOW, /* less than HTTP_STREAM_LEAST_BYTES in HTTP_STREAM_WINDOW_S */
    HTTP_STREAM_DAMAGED   /* a gzip that can't be unpacked further, or ends too early */
};

/* What has come and is not used yet: unpacked, and contiguous. */
struct http_part {
    struct str bytes;
    bool is_full; /* no more fits: something of it must be used */
    enum http_stream_end end;
};

/* A route with `take` gets its body in parts, of any total length.  Its handler is called on a
 * worker: first with no bytes and request->state NULL, before any of the body is read (the only
 * time when it may look at headers), then whenever something has come.  Each time it must, then or
 * later and from any thread, once, either call http_stream_next, saying how much of `bytes` it
 * used and that it wants more; or call http_answer (without http_defer), which ends the stream,
 * also amid the body.  Told another end than GOES_ON, it may still ask for the same again by using
 * some of `bytes`, and must answer at last.  While it has not asked for more, the client is held
 * up by TCP once a buffer is full.  A client that leaves is seen by nobody: the handler is just not
 * called again, and its arena is gone after its last http_stream_next. */
void http_stream_next(struct http_request *request, size_t used);

const char *http_method_name(enum http_method method);
/* "Not Found" for 404; "Unknown" for what has no name. */
const char *http_status_name(int status);

#endif
