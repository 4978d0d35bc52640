/* metering.h - usage events to totals that can be merged.
 *
 * A total can be added to event by event and merged with another, exactly and in any order; so
 * running totals by day, kept while events arrive, give the same quantity as all events at once.
 * An event without a value raises the count and nothing else; whether such an event is taken at all
 * is decided where it arrives.
 *
 * What a total comes to, and what can't be merged (a unique count, a percentile), is in
 * core/metering/usage.h; what one event says to a metric in core/metering/meter.h. */
#ifndef CORE_METERING_H
#define CORE_METERING_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/uuid.h"

#include <stdint.h>

// clang-format off
/*  name         the API's word */
#define AGGREGATION_MAP(X)           \
    X(COUNT,      "count_agg")        \
    X(SUM,        "sum_agg")          \
    X(MAX,        "max_agg")          \
    X(LATEST,     "latest_agg")       \
    X(UNIQUE,     "unique_count_agg") \
    X(MIN,        "min_agg")          \
    X(AVERAGE,    "average_agg")      \
    X(WEIGHTED,   "weighted_sum_agg") \
    X(PERCENTILE, "percentile_agg")
// clang-format on

enum aggregation {
#define X(name, word) AGGREGATION_##name,
    AGGREGATION_MAP(X)
#undef X
};

/* An unknown word is noted in the fault under `field`, ERR_NONE returned and *aggregation set to
 * count, so that other fields are checked too.  ERR_NOT_SUPPORTED, with words: an aggregation that
 * Billow can't do yet (custom_agg). */
MUST_CHECK enum err aggregation_parse(struct str word, struct str field, struct fault *fault,
                                      enum aggregation *aggregation);
/* For a word that was checked before, as in the store (asserted). */
enum aggregation aggregation_of(struct str word);

struct usage_total {
    int64_t event_count;
    int64_t value_count; /* of the events that have a value */
    struct decimal sum;
    struct decimal min; /* DECIMAL_NONE without values */
    struct decimal max;
    struct decimal latest; /* value of the newest event that has one, else DECIMAL_NONE */
    int64_t latest_at;     /* its time, else TIME_NONE */
    struct uuid latest_id; /* decides between events of one instant: the id made later wins */
    struct decimal moment; /* of a weighted sum: each value times the second of its event, counted
                            * from 1970, added up; else 0 */
    struct decimal cents;  /* sum of what the events say they cost, in minor units */
};

/* No events. */
extern const struct usage_total USAGE_NONE;

/* One event, as totals take it. */
struct usage_point {
    enum aggregation aggregation; /* of its metric */
    struct decimal value;         /* DECIMAL_NONE: it has none, and only the count goes up */
    struct decimal cents;         /* what it says it costs (precise_total_amount_cents), in minor
                                   * units; DECIMAL_NONE: nothing */
    int64_t occurred_at;
    struct uuid id;
};

/* ERR_OVERFLOW. */
MUST_CHECK enum err usage_total_add(struct usage_total *total, const struct usage_point *point);
MUST_CHECK enum err usage_total_merge(struct usage_total *total, const struct usage_total *other);

/* The whole second in which an instant lies, counted from 1970. */
int64_t metering_second(int64_t at_us);

/* The value of property `field` in an event's properties (a JSON object): a number, or a text that
 * is one, whatever spaces stand around it; the first where the name stands twice.
 *   ERR_NOT_FOUND  not there, or null
 *   ERR_INVALID    not a number, or one of more than 34 digits; *text is what stands there
 *   ERR_MALFORMED  not a JSON object */
MUST_CHECK enum err metering_value(struct arena *arena, struct str properties, struct str field,
                                   struct decimal *value, struct str *text);

#endif
