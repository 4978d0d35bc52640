#include "base/time.h"
#include "core/proration.h"
#include "tests/test.h"

static int32_t day(const char *text)
{
    int32_t result = 0;
    REQUIRE(day_parse(str_of(text), &result) == ERR_NONE);
    return result;
}

static struct period period(const char *start, const char *end)
{
    return (struct period){day(start), day(end)};
}

static struct money eur(int64_t minor)
{
    return (struct money){minor, currency_find(STR("EUR"))};
}

/* What the billing rules and the scenarios say; `used` runs up to and with its last day. */
TEST(proration_table)
{
    // clang-format off
    static const struct {
        const char *name; int64_t price;
        const char *start, *end, *from, *last; int days, of; int64_t want;
    } cases[] = {
        {"start on 5 March",          1000,     "2024-03-01", "2024-04-01", "2024-03-05", "2024-03-31", 27, 31, 871},
        {"upgrade on 12 March",       1500,     "2024-03-01", "2024-04-01", "2024-03-12", "2024-03-31", 20, 31, 968},
        {"and to a dearer one",       1900,     "2024-03-01", "2024-04-01", "2024-03-12", "2024-03-31", 20, 31, 1226},
        {"quarter, 20 May to 20 June",91000,    "2024-04-01", "2024-07-01", "2024-05-20", "2024-06-20", 32, 91, 32000},
        {"5 and 6 September",         1000,     "2023-09-01", "2023-10-01", "2023-09-05", "2023-09-06", 2,  30, 67},
        {"end of a trial on 14th",    5000000,  "2024-03-01", "2024-04-01", "2024-03-15", "2024-03-31", 17, 31, 2741935},
        {"end of a longer trial",     10000000, "2024-03-01", "2024-04-01", "2024-03-18", "2024-03-31", 14, 31, 4516129},
        {"week from Wednesday",       900000,   "2024-03-04", "2024-03-11", "2024-03-06", "2024-03-10", 5,  7,  642857},
        {"February from the 4th",     900000,   "2023-02-01", "2023-03-01", "2023-02-04", "2023-02-28", 25, 28, 803571},
        {"quarter from 4 February",   900000,   "2023-01-01", "2023-04-01", "2023-02-04", "2023-03-31", 56, 90, 560000},
        {"year from 1 February",      1000000,  "2023-01-01", "2024-01-01", "2023-02-01", "2023-12-31", 334,365,915068},
        {"and 823561 less",           100000,   "2023-01-01", "2024-01-01", "2023-02-01", "2023-12-31", 334,365,91507},
        {"8 to 28 February",          10000,    "2025-02-01", "2025-03-01", "2025-02-08", "2025-02-28", 21, 28, 7500},
        {"ended on the 21st",         10000,    "2025-02-01", "2025-03-01", "2025-02-08", "2025-02-21", 14, 28, 5000},
        {"unused rest of it",         10000,    "2025-02-01", "2025-03-01", "2025-02-22", "2025-02-28", 7,  28, 2500},
        {"24 to 26 April",            2000,     "2024-04-01", "2024-05-01", "2024-04-24", "2024-04-26", 3,  30, 200},
        {"Thursday in Denver",        700,      "2023-06-12", "2023-06-19", "2023-06-15", "2023-06-18", 4,  7,  400},
        {"Friday in Paris",           700,      "2023-06-12", "2023-06-19", "2023-06-16", "2023-06-18", 3,  7,  300},
        {"Saturday in Karachi",       700,      "2023-06-12", "2023-06-19", "2023-06-17", "2023-06-18", 2,  7,  200},
        {"21 of 31 days",             3500,     "2024-03-01", "2024-04-01", "2024-03-11", "2024-03-31", 21, 31, 2371},
        {"the whole",                 700,      "2024-02-01", "2024-03-01", "2024-02-01", "2024-02-29", 29, 29, 700},
        {"one day of 29",             2900,     "2024-02-01", "2024-03-01", "2024-02-01", "2024-02-01", 1,  29, 100},
        {"half a cent",               1,        "2024-04-01", "2024-05-01", "2024-04-01", "2024-04-15", 15, 30, 1},
        {"half a cent of credit",     -1,       "2024-04-01", "2024-05-01", "2024-04-01", "2024-04-15", 15, 30, -1},
        {"free",                      0,        "2024-04-01", "2024-05-01", "2024-04-01", "2024-04-15", 15, 30, 0},
        {"largest, whole",            INT64_MAX,"2024-04-01", "2024-05-01", "2024-04-01", "2024-04-30", 30, 30, INT64_MAX},
    };
    // clang-format on
    EACH(c, cases) {
        struct prorated share;
        struct period used = period(c->from, c->last);
        used.end_day++;
        REQUIRE(proration_share(eur(c->price), PRORATION_DAYS, period(c->start, c->end), used,
                                &share) == ERR_NONE);
        CHECK_INT(share.amount.minor, c->want);
        CHECK_INT(share.days, c->days);
        CHECK_INT(share.days_of_period, c->of);
        CHECK(share.amount.currency == eur(0).currency);
    }
}

