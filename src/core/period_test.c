#include "base/time.h"
#include "base/zone.h"
#include "core/period.h"
#include "tests/test.h"

static int32_t day(const char *text)
{
    int32_t result = 0;
    REQUIRE(day_parse(str_of(text), &result) == ERR_NONE);
    return result;
}

TEST(period_words)
{
    // clang-format off
    static const struct { const char *name; enum interval interval; int a_year; } cases[] = {
        {"weekly",     INTERVAL_WEEKLY,     52},
        {"monthly",    INTERVAL_MONTHLY,    12},
        {"quarterly",  INTERVAL_QUARTERLY,  4},
        {"semiannual", INTERVAL_SEMIANNUAL, 2},
        {"yearly",     INTERVAL_YEARLY,     1},
    };
    // clang-format on
    enum interval interval = INTERVAL_YEARLY;
    enum billing_time billing_time = BILLING_ANNIVERSARY;
    EACH(c, cases) {
        CHECK(interval_parse(str_of(c->name), &interval));
        CHECK_INT(interval, c->interval);
        CHECK_INT(interval_per_year(c->interval), c->a_year);
        CHECK_STR(interval_word(c->interval), c->name);
    }
    CHECK(!interval_parse(STR("daily"), &interval));
    CHECK(!interval_parse(STR("Monthly"), &interval));
    CHECK(!interval_parse(STR_NULL, &interval));
    CHECK(billing_time_parse(STR("calendar"), &billing_time) && billing_time == BILLING_CALENDAR);
    CHECK(billing_time_parse(STR("anniversary"), &billing_time) &&
          billing_time == BILLING_ANNIVERSARY);
    CHECK(!billing_time_parse(STR("monthly"), &billing_time));
}

/* Bounds from the scenarios billing, billing_boundaries and invoices, and from the calendar. */
TEST(period_of_day_table)
{
    enum { W = INTERVAL_WEEKLY, M = INTERVAL_MONTHLY, Q = INTERVAL_QUARTERLY };
    enum { S = INTERVAL_SEMIANNUAL, Y = INTERVAL_YEARLY };
    enum { C = BILLING_CALENDAR, A = BILLING_ANNIVERSARY };
    // clang-format off
    static const struct {
        const char *name; int interval, billing_time;
        const char *anchor, *day, *start, *end; /* end: first day not billed */
    } cases[] = {
        {"month of its own",       M, C, "2024-03-05", "2024-03-05", "2024-03-01", "2024-04-01"},
        {"month's last day",       M, C, "2024-03-05", "2024-03-31", "2024-03-01", "2024-04-01"},
        {"February of 29 days",    M, C, "2023-06-16", "2024-02-01", "2024-02-01", "2024-03-01"},
        {"week: Wednesday",        W, C, "2023-02-01", "2023-02-01", "2023-01-30", "2023-02-06"},
        {"week: Sunday",           W, C, "2023-02-01", "2023-02-05", "2023-01-30", "2023-02-06"},
        {"week: Monday",           W, C, "2023-02-01", "2023-02-06", "2023-02-06", "2023-02-13"},
        {"week: the first Monday", W, C, "2023-02-01", "1969-12-29", "1969-12-29", "1970-01-05"},
        {"week before 1970",       W, C, "2023-02-01", "1969-12-28", "1969-12-22", "1969-12-29"},
        {"first quarter",          Q, C, "2024-05-20", "2024-02-29", "2024-01-01", "2024-04-01"},
        {"second quarter",         Q, C, "2024-05-20", "2024-06-30", "2024-04-01", "2024-07-01"},
        {"last quarter",           Q, C, "2024-05-20", "2024-12-31", "2024-10-01", "2025-01-01"},
        {"first half-year",        S, C, "2024-05-20", "2024-06-30", "2024-01-01", "2024-07-01"},
        {"second half-year",       S, C, "2024-05-20", "2024-07-01", "2024-07-01", "2025-01-01"},
        {"year",                   Y, C, "2022-04-02", "2022-12-31", "2022-01-01", "2023-01-01"},
        {"31 January",             M, A, "2024-01-31", "2024-01-31", "2024-01-31", "2024-02-29"},
        {"29 February of the 31st",M, A, "2024-01-31", "2024-02-29", "2024-02-29", "2024-03-31"},
        {"30 March of the 31st",   M, A, "2024-01-31", "2024-03-30", "2024-02-29", "2024-03-31"},
        {"31 March of the 31st",   M, A, "2024-01-31", "2024-03-31", "2024-03-31", "2024-04-30"},
        {"30 April of the 31st",   M, A, "2023-03-31", "2023-04-30", "2023-04-30", "2023-05-31"},
        {"30 January",             M, A, "2024-01-30", "2024-01-30", "2024-01-30", "2024-02-29"},
        {"29 February of the 30th",M, A, "2024-01-30", "2024-02-29", "2024-02-29", "2024-03-30"},
        {"30 March of the 30th",   M, A, "2024-01-30", "2024-03-30", "2024-03-30", "2024-04-30"},
        {"28 February stays 28th", M, A, "2022-02-28", "2022-03-31", "2022-03-28", "2022-04-28"},
        {"of the 28th in 2024",    M, A, "2022-02-28", "2024-02-29", "2024-02-28", "2024-03-28"},
        {"day before the 2nd",     M, A, "2023-02-02", "2023-03-01", "2023-02-02", "2023-03-02"},
        {"before the anchor",      M, A, "2024-01-31", "2023-12-30", "2023-11-30", "2023-12-31"},
        {"week from a Thursday",   W, A, "2023-02-02", "2023-02-08", "2023-02-02", "2023-02-09"},
        {"its eighth day",         W, A, "2023-02-02", "2023-02-09", "2023-02-09", "2023-02-16"},
        {"week before the anchor", W, A, "2023-02-02", "2023-02-01", "2023-01-26", "2023-02-02"},
        {"quarter of 31 December", Q, A, "2022-12-31", "2023-03-30", "2022-12-31", "2023-03-31"},
        {"its second",             Q, A, "2022-12-31", "2023-06-29", "2023-03-31", "2023-06-30"},
        {"its third",              Q, A, "2022-12-31", "2023-06-30", "2023-06-30", "2023-09-30"},
        {"quarter of 30 April",    Q, A, "2022-04-30", "2023-02-28", "2023-01-30", "2023-04-30"},
        {"quarter of 30 November", Q, A, "2023-11-30", "2024-02-28", "2023-11-30", "2024-02-29"},
        {"half-year of 31 January",S, A, "2024-01-31", "2024-07-30", "2024-01-31", "2024-07-31"},
        {"half-year of 31 August", S, A, "2023-08-31", "2024-02-29", "2024-02-29", "2024-08-31"},
        {"year from 31 January",   Y, A, "2024-01-31", "2025-01-30", "2024-01-31", "2025-01-31"},
        {"year from 29 February",  Y, A, "2024-02-29", "2025-02-27", "2024-02-29", "2025-02-28"},
        {"its second",             Y, A, "2024-02-29", "2025-02-28", "2025-02-28", "2026-02-28"},
        {"back to the 29th",       Y, A, "2024-02-29", "2028-02-28", "2027-02-28", "2028-02-29"},
    };
    // clang-format on
    EACH(c, cases) {
        struct cycle cycle = {(enum interval)c->interval, (enum billing_time)c->billing_time,
                              day(c->anchor)};
        struct period period = period_of_day(cycle, day(c->day));
        CHECK_INT(period.start_day, day(c->start));
        CHECK_INT(period.end_day, day(c->end));
        CHECK_INT(period_days(period), day(c->end) - day(c->start));
    }
}

