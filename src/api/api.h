/* api.h - the frame of the JSON API: what a handler is given, and what it gives back.
 *
 * One file for each resource: tables that read its bodies, one function that writes the object,
 * one handler for each operation, one table of routes, which api/routes.[hc] list.  Every route is
 * mounted on both faces.  A complete resource:
 *
 *   // tax.c - taxes
 *   static const struct bind_field tax_fields[] = {
 *       {"name", BIND_TEXT(tax_input, name), .flags = BIND_REQUIRED, .sent = TAX_NAME},
 *       {"code", BIND_CODE(tax_input, code), .flags = BIND_REQUIRED, .sent = TAX_CODE},
 *       {"rate", BIND_DECIMAL(tax_input, rate), .digits = 3, .decimals = 6,
 *        .flags = BIND_REQUIRED | BIND_NOT_NEGATIVE, .sent = TAX_RATE},
 *       {0},
 *   };
 *   static const struct bind_table tax_body = {"tax", tax_fields, BIND_SENT_AT(tax_input, sent)};
 *
 *   static void tax_write(struct json_writer *out, const struct face *face, const char *key,
 *                         const struct tax_row *tax)
 *   {
 *       json_object(out, key); // key NULL inside an array
 *       face_id(out, face, tax->id);
 *       json_str(out, "name", tax->name);
 *       json_str(out, "code", tax->code);
 *       face_number(out, face, "rate", tax->rate);
 *       json_time(out, "created_at", tax->created_at);
 *       json_object_end(out);
 *   }
 *
 *   static enum err tax_post(struct api_request *req, struct json_writer *out)
 *   {
 *       struct tax_input input = {0};
 *       struct tax_row *tax;
 *
 *       TRY(api_body(req, &tax_body, &input));          // all bad fields are told at once
 *       TRY(tax_create(req->ctx, &input, &tax));        // the use case, in app/
 *       api_created(req);
 *       json_object(out, NULL);
 *       tax_write(out, req->face, "tax", tax);
 *       json_object_end(out);
 *       return ERR_NONE;
 *   }
 *
 *   static enum err tax_show(struct api_request *req, struct json_writer *out)
 *   {
 *       struct tax_row *tax;
 *
 *       TRY(api_found(req, "tax", tax_get(req->ctx, api_path(req, 0), &tax)));
 *       json_object(out, NULL);
 *       tax_write(out, req->face, "tax", tax);
 *       json_object_end(out);
 *       return ERR_NONE;
 *   }
 *
 *   static enum err tax_index(struct api_request *req, struct json_writer *out)
 *   {
 *       struct api_page page;
 *       struct tax_rows taxes;
 *
 *       TRY(api_page_query(req, NULL, NULL, &page));    // or a table and a struct of filters
 *       TRY(tax_list(req->ctx, page.limit, page.offset, &taxes));
 *       api_list(out, "taxes");
 *       for (size_t i = 0; i < taxes.count; i++)
 *           tax_write(out, req->face, NULL, &taxes.items[i]);
 *       api_list_end(out, &page, taxes.total);
 *       return ERR_NONE;
 *   }
 *
 *   const struct api_route tax_routes[] = {
 *       {HTTP_POST, "/taxes", tax_post},
 *       {HTTP_GET, "/taxes", tax_index},
 *       {HTTP_GET, "/taxes/{code}", tax_show},
 *       {0},
 *   };
 *
 * and in routes.c {tax_routes, SCOPE_CATALOG}: the group of scopes that a key needs.
 *
 * What is the same for all is done around the handlers, which know nothing of it: keys and scopes,
 * rate limits (api/limit.h), Idempotency-Key, If-Match, ETag, CSV (docs/guide/api-conventions.md).
 * So a write with an Idempotency-Key or If-Match runs in one transaction that the use cases join
 * (tx_run_joined), and the handler may run more than once.
 *
 * Errors: return what went wrong; the words are in req->fault.  The code that the API shows is
 * that of the error (base/err.h), but for NOT_FOUND, NOT_ALLOWED, FORBIDDEN and CONFLICT it is the
 * code of the fault's first field, where there is one:
 *   fault_field(ctx->fault, STR("external_id"), "customer_not_found", id, "the id of a customer");
 *   return fail(ctx, ERR_NOT_FOUND, "there is no customer %.*s", STR_ARG(id));
 * or what api_found says, or, for a path with one {name}, made from the path ("/taxes/{code}":
 * "tax_not_found").  Of 5xx errors the words go to the log, not to the caller. */
