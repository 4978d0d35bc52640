#include "core/recurring.h"

#include "tests/test.h"

TEST(every_interval_counts_by_its_periods_a_year)
{
    // clang-format off
    static const struct { const char *name; struct interval interval; int64_t amount, count, year, month; } cases[] = {
        {"monthly counts as it is",       {1, 0},     2900, 1,  34800,  2900},
        {"weekly: 52 of them",            {0, 7},      1000, 1,  52000,  4333}, /* 52000 / 12 = 4333.33 */
        {"quarterly: a third",            {3, 0},   1000, 1,   4000,   333}, /* 333.33 */
        {"half-yearly: a sixth",          {6, 0},  1000, 1,   2000,   167}, /* 166.67 */
        {"yearly: a twelfth",             {12, 0},       999, 1,    999,    83}, /* 83.25 */
        {"several are added, then cut",   {12, 0},       999, 4,   3996,   333}, /* 4 x 83.25 */
        {"a half goes up",                {12, 0},        30, 1,     30,     3}, /* 2.5 */
        {"two years: half of it",         {24, 0},  2700, 1,   1350,   113}, /* 112.5 */
        {"three years, rounded once",     {36, 0},  1000, 3,    999,    83}, /* 333.33 each; 83.25 */
        {"18 months: two thirds, up",     {18, 0},  1000, 1,    667,    56}, /* 666.67; 55.58 */
        {"5 months: 2.4 of them",         {5, 0},   1000, 1,   2400,   200},
        {"14 days are two weeks: 26",     {0, 14},  1000, 1,  26000,  2167}, /* 2166.67 */
        {"four weeks: 13",                {0, 28},  1000, 2,  26000,  2167},
        {"ten days: 36.5 of them",        {0, 10},    11, 1,    402,    34}, /* 401.5; 33.5 */
        {"365 days are a year",           {0, 365},  999, 1,    999,    83},
        {"a credit's half goes down",     {24, 0},    -3, 1,     -2,     0}, /* -1.5 */
        {"nothing",                       {1, 0},        0, 7,      0,     0},
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
    CHECK_INT(recurring_year((struct interval){0, 7}, INT64_MAX / 2, 1, &year), ERR_OVERFLOW);
    CHECK_INT(recurring_year((struct interval){12, 0}, INT64_MAX / 2, 3, &year), ERR_OVERFLOW);
    CHECK_INT(recurring_year((struct interval){0, 1}, INT64_MAX / 364, 1, &year), ERR_OVERFLOW);
    CHECK_INT(year, 7);
    /* wider than an int64 on the way alone */
    CHECK_INT(recurring_year((struct interval){120, 0}, INT64_MAX, 1, &year), ERR_NONE);
    CHECK_INT(year, INT64_MAX / 10 + 1); /* 922337203685477580.7 */
}