/* The first instants of periods in the customer's zone, as the scenarios bill them. */
TEST(period_instants_in_a_zone)
{
    // clang-format off
    static const struct {
        const char *name, *zone; int interval, billing_time; const char *from, *start, *end;
    } cases[] = {
        {"Bogota, from midnight there", "America/Bogota", INTERVAL_MONTHLY, BILLING_ANNIVERSARY,
         "2023-02-02T05:00:00Z", "2023-02-02T05:00:00Z", "2023-03-02T05:00:00Z"},
        {"Paris, calendar year",        "Europe/Paris",   INTERVAL_YEARLY, BILLING_CALENDAR,
         "2022-04-02T00:00:00Z", "2021-12-31T23:00:00Z", "2022-12-31T23:00:00Z"},
        {"Paris, over the summer time", "Europe/Paris",   INTERVAL_MONTHLY, BILLING_CALENDAR,
         "2024-03-15T00:00:00Z", "2024-02-29T23:00:00Z", "2024-03-31T22:00:00Z"},
        {"Denver, still Thursday",      "America/Denver", INTERVAL_WEEKLY, BILLING_CALENDAR,
         "2023-06-16T05:00:00Z", "2023-06-12T06:00:00Z", "2023-06-19T06:00:00Z"},
        {"Karachi, already Saturday",   "Asia/Karachi",   INTERVAL_WEEKLY, BILLING_ANNIVERSARY,
         "2023-06-16T20:00:00Z", "2023-06-16T19:00:00Z", "2023-06-23T19:00:00Z"},
    };
    // clang-format on
    EACH(c, cases) {
        const struct zone *zone = NULL;
        int64_t from = 0, start = 0, end = 0;
        REQUIRE(zone_find(str_of(c->zone), &zone) == ERR_NONE);
        REQUIRE(time_parse(str_of(c->from), &from) == ERR_NONE);
        REQUIRE(time_parse(str_of(c->start), &start) == ERR_NONE);
        REQUIRE(time_parse(str_of(c->end), &end) == ERR_NONE);
        struct cycle cycle = {(enum interval)c->interval, (enum billing_time)c->billing_time,
                              zone_day(zone, from)};
        struct period period = period_of_day(cycle, zone_day(zone, from));
        CHECK_INT(zone_day_start(zone, period.start_day), start);
        CHECK_INT(zone_day_start(zone, period.end_day), end);
    }
}

