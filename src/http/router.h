/* router.h - which handler takes a method and a path.
 *
 * A pattern is "/plans/{code}/charges": literal segments, and {name} segments that match any one
 * non-empty segment.  A literal is preferred to a {name}.  Built once at start, then only read, by
 * any thread.  Matching takes a step for each segment of the path. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "base/arena.h"
#include "base/str.h"
#include "http/request.h"

#include <stddef.h>

#define ROUTE_SEGMENTS_MAX 16 /* longer paths are not found */

struct route {
    enum http_method method;
    const char *pattern;
    /* Fills *answer (all zero before), or defers; runs on a worker thread and may block. */
    void (*handle)(struct http_request *request, struct http_answer *answer);
    /* Instead of `handle`: the body is handed on as it comes (see http_stream_next). */
    void (*take)(struct http_request *request, const struct http_part *part);
    size_t body_bytes_max; /* 0: HTTP_BODY_BYTES_MAX (http/server.h); of no meaning to `take` */
    const void *arg;       /* the handler's own */
    size_t number;         /* set by router_add: 0, 1, 2 … in order of adding */
};

struct router_node;

struct router {
    struct arena *arena;
    struct router_node *root;
    const struct route **routes; /* by number */
    size_t route_count;
    size_t route_capacity;
};

enum route_match {
    ROUTE_FOUND,
    ROUTE_NO_PATH,   /* 404 */
    ROUTE_NO_METHOD, /* 405 */
    ROUTE_BAD_TEXT   /* 400: malformed percent-encoding, or not UTF-8, or U+0000 */
};

struct route_result {
    const struct route *route;
    struct str params[HTTP_PATH_PARAMS_MAX]; /* decoded */
    size_t param_count;
    unsigned allowed; /* bit (1 << method) for each method seen at the path; 0 for ROUTE_NO_PATH */
};

/* `arena` keeps the nodes; it must outlive the router. */
void router_init(struct router *router, struct arena *arena);

/* Adds a copy of `route` under `prefix` + its pattern.  The same method and path twice, or a
 * malformed pattern, is our bug (asserted). */
void router_add(struct router *router, const char *prefix, const struct route *route);
/* Adds a table that ends with a NULL pattern. */
void router_add_all(struct router *router, const char *prefix, const struct route *routes);

/* `path` as sent, beginning with '/'; params are decoded into `arena`. */
enum route_match router_match(const struct router *router, struct arena *arena,
                              enum http_method method, struct str path,
                              struct route_result *result);

#endif
