#include "tests/test.h"

#include "base/time.h"

TEST(days_of_the_calendar)
{
    static const struct {
        const char *name;
        struct civil date;
        int32_t day, weekday;
    } cases[] = {
        /* day numbers by Python's date.toordinal() - 719163 */
        {"epoch, a Thursday", {1970, 1, 1}, 0, 3},
        {"the day before", {1969, 12, 31}, -1, 2},
        {"leap day", {2024, 2, 29}, 19782, 3},
        {"behind it", {2024, 3, 1}, 19783, 4},
        {"no leap day in 1900", {1900, 3, 1}, -25508, 3},
        {"leap day of 2000", {2000, 2, 29}, 11016, 1},
        {"far", {2199, 12, 31}, 84005, 1},
    };
    EACH(c, cases) {
        CHECK_INT(day_from_civil(c->date), c->day);
        CHECK_INT(weekday_of(c->day), c->weekday);
        struct civil back = civil_from_day(c->day);
        CHECK(back.year == c->date.year && back.month == c->date.month && back.day == c->date.day);
    }
    for (int32_t day = -700000; day < 2900000; day += (int32_t)test_between(1, 500))
        CHECK_INT(day_from_civil(civil_from_day(day)), day);
}

TEST(instants_as_text)
{
    static const struct {
        const char *name, *text;
        enum err err;
        int64_t us;
        const char *back;
    } cases[] = {
        {"plain", "2024-01-15T10:00:00Z", ERR_NONE, 1705312800000000, "2024-01-15T10:00:00Z"},
        {"east", "2024-01-15T10:00:00+05:30", ERR_NONE, 1705293000000000, "2024-01-15T04:30:00Z"},
        {"west", "2024-01-15t10:00:00-08:00", ERR_NONE, 1705341600000000, "2024-01-15T18:00:00Z"},
        {"fraction", "1970-01-01T00:00:00.25z", ERR_NONE, 250000, "1970-01-01T00:00:00.250000Z"},
        {"seven digits, the last 0", "1970-01-01T00:00:00.1234560Z", ERR_NONE, 123456,
         "1970-01-01T00:00:00.123456Z"},
        {"before 1970", "1969-12-31T23:59:59Z", ERR_NONE, -1000000, "1969-12-31T23:59:59Z"},
        {"leap second", "2016-12-31T23:59:60Z", ERR_NONE, 1483228800000000, "2017-01-01T00:00:00Z"},
        {"too fine", "1970-01-01T00:00:00.1234567Z", ERR_MALFORMED, 0, ""},
        {"no zone", "2024-01-15T10:00:00", ERR_MALFORMED, 0, ""},
        {"no such day", "2023-02-29T00:00:00Z", ERR_MALFORMED, 0, ""},
        {"month 13", "2023-13-01T00:00:00Z", ERR_MALFORMED, 0, ""},
        {"hour 24", "2023-01-01T24:00:00Z", ERR_MALFORMED, 0, ""},
        {"US style", "1/15/2024", ERR_MALFORMED, 0, ""},
        {"more behind", "2024-01-15T10:00:00Z ", ERR_MALFORMED, 0, ""},
        {"empty", "", ERR_MALFORMED, 0, ""},
    };
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases) {
        int64_t us = 0;
        CHECK_INT(time_parse(str_of(c->text), &us), c->err);
        CHECK_INT(us, c->us);
        if (c->err == ERR_NONE)
            CHECK_STR(time_text(&arena, us), c->back);
    }
    arena_clear(&arena);
}

TEST(days_as_text)
{
    int32_t day = 0;
    CHECK_INT(day_parse(STR("2024-02-29"), &day), ERR_NONE);
    CHECK_INT(day, 19782);
    CHECK_INT(day_parse(STR("2023-02-29"), &day), ERR_MALFORMED);
    CHECK_INT(day_parse(STR("2023-2-3"), &day), ERR_MALFORMED);
    CHECK_INT(day_of_instant(-1), -1);
    CHECK_INT(day_of_instant(TIME_DAY), 1);
}