#ifndef API_API_H
#define API_API_H

#include "api/bind.h"
#include "api/face.h"
#include "app/api_key.h"
#include "app/ctx.h"
#include "app/list.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/json_write.h"
#include "http/request.h"
#include "http/router.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define API_ANSWER_BYTES_MAX ((size_t)64 << 20) /* a larger answer is a 500 */
#define API_PER_PAGE         100
#define API_PER_PAGE_MAX     1000
#define API_PAGE_MAX         1000000

/* The parts that all requests share; made by main. */
struct api_env {
    struct app *app;
    /* Whose key it is, as api_key_check (app/api_key.h). */
    enum err (*key_check)(struct ctx *ctx, struct str key, struct api_caller *caller);
    struct limits *limits; /* NULL: nothing is limited */
};

/* One request.  Lives in its arena until the answer has been sent. */
struct api_request {
    struct arena *arena;
    struct fault *fault;
    struct ctx *ctx; /* for use cases; its arena and fault are these */
    const struct face *face;
    struct http_request *http;
    const struct api_env *env;
    const struct api_route *route;
    struct bind bind;        /* remembers ignored fields for the answer's header */
    const char *missing;     /* noun of api_found; NULL: none */
    int status;              /* of a good answer: 200 unless the handler says otherwise */
    struct json_writer *out; /* the answer's body */
    struct buf *body;
    const char
        *content_type; /* of a good answer; NULL: JSON, else the handler fills `body` itself */
    bool is_deferred;
    struct api_frame *frame;      /* of the code around the handlers */
    const struct http_part *part; /* of an API_STREAM route */
    void *stream;                 /* its own */
    int64_t durable_lines; /* shown with an error: what was taken all the same; -1: nothing is */
};

enum {
    API_PUBLIC = 1,   /* needs no key */
    API_READS = 2,    /* a POST that changes nothing: reading is enough, and it is not kept */
    API_DEFERS = 4,   /* calls api_defer, and api_keep in the transaction of its effect */
    API_APART = 8,    /* has several transactions, which can't be one: may be repeated as it is, and
                         the answer is kept after it */
    API_METERED = 16, /* limited by events (api_limit_events), not by requests */
    API_MAKES = 32,   /* a GET that makes something: needs the right to write */
    /* The body is handed on as it comes, as http_stream_next says: the handler is called for each
     * part (req->part), first with no bytes; the key is checked before.  Each time it does one of
     * three things: asks for more (api_stream_next), now or from another thread; calls api_finish,
     * likewise; returns an error, which is the answer.  An Idempotency-Key is refused. */
    API_STREAM = 256
};

struct api_route {
    enum http_method method;
    const char *path; /* below the face's prefix; NULL ends the table */
    /* Writes one JSON value to `out` (or nothing: then the answer has no body). */
    enum err (*handler)(struct api_request *req, struct json_writer *out);
    unsigned flags;
    size_t body_bytes_max; /* 0: HTTP_BODY_BYTES_MAX */
};

/* A table of routes, and the group of scopes (app/scope.h) that they are in. */
struct api_table {
    const struct api_route *routes; /* NULL ends the tables */
    enum scope_group group;
};

/* Adds tables of routes to `router`, each under both faces.  The server's env must be the api_env.
 */
void api_mount(struct router *router, const struct api_table *tables);

/* For http_config.refuse: errors of the server itself in the form of the path's face. */
void api_refuse(struct http_request *request, const char *code, struct str detail,
                struct http_answer *answer);

/* ---- reading ---- */