TEST(period_overlap_table)
{
    // clang-format off
    static const struct { const char *name; struct period a, b, want; } cases[] = {
        {"inside",     { 0, 10}, { 2,  5}, { 2,  5}},
        {"cut left",   { 0, 10}, {-5,  5}, { 0,  5}},
        {"cut right",  { 0, 10}, { 5, 15}, { 5, 10}},
        {"same",       { 0, 10}, { 0, 10}, { 0, 10}},
        {"neighbours", { 0, 10}, {10, 20}, {10, 10}},
        {"apart",      { 0, 10}, {15, 20}, {15, 15}},
        {"empty",      { 0, 10}, { 5,  5}, { 5,  5}},
    };
    // clang-format on
    EACH(c, cases) {
        struct period got = period_overlap(c->a, c->b);
        CHECK_INT(got.start_day, c->want.start_day);
        CHECK_INT(got.end_day, c->want.end_day);
        CHECK_INT(period_days(period_overlap(c->b, c->a)), period_days(got));
    }
}

/* Counts months one by one from the anchor, as one would on paper. */
static int32_t start_on_paper(struct civil anchor, int32_t months)
{
    int32_t year = anchor.year, month = anchor.month;
    for (; months > 0; months--) {
        if (++month > 12) {
            month = 1;
            year++;
        }
    }
    for (; months < 0; months++) {
        if (--month < 1) {
            month = 12;
            year--;
        }
    }
    int32_t last = days_in_month(year, month);
    return day_from_civil((struct civil){year, month, anchor.day < last ? anchor.day : last});
}

TEST(period_anniversaries_as_counted_on_paper)
{
    static const int months[] = {0, 1, 3, 6, 12};
    for (int i = 0; i < 2000; i++) {
        struct cycle cycle = {(enum interval)test_between(INTERVAL_MONTHLY, INTERVAL_YEARLY),
                              BILLING_ANNIVERSARY,
                              (int32_t)test_between(day("1990-01-01"), day("2040-12-31"))};
        struct civil anchor = civil_from_day(cycle.anchor_day);
        int step = months[cycle.interval];
        int nth = (int)test_between(-40, 40);
        struct period want = {start_on_paper(anchor, nth * step),
                              start_on_paper(anchor, (nth + 1) * step)};
        int32_t inside = (int32_t)test_between(want.start_day, want.end_day - 1);
        struct period got = period_of_day(cycle, inside);
        REQUIRE(got.start_day == want.start_day && got.end_day == want.end_day);
    }
}

/* Whatever repeats, its periods follow each other without gap or overlap. */
TEST(period_tiles_time)
{
    for (int i = 0; i < 2000; i++) {
        struct cycle cycle = {
            (enum interval)test_between(INTERVAL_WEEKLY, INTERVAL_YEARLY),
            (enum billing_time)test_between(BILLING_CALENDAR, BILLING_ANNIVERSARY),
            (int32_t)test_between(day("1990-01-01"), day("2040-12-31"))};
        int32_t any = (int32_t)test_between(day("1980-01-01"), day("2060-12-31"));
        struct period here = period_of_day(cycle, any);
        struct period after = period_after(cycle, here);
        struct period before = period_before(cycle, here);
        REQUIRE(here.start_day <= any && any < here.end_day);
        REQUIRE(after.start_day == here.end_day && before.end_day == here.start_day);
        REQUIRE(period_before(cycle, after).start_day == here.start_day);
        REQUIRE(period_of_day(cycle, here.start_day).end_day == here.end_day);
        REQUIRE(period_of_day(cycle, here.end_day - 1).start_day == here.start_day);
        if (cycle.interval == INTERVAL_WEEKLY)
            REQUIRE(period_days(here) == 7);
        if (cycle.interval == INTERVAL_WEEKLY && cycle.billing_time == BILLING_CALENDAR)
            REQUIRE(weekday_of(here.start_day) == 0);
        if (cycle.billing_time == BILLING_ANNIVERSARY)
            REQUIRE(period_of_day(cycle, cycle.anchor_day).start_day == cycle.anchor_day);
    }
}
