#include "base/time.h"
#include "core/metering/usage.h"
#include "tests/test.h"

static struct arena arena;

static struct uuid id_of(int64_t number)
{
    struct uuid id = {{0}};
    for (int i = 0; i < 8; i++)
        id.bytes[15 - i] = (uint8_t)((uint64_t)number >> (8 * i));
    return id;
}

static struct usage_event seat(const char *text, bool removes, int64_t at, int64_t id)
{
    return (struct usage_event){
        .value = {.number = DECIMAL_NONE, .text = str_of(text), .removes = removes},
        .occurred_at = at,
        .id = id_of(id),
        .cents = DECIMAL_NONE,
    };
}

/* "+a -b": adds and removes, an instant each; "=" keeps the instant of the one before. */
static int64_t unique_of(const char *story)
{
    struct usage_fold fold;
    struct usage usage;
    struct str rest = str_of(story);
    struct str word;
    int64_t at = 0;
    int64_t id = 0;
    int64_t quantity = -1;
    usage_fold_init(&fold, &arena, AGGREGATION_UNIQUE, (struct usage_rounding){0}, false);
    while (rest.len > 0 && str_split(&rest, ' ', &word)) {
        bool same_instant = word.ptr[0] == '=';
        word = str_slice(word, same_instant ? 1 : 0, word.len);
        at += same_instant ? 0 : 1;
        struct usage_event event = seat("", word.ptr[0] == '-', at, ++id);
        event.value.text = str_slice(word, 1, word.len);
        REQUIRE(usage_fold_add(&fold, &event) == ERR_NONE);
    }
    REQUIRE(usage_fold_end(&fold, &usage) == ERR_NONE);
    REQUIRE(usage.total.event_count == id);
    REQUIRE(decimal_to_int64(usage.quantity, &quantity) == ERR_NONE);
    return quantity;
}

TEST(usage_unique_counts)
{
    // clang-format off
    static const struct { const char *name; int64_t want; } cases[] = {
        {"", 0}, {"+a", 1}, {"+a +a", 1}, {"+a +b +a", 2}, {"+a -a", 0}, {"-a", 0}, {"-a +a", 1},
        {"+a -a +a", 1}, {"+a -a -a", 0}, {"+a +b -c", 2}, {"+a =-a", 0}, {"-a =+a", 1},
        {"+a +A", 2}, {"+1 +1.0", 2},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases)
        CHECK_INT(unique_of(c->name), c->want);
    arena_clear(&arena);
}

/* In any order the same, and the same as asking each value for its newest event. */
TEST(usage_unique_order_does_not_matter)
{
    enum { EVENTS = 200, NAMES = 40 };
    arena_init(&arena);
    for (int round = 0; round < 100; round++) {
        struct usage_event events[EVENTS];
        struct usage_fold fold;
        struct usage usage;
        int64_t newest[NAMES];
        bool there[NAMES] = {false};
        int64_t want = 0;
        arena_reset(&arena);
        for (int i = 0; i < NAMES; i++)
            newest[i] = -1;
        for (int i = 0; i < EVENTS; i++) {
            int64_t name = test_between(0, NAMES - 1);
            events[i] = seat("", test_between(0, 2) == 0, test_between(0, 50), i);
            events[i].value.text = arena_fmt(&arena, "seat-%lld", (long long)name);
            if (events[i].occurred_at >= newest[name]) {
                newest[name] = events[i].occurred_at;
                there[name] = !events[i].value.removes;
            }
        }
        for (int i = 0; i < NAMES; i++)
            want += there[i] ? 1 : 0;
        for (int i = EVENTS; i > 1; i--) {
            int64_t other = test_between(0, i - 1);
            struct usage_event kept = events[i - 1];
            events[i - 1] = events[other];
            events[other] = kept;
        }
        usage_fold_init(&fold, &arena, AGGREGATION_UNIQUE, (struct usage_rounding){0}, false);
        for (int i = 0; i < EVENTS; i++)
            REQUIRE(usage_fold_add(&fold, &events[i]) == ERR_NONE);
        REQUIRE(usage_fold_end(&fold, &usage) == ERR_NONE);
        REQUIRE(decimal_eq(usage.quantity, decimal_of(want)));
    }
    arena_clear(&arena);
}

