#include "base/time.h"
#include "core/pricing/advance.h"
#include "tests/json.h"
#include "tests/test.h"

static struct arena arena;

static struct charge charge(const char *model, const char *properties)
{
    return charge_of(&arena, str_of(model), json(&arena, properties));
}

static const struct advance_share whole = {.is_on = false};

/* An event that arrives as the nth; its time is the nth second unless said otherwise. */
static struct usage_event event(int n, const char *value)
{
    struct usage_event event = {
        .value = {.number = DECIMAL_NONE},
        .occurred_at = n * TIME_SECOND,
        .cents = DECIMAL_NONE,
    };
    event.id.bytes[15] = (unsigned char)n;
    if (value == NULL)
        return event;
    if (value[0] == '+' || value[0] == '~') { /* of a unique count: adds, removes */
        event.value.text = str_of(value + 1);
        event.value.removes = value[0] == '~';
    } else {
        event.value.number = decimal_lit(value);
    }
    return event;
}

static struct price price_of(const struct charge *charge, const struct advance_step *step)
{
    struct price price;
    struct advance_details details;
    REQUIRE(advance_price(&arena, charge, step, &whole, 2, &price, &details) == ERR_NONE);
    return price;
}

/* "3 1 2" one after another: "0.07 0.02 0.04", and the units "3 1 2". */
static void check_all(const struct charge *charge, enum aggregation aggregation, const char *values,
                      const char *prices, const char *units)
{
    struct usage_rule rule = {.aggregation = aggregation};
    struct advance advance;
    struct str rest = str_of(values);
    struct str wanted = str_of(prices);
    struct str wanted_units = str_of(units);
    struct str word;
    advance_init(&advance, &arena, charge, &rule);
    for (int n = 1; rest.len > 0 && str_split(&rest, ' ', &word); n++) {
        struct usage_event next = event(n, arena_cstr(&arena, word));
        struct advance_step step;
        struct str price;
        struct str count;
        REQUIRE(str_split(&wanted, ' ', &price) && str_split(&wanted_units, ' ', &count));
        REQUIRE(advance_add(&advance, &next, 0, &step) == ERR_NONE);
        CHECK_STR(decimal_text(&arena, price_of(charge, &step).amount), arena_cstr(&arena, price));
        CHECK_STR(decimal_text(&arena, step.units), arena_cstr(&arena, count));
    }
}

/* Each worked by hand; the first three are those of the scenarios (pay_in_advance_charges.json) and
 * of the billing rules (26). */
