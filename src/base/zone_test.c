#include "tests/test.h"

#include "base/zone.h"

/* Python's zoneinfo reads the same tzdata: tests/oracle/zone_vectors.py, run here. */
TEST(zones_as_python_has_them)
{
    char line[256];
    int count = 0;
    FILE *vectors = popen("python3 " TEST_ORACLE_DIR "/zone_vectors.py", "r");
    REQUIRE(vectors != NULL);
    while (fgets(line, sizeof line, vectors) != NULL) {
        const struct zone *zone = NULL;
        char *rest = NULL;
        const char *name = strtok_r(line, " ", &rest);
        const char *what = strtok_r(NULL, " ", &rest);
        REQUIRE(name != NULL && what != NULL);
        long long a = strtoll(rest, &rest, 10);
        long long b = strtoll(rest, &rest, 10);
        REQUIRE(*rest == '\n');
        REQUIRE(zone_find(str_of(name), &zone) == ERR_NONE);
        test_case = line;
        if (strcmp(what, "offset") == 0)
            CHECK_INT(zone_offset_s(zone, a * TIME_SECOND), b);
        else
            CHECK_INT(zone_day_start(zone, (int32_t)a) / TIME_SECOND, b);
        count++;
    }
    test_case = "";
    CHECK_INT(pclose(vectors), 0);
    CHECK_INT(count, 16 * (60 + 31));
}

TEST(zones_that_are_none)
{
    static const char *const names[] = {"",
                                        "Mars/Olympus",
                                        "../../etc/passwd",
                                        "/etc/passwd",
                                        "Europe/../x",
                                        "Europe",
                                        "europe berlin",
                                        "UTC+25"};
    const struct zone *zone = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        test_case = names[i];
        CHECK_INT(zone_find(str_of(names[i]), &zone), ERR_NOT_FOUND);
    }
    CHECK(zone == NULL);
}

TEST(zone_days_follow_each_other)
{
    static const char *const names[] = {"Europe/Berlin", "America/New_York", "Pacific/Apia",
                                        "Asia/Beirut"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct zone *zone = NULL;
        REQUIRE(zone_find(str_of(names[i]), &zone) == ERR_NONE);
        for (int32_t day = 10000; day < 25000; day += (int32_t)test_between(1, 9)) {
            int64_t start = zone_day_start(zone, day);
            CHECK(zone_day(zone, start) >= day);
            CHECK(zone_day(zone, start - 1) < day);
        }
    }
}