/* What can be merged comes out the same from totals and from events. */
TEST(usage_both_ways_agree)
{
    static const enum aggregation all[] = {AGGREGATION_COUNT, AGGREGATION_SUM, AGGREGATION_MAX,
                                           AGGREGATION_LATEST};
    arena_init(&arena);
    for (int round = 0; round < 200; round++) {
        enum aggregation aggregation = all[test_between(0, 3)];
        struct usage_rounding rounding = {test_between(0, 1) == 1, ROUND_CEILING,
                                          (int)test_between(-1, 2)};
        struct usage_total total = USAGE_NONE;
        struct usage_fold fold;
        struct usage folded;
        struct usage totalled;
        arena_reset(&arena);
        usage_fold_init(&fold, &arena, aggregation, rounding, true);
        for (int64_t i = 0, count = test_between(0, 30); i < count; i++) {
            struct usage_event event = seat("", false, test_between(0, 20), i);
            event.value = (struct meter_value){.number = DECIMAL_NONE, .text = STR_NULL};
            if (test_between(0, 4) > 0)
                REQUIRE(decimal_scale(decimal_of(test_between(-9999, 99999)), -3,
                                      &event.value.number) == ERR_NONE);
            event.cents = test_between(0, 1) == 0 ? DECIMAL_NONE : decimal_of(i);
            REQUIRE(usage_fold_add(&fold, &event) == ERR_NONE);
            REQUIRE(usage_total_add(&total, event.value.number, event.occurred_at, event.id) ==
                    ERR_NONE);
            REQUIRE(usage_total_add_cents(&total, event.cents) == ERR_NONE);
        }
        REQUIRE(usage_fold_end(&fold, &folded) == ERR_NONE);
        REQUIRE(usage_of_totals(aggregation, rounding, &total, &totalled) == ERR_NONE);
        REQUIRE(decimal_eq(folded.quantity, totalled.quantity));
        REQUIRE(decimal_eq(folded.total.cents, totalled.total.cents));
        REQUIRE(folded.total.event_count == totalled.total.event_count);
        REQUIRE((int64_t)folded.value_count == folded.total.event_count);
        struct decimal sum = DECIMAL_ZERO;
        for (size_t i = 0; i < folded.value_count; i++)
            REQUIRE(decimal_add(sum, folded.values[i], &sum) == ERR_NONE);
        if (!rounding.is_on && aggregation <= AGGREGATION_SUM)
            REQUIRE(decimal_eq(sum, folded.quantity));
    }
    arena_clear(&arena);
}

TEST(usage_rounds_quantities)
{
    // clang-format off
    static const struct { const char *name, *word; int decimals; const char *sum, *want; } cases[] = {
        {"half up",       "round", 0,  "2.5",   "3"},
        {"half away",     "round", 0,  "-2.5",  "-3"},
        {"two decimals",  "round", 2,  "1.005", "1.01"},
        {"tens",          "ceil",  -1, "11",    "20"},
        {"up",            "ceil",  0,  "1.01",  "2"},
        {"up to zero",    "ceil",  0,  "-1.9",  "-1"},
        {"down",          "floor", 1,  "1.19",  "1.1"},
        {"down below 0",  "floor", 0,  "-1.1",  "-2"},
        {"not at all",    NULL,    0,  "1.19",  "1.19"},
    };
    // clang-format on
    EACH(c, cases) {
        struct usage_rounding rounding;
        struct usage_total total = USAGE_NONE;
        struct usage usage;
        REQUIRE(usage_rounding_parse(str_of(c->word), c->decimals, &rounding));
        total.sum = decimal_lit(c->sum);
        total.event_count = 1;
        REQUIRE(usage_of_totals(AGGREGATION_SUM, rounding, &total, &usage) == ERR_NONE);
        CHECK(decimal_eq(usage.quantity, decimal_lit(c->want)));
    }
    struct usage_rounding rounding;
    CHECK(!usage_rounding_parse(STR("bankers"), 0, &rounding));
}
