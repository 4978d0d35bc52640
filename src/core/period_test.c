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

static struct interval interval(const char *text)
{
    struct interval result = {0, 0};
    REQUIRE(interval_parse(str_of(text), &result));
    return result;
}

TEST(period_lengths)
{
    // clang-format off
    static const struct { const char *name; struct interval want; bool calendar, is_long; } cases[] = {
        {"weekly",     {0, 7},    true,  false},
        {"monthly",    {1, 0},    true,  false},
        {"quarterly",  {3, 0},    true,  false},
        {"semiannual", {6, 0},    true,  true},
        {"yearly",     {12, 0},   true,  true},
        {"P1D",        {0, 1},    false, false},
        {"P7D",        {0, 7},    true,  false},
        {"P1W",        {0, 7},    true,  false},
        {"P14D",       {0, 14},   false, false},
        {"P4W",        {0, 28},   false, false},
        {"P1W3D",      {0, 10},   false, false},
        {"P1M",        {1, 0},    true,  false},
        {"P2M",        {2, 0},    true,  false},
        {"P4M",        {4, 0},    true,  false},
        {"P5M",        {5, 0},    false, false},
        {"P7M",        {7, 0},    false, true},
        {"P1Y",        {12, 0},   true,  true},
        {"P18M",       {18, 0},   false, true},
        {"P1Y6M",      {18, 0},   false, true},
        {"P0Y6M",      {6, 0},    true,  true},
        {"P2Y",        {24, 0},   true,  true},
        {"P24M",       {24, 0},   true,  true},
        {"P3Y",        {36, 0},   true,  true},
        {"P10Y",       {120, 0},  true,  true},
        {"P9Y12M",     {120, 0},  true,  true},
        {"P3652D",     {0, 3652}, false, false},
        {"P521W",      {0, 3647}, false, false},
    };
    // clang-format on
    EACH(c, cases) {
        struct interval got = {-1, -1};
        REQUIRE(interval_parse(str_of(c->name), &got));
        CHECK_INT(got.months, c->want.months);
        CHECK_INT(got.days, c->want.days);
        CHECK_INT(interval_has_calendar(got), c->calendar);
        CHECK_INT(interval_is_long(got), c->is_long);
    }
}

TEST(period_lengths_refused)
{
    static const char *const texts[] = {
        "",       "daily",   "Monthly", "P",      "p1M",    "1M",    "PM",      "P1",
        "P1S",    "P0D",     "P0Y0M",   "P-1M",   "P+1M",   "P1.5Y", "P1,5M",   "PT24H",
        "P1DT1H", "P1M1D",   "P1Y1W",   "P1M1Y",  "P1D1W",  "P1M1M", "P1D1D",   "P 1M",
        "P1M ",   "P121M",   "P11Y",    "P10Y1M", "P3653D", "P522W", "P00001D", "P99999999999M",
        "P1m",    "P2Yearly"};
    struct interval kept = {5, 6};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        test_case = texts[i];
        CHECK(!interval_parse(str_of(texts[i]), &kept));
    }
    CHECK(!interval_parse(STR_NULL, &kept));
    CHECK(kept.months == 5 && kept.days == 6);
}

TEST(billing_time_words)
{
    enum billing_time billing_time = BILLING_ANNIVERSARY;
    CHECK(billing_time_parse(STR("calendar"), &billing_time) && billing_time == BILLING_CALENDAR);
    CHECK(billing_time_parse(STR("anniversary"), &billing_time) &&
          billing_time == BILLING_ANNIVERSARY);
    CHECK(!billing_time_parse(STR("monthly"), &billing_time));
}

