#include "base/time.h"
#include "core/metering/usage.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

static struct arena arena;

static const struct usage_span ALL_TIME = {INT64_MIN + 1, INT64_MAX, 0, INT64_MAX};

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
    usage_fold_init(&fold, &arena, &(struct usage_rule){.aggregation = AGGREGATION_UNIQUE},
                    &ALL_TIME, false);
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

static int compare_events(const void *a, const void *b)
{
    const struct usage_event *x = a;
    const struct usage_event *y = b;
    if (x->occurred_at != y->occurred_at)
        return x->occurred_at < y->occurred_at ? -1 : 1;
    return uuid_cmp(x->id, y->id);
}

/* The same as asking each value for its newest event, by time and then by id; also where a table
 * of many values has grown. */
TEST(usage_unique_is_what_the_newest_events_say)
{
    enum { EVENTS_MAX = 4000 };
    static struct usage_event events[EVENTS_MAX];
    static int64_t newest[EVENTS_MAX];
    static bool there[EVENTS_MAX];
    arena_init(&arena);
    for (int round = 0; round < 60; round++) {
        struct usage_fold fold;
        struct usage usage;
        int64_t want = 0;
        int64_t count = round < 50 ? 200 : EVENTS_MAX;
        int64_t names = test_between(1, count);
        arena_reset(&arena);
        for (int i = 0; i < names; i++) {
            newest[i] = -1;
            there[i] = false;
        }
        for (int64_t i = 0; i < count; i++) {
            int64_t name = test_between(0, names - 1);
            events[i] = seat("", test_between(0, 2) == 0, test_between(0, 50), i);
            events[i].value.text = arena_fmt(&arena, "seat-%lld", (long long)name);
            if (events[i].occurred_at >= newest[name]) {
                newest[name] = events[i].occurred_at;
                there[name] = !events[i].value.removes;
            }
        }
        for (int i = 0; i < names; i++)
            want += there[i] ? 1 : 0;
        qsort(events, (size_t)count, sizeof events[0], compare_events);
        usage_fold_init(&fold, &arena, &(struct usage_rule){.aggregation = AGGREGATION_UNIQUE},
                        &ALL_TIME, false);
        for (int64_t i = 0; i < count; i++) {
            struct str text = events[i].value.text;
            char kept[32];
            memcpy(kept, text.ptr, text.len);
            events[i].value.text = (struct str){kept, text.len}; /* it is copied */
            REQUIRE(usage_fold_add(&fold, &events[i]) == ERR_NONE);
            memset(kept, 'x', sizeof kept);
        }
        REQUIRE(usage_fold_end(&fold, &usage) == ERR_NONE);
        REQUIRE(decimal_eq(usage.quantity, decimal_of(want)));
    }
    arena_clear(&arena);
}

