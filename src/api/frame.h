/* frame.h - private to api's frame: what goes around a handler, part by part.
 *
 *   api.c     errors, answers, the order of the parts
 *   admit.c   keys, scopes, rate limits
 *   write.c   Idempotency-Key and If-Match: one transaction around the handler
 *   etag.c    ETag, If-None-Match, If-Match
 *   cursor.c  cursors that carry a key
 *   csv.c     a JSON answer as CSV */
#ifndef API_FRAME_H
#define API_FRAME_H

#include "api/api.h"
#include "api/limit.h"
#include "app/idempotency.h"

/* What a route's argument is: the same handler stands under each face. */
struct api_mounted {
    const struct api_route *route;
    const struct face *face;
    enum scope_group group;
    const struct api_route *representation; /* the GET that shows what the path names; or NULL */
};

/* What the frame knows of a request. */
struct api_frame {
    const struct api_mounted *mounted;
    struct api_caller caller;
    bool has_caller;
    bool is_list;
    bool is_csv;
    struct idempotency *once; /* it came with an Idempotency-Key that holds for it; else NULL */
    bool is_running;          /* entered as running (write.c) */
    struct str if_match;      /* STR_NULL: none */
    struct http_answer answer;
    bool is_answered;  /* `answer` stands, without the headers that are made when it is sent */
    struct str secret; /* stands in the answer, but is not kept */
    struct limit_state limit;
    bool is_limited; /* `limit` is filled */
    struct api_request *next_running;
};

/* Makes req->frame->answer from what was written, or from the error. */
void api_render(struct api_request *req, enum err err);

/* Whose request it is, and whether it may: sets ctx->actor. */
MUST_CHECK enum err api_admit(struct api_request *req);

/* Reads Idempotency-Key and If-Match.  ERR_INVALID: malformed; ERR_CONFLICT: the same key runs. */
MUST_CHECK enum err api_conditions(struct api_request *req);
/* Runs the handler of a write under its conditions. */
MUST_CHECK enum err api_write(struct api_request *req);
/* The request has its answer: another one with the same Idempotency-Key may come. */
void api_release(struct api_request *req);

/* The ETag of a representation: 32 hex digits in quotes. */
struct str api_etag(struct arena *arena, struct str body);
/* Whether a list of ETags (If-Match: strong; If-None-Match: weak) has one. */
bool api_etag_matches(struct str list, struct str etag, bool strong);

/* A cursor as text, and back; false: it is none. */
struct str api_key_text(struct arena *arena, const struct list_key *key);
bool api_key_parse(struct arena *arena, struct str text, struct list_key *key);

#define CSV_ROWS_MAX 50000

/* A list's or an object's JSON as CSV (RFC 4180): one row an object, columns by dotted path in the
 * order of the JSON, arrays as JSON text.  ERR_INVALID: more than CSV_ROWS_MAX rows. */
MUST_CHECK enum err api_csv(struct arena *arena, struct fault *fault, struct str json,
                            struct buf *csv);

#endif
