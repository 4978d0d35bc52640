#include "core/pricing/charge.h"
#include "tests/json.h"
#include "tests/test.h"

#define VALUES_MAX 32

static struct arena arena;

/* "50 100 250" */
static struct charge_use use_of(const char *text, struct decimal *values)
{
    struct charge_use use = {.units = DECIMAL_ZERO, .values = values};
    struct str rest = str_of(text);
    struct str word;
    while (rest.len > 0 && str_split(&rest, ' ', &word)) {
        struct decimal value = decimal_lit(arena_cstr(&arena, word));
        values[use.value_count++] = value;
        REQUIRE(decimal_add(use.units, value, &use.units) == ERR_NONE);
    }
    use.event_count = (int64_t)use.value_count;
    return use;
}

static struct charge percentage(const char *properties)
{
    return charge_of(&arena, STR("percentage"), json(&arena, properties));
}

/* The billing rules' example 5 (whose figures are running totals: events of 50, 100, 250 and 400),
 * the scenarios of current_usage/by_charge_model/percentage.json, and hand computations. */
TEST(percentage_prices)
{
    static const char both[] = "{'rate': '1.3', 'fixed_amount': '2', 'free_units_per_events': 3, "
                               "'free_units_per_total_aggregation': '250'}";
    static const char events[] = "{'rate': '1.3', 'fixed_amount': '2', 'free_units_per_events': 3}";
    static const char units[] =
        "{'rate': '1', 'fixed_amount': '5', 'free_units_per_total_aggregation': '15.0'}";
    static const char mixed[] = "{'rate': '1', 'fixed_amount': '5', 'free_units_per_events': 3, "
                                "'free_units_per_total_aggregation': '15'}";
    static const char limits[] = "{'rate': '1', 'fixed_amount': '1', "
                                 "'per_transaction_max_amount': '12', "
                                 "'per_transaction_min_amount': '1.75'}";
    static const char least[] = "{'rate': '10', 'per_transaction_min_amount': '3', "
                                "'free_units_per_events': 1}";
    // clang-format off
    static const struct { const char *name, *properties, *values, *want; } cases[] = {
        {"rules 5: 550 x 1.3% + 2 x 2",          both,   "50 100 250 400",  "11.15"},
        {"rules 5: 400 x 1.3% + 2",              events, "50 100 250 400",  "7.2"},
        {"rules 5: 800 x 1.3% + 4 x 2",          "{'rate': '1.3', 'fixed_amount': '2'}", "50 100 250 400", "18.4"},
        {"rate alone",                           "{'rate': '0.25'}", "0.1 0.2", "0.00075"},
        {"nothing happened",                     "{'rate': '1.3', 'fixed_amount': '2'}", "", "0"},
        {"nothing happened, minimum",            limits, "",                "0"},
        {"three events free",                    "{'rate': '1', 'fixed_amount': '5', 'free_units_per_events': 3}", "10 10 10", "0"},
        {"the fourth pays: 10 x 1% + 5",         "{'rate': '1', 'fixed_amount': '5', 'free_units_per_events': 3}", "10 10 10 10", "5.1"},
        {"12 of 15 free units",                  units,  "4 4 4",           "0"},
        {"16 units: 1 x 1% + 5",                 units,  "4 4 4 4",         "5.01"},
        {"26 units: 11 x 1% + 2 x 5",            units,  "4 4 4 4 10",      "10.11"},
        {"exactly 15: the fixed part, no rate",  units,  "5 10",            "5"},
        {"events run out first",                 mixed,  "1 1 1 1",         "5.01"},
        {"units run out first: 5 x 1% + 5",      mixed,  "10 10",           "5.05"},
        {"15 x 1% + 2 x 5",                      mixed,  "10 10 10",        "10.15"},
        {"no unit is free behind the events",    mixed,  "1 1 1 20",        "5.2"},
        {"1 + 1",                                limits, "100",             "2"},
        {"and 10 + 1",                           limits, "100 1000",        "13"},
        {"and at most 12",                       limits, "100 1000 10000",  "25"},
        {"at least 1.75",                        limits, "10",              "1.75"},
        {"no minimum for a free event: 3 + 5",   least,  "1 2 50",          "8"},
        {"an event of 0 units pays the fixed part", "{'rate': '1', 'fixed_amount': '2'}", "0", "2"},
        {"taken back: 100 - 100",                "{'rate': '1'}", "100 -100", "0"},
        {"more taken back than there was",       "{'rate': '1'}", "100 -150", "0"},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct decimal values[VALUES_MAX];
        struct charge charge = percentage(c->properties);
        struct charge_use use = use_of(c->values, values);
        struct price price;
        struct decimal sum = DECIMAL_ZERO;
        REQUIRE(charge_price(&arena, &charge, &use, &price) == ERR_NONE);
        CHECK_STR(decimal_text(&arena, price.amount), c->want);
        for (size_t i = 0; i < price.step_count; i++)
            REQUIRE(decimal_add(sum, price.steps[i].result, &sum) == ERR_NONE);
        CHECK(decimal_eq(sum, price.amount));
    }
    arena_clear(&arena);
}

