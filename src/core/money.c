#include "core/money.h"

#include "base/assert.h"

enum err money_add(struct money a, struct money b, struct money *sum)
{
    int64_t minor = 0;
    ASSERT(a.currency == b.currency);
    if (__builtin_add_overflow(a.minor, b.minor, &minor))
        return ERR_OVERFLOW;
    *sum = (struct money){minor, a.currency};
    return ERR_NONE;
}

enum err money_sub(struct money a, struct money b, struct money *difference)
{
    int64_t minor = 0;
    ASSERT(a.currency == b.currency);
    if (__builtin_sub_overflow(a.minor, b.minor, &minor))
        return ERR_OVERFLOW;
    *difference = (struct money){minor, a.currency};
    return ERR_NONE;
}

enum err money_round(struct decimal major, const struct currency *currency, enum rounding rounding,
                     struct money *money)
{
    struct decimal rounded;
    struct decimal minor;
    int64_t whole = 0;
    TRY(decimal_round(major, currency->digits, rounding, &rounded));
    TRY(decimal_scale(rounded, currency->digits, &minor));
    TRY(decimal_to_int64(minor, &whole));
    *money = (struct money){whole, currency};
    return ERR_NONE;
}

struct decimal money_major(struct money money)
{
    struct decimal major;
    enum err err = decimal_scale(decimal_of(money.minor), -money.currency->digits, &major);
    ASSERT(err == ERR_NONE); /* an int64 and at most 4 decimals always fit */
    return major;
}

void buf_money(struct buf *buf, struct money money)
{
    buf_decimal_fixed(buf, money_major(money), money.currency->digits);
}
