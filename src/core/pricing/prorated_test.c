#include "base/time.h"
#include "core/pricing/prorated.h"
#include "tests/json.h"
#include "tests/test.h"

static struct arena arena;

static struct charge charge(const char *model, const char *properties)
{
    struct charge charge = charge_of(&arena, str_of(model), json(&arena, properties));
    charge.prorated = true;
    return charge;
}

#define STANDARD_1 "{'amount': '1'}"
/* 5 at 10, 10 more at 5, then 2; 100.00 and 50.00 flat. */
#define TIERS                                                                             \
    "{'graduated_ranges': [{'from_value': 0, 'to_value': 5, 'per_unit_amount': '10', "    \
    "'flat_amount': '100'}, {'from_value': 6, 'to_value': 15, 'per_unit_amount': '5', "   \
    "'flat_amount': '50'}, {'from_value': 16, 'to_value': null, 'per_unit_amount': '2', " \
    "'flat_amount': '0'}]}"
/* 1 at 10, then 5; 100.00 and 50.00 flat. */
#define ITEMS                                                                             \
    "{'graduated_ranges': [{'from_value': 0, 'to_value': 1, 'per_unit_amount': '10', "    \
    "'flat_amount': '100'}, {'from_value': 2, 'to_value': null, 'per_unit_amount': '5', " \
    "'flat_amount': '50'}]}"
#define VOLUME                                                                              \
    "{'volume_ranges': [{'from_value': 0, 'to_value': 100, 'per_unit_amount': '2', "        \
    "'flat_amount': '10'}, {'from_value': 101, 'to_value': 200, 'per_unit_amount': '1', "   \
    "'flat_amount': '0'}, {'from_value': 201, 'to_value': null, 'per_unit_amount': '0.5', " \
    "'flat_amount': '50'}]}"

/* "10:+a 12:~a", "1:5 -3:2": the day of the period (1 is its first one) and what is added. */
static struct price price_of(const struct charge *model, enum aggregation aggregation,
                             enum proration proration, int days, int billed_days,
                             const char *events, const char *units)
{
    const int32_t start = 19601; /* 1 September 2023 */
    struct prorating p;
    struct str rest = str_of(events);
    struct str word;
    struct charge_use use = {.units = decimal_lit(units)};
    struct decimal *values = NULL;
    struct price price;
    prorating_init(&p, &arena, model, aggregation, proration, (struct period){start, start + days},
                   (struct period){start, start + billed_days});
    while (rest.len > 0 && str_split(&rest, ' ', &word)) {
        struct str day;
        struct usage_event event = {.value = {.number = DECIMAL_NONE}};
        REQUIRE(str_split(&word, ':', &day));
        if (word.ptr[0] == '+' || word.ptr[0] == '~') {
            event.value.text = str_slice(word, 1, word.len);
            event.value.removes = word.ptr[0] == '~';
        } else {
            event.value.number = decimal_lit(arena_cstr(&arena, word));
        }
        REQUIRE(prorating_add(&p, &event,
                              start + (int32_t)strtol(arena_cstr(&arena, day), NULL, 10) - 1) ==
                ERR_NONE);
    }
    REQUIRE(prorating_end(&p, &values, &use.value_count) == ERR_NONE);
    use.values = values;
    REQUIRE(charge_price(&arena, model, &use, &price) == ERR_NONE);
    return price;
}

/* Each worked by hand; those of sums with tiers, and of items, are the scenarios of
 * current_usage/by_charge_model/prorated_graduated.json, the others billing rules 3 and 9. */