/* The order of events matters where something is free: that is why it is stated. */
TEST(percentage_order)
{
    struct decimal values[VALUES_MAX];
    struct price price;
    arena_init(&arena);
    struct charge charge = percentage("{'rate': '1', 'free_units_per_events': 1}");
    struct charge_use use = use_of("10 1000", values);
    REQUIRE(charge_price(&arena, &charge, &use, &price) == ERR_NONE);
    CHECK_STR(decimal_text(&arena, price.amount), "10");
    use = use_of("1000 10", values);
    REQUIRE(charge_price(&arena, &charge, &use, &price) == ERR_NONE);
    CHECK_STR(decimal_text(&arena, price.amount), "0.1");
    arena_clear(&arena);
}

TEST(percentage_needs_events)
{
    // clang-format off
    static const struct { const char *name; bool want; } cases[] = {
        {"{'rate': '1', 'fixed_amount': '2'}", false},
        {"{'rate': '1', 'free_units_per_events': 0}", false},
        {"{'rate': '1', 'free_units_per_events': 1}", true},
        {"{'rate': '1', 'free_units_per_total_aggregation': '0.5'}", true},
        {"{'rate': '1', 'per_transaction_min_amount': '0'}", true},
        {"{'rate': '1', 'per_transaction_max_amount': '9'}", true},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct charge charge = percentage(c->name);
        CHECK(charge_needs_events(&charge) == c->want);
    }
    arena_clear(&arena);
}

/* Steps that name their inputs: a program can recompute each. */
TEST(percentage_steps)
{
    // clang-format off
    static const struct { const char *name, *inputs, *result; } want[] = {
        {"11100 units less 0 free at 1%",
         "{\"op\":\"(units - free_units) * rate / 100\",\"units\":\"11100\",\"free_units\":\"0\",\"rate\":\"1\"}", "111"},
        {"3 events less 0 free at 1 each",
         "{\"op\":\"(events - free_events) * fixed_amount\",\"events\":\"3\",\"free_events\":\"0\",\"fixed_amount\":\"1\"}", "3"},
        {"1 events lowered to the maximum of 12 each instead of 101 together",
         "{\"op\":\"events * amount_each - instead_of\",\"events\":\"1\",\"amount_each\":\"12\",\"instead_of\":\"101\"}", "-89"},
    };
    // clang-format on
    struct decimal values[VALUES_MAX];
    struct price price;
    arena_init(&arena);
    struct charge charge =
        percentage("{'rate': '1', 'fixed_amount': '1', 'per_transaction_max_amount': '12'}");
    struct charge_use use = use_of("100 1000 10000", values);
    REQUIRE(charge_price(&arena, &charge, &use, &price) == ERR_NONE);
    REQUIRE(price.step_count == 3);
    for (size_t i = 0; i < 3; i++) {
        CHECK_STR(price_step_text(&arena, &price.steps[i]), want[i].name);
        CHECK_STR(price_step_inputs(&arena, &price.steps[i]), want[i].inputs);
        CHECK_STR(decimal_text(&arena, price.steps[i].result), want[i].result);
    }
    arena_clear(&arena);
}

/* A limit that never binds changes nothing, free parts never make it dearer, and a minimum never
 * cheaper. */
TEST(percentage_properties)
{
    arena_init(&arena);
    for (int i = 0; i < 500; i++) {
        struct decimal values[VALUES_MAX];
        struct charge_use use = {.units = DECIMAL_ZERO, .values = values};
        struct price plain, bounded, gratis, raised;
        arena_reset(&arena);
        use.value_count = (size_t)test_between(0, VALUES_MAX);
        use.event_count = (int64_t)use.value_count;
        for (size_t j = 0; j < use.value_count; j++) {
            REQUIRE(decimal_scale(decimal_of(test_between(0, 100000)), -2, &values[j]) == ERR_NONE);
            REQUIRE(decimal_add(use.units, values[j], &use.units) == ERR_NONE);
        }
        struct charge charge = {
            .model = CHARGE_PERCENTAGE,
            .rate = decimal_of(test_between(0, 20)),
            .fixed_amount = decimal_of(test_between(0, 3)),
            .free_units = DECIMAL_NONE,
            .min_amount = DECIMAL_NONE,
            .max_amount = DECIMAL_NONE,
        };
        REQUIRE(charge_price(&arena, &charge, &use, &plain) == ERR_NONE);
        charge.max_amount = decimal_of(1000000);
        REQUIRE(charge_price(&arena, &charge, &use, &bounded) == ERR_NONE);
        REQUIRE(decimal_eq(plain.amount, bounded.amount));
        charge.free_events = test_between(0, 5);
        charge.free_units =
            test_between(0, 1) == 0 ? DECIMAL_NONE : decimal_of(test_between(1, 5000));
        REQUIRE(charge_price(&arena, &charge, &use, &gratis) == ERR_NONE);
        REQUIRE(decimal_cmp(gratis.amount, plain.amount) <= 0);
        charge.min_amount = decimal_of(test_between(0, 100));
        REQUIRE(charge_price(&arena, &charge, &use, &raised) == ERR_NONE);
        REQUIRE(decimal_cmp(raised.amount, gratis.amount) >= 0);
    }
    arena_clear(&arena);
}