/* The ratio itself, to the decimals that are kept. */
TEST(proration_precise)
{
    // clang-format off
    static const struct {
        const char *name; enum proration proration;
        const char *start, *end, *from, *to, *want;
    } cases[] = {
        {"May 23 to June 15",   PRORATION_DAYS,     "2023-05-15", "2023-06-15", "2023-05-23", "2023-06-15", "0.741935483870968"},
        {"June 23 to July 15",  PRORATION_DAYS,     "2023-06-15", "2023-07-15", "2023-06-23", "2023-07-15", "0.733333333333333"},
        {"February 2023",       PRORATION_DAYS,     "2023-02-15", "2023-03-15", "2023-02-23", "2023-03-15", "0.714285714285714"},
        {"February 2024",       PRORATION_DAYS,     "2024-02-15", "2024-03-15", "2024-02-23", "2024-03-15", "0.724137931034483"},
        {"May, 30 days",        PRORATION_FIXED_30, "2023-05-15", "2023-06-15", "2023-05-23", "2023-06-15", "0.733333333333333"},
        {"June, 30 days",       PRORATION_FIXED_30, "2023-06-15", "2023-07-15", "2023-06-23", "2023-07-15", "0.733333333333333"},
        {"February 2023, 30",   PRORATION_FIXED_30, "2023-02-15", "2023-03-15", "2023-02-23", "2023-03-15", "0.733333333333333"},
        {"February 2024, 30",   PRORATION_FIXED_30, "2024-02-15", "2024-03-15", "2024-02-23", "2024-03-15", "0.733333333333333"},
        {"none",                PRORATION_NONE,     "2024-02-15", "2024-03-15", "2024-02-23", "2024-03-15", "1"},
        {"none, nothing used",  PRORATION_NONE,     "2024-02-15", "2024-03-15", "2024-02-23", "2024-02-23", "0"},
        {"days, nothing used",  PRORATION_DAYS,     "2024-02-15", "2024-03-15", "2024-03-15", "2024-03-15", "0"},
    };
    // clang-format on
    EACH(c, cases) {
        struct prorated share;
        REQUIRE(proration_share(eur(100), c->proration, period(c->start, c->end),
                                period(c->from, c->to), &share) == ERR_NONE);
        CHECK(decimal_eq(share.precise, decimal_lit(c->want)));
    }
}

/* Months of 30 days: counted by the 30E/360 convention, each month of the period whole. */
TEST(proration_months_of_30_days)
{
    // clang-format off
    static const struct {
        const char *name, *start, *end, *from, *to; int days, of;
    } cases[] = {
        {"all of a long month",        "2024-03-01", "2024-04-01", "2024-03-01", "2024-04-01", 30, 30},
        {"all of February",            "2023-02-01", "2023-03-01", "2023-02-01", "2023-03-01", 30, 30},
        {"up to the 15th",             "2023-02-01", "2023-03-01", "2023-02-01", "2023-02-16", 15, 30},
        {"from the 16th",              "2023-02-01", "2023-03-01", "2023-02-16", "2023-03-01", 15, 30},
        {"last of February",           "2023-02-01", "2023-03-01", "2023-02-28", "2023-03-01", 3,  30},
        {"from the 31st",              "2024-03-01", "2024-04-01", "2024-03-31", "2024-04-01", 1,  30},
        {"up to the 30th",             "2024-03-01", "2024-04-01", "2024-03-01", "2024-03-31", 29, 30},
        {"31 January to 29 February",  "2024-01-31", "2024-02-29", "2024-01-31", "2024-02-29", 30, 30},
        {"its first day",              "2024-01-31", "2024-02-29", "2024-01-31", "2024-02-01", 1,  30},
        {"29 February to 31 March",    "2024-02-29", "2024-03-31", "2024-02-29", "2024-03-31", 30, 30},
        {"its last day",               "2024-02-29", "2024-03-31", "2024-03-30", "2024-03-31", 0,  30},
        {"quarter",                    "2024-01-01", "2024-04-01", "2024-02-01", "2024-04-01", 60, 90},
        {"year",                       "2024-01-01", "2025-01-01", "2024-02-01", "2025-01-01", 330,360},
        {"a week has its real days",   "2024-02-26", "2024-03-04", "2024-02-28", "2024-03-04", 5,  7},
    };
    // clang-format on
    EACH(c, cases) {
        struct prorated share;
        REQUIRE(proration_share(eur(36000), PRORATION_FIXED_30, period(c->start, c->end),
                                period(c->from, c->to), &share) == ERR_NONE);
        CHECK_INT(share.days, c->days);
        CHECK_INT(share.days_of_period, c->of);
    }
}

