/* http_call.h - one HTTP request of ours to somebody else, by libcurl.
 *
 * Bounded: in time (GATEWAY_TIMEOUT_S unless said otherwise, GATEWAY_CONNECT_S of it until it is
 * connected) and in the answer's size.  Redirects are not followed, no cookies are kept,
 * certificates are checked.  From any thread. */
#ifndef CONNECTORS_HTTP_CALL_H
#define CONNECTORS_HTTP_CALL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct sockaddr; /* sys/socket.h */

#define HTTP_CALL_HEADERS_MAX 8

struct http_call_header {
    const char *name;
    struct str value; /* secrets are fine: it is never logged */
};

struct http_call {
    const char *method; /* "GET", "POST" */
    struct str url;
    struct http_call_header headers[HTTP_CALL_HEADERS_MAX]; /* up to the first without name */
    struct str body;                                        /* STR_NULL: none */
    long timeout_ms;                                        /* 0: GATEWAY_TIMEOUT_S */
    /* Keep so many bytes of the answer and let the rest be; 0: all, and more than
     * GATEWAY_ANSWER_MAX are an error. */
    size_t answer_head_max;
    /* Asked before each connection, with the address that the name resolved to; NULL: any. */
    bool (*may_reach)(const struct sockaddr *address, const void *arg);
    const void *may_reach_arg;
};

struct http_reply {
    long status;
    struct str body;
};

/* ERR_GATEWAY: no answer, with the reason as fault; whether the request took effect is not known.
 * Any status is an answer. */
MUST_CHECK enum err http_call(struct arena *arena, struct fault *fault,
                              const struct http_call *call, struct http_reply *reply);

#endif
