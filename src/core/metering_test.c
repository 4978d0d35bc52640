#include "base/time.h"
#include "core/metering.h"
#include "tests/test.h"

static struct uuid id_of(int64_t number)
{
    struct uuid id = {{0}};
    for (int i = 0; i < 8; i++)
        id.bytes[15 - i] = (uint8_t)((uint64_t)number >> (8 * i));
    return id;
}

static bool same_total(const struct usage_total *a, const struct usage_total *b)
{
    return a->event_count == b->event_count && a->value_count == b->value_count &&
           decimal_same(a->sum, b->sum) && decimal_same(a->min, b->min) &&
           decimal_same(a->max, b->max) && decimal_same(a->latest, b->latest) &&
           a->latest_at == b->latest_at && uuid_eq(a->latest_id, b->latest_id) &&
           decimal_eq(a->moment, b->moment) && decimal_eq(a->cents, b->cents);
}

static struct usage_point point(struct decimal value, int64_t at, int64_t id)
{
    return (struct usage_point){
        .aggregation = AGGREGATION_SUM,
        .value = value,
        .cents = DECIMAL_NONE,
        .occurred_at = at,
        .id = id_of(id),
    };
}

static bool is(struct decimal value, const char *want)
{
    return decimal_same(value, want == NULL ? DECIMAL_NONE : decimal_lit(want));
}

TEST(metering_words)
{
    // clang-format off
    static const struct { const char *name; enum aggregation want; } cases[] = {
        {"count_agg", AGGREGATION_COUNT}, {"sum_agg", AGGREGATION_SUM},
        {"max_agg", AGGREGATION_MAX},     {"latest_agg", AGGREGATION_LATEST},
        {"unique_count_agg", AGGREGATION_UNIQUE}, {"min_agg", AGGREGATION_MIN},
        {"average_agg", AGGREGATION_AVERAGE}, {"weighted_sum_agg", AGGREGATION_WEIGHTED},
        {"percentile_agg", AGGREGATION_PERCENTILE},
    };
    // clang-format on
    struct arena arena;
    struct fault fault;
    arena_init(&arena);
    fault_init(&fault, &arena);
    EACH(c, cases) {
        enum aggregation got = AGGREGATION_COUNT;
        CHECK_INT(aggregation_parse(str_of(c->name), STR("aggregation_type"), &fault, &got),
                  ERR_NONE);
        CHECK_INT(got, c->want);
        CHECK_INT(aggregation_of(str_of(c->name)), c->want);
    }
    CHECK_INT(fault_check(&fault), ERR_NONE);
    arena_clear(&arena);
}

TEST(metering_words_refused)
{
    // clang-format off
    static const struct { const char *name; enum err err; const char *code; } cases[] = {
        {"custom_agg",         ERR_NOT_SUPPORTED, "not_supported"},
        {"sum",                ERR_NONE,          "value_is_invalid"},
        {"avg_agg",            ERR_NONE,          "value_is_invalid"},
        {"Sum_agg",            ERR_NONE,          "value_is_invalid"},
        {"",                   ERR_NONE,          "value_is_invalid"},
    };
    // clang-format on
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases) {
        struct fault fault;
        enum aggregation got = AGGREGATION_MAX;
        fault_init(&fault, &arena);
        CHECK_INT(aggregation_parse(str_of(c->name), STR("aggregation_type"), &fault, &got),
                  c->err);
        CHECK_INT(got, AGGREGATION_COUNT);
        REQUIRE(fault.field_count == 1);
        CHECK_STR(fault.fields[0].field, "aggregation_type");
        CHECK_STR(fault.fields[0].code, c->code);
        CHECK_STR(fault.fields[0].value, c->name);
        CHECK_INT(fault_check(&fault), c->err == ERR_NONE ? ERR_INVALID : c->err);
    }
    arena_clear(&arena);
}

