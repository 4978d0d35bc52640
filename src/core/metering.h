/* metering.h - usage events to quantities: count, sum, max, latest.
 *
 * A total can be added to event by event and merged with another, exactly and in any order; so
 * running totals by day, kept while events arrive, give the same quantity as all events at once. */
#ifndef CORE_METERING_H
#define CORE_METERING_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/uuid.h"

#include <stdint.h>

enum aggregation { AGGREGATION_COUNT, AGGREGATION_SUM, AGGREGATION_MAX, AGGREGATION_LATEST };

/* The API's word (count_agg, sum_agg, max_agg, latest_agg).  An unknown word is noted in the fault
 * under `field`, ERR_NONE returned and *aggregation set to count, so that other fields are checked
 * too.  ERR_NOT_SUPPORTED: an aggregation that Billow can't do yet. */
MUST_CHECK enum err aggregation_parse(struct str word, struct str field, struct fault *fault,
                                      enum aggregation *aggregation);
/* For a word that was checked before, as in the store. */
enum aggregation aggregation_of(struct str word);

struct usage_total {
    int64_t event_count;
    struct decimal sum;
    struct decimal max;    /* DECIMAL_NONE without events */
    struct decimal latest; /* value of the newest event; DECIMAL_NONE without events */
    int64_t latest_at;     /* its time; TIME_NONE without events */
    struct uuid latest_id; /* decides between events of one instant: the id made later wins */
};

/* No events. */
extern const struct usage_total USAGE_NONE;

/* One more event with this value (0 where the metric has no property).  ERR_OVERFLOW. */
MUST_CHECK enum err usage_total_add(struct usage_total *total, struct decimal value,
                                    int64_t occurred_at, struct uuid id);
MUST_CHECK enum err usage_total_merge(struct usage_total *total, const struct usage_total *other);
/* What is billed; 0 without events. */
struct decimal usage_quantity(enum aggregation aggregation, const struct usage_total *total);

/* The value of property `field` in an event's properties (a JSON object): a number, or a text that
 * is one.  ERR_NOT_FOUND: not there or null.  ERR_INVALID: not a number; *text is what stands
 * there, as written.  ERR_MALFORMED: not a JSON object. */
MUST_CHECK enum err metering_value(struct arena *arena, struct str properties, struct str field,
                                   struct decimal *value, struct str *text);

#endif
