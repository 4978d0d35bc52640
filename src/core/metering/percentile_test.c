#include "core/metering/percentile.h"

#include "base/time.h"
#include "core/metering/usage.h"
#include "tests/test.h"

#include <stdlib.h>

#define DAY ((int64_t)86400 * TIME_SECOND)

static struct arena arena;

/* The worked examples of docs/guide/metering.md: runs of slots, each with one value or none. */
TEST(percentile_worked)
{
    // clang-format off
    static const struct {
        const char *name, *percentile; int64_t days, slot_seconds;
        struct { int64_t slots; const char *value; } runs[4];
        const char *want; int64_t slot_count, dropped, filled;
    } cases[] = {
        {"30 days at 95", "95", 30, 300, {{500, "100"}, {100, "400"}, {8040, "20"}}, "100", 8640, 432, 8640},
        {"432 filled",    "95", 30, 300, {{432, "70"}}, "0", 8640, 432, 432},
        {"433 filled",    "95", 30, 300, {{300, "70"}, {1000, NULL}, {133, "70"}}, "70", 8640, 432, 433},
        {"the greatest",  "100", 30, 300, {{1, "70"}, {1, "71"}, {8638, "3"}}, "71", 8640, 0, 8640},
        {"half",          "50", 1, 3600, {{11, "5"}, {1, "6"}, {12, "7"}}, "6", 24, 12, 24},
        {"below 0 with 0 above it", "50", 1, 3600, {{11, "-5"}, {1, "1"}, {12, NULL}}, "0", 24, 12, 12},
        {"below 0",       "10", 1, 3600, {{11, "-5"}, {1, "1"}, {12, NULL}}, "-5", 24, 21, 12},
        {"the least",     "0.0001", 1, 3600, {{11, "-5"}, {1, "-6"}, {12, NULL}}, "-6", 24, 23, 12},
        {"99.9 of 672",   "99.9", 7, 900, {{1, "3"}, {671, "2"}}, "3", 672, 0, 672},
        {"nothing",       "95", 30, 300, {{8640, NULL}}, "0", 8640, 432, 0},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct percentile percentile;
        struct percentile_result result;
        int64_t at = 0;
        percentile_init(&percentile, &arena,
                        (struct percentile_rule){decimal_lit(c->percentile), c->slot_seconds}, 0);
        for (int i = 0; i < 4; i++) {
            for (int64_t j = 0; j < c->runs[i].slots; j++, at += c->slot_seconds * TIME_SECOND) {
                if (c->runs[i].value != NULL)
                    percentile_add(&percentile, decimal_lit(c->runs[i].value), at);
            }
        }
        percentile_end(&percentile, 0, c->days * DAY, &result);
        CHECK(decimal_eq(result.value, decimal_lit(c->want)));
        CHECK_INT(result.slot_count, c->slot_count);
        CHECK_INT(result.dropped_count, c->dropped);
        CHECK_INT(result.filled_count, c->filled);
    }
    arena_clear(&arena);
}

/* A slot's value is the greater of what came in and went out. */
TEST(percentile_worked_in_and_out)
{
    static const int64_t pairs[8][2] = {{45, 10}, {9, 44}, {43, 43}, {42, 1},
                                        {41, 0},  {0, 40}, {39, 39}, {5, 38}};
    struct usage_rule rule = {.aggregation = AGGREGATION_PERCENTILE,
                              .percentile = {decimal_of(99), 900}};
    struct usage_span span = {0, 7 * DAY, 0, 7 * DAY};
    struct usage_fold fold;
    struct usage usage;
    arena_init(&arena);
    usage_fold_init(&fold, &arena, &rule, &span, false);
    for (int i = 0; i < 16; i++) {
        struct usage_event event = {
            .value = {.number = decimal_of(pairs[i / 2][i % 2]), .text = STR_NULL},
            .occurred_at = (i / 2 * 900 + i % 2 * 899) * TIME_SECOND,
            .cents = DECIMAL_NONE,
        };
        event.id.bytes[0] = (uint8_t)i;
        REQUIRE(usage_fold_add(&fold, &event) == ERR_NONE);
    }
    REQUIRE(usage_fold_end(&fold, &usage) == ERR_NONE);
    CHECK(decimal_eq(usage.quantity, decimal_of(39)));
    CHECK_INT(usage.percentile.slot_count, 672);
    CHECK_INT(usage.percentile.dropped_count, 6);
    CHECK_INT(usage.percentile.filled_count, 8);
    CHECK_INT(usage.total.event_count, 16);
    arena_clear(&arena);
}

/* Slots are counted from the origin; what is cut counts whole. */
TEST(percentile_slots)
{
    // clang-format off
    static const struct { const char *name; int64_t origin, from, to, want; } cases[] = {
        {"an hour",              0, 0, 3600, 12},
        {"a microsecond less",   0, 0, 3600, 12},
        {"cut at the start",     0, 299, 3600, 12},
        {"behind the first",     0, 300, 3600, 11},
        {"cut at the end",       0, 0, 3601, 13},
        {"before the origin",    7200, 0, 3600, 12},
        {"from another origin",  7300, 0, 3600, 13},
        {"empty",                0, 3600, 3600, 0},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct percentile percentile;
        struct percentile_result result;
        percentile_init(&percentile, &arena, (struct percentile_rule){decimal_of(95), 300},
                        c->origin * TIME_SECOND);
        percentile_end(&percentile, c->from * TIME_SECOND, c->to * TIME_SECOND, &result);
        CHECK_INT(result.slot_count, c->want);
        CHECK(decimal_is_zero(result.value));
    }
    arena_clear(&arena);
}

static int from_the_top(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

/* The same as sorting all slots and counting. */
TEST(percentile_is_what_sorting_gives)
{
    enum { SLOTS = 288 };
    arena_init(&arena);
    for (int round = 0; round < 400; round++) {
        int64_t slots[SLOTS] = {0};
        struct percentile percentile;
        struct percentile_result result;
        int64_t hundredths = test_between(1, 10000);
        int64_t spread = test_between(0, 1) == 0 ? 3 : 100000;
        struct percentile_rule rule = {.slot_seconds = 300};
        REQUIRE(decimal_scale(decimal_of(hundredths), -2, &rule.percentile) == ERR_NONE);
        arena_reset(&arena);
        percentile_init(&percentile, &arena, rule, 0);
        for (int i = 0; i < SLOTS; i++) {
            bool has_value = test_between(0, 9) < round % 11;
            for (int64_t j = 0, count = has_value ? test_between(1, 3) : 0; j < count; j++) {
                int64_t value = test_between(-spread, spread);
                slots[i] = j == 0 || value > slots[i] ? value : slots[i];
                percentile_add(&percentile, decimal_of(value),
                               ((int64_t)i * 300 + j * 100) * TIME_SECOND);
            }
        }
        percentile_end(&percentile, 0, DAY, &result);
        qsort(slots, SLOTS, sizeof slots[0], from_the_top);
        REQUIRE(decimal_eq(result.value, decimal_of(slots[SLOTS * (10000 - hundredths) / 10000])));
    }
    arena_clear(&arena);
}