TEST(proration_words)
{
    enum proration proration = PRORATION_NONE;
    CHECK(proration_parse(STR("days"), &proration) && proration == PRORATION_DAYS);
    CHECK(proration_parse(STR("fixed_30"), &proration) && proration == PRORATION_FIXED_30);
    CHECK(proration_parse(STR("none"), &proration) && proration == PRORATION_NONE);
    CHECK(!proration_parse(STR("seconds"), &proration));
    CHECK(!proration_parse(STR_NULL, &proration));
}

TEST(proration_of_other_digits)
{
    struct prorated share;
    struct period month = period("2024-04-01", "2024-05-01");
    struct period used = period("2024-04-01", "2024-04-11");
    struct money yen = {1000, currency_find(STR("JPY"))};
    struct money dinar = {1000, currency_find(STR("KWD"))};
    REQUIRE(proration_share(yen, PRORATION_DAYS, month, used, &share) == ERR_NONE);
    CHECK_INT(share.amount.minor, 333);
    CHECK(decimal_eq(share.precise, decimal_lit("333.333333333333333")));
    REQUIRE(proration_share(dinar, PRORATION_DAYS, month, used, &share) == ERR_NONE);
    CHECK_INT(share.amount.minor, 333);
    CHECK(decimal_eq(share.precise, decimal_lit("0.333333333333333")));
}

/* Cut a period anywhere: the days of the parts add up to the days of the whole, each part is within
 * half a cent of its exact share, and a credit is a charge with the other sign. */
TEST(proration_parts_add_up)
{
    static const struct interval intervals[] = {{0, 7},  {1, 0}, {3, 0},  {6, 0},
                                                {12, 0}, {2, 0}, {24, 0}, {36, 0}};
    for (int i = 0; i < 2000; i++) {
        struct cycle cycle = {
            intervals[test_between(0, 7)],
            (enum billing_time)test_between(BILLING_CALENDAR, BILLING_ANNIVERSARY),
            (int32_t)test_between(day("2000-01-01"), day("2030-12-31"))};
        enum proration proration = (enum proration)test_between(PRORATION_DAYS, PRORATION_FIXED_30);
        struct period whole = period_of_day(cycle, cycle.anchor_day);
        int64_t price = test_between(0, 100000000);
        int64_t sum = 0, days = 0, parts = 0, of = 0;
        for (int32_t from = whole.start_day; from < whole.end_day; parts++) {
            struct period used = {from, (int32_t)test_between(from + 1, whole.end_day)};
            struct prorated share, credit;
            REQUIRE(proration_share(eur(price), proration, whole, used, &share) == ERR_NONE);
            REQUIRE(proration_share(eur(-price), proration, whole, used, &credit) == ERR_NONE);
            REQUIRE(credit.amount.minor == -share.amount.minor);
            of = share.days_of_period;
            int64_t off = 2 * (share.amount.minor * of - price * share.days);
            REQUIRE(share.days >= 0 && share.days <= of && off <= of && off >= -of);
            sum += share.amount.minor;
            days += share.days;
            from = used.end_day;
        }
        REQUIRE(days == of);
        REQUIRE(2 * llabs(sum - price) <= parts);
    }
}