TEST(prorated_prices)
{
    static const struct {
        const char *name, *model, *properties;
        enum aggregation aggregation;
        int days, billed_days;
        const char *events, *units, *price;
    } cases[] = {
        /* 5 x 31/31 + 24 x 6/31 = 9.645161…, up */
        {"a stock, and twice 12 on the 26th", "standard", STANDARD_1, AGGREGATION_SUM, 31, 31,
         "0:5 26:12 26:12", "29", "9.64517"},
        {"at the period's start", "standard", STANDARD_1, AGGREGATION_SUM, 31, 31, "1:3", "3", "3"},
        {"nothing", "standard", STANDARD_1, AGGREGATION_SUM, 30, 30, "", "0", "0"},
        /* 20, 19, 18, 17 and 16 of 30 days */
        {"five items", "standard", "{'amount': '30'}", AGGREGATION_UNIQUE, 30, 30,
         "11:+a 12:+b 13:+c 14:+d 15:+e", "5", "90"},
        /* 5 x 15 of 31 days = 2.419354…, up to 2.41936 */
        {"ended on the 15th", "standard", "{'amount': '30'}", AGGREGATION_UNIQUE, 31, 15,
         "0:+a 0:+b 0:+c 0:+d 0:+e", "5", "72.5808"},
        /* -3 is nothing; from the 2nd on 1 unit for 30 of 31 days: 0.967741…, up */
        {"below 0", "standard", STANDARD_1, AGGREGATION_SUM, 31, 31, "0:-3 2:4", "1", "0.96775"},
        {"no unit: the flat amount is due", "graduated", TIERS, AGGREGATION_SUM, 30, 30, "", "0",
         "100"},
        /* 2 x 21/30 = 1.4 */
        {"tiers: 2 on the 10th", "graduated", TIERS, AGGREGATION_SUM, 30, 30, "10:2", "2", "114"},
        /* 2 x 21 + 3 x 15 = 87/30 = 2.9; 2 x 15/30 = 1 */
        {"5 more on the 16th", "graduated", TIERS, AGGREGATION_SUM, 30, 30, "10:2 16:5", "7",
         "184"},
        /* 87 - 4 x 11 = 43/30 up to 1.43334; 30 - 2 x 11 = 8/30 up to 0.26667 */
        {"6 fewer on the 20th", "graduated", TIERS, AGGREGATION_SUM, 30, 30, "10:2 16:5 20:-6", "1",
         "165.66675"},
        /* 43 + 4 x 6 = 67/30; 8 + 6 x 6 + 4 x 5 = 64/30; 60 x 1/30 = 2 */
        {"to the third tier", "graduated", TIERS, AGGREGATION_SUM, 30, 30,
         "10:2 16:5 20:-6 25:10 26:4 30:60", "75", "187.0001"},
        {"a stock of 75", "graduated", TIERS, AGGREGATION_SUM, 31, 31, "0:75", "75", "370"},
        /* 3/30 = 0.1 */
        {"an item of three days", "graduated", ITEMS, AGGREGATION_UNIQUE, 30, 30, "10:+a 12:~a",
         "0", "101"},
        /* 20/30 up to 0.66667; 16/30 up to 0.53334 */
        {"and again, with another", "graduated", ITEMS, AGGREGATION_UNIQUE, 30, 30,
         "10:+a 12:~a 14:+a 15:+b 16:+b", "2", "159.3334"},
        /* 17 + 13 of 31 days, both in the first tier: up to 0.96775 */
        {"after a removal another one", "graduated", ITEMS, AGGREGATION_UNIQUE, 31, 31,
         "0:+a 17:~a 19:+b", "1", "109.6775"},
        {"back on the day of its removal", "graduated", ITEMS, AGGREGATION_UNIQUE, 30, 30,
         "0:+a 10:~a 10:+a", "1", "110"},
        {"removed before", "graduated", ITEMS, AGGREGATION_UNIQUE, 30, 30, "-5:+a 0:~a 11:+b", "1",
         "106.6667"},
        {"a removal of nothing", "graduated", ITEMS, AGGREGATION_UNIQUE, 30, 30, "5:~a 5:~a", "0",
         "100"},
        /* 100 + 200 x 14.79/30 would be 198.6: here 100 x 30 + 200 x 15 = 6000/30 = 200, at the
         * third tier's 0.5, and 50 */
        {"volume by the units at the end", "volume", VOLUME, AGGREGATION_SUM, 30, 30,
         "0:100 16:200", "300", "150"},
    };
    arena_init(&arena);
    EACH(c, cases) {
        struct charge model = charge(c->model, c->properties);
        struct price price = price_of(&model, c->aggregation, PRORATION_DAYS, c->days,
                                      c->billed_days, c->events, c->units);
        CHECK_STR(decimal_text(&arena, price.amount), c->price);
    }
    arena_clear(&arena);
}

/* Months of 30 days: of 31, an event of the 16th has 15 of 30 days; without proration any day is
 * all. */
TEST(prorated_by_the_plans_days)
{
    arena_init(&arena);
    struct charge model = charge("standard", STANDARD_1);
    struct price half = price_of(&model, AGGREGATION_SUM, PRORATION_FIXED_30, 30, 30, "16:2", "2");
    CHECK_STR(decimal_text(&arena, half.amount), "1");
    struct price all = price_of(&model, AGGREGATION_SUM, PRORATION_NONE, 30, 30, "16:2", "2");
    CHECK_STR(decimal_text(&arena, all.amount), "2");
    arena_clear(&arena);
}

/* Without values all units are there all the time, as in an estimate. */
TEST(prorated_without_days_is_whole)
{
    struct price price;
    arena_init(&arena);
    struct charge model = charge("graduated", TIERS);
    struct charge_use use = {.units = decimal_of(7)};
    REQUIRE(charge_price(&arena, &model, &use, &price) == ERR_NONE);
    CHECK_STR(decimal_text(&arena, price.amount), "210"); /* 5 x 10 + 100 + 2 x 5 + 50 */
    arena_clear(&arena);
}

/* Many items: the table grows; each of 100 for 1 of 30 days: 100/30 up to 3.33334. */
TEST(prorated_of_many_items)
{
    struct buf events;
    arena_init(&arena);
    buf_init(&events, &arena, 10000);
    for (int i = 0; i < 100; i++)
        buf_add(&events, arena_fmt(&arena, "%s30:+item%d", i == 0 ? "" : " ", i));
    struct charge model = charge("standard", STANDARD_1);
    struct price price = price_of(&model, AGGREGATION_UNIQUE, PRORATION_DAYS, 30, 30,
                                  arena_cstr(&arena, buf_str(&events)), "100");
    CHECK_STR(decimal_text(&arena, price.amount), "3.33334");
    arena_clear(&arena);
}
