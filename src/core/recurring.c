#include "core/recurring.h"

__extension__ typedef __int128 wide;

/* amount * times / by, rounded half away from zero. */
static enum err scaled(int64_t amount, int64_t times, int64_t by, int64_t *result)
{
    wide product = (wide)amount * times;
    wide half = product < 0 ? -(by / 2) : by / 2;
    return __builtin_add_overflow((product + half) / by, 0, result) ? ERR_OVERFLOW : ERR_NONE;
}

static enum err year_of_one(struct interval interval, int64_t amount_minor, int64_t *yearly_minor)
{
    if (interval.months > 0)
        return scaled(amount_minor, 12, interval.months, yearly_minor);
    if (interval.days % 7 == 0)
        return scaled(amount_minor, 52, interval.days / 7, yearly_minor);
    return scaled(amount_minor, 365, interval.days, yearly_minor);
}

enum err recurring_year(struct interval interval, int64_t amount_minor, int64_t count,
                        int64_t *yearly_minor)
{
    int64_t of_one = 0;
    int64_t of_all = 0;
    TRY(year_of_one(interval, amount_minor, &of_one));
    if (__builtin_mul_overflow(of_one, count, &of_all))
        return ERR_OVERFLOW;
    *yearly_minor = of_all;
    return ERR_NONE;
}

int64_t recurring_month(int64_t yearly_minor)
{
    int64_t month = yearly_minor / 12;
    int64_t rest = yearly_minor % 12;
    if (rest >= 6)
        return month + 1;
    return rest <= -6 ? month - 1 : month;
}
