#include "core/proration.h"

#include "base/assert.h"
#include "base/time.h"

#define PRECISE_DECIMALS 15

bool proration_parse(struct str word, enum proration *proration)
{
    static const struct {
        struct str word;
        enum proration proration;
    } words[] = {{{"days", 4}, PRORATION_DAYS},
                 {{"fixed_30", 8}, PRORATION_FIXED_30},
                 {{"none", 4}, PRORATION_NONE}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (str_eq(word, words[i].word)) {
            *proration = words[i].proration;
            return true;
        }
    }
    return false;
}

/* Days by the count of 30-day months (30E/360): the 31st counts as the 30th, and a period that
 * ends on a month's end is whole. */
static int32_t days_of_30(struct period part)
{
    struct civil from = civil_from_day(part.start_day);
    struct civil to = civil_from_day(part.end_day);
    int32_t from_day = from.day > 30 ? 30 : from.day;
    int32_t to_day = to.day > 30 ? 30 : to.day;
    return (to.year - from.year) * 360 + (to.month - from.month) * 30 + to_day - from_day;
}

enum err proration_share(struct money price, enum proration proration, struct period period,
                         struct period used, struct prorated *share)
{
    ASSERT(period_days(period) > 0);
    ASSERT(used.start_day >= period.start_day && used.end_day <= period.end_day);
    ASSERT(used.start_day <= used.end_day);
    int32_t days = period_days(used);
    int32_t of = period_days(period);
    if (proration == PRORATION_FIXED_30) {
        days = days_of_30(used);
        of = days_of_30(period);
    } else if (proration == PRORATION_NONE && days > 0) {
        days = of;
    }
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