/* Bounds from the scenarios billing, billing_boundaries and invoices, and from the calendar. */
TEST(period_of_day_table)
{
    enum { C = BILLING_CALENDAR, A = BILLING_ANNIVERSARY };
    // clang-format off
    static const struct {
        const char *name, *interval; int billing_time;
        const char *anchor, *day, *start, *end; /* end: first day not billed */
    } cases[] = {
        {"month of its own",       "monthly", C, "2024-03-05", "2024-03-05", "2024-03-01", "2024-04-01"},
        {"month's last day",       "monthly", C, "2024-03-05", "2024-03-31", "2024-03-01", "2024-04-01"},
        {"February of 29 days",    "monthly", C, "2023-06-16", "2024-02-01", "2024-02-01", "2024-03-01"},
        {"week: Wednesday",        "weekly", C, "2023-02-01", "2023-02-01", "2023-01-30", "2023-02-06"},
        {"week: Sunday",           "weekly", C, "2023-02-01", "2023-02-05", "2023-01-30", "2023-02-06"},
        {"week: Monday",           "weekly", C, "2023-02-01", "2023-02-06", "2023-02-06", "2023-02-13"},
        {"week: the first Monday", "weekly", C, "2023-02-01", "1969-12-29", "1969-12-29", "1970-01-05"},
        {"week before 1970",       "weekly", C, "2023-02-01", "1969-12-28", "1969-12-22", "1969-12-29"},
        {"first quarter",          "quarterly", C, "2024-05-20", "2024-02-29", "2024-01-01", "2024-04-01"},
        {"second quarter",         "quarterly", C, "2024-05-20", "2024-06-30", "2024-04-01", "2024-07-01"},
        {"last quarter",           "quarterly", C, "2024-05-20", "2024-12-31", "2024-10-01", "2025-01-01"},
        {"first half-year",        "semiannual", C, "2024-05-20", "2024-06-30", "2024-01-01", "2024-07-01"},
        {"second half-year",       "semiannual", C, "2024-05-20", "2024-07-01", "2024-07-01", "2025-01-01"},
        {"year",                   "yearly", C, "2022-04-02", "2022-12-31", "2022-01-01", "2023-01-01"},
        {"31 January",             "monthly", A, "2024-01-31", "2024-01-31", "2024-01-31", "2024-02-29"},
        {"29 February of the 31st","monthly", A, "2024-01-31", "2024-02-29", "2024-02-29", "2024-03-31"},
        {"30 March of the 31st",   "monthly", A, "2024-01-31", "2024-03-30", "2024-02-29", "2024-03-31"},
        {"31 March of the 31st",   "monthly", A, "2024-01-31", "2024-03-31", "2024-03-31", "2024-04-30"},
        {"30 April of the 31st",   "monthly", A, "2023-03-31", "2023-04-30", "2023-04-30", "2023-05-31"},
        {"30 January",             "monthly", A, "2024-01-30", "2024-01-30", "2024-01-30", "2024-02-29"},
        {"29 February of the 30th","monthly", A, "2024-01-30", "2024-02-29", "2024-02-29", "2024-03-30"},
        {"30 March of the 30th",   "monthly", A, "2024-01-30", "2024-03-30", "2024-03-30", "2024-04-30"},
        {"28 February stays 28th", "monthly", A, "2022-02-28", "2022-03-31", "2022-03-28", "2022-04-28"},
        {"of the 28th in 2024",    "monthly", A, "2022-02-28", "2024-02-29", "2024-02-28", "2024-03-28"},
        {"day before the 2nd",     "monthly", A, "2023-02-02", "2023-03-01", "2023-02-02", "2023-03-02"},
        {"before the anchor",      "monthly", A, "2024-01-31", "2023-12-30", "2023-11-30", "2023-12-31"},
        {"week from a Thursday",   "weekly", A, "2023-02-02", "2023-02-08", "2023-02-02", "2023-02-09"},
        {"its eighth day",         "weekly", A, "2023-02-02", "2023-02-09", "2023-02-09", "2023-02-16"},
        {"week before the anchor", "weekly", A, "2023-02-02", "2023-02-01", "2023-01-26", "2023-02-02"},
        {"quarter of 31 December", "quarterly", A, "2022-12-31", "2023-03-30", "2022-12-31", "2023-03-31"},
        {"its second",             "quarterly", A, "2022-12-31", "2023-06-29", "2023-03-31", "2023-06-30"},
        {"its third",              "quarterly", A, "2022-12-31", "2023-06-30", "2023-06-30", "2023-09-30"},
        {"quarter of 30 April",    "quarterly", A, "2022-04-30", "2023-02-28", "2023-01-30", "2023-04-30"},
        {"quarter of 30 November", "quarterly", A, "2023-11-30", "2024-02-28", "2023-11-30", "2024-02-29"},
        {"half-year of 31 January","semiannual", A, "2024-01-31", "2024-07-30", "2024-01-31", "2024-07-31"},
        {"half-year of 31 August", "semiannual", A, "2023-08-31", "2024-02-29", "2024-02-29", "2024-08-31"},
        {"year from 31 January",   "yearly", A, "2024-01-31", "2025-01-30", "2024-01-31", "2025-01-31"},
        {"year from 29 February",  "yearly", A, "2024-02-29", "2025-02-27", "2024-02-29", "2025-02-28"},
        {"its second",             "yearly", A, "2024-02-29", "2025-02-28", "2025-02-28", "2026-02-28"},
        {"back to the 29th",       "yearly", A, "2024-02-29", "2028-02-28", "2027-02-28", "2028-02-29"},
        /* two years from 1 January of the first one's year, and from the day of the start */
        {"calendar of two years",  "P2Y", C, "2023-06-15", "2023-06-15", "2023-01-01", "2025-01-01"},
        {"their last day",         "P2Y", C, "2023-06-15", "2024-12-31", "2023-01-01", "2025-01-01"},
        {"the next two",           "P2Y", C, "2023-06-15", "2025-01-01", "2025-01-01", "2027-01-01"},
        {"of an even year",        "P2Y", C, "2024-12-31", "2025-06-01", "2024-01-01", "2026-01-01"},
        {"before the anchor",      "P2Y", C, "2024-12-31", "2023-12-31", "2022-01-01", "2024-01-01"},
        {"calendar of three",      "P3Y", C, "2023-06-15", "2026-01-01", "2026-01-01", "2029-01-01"},
        {"two months, calendar",   "P2M", C, "2024-02-10", "2024-02-10", "2024-01-01", "2024-03-01"},
        {"four months, calendar",  "P4M", C, "2024-02-10", "2024-12-31", "2024-09-01", "2025-01-01"},
        {"a month by another name","P1M", C, "2024-03-05", "2024-03-31", "2024-03-01", "2024-04-01"},
        {"two years of 29 Feb",    "P2Y", A, "2024-02-29", "2026-02-27", "2024-02-29", "2026-02-28"},
        {"its second",             "P2Y", A, "2024-02-29", "2026-02-28", "2026-02-28", "2028-02-29"},
        {"three years of 29 Feb",  "P3Y", A, "2024-02-29", "2027-02-28", "2027-02-28", "2030-02-28"},
        {"back to 29 Feb in 2036", "P3Y", A, "2024-02-29", "2036-02-28", "2033-02-28", "2036-02-29"},
        {"18 months of 31 August", "P18M",A, "2023-08-31", "2025-02-27", "2023-08-31", "2025-02-28"},
        {"its second",             "P18M",A, "2023-08-31", "2025-02-28", "2025-02-28", "2026-08-31"},
        {"5 months of 30 Sept.",   "P5M", A, "2023-09-30", "2024-02-28", "2023-09-30", "2024-02-29"},
        {"14 days over 29 Feb",    "P14D",A, "2024-02-20", "2024-03-04", "2024-02-20", "2024-03-05"},
        {"and over 28 Feb",        "P14D",A, "2023-02-20", "2023-03-06", "2023-03-06", "2023-03-20"},
        {"14 days before",         "P14D",A, "2024-02-20", "2024-02-19", "2024-02-06", "2024-02-20"},
        {"four weeks",             "P4W", A, "2024-01-01", "2024-01-28", "2024-01-01", "2024-01-29"},
        {"their thirteenth",       "P4W", A, "2024-01-01", "2024-12-29", "2024-12-02", "2024-12-30"},
        {"one day",                "P1D", A, "2024-01-01", "2024-02-29", "2024-02-29", "2024-03-01"},
        {"90 days of 2023",        "P90D",A, "2023-01-01", "2023-03-31", "2023-01-01", "2023-04-01"},
        {"ten years",              "P10Y",A, "2020-02-29", "2030-02-27", "2020-02-29", "2030-02-28"},
    };
    // clang-format on
    EACH(c, cases) {
        struct cycle cycle = {interval(c->interval), (enum billing_time)c->billing_time,
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
        const char *name, *zone, *interval; int billing_time; const char *from, *start, *end;
    } cases[] = {
        {"Bogota, from midnight there", "America/Bogota", "monthly", BILLING_ANNIVERSARY,
         "2023-02-02T05:00:00Z", "2023-02-02T05:00:00Z", "2023-03-02T05:00:00Z"},
        {"Paris, calendar year",        "Europe/Paris",   "yearly", BILLING_CALENDAR,
         "2022-04-02T00:00:00Z", "2021-12-31T23:00:00Z", "2022-12-31T23:00:00Z"},
        {"Paris, over the summer time", "Europe/Paris",   "monthly", BILLING_CALENDAR,
         "2024-03-15T00:00:00Z", "2024-02-29T23:00:00Z", "2024-03-31T22:00:00Z"},
        {"Denver, still Thursday",      "America/Denver", "weekly", BILLING_CALENDAR,
         "2023-06-16T05:00:00Z", "2023-06-12T06:00:00Z", "2023-06-19T06:00:00Z"},
        {"Karachi, already Saturday",   "Asia/Karachi",   "weekly", BILLING_ANNIVERSARY,
         "2023-06-16T20:00:00Z", "2023-06-16T19:00:00Z", "2023-06-23T19:00:00Z"},
        /* 14 days in which an hour is missing, and in which one comes twice */
        {"Paris, 14 days in March",     "Europe/Paris",   "P14D", BILLING_ANNIVERSARY,
         "2024-03-19T23:30:00Z", "2024-03-19T23:00:00Z", "2024-04-02T22:00:00Z"},
        {"New York, 14 days in autumn", "America/New_York", "P14D", BILLING_ANNIVERSARY,
         "2024-10-28T04:30:00Z", "2024-10-28T04:00:00Z", "2024-11-11T05:00:00Z"},
        /* midnight of 8 September 2019 was left out in Chile */
        {"Santiago, to a day without midnight", "America/Santiago", "P2W", BILLING_ANNIVERSARY,
         "2019-08-25T12:00:00Z", "2019-08-25T04:00:00Z", "2019-09-08T04:00:00Z"},
        {"Paris, 18 months to summer",  "Europe/Paris",   "P18M", BILLING_ANNIVERSARY,
         "2023-10-31T12:00:00Z", "2023-10-30T23:00:00Z", "2025-04-29T22:00:00Z"},
        {"Auckland, three years",       "Pacific/Auckland", "P3Y", BILLING_CALENDAR,
         "2024-12-31T11:00:00Z", "2024-12-31T11:00:00Z", "2027-12-31T11:00:00Z"},
    };
    // clang-format on
    EACH(c, cases) {
        const struct zone *zone = NULL;
        int64_t from = 0, start = 0, end = 0;
        REQUIRE(zone_find(str_of(c->zone), &zone) == ERR_NONE);
        REQUIRE(time_parse(str_of(c->from), &from) == ERR_NONE);
        REQUIRE(time_parse(str_of(c->start), &start) == ERR_NONE);
        REQUIRE(time_parse(str_of(c->end), &end) == ERR_NONE);
        struct cycle cycle = {interval(c->interval), (enum billing_time)c->billing_time,
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
    for (int i = 0; i < 2000; i++) {
        int step = (int)test_between(1, 40);
        struct cycle cycle = {{step, 0},
                              BILLING_ANNIVERSARY,
                              (int32_t)test_between(day("1990-01-01"), day("2040-12-31"))};
        struct civil anchor = civil_from_day(cycle.anchor_day);
        int nth = (int)test_between(-40, 40);
        struct period want = {start_on_paper(anchor, nth * step),
                              start_on_paper(anchor, (nth + 1) * step)};
        int32_t inside = (int32_t)test_between(want.start_day, want.end_day - 1);
        struct period got = period_of_day(cycle, inside);
        REQUIRE(got.start_day == want.start_day && got.end_day == want.end_day);
    }
}

static struct interval any_interval(void)
{
    if (test_between(0, 2) == 0)
        return (struct interval){0, (int32_t)test_between(1, 400)};
    return (struct interval){(int32_t)test_between(1, INTERVAL_MONTHS_MAX), 0};
}

/* Whatever repeats, its periods follow each other without gap or overlap. */
TEST(period_tiles_time)
{
    for (int i = 0; i < 2000; i++) {
        struct interval length = any_interval();
        struct cycle cycle = {length,
                              interval_has_calendar(length) && test_between(0, 1) == 0
                                  ? BILLING_CALENDAR
                                  : BILLING_ANNIVERSARY,
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
        if (length.days > 0)
            REQUIRE(period_days(here) == length.days);
        if (cycle.billing_time == BILLING_CALENDAR)
            REQUIRE(length.days > 0 ? weekday_of(here.start_day) == 0
                                    : civil_from_day(here.start_day).day == 1);
        if (cycle.billing_time == BILLING_CALENDAR && length.months >= 12)
            REQUIRE(civil_from_day(here.start_day).month == 1);
        if (cycle.billing_time == BILLING_ANNIVERSARY)
            REQUIRE(period_of_day(cycle, cycle.anchor_day).start_day == cycle.anchor_day);
    }
}

/* What is billed monthly within a long term: every term is whole months of the same subscription.
 */
TEST(period_long_terms_are_whole_months)
{
    for (int i = 0; i < 2000; i++) {
        struct interval length = any_interval();
        if (!interval_is_long(length))
            continue;
        struct cycle cycle = {length, BILLING_ANNIVERSARY,
                              (int32_t)test_between(day("1990-01-01"), day("2040-12-31"))};
        if (interval_has_calendar(length) && test_between(0, 1) == 0)
            cycle.billing_time = BILLING_CALENDAR;
        struct period term =
            period_of_day(cycle, (int32_t)test_between(day("1980-01-01"), day("2060-12-31")));
        int months = 0;
        cycle.interval = (struct interval){1, 0};
        for (int32_t at = term.start_day; at < term.end_day; months++) {
            struct period month = period_of_day(cycle, at);
            REQUIRE(month.start_day == at && month.end_day <= term.end_day);
            at = month.end_day;
        }
        REQUIRE(months == length.months);
    }
}
