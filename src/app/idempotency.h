/* idempotency.h - answers that are kept so that a repeated request has one effect.
 *
 * The record is written in the transaction of the effect: either both are there or neither is,
 * whenever the process dies.  A record belongs to one API key, names the request by its
 * fingerprint, and is good for IDEMPOTENCY_KEPT_US on the clock; what is older counts as gone,
 * whether it has been purged yet or not. */
#ifndef APP_IDEMPOTENCY_H
#define APP_IDEMPOTENCY_H

#include "app/ctx.h"
#include "base/time.h"

#define IDEMPOTENCY_KEPT_US ((int64_t)24 * 3600 * TIME_SECOND)

struct idempotency {
    struct uuid api_key_id;
    struct str key;
    struct str fingerprint; /* 32 bytes */
};

struct kept_answer {
    int status;
    struct str content_type;   /* STR_NULL: none */
    struct str ignored_fields; /* STR_NULL: none */
    struct str body;
};

/* The answer that is kept for a request.  ERR_REUSED: the key came with another request. */
MUST_CHECK enum err idempotency_find(struct ctx *ctx, const struct idempotency *once,
                                     struct kept_answer *kept, bool *found);

/* The same, and where there is none takes the key for the joined transaction that ctx is in
 * (app/ctx.h); whoever else wants it waits for the transaction's end.  idempotency_fill follows. */
MUST_CHECK enum err idempotency_claim(struct ctx *ctx, const struct idempotency *once,
                                      struct kept_answer *kept, bool *found);
MUST_CHECK enum err idempotency_fill(struct ctx *ctx, const struct idempotency *once,
                                     const struct kept_answer *answer);

/* Keeps an answer in a transaction of one's own.  Where another process has just kept one, that
 * one stands. */
MUST_CHECK enum err idempotency_keep(struct ctx *ctx, struct tx *tx, const struct idempotency *once,
                                     const struct kept_answer *answer);

/* Deletes what is no longer good. */
MUST_CHECK enum err idempotency_purge(struct ctx *ctx, int64_t *purged);

#endif
