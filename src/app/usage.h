/* usage.h - how much of each metric a subscription used between two instants.
 *
 * What can be merged (usage_total): whole local days come from the running totals (usage_day), the
 * cut days at both ends from the raw events.  What can't, a unique count, a percentile, prices per
 * event or groups (app/usage_slices.h): all raw events of the time, in order.  Exact: where both
 * ways can be gone they give the same, and totals are the same whatever order the events came in.
 *
 * Of a recurring metric counts too what was there before: all since the subscription started, and
 * before that since the first one started that it follows after changes of plan.
 *
 * Where a charge has filters, its events are told apart in the same reading: there is a result for
 * each filter, and the last one for events that none takes.  Totals come from those that are kept
 * by segment (usage_segment); a day that these do not hold in full, because the metric came to list
 * other values on it or later, is read from the raw events. */
#ifndef APP_USAGE_H
#define APP_USAGE_H

#include "app/ctx.h"
#include "base/zone.h"
#include "core/metering/filter.h"
#include "core/metering/usage.h"
#include "store/sql/rows.h"

struct usage_query {
    struct uuid customer_id;
    struct uuid subscription_id;
    struct uuid metric_id;
    const struct zone *zone; /* the customer's: whose days usage_day holds */
    int64_t started_at;      /* the subscription: no event of it is older */
    struct uuid previous_id; /* the one that it follows, whose stock it goes on with; nil */
    struct usage_span span;  /* what is asked for, and the period of which it is a part */
    const struct filter_set *filters;       /* NULL: events are not told apart */
    const struct usage_division *divisions; /* of each part (app/usage_slices.h); NULL: of none */
    struct str proration;                   /* of the plan; only for what is prorated */
};

/* How many results there are: 1, or one for each filter and one for the rest. */
size_t usage_part_count(const struct usage_query *query);

/* From the running totals: what a bill is made from. */
MUST_CHECK enum err usage_total(struct tx *tx, const struct usage_query *query,
                                struct usage_total *totals);
/* The same for all that was before: the sum that a recurring metric carries in. */
MUST_CHECK enum err usage_carried(struct tx *tx, const struct usage_query *query,
                                  struct decimal *carried);
/* Rows of the running totals. */
struct usage_total usage_total_of_day(const struct usage_day_row *row);
struct usage_total usage_total_of_segment(const struct usage_segment_row *row);

/* Visits the raw events of [from_at, to_at), in order of time and then of arrival; an error of
 * `visit` ends it and is returned. */
MUST_CHECK enum err usage_each_event(struct tx *tx, const struct usage_query *query,
                                     int64_t from_at, int64_t to_at,
                                     enum err (*visit)(void *arg, const struct event_row *event),
                                     void *arg);

/* The same up to to_at; of a recurring metric from the start of its stock on, else from from_at. */
MUST_CHECK enum err
usage_each_event_carried(struct tx *tx, const struct usage_query *query, bool is_recurring,
                         int64_t from_at, int64_t to_at,
                         enum err (*visit)(void *arg, const struct event_row *event), void *arg);

/* Gives the fault words where the error is ERR_OVERFLOW. */
MUST_CHECK enum err usage_overflow(struct tx *tx, enum err err);

/* Events that now belong to a subscription that has just been made: those that came before it
 * was known move from event_unmatched to event and into the totals.  In the transaction that
 * makes (or first activates) the subscription. */
MUST_CHECK enum err usage_adopt_unmatched(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                          struct str external_subscription_id);

/* Makes a customer's running totals anew from the raw events, by the days of `zone`: after the
 * customer's time zone changed. */
MUST_CHECK enum err usage_rebuild(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                  const struct zone *zone);

/* The zone by whose days a customer's running totals are kept. */
MUST_CHECK enum err usage_zone_of(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                  const struct zone **zone);

#endif
