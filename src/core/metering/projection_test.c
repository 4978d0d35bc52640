/* What a period comes to if it goes on; figures are worked out beside them. */
#include "core/metering/projection.h"
#include "tests/test.h"

static struct arena arena;

static struct usage used(const char *units, int64_t events)
{
    struct usage usage;
    struct usage_total total = USAGE_NONE;
    total.event_count = events;
    total.cents = decimal_lit("10.5");
    REQUIRE(usage_of_units(&(struct usage_rule){.aggregation = AGGREGATION_SUM}, &total,
                           decimal_lit(units), &usage) == ERR_NONE);
    return usage;
}

/* 7 units in 3 of 31 days: 7 x 31 / 3 = 72.333…; 4 events: 41.333…, so 42; 10.5 cents: 108.5. */
TEST(a_flow_goes_on)
{
    struct usage_rule rule = {.aggregation = AGGREGATION_SUM};
    struct usage usage = used("7", 4);
    REQUIRE(usage_project(&arena, &rule, (struct projection){3, 31}, false, &usage) == ERR_NONE);
    CHECK(decimal_eq(usage.quantity, decimal_lit("72.333333333333333")));
    CHECK_INT(usage.total.event_count, 42);
    CHECK(decimal_eq(usage.total.cents, decimal_lit("108.5")));

    REQUIRE(usage_rounding_parse(STR("ceil"), 0, &rule.rounding));
    usage = used("7", 4);
    REQUIRE(usage_project(&arena, &rule, (struct projection){3, 31}, false, &usage) == ERR_NONE);
    CHECK(decimal_eq(usage.quantity, decimal_lit("73")));

    /* The last day changes nothing. */
    usage = used("7", 4);
    REQUIRE(usage_project(&arena, &rule, (struct projection){31, 31}, false, &usage) == ERR_NONE);
    CHECK(decimal_eq(usage.quantity, decimal_lit("7")));
    CHECK_INT(usage.total.event_count, 4);
    arena_clear(&arena);
}

TEST(what_is_no_flow_stays)
{
    static const enum aggregation stay[] = {
        AGGREGATION_MAX,     AGGREGATION_MIN,      AGGREGATION_LATEST,    AGGREGATION_UNIQUE,
        AGGREGATION_AVERAGE, AGGREGATION_WEIGHTED, AGGREGATION_PERCENTILE};
    for (size_t i = 0; i < sizeof stay / sizeof stay[0]; i++) {
        struct usage usage = used("7", 4);
        REQUIRE(usage_project(&arena, &(struct usage_rule){.aggregation = stay[i]},
                              (struct projection){3, 31}, false, &usage) == ERR_NONE);
        CHECK(decimal_eq(usage.quantity, decimal_lit("7")));
        CHECK_INT(usage.total.event_count, 4);
    }
    struct usage stock = used("7", 4);
    REQUIRE(usage_project(
                &arena, &(struct usage_rule){.aggregation = AGGREGATION_SUM, .is_recurring = true},
                (struct projection){3, 31}, false, &stock) == ERR_NONE);
    CHECK(decimal_eq(stock.quantity, decimal_lit("7")));
    arena_clear(&arena);
}

/* Events of 1 and 3 in 2 of 5 days: 10 units of 5 events, 6 among 3 to come.  Cells of 1 and 3 are
 * 2.5 and 7.5. */
TEST(events_and_cells_go_on)
{
    const struct decimal values[] = {decimal_lit("1"), decimal_lit("3")};
    const struct usage_rule rule = {.aggregation = AGGREGATION_SUM};
    struct usage usage = used("4", 2);
    usage.values = values;
    usage.value_count = 2;
    REQUIRE(usage_project(&arena, &rule, (struct projection){2, 5}, false, &usage) == ERR_NONE);
    REQUIRE(usage.value_count == 5);
    CHECK(decimal_eq(usage.values[1], decimal_lit("3")));
    CHECK(decimal_eq(usage.values[2], decimal_lit("2")));
    CHECK(decimal_eq(usage.values[4], decimal_lit("2")));

    usage = used("4", 2);
    usage.values = values;
    usage.value_count = 2;
    REQUIRE(usage_project(&arena, &rule, (struct projection){2, 5}, true, &usage) == ERR_NONE);
    REQUIRE(usage.value_count == 2);
    CHECK(decimal_eq(usage.values[0], decimal_lit("2.5")));
    CHECK(decimal_eq(usage.values[1], decimal_lit("7.5")));

    /* Half an event more is one more; 1 x 3 / 2 = 1.5. */
    usage = used("4", 1);
    usage.values = values;
    usage.value_count = 1;
    REQUIRE(usage_project(&arena, &rule, (struct projection){2, 3}, false, &usage) == ERR_NONE);
    REQUIRE(usage.value_count == 2);
    CHECK(decimal_eq(usage.values[1], decimal_lit("5")));

    usage = used("4", PROJECTION_EVENTS_MAX);
    usage.values = values;
    usage.value_count = 2;
    CHECK_INT(usage_project(&arena, &rule, (struct projection){1, 2}, false, &usage), ERR_OVERFLOW);
    arena_clear(&arena);
}