/* What can be merged comes out the same from totals and from events. */
TEST(usage_both_ways_agree)
{
    static const enum aggregation all[] = {
        AGGREGATION_COUNT,  AGGREGATION_SUM,     AGGREGATION_MIN,     AGGREGATION_MAX,
        AGGREGATION_LATEST, AGGREGATION_AVERAGE, AGGREGATION_WEIGHTED};
    arena_init(&arena);
    for (int round = 0; round < 700; round++) {
        struct usage_rule rule = {
            .aggregation = all[round % 7],
            .rounding = {test_between(0, 1) == 1, ROUND_CEILING, (int)test_between(-1, 2)},
        };
        rule.is_recurring = aggregation_may_recur(rule.aggregation) && test_between(0, 1) == 1;
        int64_t from_at = rule.is_recurring ? 10 * TIME_SECOND + 1 : 0;
        struct usage_span span = {from_at, 20 * TIME_SECOND, -5 * TIME_SECOND, 30 * TIME_SECOND};
        struct usage_total total = USAGE_NONE;
        struct decimal carried = DECIMAL_ZERO;
        struct usage_fold fold;
        struct usage folded;
        struct usage totalled;
        int64_t at = 0;
        arena_reset(&arena);
        usage_fold_init(&fold, &arena, &rule, &span, true);
        for (int64_t i = 0, count = test_between(0, 30); i < count; i++) {
            at += test_between(0, TIME_SECOND - 1);
            at = at < span.to_at ? at : span.to_at - 1;
            struct usage_event event = seat("", false, at, i);
            event.value = (struct meter_value){.number = DECIMAL_NONE, .text = STR_NULL};
            if (test_between(0, 4) > 0)
                REQUIRE(decimal_scale(decimal_of(test_between(-9999, 99999)), -3,
                                      &event.value.number) == ERR_NONE);
            event.cents = test_between(0, 1) == 0 ? DECIMAL_NONE : decimal_of(i);
            REQUIRE(usage_fold_add(&fold, &event) == ERR_NONE);
            if (event.occurred_at < from_at) {
                if (!decimal_is_none(event.value.number))
                    REQUIRE(decimal_add(carried, event.value.number, &carried) == ERR_NONE);
                continue;
            }
            REQUIRE(usage_total_add(&total, &(struct usage_point){
                                                .aggregation = rule.aggregation,
                                                .value = event.value.number,
                                                .cents = event.cents,
                                                .occurred_at = event.occurred_at,
                                                .id = event.id,
                                            }) == ERR_NONE);
        }
        REQUIRE(usage_fold_end(&fold, &folded) == ERR_NONE);
        REQUIRE(usage_of_totals(&rule, &span, carried, &total, &totalled) == ERR_NONE);
        REQUIRE(decimal_eq(folded.quantity, totalled.quantity));
        REQUIRE(decimal_eq(folded.level, totalled.level));
        REQUIRE(decimal_eq(folded.carried, totalled.carried));
        REQUIRE(decimal_eq(folded.total.cents, totalled.total.cents));
        REQUIRE(folded.total.event_count == totalled.total.event_count);
        REQUIRE((int64_t)folded.value_count == folded.total.event_count);
        struct decimal sum = folded.carried;
        for (size_t i = 0; i < folded.value_count; i++)
            REQUIRE(decimal_add(sum, folded.values[i], &sum) == ERR_NONE);
        if (!rule.rounding.is_on && rule.aggregation <= AGGREGATION_SUM)
            REQUIRE(decimal_eq(sum, folded.quantity));
    }
    arena_clear(&arena);
}

/* ---- the worked examples of docs/guide/metering.md ------------------------------------------- */

struct story {
    struct usage_rule rule;
    struct usage_span span;
};

/* "value@seconds value@seconds.fraction …": "+" before a value may stand, "?" has none; times of
 * the fold's order, from the origin of 1970. */
static struct usage told(const struct story *story, const char *events)
{
    struct usage_fold fold;
    struct usage usage;
    struct str rest = str_of(events);
    struct str word;
    int64_t id = 0;
    usage_fold_init(&fold, &arena, &story->rule, &story->span, false);
    while (rest.len > 0 && str_split(&rest, ' ', &word)) {
        struct str value;
        struct decimal at;
        int64_t at_us = 0;
        REQUIRE(str_split(&word, '@', &value));
        REQUIRE(decimal_parse(word, &at) == ERR_NONE && decimal_scale(at, 6, &at) == ERR_NONE);
        REQUIRE(decimal_to_int64(at, &at_us) == ERR_NONE);
        struct usage_event event = seat("", value.ptr[0] == '-', at_us, ++id);
        if (story->rule.aggregation == AGGREGATION_UNIQUE)
            event.value.text = str_slice(value, 1, value.len);
        else
            event.value.text = STR_NULL;
        if (story->rule.aggregation != AGGREGATION_UNIQUE && value.ptr[0] != '?')
            REQUIRE(decimal_parse(value, &event.value.number) == ERR_NONE);
        REQUIRE(usage_fold_add(&fold, &event) == ERR_NONE);
    }
    REQUIRE(usage_fold_end(&fold, &usage) == ERR_NONE);
    return usage;
}

