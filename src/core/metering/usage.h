/* usage.h - what a charge is priced from: a quantity, and where the price needs more, the events.
 *
 * Two ways lead here.  What can be merged comes from running totals (usage_of_totals).  What can't,
 * a unique count, a percentile or prices per event, goes through all events of the period once, in
 * order of time and then of arrival: usage_fold_init, usage_fold_add for each, usage_fold_end.  For
 * what both can do, both give the same.
 *
 * No time comes to 0.  A recurring metric counts a stock: what is there at the end of a period is
 * there at the start of the next.  Its totals come with what was carried in, its fold gets the
 * events before the period too, from the first on.  A third way needs no usage at all:
 * usage_of_units, for a quantity that somebody thinks of. */
#ifndef CORE_METERING_USAGE_H
#define CORE_METERING_USAGE_H

#include "core/metering.h"
#include "core/metering/meter.h"
#include "core/metering/percentile.h"
#include "core/metering/unique.h"

/* How a metric rounds its quantity; `words` of the API: round, ceil, floor. */
struct usage_rounding {
    bool is_on;
    enum rounding rounding;
    int decimals; /* -30 to 30 */
};

#define USAGE_DECIMALS_MAX 30
#define USAGE_DECIMALS     15 /* of a quotient: an average, a weighted sum */

/* false: an unknown word.  STR_NULL is no rounding. */
bool usage_rounding_parse(struct str word, int decimals, struct usage_rounding *rounding);

/* How a metric's events become its quantity. */
struct usage_rule {
    enum aggregation aggregation;
    struct usage_rounding rounding;
    bool is_recurring; /* only where aggregation_may_recur */
    struct percentile_rule percentile;
};

/* Whether the aggregation's quantity can only be had from the events themselves. */
bool aggregation_needs_events(enum aggregation aggregation);
bool aggregation_may_recur(enum aggregation aggregation);

/* The time that is billed, and the whole period of which it is a part; half-open. */
struct usage_span {
    int64_t from_at, to_at;
    int64_t whole_from_at, whole_to_at;
};

struct usage {
    struct usage_total total; /* of the time that is billed */
    struct decimal carried;   /* a recurring metric's stock before it, not of a unique count: its
                               * values are in the quantity */
    struct decimal level;     /* a weighted sum's at the end; else the quantity */
    struct decimal held;      /* a weighted sum's levels times the seconds for which they held */
    int64_t whole_seconds;    /* of the period, by which that is divided */
    struct percentile_result percentile;
    struct decimal exact;    /* by the metric's aggregation */
    struct decimal quantity; /* rounded by the metric's rule */
    /* Only where asked for: the value of each event in order; 1 of a count, 0 of an event that
     * has none. */
    const struct decimal *values;
    size_t value_count;
    bool is_said; /* nobody metered it: there is nothing to say of how it came about */
};

/* A quantity that is thought of, not metered, rounded as the metric rounds its own.
 *   total  what is said of the events behind it: how many, and what they say they cost
 * ERR_OVERFLOW. */
MUST_CHECK enum err usage_of_units(const struct usage_rule *rule, const struct usage_total *total,
                                   struct decimal units, struct usage *usage);

/* The aggregation is one that needs no events (asserted).
 *   carried  of a recurring metric its sum before the time that is billed; else 0
 * ERR_OVERFLOW: more than 34 digits. */
MUST_CHECK enum err usage_of_totals(const struct usage_rule *rule, const struct usage_span *span,
                                    struct decimal carried, const struct usage_total *total,
                                    struct usage *usage);

struct usage_fold {
    struct arena *arena;
    struct usage_rule rule;
    struct usage_span span;
    bool keeps_values;
    struct usage_total total;
    struct decimal carried;
    struct unique unique;
    struct percentile percentile;
    struct decimal *values;
    size_t value_count, value_capacity;
};

/* keeps_values: usage.values will be there. */
void usage_fold_init(struct usage_fold *fold, struct arena *arena, const struct usage_rule *rule,
                     const struct usage_span *span, bool keeps_values);

struct usage_event {
    struct meter_value value;
    int64_t occurred_at;
    struct uuid id;
    struct decimal cents; /* precise_total_amount_cents; DECIMAL_NONE: not sent */
};

/* An event before the span is of the stock that is carried in.  ERR_OVERFLOW. */
MUST_CHECK enum err usage_fold_add(struct usage_fold *fold, const struct usage_event *event);
/* The usage lives as long as the arena.  ERR_OVERFLOW. */
MUST_CHECK enum err usage_fold_end(struct usage_fold *fold, struct usage *usage);

#endif