TEST(advance_prices_of_events)
{
    static const struct {
        const char *name, *model, *properties;
        enum aggregation aggregation;
        const char *values, *prices, *units;
    } cases[] = {
        /* 3 x 0.02 + 0.01; 1 x 0.02; 1 x 0.02 + 1 x 0.01 + 0.01 */
        {"graduated", "graduated",
         "{'graduated_ranges': [{'from_value': 0, 'to_value': 5, 'per_unit_amount': '0.02', "
         "'flat_amount': '0.01'}, {'from_value': 6, 'to_value': null, 'per_unit_amount': '0.01', "
         "'flat_amount': '0.01'}]}",
         AGGREGATION_SUM, "3 1 2", "0.07 0.02 0.04", "3 1 2"},
        {"two free, then 2.00", "graduated",
         "{'graduated_ranges': [{'from_value': 0, 'to_value': 2, 'per_unit_amount': '0', "
         "'flat_amount': '0'}, {'from_value': 3, 'to_value': null, 'per_unit_amount': '2', "
         "'flat_amount': '0'}]}",
         AGGREGATION_COUNT, "1 1 1", "0 0 2", "1 1 1"},
        /* 100, 10 free; of 20 ten are free: 10 x 5% + 1; 20 x 5% + 1 */
        {"percentage, free units", "percentage",
         "{'rate': '5', 'fixed_amount': '1', 'free_units_per_total_aggregation': '120'}",
         AGGREGATION_SUM, "100 10 20 20", "0 0 1.5 2", "100 10 20 20"},
        /* 100 x 1% + 0.50 = 1.50, raised; 1000 x 1% + 0.50 = 10.50, lowered */
        {"percentage, bounds", "percentage",
         "{'rate': '1', 'fixed_amount': '0.5', 'per_transaction_max_amount': '2', "
         "'per_transaction_min_amount': '1.75'}",
         AGGREGATION_SUM, "100 1000 10000", "1.75 2 2", "100 1000 10000"},
        /* going down gives nothing back, coming back up costs nothing, not even the fixed amount */
        {"percentage, down and up", "percentage", "{'rate': '1', 'fixed_amount': '1'}",
         AGGREGATION_SUM, "100 -50 50 100", "2 0 0 2", "100 0 0 100"},
        {"percentage, a free event", "percentage", "{'rate': '50', 'free_units_per_events': 1}",
         AGGREGATION_SUM, "4 4", "0 2", "4 4"},
        {"standard, down and up", "standard", "{'amount': '29'}", AGGREGATION_SUM, "10 -5 2 5",
         "290 0 0 58", "10 0 0 2"},
        {"below 0 first", "standard", "{'amount': '10'}", AGGREGATION_SUM, "-3 2 4", "0 0 30",
         "0 0 3"},
        /* blocks of 100 at 5.00, 10 free: 60 is block 1, 110 too, 111 is block 2, 401 is block 4 */
        {"package", "package", "{'amount': '5', 'package_size': 100, 'free_units': 10}",
         AGGREGATION_SUM, "60 50 1 290", "5 0 5 10", "60 50 1 290"},
        /* 50 x 5% + 1; 50 x 5%; 23.75 x 2% + 10 */
        {"graduated percentage", "graduated_percentage",
         "{'graduated_percentage_ranges': [{'from_value': 0, 'to_value': 100, 'rate': '5', "
         "'flat_amount': '1'}, {'from_value': 101, 'to_value': null, 'rate': '2', 'flat_amount': "
         "'10'}]}",
         AGGREGATION_SUM, "50 50 23.75", "3.5 2.5 10.475", "50 50 23.75"},
        {"unique count", "standard", "{'amount': '10'}", AGGREGATION_UNIQUE, "+a +a +b ~a +c +a",
         "10 0 10 0 0 10", "1 0 1 0 0 1"},
        {"unique count, removed first", "standard", "{'amount': '29'}", AGGREGATION_UNIQUE,
         "~a +a +a ~a", "0 29 0 0", "0 1 0 0"},
    };
    arena_init(&arena);
    EACH(c, cases) {
        struct charge model = charge(c->model, c->properties);
        check_all(&model, c->aggregation, c->values, c->prices, c->units);
    }
    arena_clear(&arena);
}

/* Of a value the newest event by time decides, also where an older one arrives later. */
TEST(advance_of_a_value_whose_removal_comes_late)
{
    struct charge model;
    struct advance advance;
    struct advance_step step;
    arena_init(&arena);
    model = charge("standard", "{'amount': '1'}");
    advance_init(&advance, &arena, &model, &(struct usage_rule){.aggregation = AGGREGATION_UNIQUE});
    struct usage_event added = event(5, "+a");
    struct usage_event removed = event(6, "~a");
    struct usage_event other = event(7, "+b");
    removed.occurred_at = 2 * TIME_SECOND; /* before it was added */
    REQUIRE(advance_add(&advance, &added, 0, &step) == ERR_NONE);
    REQUIRE(advance_add(&advance, &removed, 0, &step) == ERR_NONE);
    CHECK(decimal_is_zero(step.units));
    REQUIRE(advance_add(&advance, &other, 0, &step) == ERR_NONE);
    CHECK(decimal_eq(step.units, DECIMAL_ONE)); /* a and b are there */
    CHECK(decimal_eq(step.paid, decimal_of(2)));
    /* Enough values for the table to grow: 100 more, each counts once. */
    for (int i = 0; i < 200; i++) {
        struct usage_event more =
            event(8, arena_cstr(&arena, arena_fmt(&arena, "+value %d", i / 2)));
        REQUIRE(advance_add(&advance, &more, 0, &step) == ERR_NONE);
        CHECK(decimal_eq(step.units, decimal_of(i % 2 == 0)));
    }
    CHECK(decimal_eq(step.paid, decimal_of(102)));
    arena_clear(&arena);
}