TEST(usage_worked_averages_and_minimums)
{
    // clang-format off
    static const struct { const char *name, *average, *ceiled, *min; } cases[] = {
        {"4@1 6@2 11@3",     "7",                 "7", "4"},
        {"1@1 1@2 2@3",      "1.333333333333333", "2", "1"},
        {"-5@1 5@2 ?@3 3@4", "1",                 "1", "-5"},
        {"?@1",              "0",                 "0", "0"},
        {"",                 "0",                 "0", "0"},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct story story = {.rule = {.aggregation = AGGREGATION_AVERAGE}, .span = ALL_TIME};
        CHECK(decimal_eq(told(&story, c->name).quantity, decimal_lit(c->average)));
        story.rule.rounding = (struct usage_rounding){true, ROUND_CEILING, 0};
        CHECK(decimal_eq(told(&story, c->name).quantity, decimal_lit(c->ceiled)));
        story.rule = (struct usage_rule){.aggregation = AGGREGATION_MIN};
        CHECK(decimal_eq(told(&story, c->name).quantity, decimal_lit(c->min)));
    }
    arena_clear(&arena);
}

#define DAY ((int64_t)86400 * TIME_SECOND)

TEST(usage_worked_weighted_sums)
{
    // clang-format off
    static const struct { const char *name; bool is_recurring; int64_t from_day, to_day, whole_from_day, whole_to_day; const char *events, *want, *level; } cases[] = {
        {"744 hours", false, 0, 31, 0, 31,
         "2@0 3@3600 1@5400 -4@7200 -2@14400 10@18000 -10@19800", "0.022177419354839", "0"},
        {"from 5 March", true, 4, 31, 0, 31, "2500@345600", "2177.419354838709677", "2500"},
        {"April after it", true, 31, 61, 31, 61, "2500@345600 -2000@2937600 -200@3110400",
         "533.333333333333333", "300"},
        {"seconds are cut", false, 0, 30, 0, 30, "3@10.9 -3@20.2", "0.000011574074074", "0"},
        {"without end it would not be carried", false, 31, 61, 31, 61, "-2000@2937600", "-1800", "-2000"},
        {"nothing carried, nothing there", true, 0, 30, 0, 30, "", "0", "0"},
        {"carried, nothing new", true, 30, 60, 30, 60, "7.5@1", "7.5", "7.5"},
        {"half of the period is billed", true, 30, 45, 30, 60, "7.5@1", "3.75", "7.5"},
        {"an empty time", true, 30, 30, 30, 60, "7.5@1", "0", "7.5"},
        {"at the last second", false, 0, 30, 0, 30, "5@2591999.999999", "0.000001929012346", "5"},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct story story = {
            .rule = {.aggregation = AGGREGATION_WEIGHTED, .is_recurring = c->is_recurring},
            .span = {c->from_day * DAY, c->to_day * DAY, c->whole_from_day * DAY,
                     c->whole_to_day * DAY},
        };
        struct usage usage = told(&story, c->events);
        CHECK(decimal_eq(usage.quantity, decimal_lit(c->want)));
        CHECK(decimal_eq(usage.level, decimal_lit(c->level)));
    }
    arena_clear(&arena);
}

