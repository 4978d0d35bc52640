/* proration.h - the part of a period's price that falls on some of its days.
 *
 * Days used / days of the real period, rounded once, half away from zero; so a part is never more
 * than half a minor unit off its exact share, and the days of the parts of a period add up to the
 * days of the period, also with months of 30 days: there the 31st adds no day, the days that a
 * February lacks fall on its last one, and a period shorter than a month has its real days.  Pure.
 */
#ifndef CORE_PRORATION_H
#define CORE_PRORATION_H

#include "base/decimal.h"
#include "core/money.h"
#include "core/period.h"

// clang-format off
/*  name       word          the share */
#define PRORATION_MAP(X)                                                                     \
    X(DAYS,     "days")     /* days used / days of the period */                             \
    X(FIXED_30, "fixed_30") /* months have 30 days: days used / (30 for each month) */       \
    X(NONE,     "none")     /* any part is the whole */
// clang-format on

enum proration {
#define X(name, word) PRORATION_##name,
    PRORATION_MAP(X)
#undef X
};

bool proration_parse(struct str word, enum proration *proration);
/* Of a word that was checked when it was made (asserted). */
enum proration proration_of(struct str word);

/* How many days `used` has, and the period of which it is a part; as proration_share takes them. */
void proration_days(enum proration proration, struct period period, struct period used,
                    int32_t *days, int32_t *of);

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
