/* projection.h - what the usage of a period comes to if it goes on at the same rate.
 *
 * A flow goes on: a count or a sum that is no stock is multiplied by the days of the period and
 * divided by those that have passed, today included, at 15 decimals, half away from zero; so are
 * what its events say they cost, and the units of each cell; its events are rounded up.  Then the
 * metric's rounding is applied.  Anything else is as it is now: a stock, a greatest, least, newest
 * or average value, a percentile, different values; a weighted sum holds its level to the end of
 * the period already. */
#ifndef CORE_METERING_PROJECTION_H
#define CORE_METERING_PROJECTION_H

#include "core/metering/usage.h"

/* Of which each is priced by itself. */
#define PROJECTION_EVENTS_MAX 4000000

struct projection {
    int64_t elapsed_days; /* above 0, not above: */
    int64_t period_days;
};

/* Whether the metric's usage is one that goes on. */
bool usage_goes_on(const struct usage_rule *rule);

/* What becomes of units, or of what events say they cost.  ERR_OVERFLOW. */
MUST_CHECK enum err projection_units(struct projection projection, struct decimal value,
                                     struct decimal *projected);
/* And of how many events there are: where units are to come, there is an event for them. */
MUST_CHECK enum err projection_events(struct projection projection, int64_t *count);

/* The usage as it will be, in place of what it is.
 *   cells  its values are those of cells, not of events: where they are of events, those that are
 *          there stay, and what is added is shared out evenly among the ones to come
 * ERR_OVERFLOW: more than 34 digits, or too many events. */
MUST_CHECK enum err usage_project(struct arena *arena, const struct usage_rule *rule,
                                  struct projection projection, bool cells, struct usage *usage);

#endif