/* January is day 0 to 31, February to 59, March to 90. */
TEST(usage_worked_stocks)
{
    static const int64_t months[] = {0, 31 * DAY, 59 * DAY, 90 * DAY};
    // clang-format off
    static const struct { const char *name; enum aggregation aggregation; const char *events; const char *want[3]; int64_t counts[3]; } cases[] = {
        {"sum", AGGREGATION_SUM, "5@100 -2@200 1@5097600", {"3", "3", "4"}, {2, 0, 1}},
        {"below 0", AGGREGATION_SUM, "-3@100 4@2678400", {"-3", "1", "1"}, {1, 1, 0}},
        {"sum, late", AGGREGATION_SUM, "5@100 -2@200 2@300 1@5097600", {"5", "5", "6"}, {3, 0, 1}},
        {"unique", AGGREGATION_UNIQUE, "+a@100 +b@200 -a@2678400 +c@2678401", {"2", "2", "2"}, {2, 2, 0}},
        {"removed before", AGGREGATION_UNIQUE, "-a@100 +b@200 +a@2678400 +b@2678401", {"1", "2", "2"}, {2, 2, 0}},
        {"unique, late", AGGREGATION_UNIQUE, "+a@100 +b@200 -b@1641600 -a@2678400 +c@2678401", {"1", "1", "1"}, {3, 2, 0}},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        for (int month = 0; month < 3; month++) {
            struct usage_span span = {months[month], months[month + 1], months[month],
                                      months[month + 1]};
            struct story story = {{.aggregation = c->aggregation, .is_recurring = true}, span};
            char events[200];
            /* What comes after the month is not of it. */
            struct str rest = str_of(c->events);
            struct str word;
            size_t len = 0;
            while (rest.len > 0 && str_split(&rest, ' ', &word)) {
                int64_t at = 0;
                REQUIRE(
                    str_to_int64(str_slice(word, (size_t)str_find(word, '@') + 1, word.len), &at));
                if (at * TIME_SECOND >= months[month + 1])
                    continue;
                len += (size_t)snprintf(events + len, sizeof events - len, "%s%.*s",
                                        len > 0 ? " " : "", STR_ARG(word));
            }
            events[len] = '\0';
            struct usage usage = told(&story, events);
            CHECK(decimal_eq(usage.quantity, decimal_lit(c->want[month])));
            CHECK_INT(usage.total.event_count, c->counts[month]);
        }
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
        struct usage_rule rule = {.aggregation = AGGREGATION_SUM, .rounding = rounding};
        REQUIRE(usage_of_totals(&rule, &ALL_TIME, DECIMAL_ZERO, &total, &usage) == ERR_NONE);
        CHECK(decimal_eq(usage.quantity, decimal_lit(c->want)));
    }
    struct usage_rounding rounding;
    CHECK(!usage_rounding_parse(STR("bankers"), 0, &rounding));
}

/* MOST is the largest whole number of 34 digits: half of a unit more is one digit too many.  A
 * third of it times the period's three seconds is just it. */
#define MOST  "9999999999999999999999999999999999"
#define THIRD "3333333333333333333333333333333333"

TEST(usage_too_large_of_totals)
{
    // clang-format off
    static const struct { const char *name; enum aggregation aggregation; const char *carried, *sum, *moment; } cases[] = {
        {"what is carried in and what comes", AGGREGATION_SUM,      MOST,  "0.5", "0"},
        {"what is carried, times seconds",    AGGREGATION_WEIGHTED, MOST,  "0",   "0"},
        {"what comes, times seconds",         AGGREGATION_WEIGHTED, "0",   MOST,  "0"},
        {"less the moment",                   AGGREGATION_WEIGHTED, "0",   THIRD, "0.5"},
        {"both",                              AGGREGATION_WEIGHTED, "0.5", THIRD, "0"},
    };
    // clang-format on
    static const struct usage_span span = {0, 3 * TIME_SECOND, 0, 3 * TIME_SECOND};
    EACH(c, cases) {
        struct usage_rule rule = {.aggregation = c->aggregation, .is_recurring = true};
        struct usage_total total = USAGE_NONE;
        struct usage usage;
        total.event_count = total.value_count = 1;
        total.sum = decimal_lit(c->sum);
        total.moment = decimal_lit(c->moment);
        CHECK_INT(usage_of_totals(&rule, &span, decimal_lit(c->carried), &total, &usage),
                  ERR_OVERFLOW);
    }
}

