/* event_match.h - whose event it is: the subscription that ran at its time under its external id.
 *
 * One external id may have had several subscriptions, one after the other; an event belongs to the
 * one between whose start and end (both included) its time lies.  A matcher remembers what it
 * looked up for the length of one transaction. */
#ifndef APP_EVENT_MATCH_H
#define APP_EVENT_MATCH_H

#include "app/ctx.h"
#include "base/zone.h"
#include "store/sql/rows.h"

struct match_entry;

struct event_matcher {
    struct arena *arena;
    struct match_entry **slots;
    size_t slot_count, used;
};

struct event_match {
    bool found;
    struct uuid customer_id; /* nil when not found */
    struct uuid subscription_id;
    const struct zone *zone; /* the customer's */
    bool may_be_late;        /* its period is over, or nearly so: it may be billed by now */
    bool is_ended;           /* the subscription */
};

void event_matcher_init(struct event_matcher *matcher, struct arena *arena);

/* STR_NULL as external id matches nothing. */
MUST_CHECK enum err event_match(struct ctx *ctx, struct tx *tx, struct event_matcher *matcher,
                                struct str external_subscription_id, int64_t occurred_at,
                                struct event_match *match);

#endif
