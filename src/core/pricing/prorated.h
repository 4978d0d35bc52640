/* prorated.h - a stock whose units cost what falls on the days on which they are there.
 *
 * A unit counts from its own day to the end of what is billed, both included.  Of a unique count
 * what is removed counts on the day of its removal, too, and what comes back on that day does not
 * count twice on it.  The units that are there at one time take the places of the tiers from the
 * first on; below 0 nothing is there.  So a tier costs its units times their days, by the days of
 * the period, rounded up to 5 decimals.  Flat amounts are due in full for each tier that was
 * reached in the period.  A volume price takes the tier of the units at the end.  Pure. */
#ifndef CORE_PRICING_PRORATED_H
#define CORE_PRICING_PRORATED_H

#include "core/metering/group.h"
#include "core/metering/usage.h"
#include "core/pricing/charge.h"
#include "core/proration.h"

struct prorated_item; /* of a unique count: whether a value is there */

struct prorating {
    struct arena *arena;
    const struct charge *charge;
    enum proration proration;
    struct period period; /* the whole one */
    struct period billed; /* of it */
    bool has_begun;       /* an event of the days that are billed was met */
    bool is_unique;
    struct group_set values; /* of a unique count, each with its item */
    struct prorated_item *items;
    size_t item_capacity;
    struct decimal level;      /* units that are there */
    struct decimal highest;    /* in the days that are billed */
    struct decimal *unit_days; /* of each tier; of all units where there are no tiers */
    bool is_tiered;
    size_t tier_count;
};

/* For a standard, graduated or volume charge of a sum or a unique count. */
void prorating_init(struct prorating *p, struct arena *arena, const struct charge *charge,
                    enum aggregation aggregation, enum proration proration, struct period period,
                    struct period billed);

/* Events come in order of time, those before the days that are billed too.
 *   day  on which it happened
 * ERR_OVERFLOW. */
MUST_CHECK enum err prorating_add(struct prorating *p, const struct usage_event *event,
                                  int32_t day);

/* What charge_price takes as `values` of a prorated charge: the unit-days of each tier, the highest
 * level, the days of the period; in the arena.  ERR_OVERFLOW. */
MUST_CHECK enum err prorating_end(struct prorating *p, struct decimal **values, size_t *count);

#endif