/* 5 carried in and renewed for 5 x 10.00; then up to 4, to 6, to 7.5: 1 and 1.5 units more. */
TEST(advance_carries_a_stock)
{
    struct usage_rule rule = {.aggregation = AGGREGATION_SUM, .is_recurring = true};
    struct charge model;
    struct advance advance;
    struct advance_step step;
    struct price price;
    arena_init(&arena);
    model = charge("standard", "{'amount': '10'}");
    advance_init(&advance, &arena, &model, &rule);
    struct usage_event carried = event(1, "5");
    REQUIRE(advance_carry(&advance, &carried) == ERR_NONE);
    REQUIRE(advance_renewal(&arena, &model, advance.paid, &price) == ERR_NONE);
    CHECK_STR(decimal_text(&arena, price.amount), "50");
    struct usage_event down = event(2, "-1");
    struct usage_event up = event(3, "2");
    struct usage_event more = event(4, "1.5");
    REQUIRE(advance_add(&advance, &down, 0, &step) == ERR_NONE);
    CHECK_STR(decimal_text(&arena, price_of(&model, &step).amount), "0");
    REQUIRE(advance_add(&advance, &up, 0, &step) == ERR_NONE);
    CHECK_STR(decimal_text(&arena, price_of(&model, &step).amount), "10");
    REQUIRE(advance_add(&advance, &more, 0, &step) == ERR_NONE);
    CHECK_STR(decimal_text(&arena, price_of(&model, &step).amount), "15");

    /* What is carried below 0 is no credit: -3, then +4 is one unit. */
    advance_init(&advance, &arena, &model, &rule);
    struct usage_event owed = event(1, "-3");
    struct usage_event back = event(2, "4");
    REQUIRE(advance_carry(&advance, &owed) == ERR_NONE);
    CHECK(!advance.has_paid);
    REQUIRE(advance_add(&advance, &back, 0, &step) == ERR_NONE);
    CHECK_STR(decimal_text(&arena, price_of(&model, &step).amount), "10");
    arena_clear(&arena);
}

/* A renewal has no events: 4 units at 0.5% are 0.02, not the least price of an event. */
TEST(advance_renewal_of_a_percentage)
{
    struct price price;
    arena_init(&arena);
    struct charge model = charge("percentage", "{'rate': '0.5', 'fixed_amount': '1', "
                                               "'per_transaction_min_amount': '12', "
                                               "'free_units_per_total_aggregation': '3'}");
    REQUIRE(advance_renewal(&arena, &model, decimal_of(4), &price) == ERR_NONE);
    CHECK_STR(decimal_text(&arena, price.amount), "0.02");
    arena_clear(&arena);
}

/* 4 x 29/30 = 3.866… up to 3.86667, at 10.00; 10 x 24/29 = 8.275862… up to 8.27587, at 29.00. */
TEST(advance_is_prorated_by_days)
{
    static const struct {
        const char *name, *amount, *units;
        struct advance_share share;
        const char *price;
    } cases[] = {
        {"29 of 30", "10", "4", {true, 29, 30}, "38.6667"},
        {"24 of 29", "29", "10", {true, 24, 29}, "240.00023"},
        {"one of 31", "1", "1", {true, 1, 31}, "0.03226"},
        {"all", "30", "5", {true, 31, 31}, "150"},
    };
    arena_init(&arena);
    EACH(c, cases) {
        struct charge model = {.model = CHARGE_STANDARD, .amount = decimal_lit(c->amount)};
        struct advance_step step = {.before = DECIMAL_ZERO,
                                    .paid = decimal_lit(c->units),
                                    .units = decimal_lit(c->units),
                                    .cents = DECIMAL_NONE};
        struct price price;
        struct advance_details details;
        REQUIRE(advance_price(&arena, &model, &step, &c->share, 2, &price, &details) == ERR_NONE);
        CHECK_STR(decimal_text(&arena, price.amount), c->price);
    }
    arena_clear(&arena);
}

/* 1234.56 cents; 7 of a currency without decimals; nothing sent; below 0. */
TEST(advance_dynamic_is_the_events_own_amount)
{
    static const struct {
        const char *name, *cents;
        int digits;
        const char *price;
    } cases[] = {
        {"cents", "1234.56", 2, "12.3456"},
        {"yen", "7", 0, "7"},
        {"none", NULL, 2, "0"},
        {"below 0", "-5", 2, "0"},
    };
    arena_init(&arena);
    EACH(c, cases) {
        struct charge model = {.model = CHARGE_DYNAMIC};
        struct advance advance;
        struct advance_step step;
        struct price price;
        struct advance_details details;
        struct usage_event one = event(1, "5");
        one.cents = c->cents == NULL ? DECIMAL_NONE : decimal_lit(c->cents);
        advance_init(&advance, &arena, &model,
                     &(struct usage_rule){.aggregation = AGGREGATION_SUM});
        REQUIRE(advance_add(&advance, &one, 0, &step) == ERR_NONE);
        REQUIRE(advance_price(&arena, &model, &step, &whole, c->digits, &price, &details) ==
                ERR_NONE);
        CHECK_STR(decimal_text(&arena, price.amount), c->price);
    }
    arena_clear(&arena);
}

