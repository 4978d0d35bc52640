/* outbox.h - what is done outside after the commit: mails, calls of gateways.
 *
 * A use case adds a row in its own transaction; a job (jobs/outbox_job.h) delivers it once that has
 * committed, at least once: a process may die between the delivery and the note of it, so each row
 * has a key, its id, that is made when it is added and is the same at each try.  The receiving side
 * recognizes a repetition by it.
 *
 * Who delivers claims a row first, for as long as its topic's delivery may take; so several
 * processes share the work on both engines, and what a dead one had claimed comes due again.  A
 * try that fails is repeated after OUTBOX_PAUSES_S, by the application's clock: with a test clock,
 * when that has moved so far.  What our own store keeps from being tried says nothing of the other
 * side: nothing is noted, and it is due again when its claim is over.  After OUTBOX_TRIES_MAX
 * tries, about a day, it has failed, and is tried again only when somebody says so (outbox_resend).
 */
#ifndef APP_OUTBOX_H
#define APP_OUTBOX_H

#include "app/ctx.h"
#include "store/sql/rows.h"

#include <stdatomic.h>

/* Seconds between a try and the next: one try more than there are pauses. */
#define OUTBOX_PAUSES_S                                                \
    {                                                                  \
        15, 60, 240, 900, 3600, 4 * 3600, 6 * 3600, 6 * 3600, 6 * 3600 \
    }
#define OUTBOX_TRIES_MAX 10

enum outbox_result {
    OUTBOX_DONE,
    OUTBOX_RETRY,   /* may succeed later; the fault says what was wrong */
    OUTBOX_REFUSED, /* never will: failed at once; the fault says why */
    OUTBOX_UNTRIED, /* our own store failed before it could be tried, delivery->err */
};

struct outbox_delivery {
    const struct outbox_row *item;
    void *data;   /* from `deliver` to `ended`; in the context's arena */
    enum err err; /* of OUTBOX_UNTRIED */
};

/* Who delivers the rows of one name.  A const table of them is given to outbox_deliver. */
struct outbox_topic {
    const char *name;
    int64_t time_max_s; /* a delivery takes no longer; a second process waits so long */
    /* Whether anything can be delivered at all; if not, rows wait and no try is counted.  NULL:
     * always. */
    bool (*is_ready)(const struct app *app);
    /* Called outside of any transaction; words of what went wrong go to ctx->fault. */
    enum outbox_result (*deliver)(struct ctx *ctx, struct outbox_delivery *delivery);
    /* In the transaction that notes the try's end, unless another process did; may run again.
     *   delivery  done, failed, or waiting when it will be tried again
     * NULL: nothing more to note. */
    enum err (*ended)(struct ctx *ctx, struct tx *tx, const struct outbox_delivery *delivery,
                      struct str status, struct str problem);
};

/* How a delivery ends for which something could not be read or written beforehand. */
enum outbox_result outbox_unprepared(enum err err, struct outbox_delivery *delivery);

/* Adds a row in the transaction, due at once; the topic reads its payload (JSON, or STR_NULL). The
 * key goes to *id and may be given, else (nil) is made. */
MUST_CHECK enum err outbox_add(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                               struct str topic, struct str payload, struct uuid *id);
/* The row for it, to be written with others by outbox_insert_many. */
struct outbox_row outbox_new(const struct ctx *ctx, struct uuid customer_id, struct str topic,
                             struct str payload, struct uuid id);
/* How often it was tried, and when it is next: TIME_NONE: never again.  A row that is gone: 0. */
MUST_CHECK enum err outbox_tries(struct tx *tx, struct uuid customer_id, struct uuid id,
                                 int64_t *tries, int64_t *due_at);
/* Delivers it again as if it were new, with the same key. */
MUST_CHECK enum err outbox_resend(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                  struct uuid id);

struct outbox_progress {
    int64_t done, retried, failed;
};

/* Delivers what is due now, of each topic in turn, until nothing is or *stop.  What went wrong with
 * a delivery is noted in its row and no error here; an error is of the store.
 *   topics  ends with NULL
 *   stop    NULL: to the end */
MUST_CHECK enum err outbox_deliver(struct ctx *ctx, const struct outbox_topic *const *topics,
                                   const atomic_bool *stop, struct outbox_progress *progress);

#endif