TEST(metering_no_events)
{
    struct usage_total total = USAGE_NONE;
    CHECK(same_total(&total, &(struct usage_total){.sum = DECIMAL_ZERO,
                                                   .moment = DECIMAL_ZERO,
                                                   .cents = DECIMAL_ZERO,
                                                   .min = DECIMAL_NONE,
                                                   .max = DECIMAL_NONE,
                                                   .latest = DECIMAL_NONE,
                                                   .latest_at = TIME_NONE}));
    REQUIRE(usage_total_merge(&total, &USAGE_NONE) == ERR_NONE);
    CHECK(same_total(&total, &USAGE_NONE));
}

/* Events as "at value", in the order in which they arrive. */
TEST(metering_quantities)
{
    // clang-format off
    static const struct {
        const char *name;
        struct { int64_t at; const char *value; } events[4];
        int64_t count, values;
        const char *sum, *min, *max, *latest; /* NULL: none */
    } cases[] = {
        {"one",                  {{10, "5"}},                         1, 1, "5",    "5",  "5",  "5"},
        {"three",                {{10, "5"}, {20, "2.5"}, {30, "3"}}, 3, 3, "10.5", "2.5", "5", "3"},
        {"late arrival",         {{30, "3"}, {10, "5"}, {20, "2.5"}}, 3, 3, "10.5", "2.5", "5", "3"},
        {"all below zero",       {{10, "-5"}, {20, "-2"}},            2, 2, "-7",   "-5", "-2", "-2"},
        {"up and down",          {{10, "5"}, {20, "-7"}},             2, 2, "-2",   "-7", "5",  "-7"},
        {"latest is 0",          {{10, "5"}, {20, "0"}},              2, 2, "5",    "0",  "5",  "0"},
        {"same instant",         {{10, "5"}, {10, "2"}},              2, 2, "7",    "2",  "5",  "2"},
        {"before 1970",          {{-20, "5"}, {-10, "2"}},            2, 2, "7",    "2",  "5",  "2"},
        {"21 decimals",          {{10, "0.000000000000000000001"}, {20, "1"}}, 2, 2,
                                 "1.000000000000000000001", "0.000000000000000000001", "1", "1"},
        {"without a value",      {{10, "5"}, {20, ""}},               2, 1, "5",    "5",  "5",  "5"},
        {"none has a value",     {{10, ""}, {20, ""}},                2, 0, "0",    NULL, NULL, NULL},
        {"a value behind none",  {{10, ""}, {20, "-3"}},              2, 1, "-3",   "-3", "-3", "-3"},
    };
    // clang-format on
    EACH(c, cases) {
        struct usage_total total = USAGE_NONE;
        for (int i = 0; i < 4 && c->events[i].value != NULL; i++) {
            const char *value = c->events[i].value;
            struct usage_point added =
                point(*value == '\0' ? DECIMAL_NONE : decimal_lit(value), c->events[i].at, i);
            REQUIRE(usage_total_add(&total, &added) == ERR_NONE);
        }
        CHECK_INT(total.event_count, c->count);
        CHECK_INT(total.value_count, c->values);
        CHECK(is(total.sum, c->sum));
        CHECK(is(total.min, c->min));
        CHECK(is(total.max, c->max));
        CHECK(is(total.latest, c->latest));
        CHECK(decimal_is_zero(total.moment));
    }
}

/* 3 * 10 s - 2 * 20 s - 5 * -1 s: seconds are cut, before 1970 too. */
TEST(metering_moments)
{
    static const struct {
        int64_t value, at;
    } events[] = {{3, 10 * TIME_SECOND + 999999}, {-2, 20 * TIME_SECOND}, {-5, -1}};
    struct usage_total total = USAGE_NONE;
    for (int i = 0; i < 3; i++) {
        struct usage_point added = point(decimal_of(events[i].value), events[i].at, i);
        added.aggregation = AGGREGATION_WEIGHTED;
        REQUIRE(usage_total_add(&total, &added) == ERR_NONE);
    }
    CHECK(is(total.moment, "-5"));
    CHECK_INT(metering_second(-TIME_SECOND), -1);
    CHECK_INT(metering_second(-TIME_SECOND - 1), -2);
    CHECK_INT(metering_second(0), 0);
    struct usage_point large =
        point(decimal_lit("1234567890123456789012345678"), 1700000001 * TIME_SECOND, 4);
    large.aggregation = AGGREGATION_WEIGHTED;
    CHECK_INT(usage_total_add(&total, &large), ERR_OVERFLOW);
    CHECK_INT(total.event_count, 3);
}