/* Two events, before the billed second and in it: the first of them is carried in. */
TEST(usage_too_large_of_events)
{
    // clang-format off
    static const struct { const char *name, *values[2]; int64_t seconds[2]; enum err second, end; } cases[] = {
        {"carried in",  {MOST, "0.5"}, {0, 0}, ERR_OVERFLOW, ERR_NONE},
        {"in the span", {MOST, "0.5"}, {1, 1}, ERR_OVERFLOW, ERR_NONE},
        {"together",    {MOST, "0.5"}, {0, 1}, ERR_NONE,     ERR_OVERFLOW},
        {"neither",     {MOST, "0"},   {0, 1}, ERR_NONE,     ERR_NONE},
    };
    // clang-format on
    static const struct usage_span span = {TIME_SECOND, 3 * TIME_SECOND, 0, 3 * TIME_SECOND};
    static const struct usage_rule rule = {.aggregation = AGGREGATION_SUM, .is_recurring = true};
    arena_init(&arena);
    EACH(c, cases) {
        struct usage_fold fold;
        struct usage usage;
        usage_fold_init(&fold, &arena, &rule, &span, false);
        for (int i = 0; i < 2; i++) {
            struct usage_event event = seat("", false, c->seconds[i] * TIME_SECOND, i);
            event.value.number = decimal_lit(c->values[i]);
            CHECK_INT(usage_fold_add(&fold, &event), i == 0 ? ERR_NONE : c->second);
        }
        CHECK_INT(usage_fold_end(&fold, &usage), c->end);
    }
    arena_clear(&arena);
}

/* No time, no weight: neither of what is billed nor of the whole. */
TEST(usage_weighs_nothing_for_no_time)
{
    static const struct usage_span spans[] = {
        {0, 5 * TIME_SECOND, 7 * TIME_SECOND, 7 * TIME_SECOND},
        {5 * TIME_SECOND, 5 * TIME_SECOND, 0, TIME_SECOND}};
    struct usage_rule rule = {.aggregation = AGGREGATION_WEIGHTED, .is_recurring = true};
    struct usage_total total = USAGE_NONE;
    total.event_count = total.value_count = 1;
    total.sum = DECIMAL_ONE;
    for (size_t i = 0; i < 2; i++) {
        struct usage usage;
        REQUIRE(usage_of_totals(&rule, &spans[i], DECIMAL_ONE, &total, &usage) == ERR_NONE);
        CHECK(decimal_is_zero(usage.quantity) && decimal_is_zero(usage.held));
        CHECK(decimal_eq(usage.level, decimal_lit("2")));
    }
}

/* Values are compared as texts: the empty one is a value like others. */
TEST(usage_unique_texts)
{
    struct usage_fold fold;
    struct usage usage;
    arena_init(&arena);
    usage_fold_init(&fold, &arena, &(struct usage_rule){.aggregation = AGGREGATION_UNIQUE},
                    &ALL_TIME, false);
    static const char *const texts[] = {"", "a", "", "A", "a ", "a"};
    for (int i = 0; i < 6; i++) {
        struct usage_event event = seat(texts[i], false, i, i);
        REQUIRE(usage_fold_add(&fold, &event) == ERR_NONE);
    }
    REQUIRE(usage_fold_end(&fold, &usage) == ERR_NONE);
    CHECK(decimal_eq(usage.quantity, decimal_of(4)));
    CHECK_INT(usage.total.event_count, 6);
    arena_clear(&arena);
}

/* A quantity that is said is rounded as the metric rounds, and keeps what is said of its events. */
TEST(usage_that_is_said)
{
    struct usage usage;
    struct usage_total total = USAGE_NONE;
    struct usage_rule rule = {.aggregation = AGGREGATION_WEIGHTED};
    total.event_count = 3;
    REQUIRE(usage_of_units(&rule, &total, decimal_lit("1.25"), &usage) == ERR_NONE);
    CHECK(decimal_eq(usage.quantity, decimal_lit("1.25")));
    CHECK(decimal_eq(usage.level, decimal_lit("1.25")));
    CHECK_INT(usage.total.event_count, 3);
    CHECK(usage.is_said);
    REQUIRE(usage_rounding_parse(STR("ceil"), 1, &rule.rounding));
    REQUIRE(usage_of_units(&rule, &total, decimal_lit("1.21"), &usage) == ERR_NONE);
    CHECK(decimal_eq(usage.exact, decimal_lit("1.21")));
    CHECK(decimal_eq(usage.quantity, decimal_lit("1.3")));
    arena_clear(&arena);
}
