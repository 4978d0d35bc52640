#include "core/recurring.h"

#include "tests/test.h"

TEST(every_interval_counts_by_its_periods_a_year)
{
    // clang-format off
    static const struct { const char *name; enum interval interval; int64_t amount, count, year, month; } cases[] = {
        {"monthly counts as it is",       INTERVAL_MONTHLY,     2900, 1,  34800,  2900},
        {"weekly: 52 of them",            INTERVAL_WEEKLY,      1000, 1,  52000,  4333}, /* 52000 / 12 = 4333.33 */
        {"quarterly: a third",            INTERVAL_QUARTERLY,   1000, 1,   4000,   333}, /* 333.33 */
        {"half-yearly: a sixth",          INTERVAL_SEMIANNUAL,  1000, 1,   2000,   167}, /* 166.67 */
        {"yearly: a twelfth",             INTERVAL_YEARLY,       999, 1,    999,    83}, /* 83.25 */
        {"several are added, then cut",   INTERVAL_YEARLY,       999, 4,   3996,   333}, /* 4 x 83.25 */
        {"a half goes up",                INTERVAL_YEARLY,        30, 1,     30,     3}, /* 2.5 */
        {"nothing",                       INTERVAL_MONTHLY,        0, 7,      0,     0},
    };
    // clang-format on
    EACH(c, cases) {
        int64_t year = -1;
        CHECK_INT(recurring_year(c->interval, c->amount, c->count, &year), ERR_NONE);
        CHECK_INT(year, c->year);
        CHECK_INT(recurring_month(year), c->month);
    }
}

TEST(a_change_below_zero_is_rounded_away_from_zero_too)
{
    CHECK_INT(recurring_month(-30), -3);
    CHECK_INT(recurring_month(-29), -2);
}

TEST(what_does_not_fit_is_an_error)
{
    int64_t year = 7;
    CHECK_INT(recurring_year(INTERVAL_WEEKLY, INT64_MAX / 2, 1, &year), ERR_OVERFLOW);
    CHECK_INT(recurring_year(INTERVAL_YEARLY, INT64_MAX / 2, 3, &year), ERR_OVERFLOW);
    CHECK_INT(year, 7);
}
