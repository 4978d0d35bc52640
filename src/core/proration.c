#include "core/proration.h"

#include "base/assert.h"
#include "base/time.h"

#define PRECISE_DECIMALS 15

bool proration_parse(struct str word, enum proration *proration)
{
#define X(name, text)                  \
    if (str_eq(word, STR(text))) {     \
        *proration = PRORATION_##name; \
        return true;                   \
    }
    PRORATION_MAP(X)
#undef X
    return false;
}

enum proration proration_of(struct str word)
{
    enum proration proration;
    bool known = proration_parse(word, &proration);
    ASSERT(known);
    return proration;
}

/* Days since year 0 where each month has 30 (30E/360). */
static int32_t count_of_30(int32_t day)
{
    struct civil date = civil_from_day(day);
    return date.year * 360 + date.month * 30 + (date.day > 30 ? 30 : date.day);
}

/* Days from the period's start up to `day`, `all` at its end: an anniversary that a short month has
 * clamped ends the period early, and it is whole all the same. */
static int32_t passed_of_30(struct period period, int32_t day, int32_t all)
{
    int32_t passed = count_of_30(day) - count_of_30(period.start_day);
    return day == period.end_day || passed > all ? all : passed;
}

static void use_months_of_30(struct period period, struct period used, int32_t *days, int32_t *of)
{
    int32_t months = (count_of_30(period.end_day) - count_of_30(period.start_day) + 15) / 30;
    if (months == 0)
        return;
    *of = months * 30;
    *days = passed_of_30(period, used.end_day, *of) - passed_of_30(period, used.start_day, *of);
}

void proration_days(enum proration proration, struct period period, struct period used,
                    int32_t *days, int32_t *of)
{
    ASSERT(period_days(period) > 0);
    ASSERT(used.start_day >= period.start_day && used.end_day <= period.end_day);
    ASSERT(used.start_day <= used.end_day);
    *days = period_days(used);
    *of = period_days(period);
    if (proration == PRORATION_FIXED_30)
        use_months_of_30(period, used, days, of);
    else if (proration == PRORATION_NONE && *days > 0)
        *days = *of;
}

enum err proration_share(struct money price, enum proration proration, struct period period,
                         struct period used, struct prorated *share)
{
    int32_t days = 0;
    int32_t of = 0;
    proration_days(proration, period, used, &days, &of);
    struct prorated result = {.days = days, .days_of_period = of, .amount = price};
    struct decimal rounded;
    struct decimal major = money_major(price);
    TRY(decimal_mul_div(major, decimal_of(days), decimal_of(of), PRECISE_DECIMALS, ROUND_HALF_UP,
                        &result.precise));
    TRY(decimal_mul_div(major, decimal_of(days), decimal_of(of), price.currency->digits,
                        ROUND_HALF_UP, &rounded));
    TRY(money_round(rounded, price.currency, ROUND_HALF_UP, &result.amount));
    *share = result;
    return ERR_NONE;
}