/* The scenario's third event: 10 of its 20 units are free, 0.50 and 1.00; and its first, all free;
 * then 100 x 1% + 0.50 = 1.50, raised by 0.25. */
TEST(advance_tells_how_a_percentage_came_about)
{
    struct advance_details details;
    struct price price;
    arena_init(&arena);
    struct charge model = charge("percentage", "{'rate': '5', 'fixed_amount': '1', "
                                               "'free_units_per_total_aggregation': '120'}");
    struct advance_step step = {.events_before = 2,
                                .before = decimal_of(110),
                                .paid = decimal_of(130),
                                .units = decimal_of(20),
                                .has_paid = true};
    REQUIRE(advance_price(&arena, &model, &step, &whole, 2, &price, &details) == ERR_NONE);
    CHECK_STR(decimal_text(&arena, details.rate), "5");
    CHECK_STR(decimal_text(&arena, details.units), "20");
    CHECK_STR(decimal_text(&arena, details.free_units), "10");
    CHECK_STR(decimal_text(&arena, details.rate_amount), "0.5");
    CHECK_STR(decimal_text(&arena, details.fixed_amount), "1");
    CHECK_STR(decimal_text(&arena, details.adjustment), "0");
    CHECK(!details.is_free);
    step = (struct advance_step){
        .before = DECIMAL_ZERO, .paid = decimal_of(100), .units = decimal_of(100)};
    REQUIRE(advance_price(&arena, &model, &step, &whole, 2, &price, &details) == ERR_NONE);
    CHECK_STR(decimal_text(&arena, details.free_units), "100");
    CHECK_STR(decimal_text(&arena, details.fixed_amount), "0");
    CHECK(details.is_free);
    model = charge("percentage",
                   "{'rate': '1', 'fixed_amount': '0.5', 'per_transaction_min_amount': '1.75'}");
    REQUIRE(advance_price(&arena, &model, &step, &whole, 2, &price, &details) == ERR_NONE);
    CHECK_STR(decimal_text(&arena, details.adjustment), "0.25");
    arena_clear(&arena);
}

/* What all events of a period cost together is what the whole costs in arrears. */
TEST(advance_adds_up_to_the_price_of_the_whole)
{
    static const struct {
        const char *name, *model, *properties;
    } cases[] = {
        {"graduated", "graduated",
         "{'graduated_ranges': [{'from_value': 0, 'to_value': 50, 'per_unit_amount': '0.3', "
         "'flat_amount': '2'}, {'from_value': 51, 'to_value': null, 'per_unit_amount': '0.01', "
         "'flat_amount': '7'}]}"},
        {"package", "package", "{'amount': '5', 'package_size': 7, 'free_units': 3}"},
        {"percentage", "percentage",
         "{'rate': '1.3', 'fixed_amount': '2', 'free_units_per_events': 3, "
         "'free_units_per_total_aggregation': '25', 'per_transaction_min_amount': '2.1', "
         "'per_transaction_max_amount': '2.2'}"},
    };
    arena_init(&arena);
    for (int round = 0; round < 200; round++) {
        arena_reset(&arena);
        EACH(c, cases) {
            struct charge model = charge(c->model, c->properties);
            struct decimal values[12];
            struct decimal sum = DECIMAL_ZERO;
            struct charge_use use = {.units = DECIMAL_ZERO, .values = values};
            struct advance advance;
            struct price whole_price;
            advance_init(&advance, &arena, &model,
                         &(struct usage_rule){.aggregation = AGGREGATION_SUM});
            for (int i = 0; i < 12; i++) {
                struct usage_event next = event(i, "0");
                struct advance_step step;
                REQUIRE(decimal_scale(decimal_of(test_between(1, 3000)), -2, &values[i]) ==
                        ERR_NONE);
                next.value.number = values[i];
                REQUIRE(advance_add(&advance, &next, 0, &step) == ERR_NONE);
                REQUIRE(decimal_add(sum, price_of(&model, &step).amount, &sum) == ERR_NONE);
                REQUIRE(decimal_add(use.units, values[i], &use.units) == ERR_NONE);
            }
            use.event_count = 12;
            use.value_count = 12;
            REQUIRE(charge_price(&arena, &model, &use, &whole_price) == ERR_NONE);
            CHECK(decimal_eq(sum, whole_price.amount));
        }
    }
    arena_clear(&arena);
}

