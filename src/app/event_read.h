/* event_read.h - events that were taken: one by its transaction id, or a list. */
#ifndef APP_EVENT_READ_H
#define APP_EVENT_READ_H

#include "app/ctx.h"
#include "app/list.h"
#include "store/sql/rows.h"

#define EVENT_LOOKUP_DAYS 400 /* how many arrival days event_get looks back */

struct event_view {
    struct uuid id;
    struct str transaction_id;
    struct str external_subscription_id; /* STR_NULL: it named none */
    struct str code;
    struct uuid customer_id;     /* nil: its subscription is not known */
    struct uuid subscription_id; /* nil likewise */
    int64_t occurred_at;
    struct str properties; /* JSON object */
    int64_t received_at;
    struct decimal precise_total_cents; /* what it says it costs; DECIMAL_NONE */
};

/* The newest with this transaction id; `external_subscription_id` STR_NULL: of any subscription.
 * ERR_NOT_FOUND. */
MUST_CHECK enum err event_get(struct ctx *ctx, struct str transaction_id,
                              struct str external_subscription_id, struct event_view *view);

struct event_filter_query {
    struct str external_subscription_id; /* STR_NULL: any */
    struct str code;                     /* STR_NULL: any */
    int64_t from_at, to_at;              /* TIME_NONE: open; both included */
    struct list_key after;               /* at: the timestamp, id: the event's */
    int64_t limit, offset;
};

/* Events of known subscriptions, newest first; *more says whether there are further ones: counting
 * all would read them all. */
MUST_CHECK enum err event_list(struct ctx *ctx, const struct event_filter_query *query,
                               struct event_view **views, size_t *count, bool *more);

struct unmatched_query {
    struct str external_subscription_id; /* STR_NULL: any; "": of events that named none */
    struct str code;                     /* STR_NULL: any */
    struct list_key after;               /* at: received_at, id: the event's */
    int64_t limit, offset;
};

/* Events whose subscription is not known, newest first; *total as app/list.h.  ERR_NOT_FOUND: no
 * such metric. */
MUST_CHECK enum err event_list_unmatched(struct ctx *ctx, const struct unmatched_query *query,
                                         struct event_view **views, size_t *count, int64_t *total);

struct unmatched_waiting {
    struct str external_subscription_id; /* "": they named none */
    int64_t event_count;
    int64_t first_at, last_at; /* timestamps */
    int64_t last_received_at;
};

struct unmatched_summary {
    struct unmatched_waiting *items;
    size_t count;
    int64_t total; /* external ids */
};

/* How many wait for each external id, the most first. */
MUST_CHECK enum err event_unmatched_summarize(struct ctx *ctx, int64_t limit, int64_t offset,
                                              struct unmatched_summary *summary);

#endif