TEST(metering_sum_too_large)
{
    struct usage_total total = USAGE_NONE;
    struct usage_total before;
    struct usage_point first = point(decimal_lit("9999999999999999999999999999999999"), 10, 1);
    struct usage_point second = point(decimal_lit("0.5"), 20, 2);
    REQUIRE(usage_total_add(&total, &first) == ERR_NONE);
    before = total;
    CHECK_INT(usage_total_add(&total, &second), ERR_OVERFLOW);
    CHECK(same_total(&total, &before));
}

struct event {
    int64_t cents, at, id;
    bool has_value;
};

/* Added in any order, cut into any days and merged in any order: the same total, and the same as
 * what is worked out from all events at once. */
TEST(metering_order_and_cuts_do_not_matter)
{
    enum { EVENTS = 40, DAYS = 6 };
    for (int i = 0; i < 300; i++) {
        struct event events[EVENTS];
        struct usage_total days[DAYS], all = USAGE_NONE, merged = USAGE_NONE;
        int64_t sum = 0, max = INT64_MIN, min = INT64_MAX, last = -1, costs = 0, moment = 0;
        int64_t values = 0;
        for (int j = 0; j < DAYS; j++)
            days[j] = USAGE_NONE;
        for (int j = 0; j < EVENTS; j++) {
            events[j].cents = test_between(-10000, 10000);
            events[j].at = test_between(0, 30); /* some share an instant */
            events[j].id = j;
            events[j].has_value = test_between(0, 5) > 0;
            if (!events[j].has_value)
                continue;
            sum += events[j].cents;
            values++;
            moment += events[j].cents * (events[j].at / 10);
            min = events[j].cents < min ? events[j].cents : min;
            max = events[j].cents > max ? events[j].cents : max;
            if (last < 0 || events[j].at >= events[last].at)
                last = j;
        }
        int64_t last_cents = last < 0 ? 0 : events[last].cents;
        for (int j = EVENTS; j > 1; j--) {
            int64_t other = test_between(0, j - 1);
            struct event kept = events[j - 1];
            events[j - 1] = events[other];
            events[other] = kept;
        }
        for (int j = 0; j < EVENTS; j++) {
            struct decimal value = DECIMAL_NONE;
            if (events[j].has_value)
                REQUIRE(decimal_scale(decimal_of(events[j].cents), -2, &value) == ERR_NONE);
            struct usage_total *day = &days[test_between(0, DAYS - 1)];
            struct usage_point added =
                point(value, events[j].at * (TIME_SECOND / 10), events[j].id);
            added.aggregation = AGGREGATION_WEIGHTED;
            added.cents = j % 3 == 0 ? DECIMAL_NONE : decimal_of(events[j].cents);
            REQUIRE(usage_total_add(&all, &added) == ERR_NONE);
            REQUIRE(usage_total_add(day, &added) == ERR_NONE);
            costs += j % 3 == 0 ? 0 : events[j].cents;
        }
        int64_t first = test_between(0, DAYS - 1);
        for (int j = 0; j < DAYS; j++)
            REQUIRE(usage_total_merge(&merged, &days[(first + j) % DAYS]) == ERR_NONE);
        REQUIRE(same_total(&all, &merged));
        struct decimal want;
        REQUIRE(all.event_count == EVENTS);
        REQUIRE(decimal_eq(all.cents, decimal_of(costs)));
        REQUIRE(all.value_count == values);
        REQUIRE(decimal_scale(decimal_of(moment), -2, &want) == ERR_NONE);
        REQUIRE(decimal_eq(all.moment, want));
        REQUIRE(decimal_scale(decimal_of(sum), -2, &want) == ERR_NONE);
        REQUIRE(decimal_eq(all.sum, want));
        if (last < 0)
            continue;
        REQUIRE(decimal_scale(decimal_of(min), -2, &want) == ERR_NONE);
        REQUIRE(decimal_eq(all.min, want));
        REQUIRE(decimal_scale(decimal_of(max), -2, &want) == ERR_NONE);
        REQUIRE(decimal_eq(all.max, want));
        REQUIRE(decimal_scale(decimal_of(last_cents), -2, &want) == ERR_NONE);
        REQUIRE(decimal_eq(all.latest, want));
    }
}

