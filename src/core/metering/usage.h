/* usage.h - what a charge is priced from: a quantity, and where the price needs more, the events.
 *
 * Two ways lead here.  What can be merged comes from running totals (usage_of_totals).  What can't,
 * a unique count or prices per event, goes through all events of the period once, in order of time
 * and then of arrival: usage_fold_init, usage_fold_add for each, usage_fold_end.  For what both
 * can do, both give the same. */
#ifndef CORE_METERING_USAGE_H
#define CORE_METERING_USAGE_H

#include "core/metering.h"
#include "core/metering/meter.h"
#include "core/metering/unique.h"

struct usage {
    struct usage_total total;
    struct decimal quantity; /* by the metric's aggregation, rounded by the metric's rule */
    /* Only where asked for: the value of each event in order; 1 of a count, 0 of an event that
     * has none. */
    const struct decimal *values;
    size_t value_count;
};

/* How a metric rounds its quantity; `words` of the API: round, ceil, floor. */
struct usage_rounding {
    bool is_on;
    enum rounding rounding;
    int decimals; /* -30 to 30 */
};

#define USAGE_DECIMALS_MAX 30

/* false: an unknown word.  STR_NULL is no rounding. */
bool usage_rounding_parse(struct str word, int decimals, struct usage_rounding *rounding);

/* Whether the aggregation's quantity can only be had from the events themselves. */
bool aggregation_needs_events(enum aggregation aggregation);

/* `aggregation` is one that needs no events (asserted).  ERR_OVERFLOW: rounding left more than 34
 * digits. */
MUST_CHECK enum err usage_of_totals(enum aggregation aggregation, struct usage_rounding rounding,
                                    const struct usage_total *total, struct usage *usage);

struct usage_fold {
    struct arena *arena;
    enum aggregation aggregation;
    struct usage_rounding rounding;
    bool keeps_values;
    struct usage_total total;
    struct unique unique;
    struct decimal *values;
    size_t value_count, value_capacity;
};

/* keeps_values: usage.values will be there. */
void usage_fold_init(struct usage_fold *fold, struct arena *arena, enum aggregation aggregation,
                     struct usage_rounding rounding, bool keeps_values);

struct usage_event {
    struct meter_value value;
    int64_t occurred_at;
    struct uuid id;
    struct decimal cents; /* precise_total_amount_cents; DECIMAL_NONE: not sent */
};

/* ERR_OVERFLOW. */
MUST_CHECK enum err usage_fold_add(struct usage_fold *fold, const struct usage_event *event);
/* The usage lives as long as the arena.  ERR_OVERFLOW. */
MUST_CHECK enum err usage_fold_end(struct usage_fold *fold, struct usage *usage);

#endif
