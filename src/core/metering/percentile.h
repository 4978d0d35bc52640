/* percentile.h - the percentile of a gauge: what it did not exceed for so much of the time.
 *
 * The time is cut into slots of equal length, counted from an origin.  A slot's value is the
 * greatest of its events, and 0 without one.  Of all n slots, ordered from the top,
 * floor(n * (100 - percentile) / 100) are left out, and the next is the result (of 8,640 slots the
 * 433rd at 95).  Slots cut at either end of the time count whole.
 *
 * Events must come in order of time (asserted).  Linear in the number of events. */
#ifndef CORE_METERING_PERCENTILE_H
#define CORE_METERING_PERCENTILE_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define SLOT_SECONDS_MIN    60
#define SLOT_SECONDS_MAX    3600 /* and a divisor of it, so that slots lie in an hour alike */
#define SLOT_SECONDS_PRESET 300
#define PERCENTILE_DECIMALS 4

struct percentile_rule {
    struct decimal percentile; /* above 0, at most 100, of at most PERCENTILE_DECIMALS decimals */
    int64_t slot_seconds;
};

struct percentile {
    struct arena *arena;
    struct percentile_rule rule;
    int64_t origin;         /* seconds since 1970 */
    int64_t last_slot;      /* of the newest event; INT_NONE */
    struct decimal *values; /* of slots with events */
    size_t value_count, value_capacity;
};

struct percentile_result {
    struct decimal value;
    int64_t slot_count, filled_count, dropped_count; /* n; with events; left out */
};

void percentile_init(struct percentile *percentile, struct arena *arena,
                     struct percentile_rule rule, int64_t origin_at);
void percentile_add(struct percentile *percentile, struct decimal value, int64_t occurred_at);
/* Over [from_at, to_at), in which all events lie; orders the values anew.  An empty time has no
 * slots, and comes to 0. */
void percentile_end(struct percentile *percentile, int64_t from_at, int64_t to_at,
                    struct percentile_result *result);

#endif