/* The property "n" of an event; for a bad one what is said to stand there. */
TEST(metering_values)
{
    // clang-format off
    static const struct { const char *name; enum err err; const char *want; } cases[] = {
        {"{\"n\": 10}",                        ERR_NONE,      "10"},
        {"{\"n\": -0.5}",                      ERR_NONE,      "-0.5"},
        {"{\"n\": 1E-9}",                      ERR_NONE,      "0.000000001"},
        {"{\"n\": \"12.50\"}",                 ERR_NONE,      "12.5"},
        {"{\"n\": \" 7 \"}",                   ERR_NONE,      "7"},
        {"{\"a\": {\"n\": 1}, \"n\": 2}",      ERR_NONE,      "2"},
        {"{\"a\": [1, \"n\", {}], \"n\": 3}",  ERR_NONE,      "3"},
        {"{\"n\": 0.123456789012345678901234}",ERR_NONE,      "0.123456789012345678901234"},
        {"{\"n\": 4, \"n\": 5}",               ERR_NONE,      "4"},
        {"{\"\\u006e\": 6}",                   ERR_NONE,      "6"},
        {"{}",                                 ERR_NOT_FOUND, NULL},
        {"{\"N\": 1}",                         ERR_NOT_FOUND, NULL},
        {"{\"n\": null}",                      ERR_NOT_FOUND, NULL},
        {"{\"n\": \"ten\"}",                   ERR_INVALID,   "ten"},
        {"{\"n\": \"\"}",                      ERR_INVALID,   ""},
        {"{\"n\": \"1,5\"}",                   ERR_INVALID,   "1,5"},
        {"{\"n\": \"NaN\"}",                   ERR_INVALID,   "NaN"},
        {"{\"n\": true}",                      ERR_INVALID,   "true"},
        {"{\"n\": [1, 2]}",                    ERR_INVALID,   "[1, 2]"},
        {"{\"n\": {\"n\": 1}}",                ERR_INVALID,   "{\"n\": 1}"},
        {"{\"n\": 1e40}",                      ERR_INVALID,   "1e40"},
        {"{\"n\": 1.00000000000000000000000000000000001}", ERR_INVALID,
                                               "1.00000000000000000000000000000000001"},
        {"[]",                                 ERR_MALFORMED, NULL},
        {"3",                                  ERR_MALFORMED, NULL},
        {"",                                   ERR_MALFORMED, NULL},
        {"{\"a\": ",                           ERR_MALFORMED, NULL},
        {"{\"a\": 1",                          ERR_MALFORMED, NULL},
        {"{\"n\": [1",                         ERR_MALFORMED, NULL},
    };
    // clang-format on
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases) {
        struct decimal value = DECIMAL_NONE;
        struct str text = STR_NULL;
        CHECK_INT(metering_value(&arena, str_of(c->name), STR("n"), &value, &text), c->err);
        if (c->err == ERR_NONE)
            CHECK(decimal_eq(value, decimal_lit(c->want)));
        else if (c->err == ERR_INVALID)
            CHECK_STR(text, c->want);
    }
    arena_clear(&arena);
}
