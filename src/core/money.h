/* money.h - amounts on documents: whole minor units of one currency.
 *
 * Adding and subtracting are exact or ERR_OVERFLOW.  A decimal in major units becomes an amount by
 * one rounding, half away from zero unless the caller says otherwise. */
#ifndef CORE_MONEY_H
#define CORE_MONEY_H

#include "base/buf.h"
#include "base/decimal.h"
#include "base/err.h"
#include "core/currency.h"

#include <stdint.h>

struct money {
    int64_t minor;
    const struct currency *currency;
};

/* Of one currency (asserted). */
MUST_CHECK enum err money_add(struct money a, struct money b, struct money *sum);
MUST_CHECK enum err money_sub(struct money a, struct money b, struct money *difference);

/* 10.275 EUR to 1028 cents with ROUND_HALF_UP. */
MUST_CHECK enum err money_round(struct decimal major, const struct currency *currency,
                                enum rounding rounding, struct money *money);
/* 1028 cents to 10.28 EUR, exactly. */
struct decimal money_major(struct money money);
/* "10.28": with all digits of the currency. */
void buf_money(struct buf *buf, struct money money);

#endif
