#include "tests/test.h"

#include "base/zone.h"

/* Python's zoneinfo reads the same tzdata: tests/oracle/zone_vectors.py, run here. */
TEST(zones_as_python_has_them)
{
    char name[64], what[16], line[256];
    long long a = 0;
    long long b = 0;
    int count = 0;
    FILE *vectors = popen("python3 " TEST_ORACLE_DIR "/zone_vectors.py", "r");
    REQUIRE(vectors != NULL);
    while (fgets(line, sizeof line, vectors) != NULL) {
        const struct zone *zone = NULL;
        REQUIRE(sscanf(line, "%63s %15s %lld %lld", name, what, &a, &b) == 4);
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
