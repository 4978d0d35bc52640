/* decimal.h - exact decimal numbers: prices, quantities, rates, vendor costs.
 *
 * A value has up to 34 significant digits (IEEE 754-2008 decimal128, carried by Intel's library,
 * with an __int128 fast path where 12 decimals do).  Adding, subtracting and multiplying are exact
 * or ERR_OVERFLOW; whatever can't be exact (dividing, rounding) takes decimals and rounding as
 * arguments.  There are no NaNs, infinities or negative zeros.  Pure, no allocation.
 *
 * Text form: optional '-', digits, optional '.' and digits; no exponent, no '+', no superfluous
 * zeros ("0", "-0.05", "1200").  Equal values have equal text. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define DECIMAL_DIGITS_MAX   34
#define DECIMAL_DECIMALS_MAX 40 /* decimals accepted by decimal_parse */
#define DECIMAL_TEXT_MAX     96 /* bytes that any value's text form needs, with room to spare */

struct decimal {
    uint64_t bits[2]; /* decimal128, low word first; compare with decimal_cmp, never by bits */
};

enum rounding {
    ROUND_HALF_UP, /* half away from zero: the rule of invoices */
    ROUND_HALF_EVEN,
    ROUND_DOWN,    /* toward zero */
    ROUND_UP,      /* away from zero */
    ROUND_CEILING, /* toward plus infinity */
    ROUND_FLOOR    /* toward minus infinity */
};

extern const struct decimal DECIMAL_ZERO;
extern const struct decimal DECIMAL_ONE;
extern const struct decimal
    DECIMAL_NONE; /* no value (SQL's NULL): arithmetic on it is our bug, asserted */
bool decimal_is_none(struct decimal value);

struct decimal decimal_of(int64_t value);

/* Reads the text form, also with '+', leading and trailing zeros, without a digit before the point
 * (".5", as vendors write it; "5." is malformed) and with an exponent ("1E-9").
 * ERR_MALFORMED: not a number.  ERR_INEXACT: more than 34 significant digits or 40 decimals.
 * ERR_OVERFLOW: 10^34 or more. */
MUST_CHECK enum err decimal_parse(struct str text, struct decimal *value);

/* For constants in code and tests; asserts that the text is right. */
struct decimal decimal_lit(const char *text);

void buf_decimal(struct buf *buf, struct decimal value);
/* With exactly `decimals` decimals; the value must have no more (asserted). */
void buf_decimal_fixed(struct buf *buf, struct decimal value, int decimals);
struct str decimal_text(struct arena *arena, struct decimal value);

MUST_CHECK enum err decimal_add(struct decimal a, struct decimal b, struct decimal *sum);
MUST_CHECK enum err decimal_sub(struct decimal a, struct decimal b, struct decimal *difference);
MUST_CHECK enum err decimal_mul(struct decimal a, struct decimal b, struct decimal *product);
/* a / b to `decimals` decimals, rounded once.  ERR_INVALID when b is 0. */
MUST_CHECK enum err decimal_div(struct decimal a, struct decimal b, int decimals,
                                enum rounding rounding, struct decimal *quotient);
/* a * numerator / denominator to `decimals` decimals, rounded once, also where a * numerator
 * would need more than 34 digits.  ERR_INVALID when denominator is 0. */
MUST_CHECK enum err decimal_mul_div(struct decimal a, struct decimal numerator,
                                    struct decimal denominator, int decimals,
                                    enum rounding rounding, struct decimal *result);
/* To `decimals` decimals; negative means tens, hundreds (-1, -2). */
MUST_CHECK enum err decimal_round(struct decimal a, int decimals, enum rounding rounding,
                                  struct decimal *rounded);

struct decimal decimal_neg(struct decimal a);
struct decimal decimal_abs(struct decimal a);
struct decimal decimal_min(struct decimal a, struct decimal b);
struct decimal decimal_max(struct decimal a, struct decimal b);
int decimal_cmp(struct decimal a, struct decimal b); /* negative, 0, positive */
bool decimal_eq(struct decimal a, struct decimal b);
/* Either may be DECIMAL_NONE, which is the same as itself alone. */
bool decimal_same(struct decimal a, struct decimal b);
int decimal_sign(struct decimal a); /* -1, 0, 1 */
bool decimal_is_zero(struct decimal a);
/* How many decimals the text form has. */
int decimal_decimals(struct decimal a);

/* a * 10^power, exact or ERR_OVERFLOW: major to minor units and back. */
MUST_CHECK enum err decimal_scale(struct decimal a, int power, struct decimal *scaled);
/* ERR_INEXACT when there are decimals, ERR_OVERFLOW when it does not fit. */
MUST_CHECK enum err decimal_to_int64(struct decimal a, int64_t *value);

#endif