/* The body; see bind_body for errors. */
MUST_CHECK enum err api_body(struct api_request *req, const struct bind_table *table, void *target);
/* Query parameters; others than the table's are refused (native) or ignored (Lago).  NULL: none. */
MUST_CHECK enum err api_query(struct api_request *req, const struct bind_table *table,
                              void *target);

/* For an answer that is a PDF: its type, and the query's `language`, STR_NULL when it names none.
 */
MUST_CHECK enum err api_document(struct api_request *req, struct str *language);

struct api_page {
    int64_t page; /* from 1 */
    int64_t per_page;
    int64_t limit;         /* for the query: per_page */
    int64_t offset;        /* (page - 1) * per_page */
    struct uuid after_id;  /* of api_cursor_query: the object before the first; nil: none */
    struct list_key after; /* of api_key_query, likewise */
    struct str last;       /* set by api_page_last, api_page_key: the next cursor */
    bool has_more;
};

/* The same with `page` and `per_page`. */
MUST_CHECK enum err api_page_query(struct api_request *req, const struct bind_table *table,
                                   void *target, struct api_page *page);

/* The same for lists that can begin behind an object, with `starting_after`; `page` is refused
 * beside it. */
MUST_CHECK enum err api_cursor_query(struct api_request *req, const struct bind_table *table,
                                     void *target, struct api_page *page);

/* The same where the object may be gone, or is not found by its id alone: the cursor carries what
 * the list is ordered by. */
MUST_CHECK enum err api_key_query(struct api_request *req, const struct bind_table *table,
                                  void *target, struct api_page *page);

/* The `index`th {name} of the route's path. */
struct str api_path(const struct api_request *req, size_t index);
/* The same as an id; ERR_NOT_FOUND with "NOUN_not_found" when it is none. */
MUST_CHECK enum err api_path_uuid(struct api_request *req, size_t index, const char *noun,
                                  struct uuid *id);

/* ---- answering ---- */

/* The answer will be the face's status for something made: 201 / 200. */
void api_created(struct api_request *req);

/* The answer holds a secret that is shown this once: a kept answer says so in its place. */
void api_secret(struct api_request *req, struct str secret);

/* {"taxes":[ ... ],"meta":{...}}; total_count LIST_UNCOUNTED where a cursor was used. */
void api_list(struct json_writer *out, const char *key);
void api_list_end(struct json_writer *out, const struct api_page *page, int64_t total_count);
/* Before the end of a list with cursors: the object that stands last, of `count` ones; the answer
 * will say where to go on. */
void api_page_last(struct api_request *req, struct api_page *page, struct uuid last_id,
                   size_t count);
void api_page_key(struct api_request *req, struct api_page *page, const struct list_key *last,
                  size_t count);

/* Passes `err` on; where it is ERR_NOT_FOUND and no field says more, the code that the API shows
 * will be "NOUN_not_found". */
MUST_CHECK enum err api_found(struct api_request *req, const char *noun, enum err err);
/* The same for what the handler itself finds missing. */
MUST_CHECK enum err api_not_found(struct api_request *req, const char *noun, struct str value);

/* For handlers whose answer comes later (ingest): call api_defer, hand `req` over, and return
 * ERR_NONE.  Then any thread, once, writes to req->out and calls api_finish with what came of it;
 * req is gone afterwards. */
void api_defer(struct api_request *req);
void api_finish(struct api_request *req, enum err err);
/* For API_STREAM routes: `used` bytes of the part are done with, and the next part is wanted. */
void api_stream_next(struct api_request *req, size_t used);

/* For those handlers, in the transaction of their effect: whether the answer is to be kept there,
 * for a repeat with the same Idempotency-Key.  If so call api_restart, write the answer, and call
 * api_keep with what came of it; after the commit api_finish sends what was kept. */
bool api_wants_keeping(const struct api_request *req);
void api_restart(struct api_request *req); /* forgets what was written; may be called again */
MUST_CHECK enum err api_keep(struct api_request *req, struct ctx *ctx, struct tx *tx, enum err err);

/* Counts events against the key's limit.  ERR_LIMITED: too many in too short a time. */
MUST_CHECK enum err api_limit_events(struct api_request *req, size_t count);

#endif