/* docs/guide/charges-in-advance.md: a cell's own highest point is paid, whatever the others have.
 * Peak 10 x 0.50, other 4 x 0.30, late 6 x 0.10; peak down to 7, up to 12: 2 x 0.50; other 0.30.  A
 * metric's rounding does not apply: 0.5 of peak are 0.25. */
TEST(advance_prices_of_cells)
{
    static const struct {
        const char *name, *value;
        size_t cell;
        const char *price, *units, *total;
    } steps[] = {
        {"peak", "10", 0, "5", "10", "10"},
        {"other", "4", 2, "1.2", "4", "14"},
        {"late", "6", 1, "0.6", "6", "20"},
        {"down", "-3", 0, "0", "0", "20"},
        {"up", "5", 0, "1", "2", "22"},
        {"other again", "1", 2, "0.3", "1", "23"},
        {"a part", "0.5", 0, "0.25", "0.5", "23.5"},
        {"no value", NULL, 1, "0", "0", "23.5"},
    };
    struct usage_rule rule = {.aggregation = AGGREGATION_SUM};
    struct advance advance;
    struct charge model;
    arena_init(&arena);
    model = charge("time_of_use",
                   "{'amount': '0.3', 'windows': [{'name': 'peak', 'from_hour': 8, 'to_hour': 20, "
                   "'amount': '0.5'}, {'name': 'late', 'from_hour': 22, 'to_hour': 24, 'amount': "
                   "'0.1'}]}");
    REQUIRE(usage_rounding_parse(STR("ceil"), 0, &rule.rounding));
    advance_init(&advance, &arena, &model, &rule);
    EACH(s, steps) {
        struct usage_event next = event(1, s->value);
        struct advance_step step;
        REQUIRE(advance_add(&advance, &next, s->cell, &step) == ERR_NONE);
        CHECK_STR(decimal_text(&arena, price_of(&model, &step).amount), s->price);
        CHECK_STR(decimal_text(&arena, step.units), s->units);
        CHECK_STR(decimal_text(&arena, step.total), s->total);
    }
    CHECK_STR(decimal_text(&arena, advance.quantity), "23.5");
    arena_clear(&arena);
}

/* 0.4, 0.4 and 0.4 units, rounded up: 1 is paid, 0 more, then the second. */
TEST(advance_rounds_the_running_quantity)
{
    struct usage_rule rule = {.aggregation = AGGREGATION_SUM};
    struct charge model;
    struct advance advance;
    static const char *const wanted[] = {"1", "0", "1"};
    arena_init(&arena);
    REQUIRE(usage_rounding_parse(STR("ceil"), 0, &rule.rounding));
    model = charge("standard", "{'amount': '1'}");
    advance_init(&advance, &arena, &model, &rule);
    for (int i = 0; i < 3; i++) {
        struct usage_event next = event(i, "0.4");
        struct advance_step step;
        REQUIRE(advance_add(&advance, &next, 0, &step) == ERR_NONE);
        CHECK_STR(decimal_text(&arena, step.units), wanted[i]);
    }
    arena_clear(&arena);
}

TEST(advance_allows_what_grows)
{
    CHECK(advance_allows_metric(AGGREGATION_COUNT) && advance_allows_metric(AGGREGATION_SUM) &&
          advance_allows_metric(AGGREGATION_UNIQUE));
    CHECK(!advance_allows_metric(AGGREGATION_MAX) && !advance_allows_metric(AGGREGATION_LATEST) &&
          !advance_allows_metric(AGGREGATION_WEIGHTED) &&
          !advance_allows_metric(AGGREGATION_PERCENTILE) &&
          !advance_allows_metric(AGGREGATION_AVERAGE) && !advance_allows_metric(AGGREGATION_MIN));
    CHECK(advance_allows_model(CHARGE_STANDARD) && advance_allows_model(CHARGE_DYNAMIC) &&
          advance_allows_model(CHARGE_TIME_OF_USE) && advance_allows_model(CHARGE_PRICE_TABLE));
    CHECK(!advance_allows_model(CHARGE_VOLUME) && !advance_allows_model(CHARGE_CAPACITY));
}
