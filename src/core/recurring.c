#include "core/recurring.h"

enum err recurring_year(enum interval interval, int64_t amount_minor, int64_t count,
                        int64_t *yearly_minor)
{
    int64_t of_one = 0;
    int64_t of_all = 0;
    if (__builtin_mul_overflow(amount_minor, interval_per_year(interval), &of_one) ||
        __builtin_mul_overflow(of_one, count, &of_all))
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
