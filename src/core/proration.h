/* proration.h - the part of a period's price that falls on some of its days.
 *
 * Days used / days of the real period, rounded once, half away from zero; so a part is never more
 * than half a minor unit off its exact share.  Pure. */
#ifndef CORE_PRORATION_H
#define CORE_PRORATION_H

#include "base/decimal.h"
#include "core/money.h"
#include "core/period.h"

enum proration {
    PRORATION_DAYS,     /* days used / days of the period */
    PRORATION_FIXED_30, /* months have 30 days: days used / (30 for each month of the period) */
    PRORATION_NONE      /* any part is the whole */
};

bool proration_parse(struct str word, enum proration *proration);

struct prorated {
    struct money amount;    /* rounded */
    struct decimal precise; /* in major units, to 15 decimals */
    int32_t days;           /* numerator and denominator, as shown on the invoice */
    int32_t days_of_period;
};

/* The share of `price` for the days `used` of `period`.
 *   price   of the whole period
 *   period  not empty (asserted)
 *   used    inside the period (asserted); empty gives 0 */
MUST_CHECK enum err proration_share(struct money price, enum proration proration,
                                    struct period period, struct period used,
                                    struct prorated *share);

#endif
