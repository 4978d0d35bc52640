/* http_call.h - one HTTP request of ours to somebody else, by libcurl.
 *
 * Bounded: in time (GATEWAY_TIMEOUT_S unless said otherwise) and in the answer's size.  Redirects
 * are not followed, no cookies are kept, certificates are checked.  From any thread. */
#ifndef CONNECTORS_HTTP_CALL_H
#define CONNECTORS_HTTP_CALL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stddef.h>

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