/* MOST is the largest whole number of 34 digits: half of a unit more is one digit too many.  Each
 * case is too large in another place, and none of what came before it is. */
TEST(percentage_too_large)
{
#define MOST "9999999999999999999999999999999999"
#define HALF "4900000000000000000000000000000000"
    // clang-format off
    static const struct {
        const char *name, *rate, *fixed; int64_t free_events; const char *free_units, *min, *max;
        const char *units, *values;
    } cases[] = {
        {"the rate of all units",        "1.3", "0",    0, NULL,  NULL, NULL, MOST, NULL},
        {"what events come to",          "0",   "0",    1, NULL,  NULL, NULL, "0",  MOST " 0.5"},
        {"what is left of free units",   "0",   "0",    0, "0.5", NULL, NULL, "0",  MOST},
        {"an event's rate",              "1.3", "0",    0, NULL,  NULL, "9",  "0",  MOST},
        {"an event's rate and its fixed part", "100", "0.5", 0, NULL, NULL, "9", "0", MOST},
        /* 4.9e33 x 0.2 % + 0.001 has 34 digits, twice as much 35 */
        {"prices that are raised",       "0.2", "0.001", 0, NULL, MOST, NULL, "0",  HALF " " HALF},
        {"prices that are lowered",      "0.2", "0.001", 0, NULL, NULL, "1",  "0",  HALF " " HALF},
        {"units that are not charged",   "0",   "0",    0, NULL,  "0",  NULL, MOST, "0.5"},
        {"fixed parts",                  "0",   MOST,   0, NULL,  NULL, NULL, "0",  NULL},
        {"the fixed parts on the rate",  "100", "0.1",  0, NULL,  NULL, NULL, MOST, NULL},
        {"minimums",                     "0",   "0",    0, NULL,  MOST, NULL, "0",  "0 0 0"},
        {"a minimum for what it raises", "100", "0",    0, NULL,  MOST, NULL, "0.5", "0.5"},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct decimal values[VALUES_MAX];
        struct price price;
        struct charge_use use = {.event_count = 3, .values = values};
        struct str rest = str_of(c->values);
        struct str word;
        struct charge charge = {
            .model = CHARGE_PERCENTAGE,
            .rate = decimal_lit(c->rate),
            .fixed_amount = decimal_lit(c->fixed),
            .free_events = c->free_events,
            .free_units = c->free_units == NULL ? DECIMAL_NONE : decimal_lit(c->free_units),
            .min_amount = c->min == NULL ? DECIMAL_NONE : decimal_lit(c->min),
            .max_amount = c->max == NULL ? DECIMAL_NONE : decimal_lit(c->max),
        };
        while (rest.len > 0 && str_split(&rest, ' ', &word))
            values[use.value_count++] = decimal_lit(arena_cstr(&arena, word));
        if (use.value_count > 0)
            use.event_count = (int64_t)use.value_count;
        use.units = decimal_lit(c->units);
        CHECK_INT(charge_price(&arena, &charge, &use, &price), ERR_OVERFLOW);
    }
    arena_clear(&arena);
#undef MOST
#undef HALF
}

TEST(dynamic_prices)
{
    struct price price;
    arena_init(&arena);
    struct charge charge = charge_of(&arena, STR("dynamic"), STR("{}"));
    struct charge_use use = {.event_count = 2, .own_amount = decimal_lit("9.12")};
    REQUIRE(charge_price(&arena, &charge, &use, &price) == ERR_NONE);
    CHECK_STR(decimal_text(&arena, price.amount), "9.12");
    use.own_amount = decimal_lit("-0.5");
    REQUIRE(charge_price(&arena, &charge, &use, &price) == ERR_NONE);
    CHECK(decimal_is_zero(price.amount));
    CHECK_INT(price.step_count, 2);
    arena_clear(&arena);
}
