/* ingest.h - usage events in: checked, recognized when repeated, durable when acknowledged.
 *
 * Group commit: requests wait, one writer takes all that is queued (at most
 * INGEST_COMMIT_EVENTS), one transaction, then all answers.  An event is acknowledged only after
 * the commit that holds it.  Identity is (subscription's external id, transaction id): a repeat is
 * answered as a repeat, whatever time it carries, for INGEST_REPEAT_DAYS days after the first
 * arrived.  An invalid event rejects its batch, with all errors listed and nothing written. */
#ifndef APP_INGEST_H
#define APP_INGEST_H

#include "app/ctx.h"
#include "base/decimal.h"

#define INGEST_BATCH_MAX     10000 /* events of one request */
#define INGEST_COMMIT_EVENTS 10000
#define INGEST_REPEAT_DAYS   35

struct event_input {
    struct str transaction_id;             /* 1 to 255 bytes */
    struct str external_subscription_id;   /* may be STR_NULL on the Lago face: kept as unmatched */
    struct str code;                       /* of the metric */
    int64_t occurred_at;                   /* TIME_NONE: now */
    struct str properties;                 /* JSON object; STR_NULL: {} */
    struct str precise_total_amount_cents; /* a decimal: what it costs, in minor units; STR_NULL */
    struct str source; /* of a CloudEvent, whose names errors then use; else STR_NULL */
};

enum event_outcome { EVENT_ACCEPTED, EVENT_DUPLICATE };

struct event_result {
    enum event_outcome outcome;
    struct uuid id;              /* of the event, or of the one it repeats */
    struct uuid customer_id;     /* nil: unmatched */
    struct uuid subscription_id; /* nil: unmatched */
    int64_t occurred_at;
    struct decimal precise_total_cents; /* as sent; DECIMAL_NONE */
    bool differs;      /* a repeat whose code, time, properties or amount are others */
    bool other_source; /* a repeat of a CloudEvent with another source */
};

/* What is kept of an event between checking and committing; the ingest's own. */
struct prepared_event;

/* The batch's texts and results live until `done` has been called, exactly once, from another
 * thread (or the same, when the batch is refused at once). */
struct ingest_batch {
    struct ctx *ctx; /* for the words of errors; its arena is not used by others meanwhile */
    const struct event_input *events;
    size_t count;
    struct event_result *results; /* `count` of them, filled when err is ERR_NONE */
    bool is_list;                 /* fields in errors are called events.0.code, not code */
    const int64_t *lines;         /* else NULL: of each event; fields are called "line 17, code" */
    const char *line_word;        /* "line", "row" */
    bool is_lenient; /* a missing or odd property is no error: the event counts, without a value */
    bool waits;      /* for a stream, which has one batch at a time: never refused as too much */
    enum err err;
    struct prepared_event *prepared; /* set by ingest_submit */
    int64_t metric_revision;         /* the metrics by which they were prepared */
    /* Called in the transaction, when the results stand: what must be kept with the events.  May be
     * called again when the transaction is tried again.  NULL: nothing. */
    enum err (*keep)(struct ctx *ctx, struct tx *tx, struct ingest_batch *batch);
    void (*done)(struct ingest_batch *batch);
    void *arg;                 /* the caller's */
    struct ingest_batch *next; /* the queue's */
    int64_t queued_us;         /* the queue's: monotonic */
};

/* Starts the writer thread; fills the filter of known events first.  Several processes may ingest
 * into one database: each commit shows whether another one wrote since, and from then on events
 * are looked up in all INGEST_REPEAT_DAYS days instead of asking the filter; slower, as exact. */
MUST_CHECK enum err ingest_start(struct app *app, struct fault *fault);
/* Commits what is queued, then ends the thread. */
void ingest_stop(struct app *app);

/* Checks a batch and queues it; batch->done is called when it is over, at once when it is refused.
 * ERR_BUSY in batch->err when too much is queued, unless it `waits`. */
void ingest_submit(struct ingest *ingest, struct ingest_batch *batch);

struct ingest_status {
    int64_t waiting_events;
    int64_t oldest_wait_us; /* of the oldest batch that waits; 0: none does */
    int64_t working_us;     /* since the writer took the batches that it is writing; 0: it waits */
};

/* How the writer is doing; all 0 where nothing is ingested.  From any thread. */
void ingest_status(const struct app *app, struct ingest_status *status);

/* The same and waits; for commands and tests.  Works without ingest_start too, in the caller's
 * thread. */
MUST_CHECK enum err ingest_now(struct ctx *ctx, const struct event_input *events, size_t count,
                               bool is_lenient, struct event_result *results);

#endif
