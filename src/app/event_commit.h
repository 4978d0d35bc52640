/* event_commit.h - prepared events into the database, several batches in one transaction. */
#ifndef APP_EVENT_COMMIT_H
#define APP_EVENT_COMMIT_H

#include "app/event_filter.h"
#include "app/event_prepare.h"
#include "app/ingest.h"
#include "base/zone.h"

/* What one process remembers between its commits. */
struct event_memory {
    struct event_filter *filter; /* NULL: look everything up */
    int64_t key_commits;         /* of the newest commit that the filter holds */
    bool is_trusted;             /* the newest commit asked the filter */
    int32_t whole_before; /* the filter holds every key of the arrival days before this one */
};

/* Fills the filter with the keys of the last EVENT_FILTER_DAYS days. */
MUST_CHECK enum err event_memory_fill(struct ctx *ctx, struct event_memory *memory);

/* Commits the batches of the list (by their `next`), which are prepared; fills their results.
 * On error nothing is written.  ERR_CONFLICT: a metric has changed since the events were prepared;
 * prepare them again. */
MUST_CHECK enum err events_commit(struct ctx *ctx, struct event_memory *memory,
                                  struct ingest_batch *batches);

/* The note of an event that may have to be billed at once, written with it (app/advance_bill.h). */
struct advance_event_row event_advance_note(const struct ctx *ctx, const struct event_row *event);

/* For usage.c: adds totals of new or adopted events to usage_day. */
struct usage_cell {
    int32_t day; /* the customer's local day */
    struct uuid customer_id, subscription_id, metric_id;
    struct str timezone;
    enum aggregation aggregation;
    struct decimal value; /* one event's */
    struct decimal cents; /* what it says it costs; DECIMAL_NONE */
    int64_t occurred_at;
    struct uuid event_id;
    struct str segment; /* of the metric's filters; STR_NULL: it has none */
    int64_t filter_revision;
    bool may_be_late, is_ended; /* as event_match says */
};

/* A stored event's, by the days of a zone; it is not late. */
MUST_CHECK enum err usage_cell_of(struct ctx *ctx, struct tx *tx, const struct zone *zone,
                                  const struct event_row *row, struct usage_cell *cell);

/* Merges the events into the running totals, and notes those that may be late (app/late_usage.h).
 * The transaction holds the ingest's number, which is `seq`. */
MUST_CHECK enum err usage_cells_add(struct ctx *ctx, struct tx *tx, int64_t seq,
                                    struct usage_cell *cells, size_t count);

#endif
