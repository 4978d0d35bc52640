/* inside.h - a call of the API from inside the program: no HTTP, no key, the caller's context.
 *
 * Where the context has an open transaction (ctx.tx), the call is part of it; so several calls are
 * done all or none. */
#ifndef API_INSIDE_H
#define API_INSIDE_H

#include "api/api.h"

struct inside_call {
    const struct api_route *routes; /* of the resource */
    enum http_method method;
    const struct face *face; /* NULL: the native one */
    const char *path;        /* as in the table: "/plans/{code}" */
    struct str param;        /* for its {name}; STR_NULL: it has none */
    const struct http_param *query;
    size_t query_count;
    struct str body;
};

/* Whether the resource has the route. */
const struct api_route *inside_route(const struct api_route *routes, enum http_method method,
                                     const char *path);

/* Calls a face, the native one where none is named; the route must be there (asserted) and answer
 * at once.  *answer is the body's text.  Errors as the handler's, in ctx->fault. */
MUST_CHECK enum err inside_call(struct ctx *ctx, const struct inside_call *call,
                                struct str *answer);

/* What a face answers to a GET of one object, of any resource: `path` as in its table,
 * "/invoices/{id}" (asserted), `param` for its {name}; the query may be empty. */
MUST_CHECK enum err inside_read_as(struct ctx *ctx, const struct face *face, const char *path,
                                   struct str param, const struct http_param *query,
                                   size_t query_count, struct str *answer);
/* The native face. */
MUST_CHECK enum err inside_read(struct ctx *ctx, const char *path, struct str param,
                                const struct http_param *query, size_t query_count,
                                struct str *answer);

#endif
