#include "base/json_read.h"
#include "core/pricing/charge.h"
#include "tests/test.h"

/* Tiers in short, "10:1.5:2 100:1:0 *:0.5:0": up to, per unit, flat. */
static struct charge tiered(struct arena *arena, enum charge_model model, const char *text)
{
    struct charge charge = {.model = model};
    struct str rest = str_of(text);
    struct str word, part;
    charge.tiers = ARENA_ARRAY(arena, 8, struct tier);
    while (str_split(&rest, ' ', &word)) {
        struct tier *tier = &charge.tiers[charge.tier_count++];
        tier->from = tier->up_to = DECIMAL_NONE;
        REQUIRE(str_split(&word, ':', &part));
        if (!str_eq(part, STR("*")))
            REQUIRE(decimal_parse(part, &tier->up_to) == ERR_NONE);
        REQUIRE(str_split(&word, ':', &part) && decimal_parse(part, &tier->per_unit) == ERR_NONE);
        REQUIRE(str_split(&word, ':', &part) && decimal_parse(part, &tier->flat) == ERR_NONE);
    }
    return charge;
}

static struct charge packaged(const char *amount, const char *size, const char *free_units)
{
    return (struct charge){.model = CHARGE_PACKAGE,
                           .amount = decimal_lit(amount),
                           .package_size = decimal_lit(size),
                           .free_units = decimal_lit(free_units)};
}

static struct decimal price_of(struct arena *arena, const struct charge *charge, const char *units)
{
    struct price price;
    REQUIRE(charge_price(arena, charge, &(struct charge_use){.units = decimal_lit(units)},
                         &price) == ERR_NONE);
    return price.amount;
}

/* The billing rules' worked examples, the scenarios, and what Python's decimal makes of the rest.
 */
TEST(charge_tier_prices)
{
    static const char rules_1[] = "10:10:2 20:5:3 *:5:3";
    static const char rules_3[] = "100:2:10 200:1:0 *:0.5:50";
    static const char rules_28[] = "10:1.5:0 110:1:0 *:0.5:0";
    static const char rules_34[] = "5:0:100 10:0:50 15:5:0 *:1:0";
    static const char csp[] = "10:0:0 50:0.10:0 *:0.20:0";
    static const char azure[] = "100:1.00:0 100000:0.80:0 *:0.50:0";
    static const char calls[] = "10:5:100 *:2:50";
    static const char fine[] = "0.5:0.000001234567890123:0 1.25:7.1:0.333 "
                               "*:0.000000000000000000001:0";
    // clang-format off
    static const struct {
        const char *name; enum charge_model model; const char *tiers, *units, *want;
    } cases[] = {
        {"first flat fee at 0",     CHARGE_GRADUATED, rules_1,  "0",      "2"},
        {"one unit",                CHARGE_GRADUATED, rules_1,  "1",      "12"},
        {"end of first tier",       CHARGE_GRADUATED, rules_1,  "10",     "102"},
        {"half of a unit over it",  CHARGE_GRADUATED, rules_1,  "10.5",   "107.5"},
        {"second tier",             CHARGE_GRADUATED, rules_1,  "11",     "110"},
        {"two units into it",       CHARGE_GRADUATED, rules_1,  "12",     "115"},
        {"third tier",              CHARGE_GRADUATED, rules_1,  "21",     "163"},
        {"a millionth of a unit",   CHARGE_GRADUATED, rules_1,  "0.000001", "2.00001"},
        {"below 0",                 CHARGE_GRADUATED, rules_1,  "-5",     "2"},
        {"all tiers",               CHARGE_GRADUATED, rules_28, "111",    "115.5"},
        {"flat tiers, nothing used",CHARGE_GRADUATED, rules_34, "0",      "100"},
        {"flat tiers, at a bound",  CHARGE_GRADUATED, rules_34, "5",      "100"},
        {"flat tiers, 10",          CHARGE_GRADUATED, rules_34, "10",     "150"},
        {"flat tiers, 12",          CHARGE_GRADUATED, rules_34, "12",     "160"},
        {"flat tiers, 22",          CHARGE_GRADUATED, rules_34, "22",     "182"},
        {"10 free, then dearer",    CHARGE_GRADUATED, csp,      "130",    "20"},
        {"Azure meter, 101",        CHARGE_GRADUATED, azure,    "101",    "100.80"},
        {"Azure meter, 100001",     CHARGE_GRADUATED, azure,    "100001", "80020.50"},
        {"fine prices, first",      CHARGE_GRADUATED, fine,     "0.5",    "0.0000006172839450615"},
        {"fine prices, second",     CHARGE_GRADUATED, fine,     "0.75",   "2.1080006172839450615"},
        {"fine prices, third",      CHARGE_GRADUATED, fine,     "2.5",    "5.65800061728394506150125"},
        {"no usage, flat 100",      CHARGE_GRADUATED, "10:2:100 *:1:50", "0", "100"},
        {"only one tier",           CHARGE_GRADUATED, "*:3:1",  "4",      "13"},
        {"volume at 0",             CHARGE_VOLUME,    rules_3,  "0",      "10"},
        {"volume of 1",             CHARGE_VOLUME,    rules_3,  "1",      "12"},
        {"volume at a bound",       CHARGE_VOLUME,    rules_3,  "100",    "210"},
        {"volume just over it",     CHARGE_VOLUME,    rules_3,  "100.5",  "100.5"},
        {"volume of 101",           CHARGE_VOLUME,    rules_3,  "101",    "101"},
        {"volume of 200",           CHARGE_VOLUME,    rules_3,  "200",    "200"},
        {"volume a hair over",      CHARGE_VOLUME,    rules_3,  "200.000000001", "150.0000000005"},
        {"volume of 300",           CHARGE_VOLUME,    rules_3,  "300",    "200"},
        {"volume below 0",          CHARGE_VOLUME,    rules_3,  "-1",     "10"},
        {"top tier",                CHARGE_VOLUME,    rules_28, "111",    "55.5"},
        {"same table as volume",    CHARGE_VOLUME,    csp,      "130",    "26"},
        {"five calls",              CHARGE_VOLUME,    calls,    "5",      "125"},
        {"fifteen calls",           CHARGE_VOLUME,    calls,    "15",     "80"},
        {"fine prices as volume",   CHARGE_VOLUME,    fine,     "1000000","0.000000000000001"},
        {"only one, as volume",     CHARGE_VOLUME,    "*:3:1",  "4",      "13"},
    };
    // clang-format on
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases) {
        struct charge charge = tiered(&arena, c->model, c->tiers);
        CHECK(decimal_eq(price_of(&arena, &charge, c->units), decimal_lit(c->want)));
    }
    arena_clear(&arena);
}

/* The established engine's own published cases for its three tiers (lago-api,
 * graduated_percentage_service_spec.rb), its scenario, and hand computations. */
TEST(charge_percentage_tier_prices)
{
    static const char published[] = "10:1:200 20:2:300 *:3:400";
    static const char scenario[] = "100:5:0 *:2:10";
    static const char fine[] = "0.5:0.125:0 *:33.3333:0";
    // clang-format off
    static const struct { const char *name, *tiers, *units, *want; } cases[] = {
        {"nothing used: no flat amount",  published, "0",     "0"},
        {"below 0",                       published, "-7",    "0"},
        {"200 + 1 x 1%",                  published, "1",     "200.01"},
        {"200 + 10 x 1%",                 published, "10",    "200.1"},
        {"+ 300 + 1 x 2%",                published, "11",    "500.12"},
        {"+ 300 + 2 x 2%",                published, "12",    "500.14"},
        {"+ 400 + 1 x 3%",                published, "21",    "900.33"},
        {"half of a unit over a bound",   published, "10.5",  "500.11"},
        {"50 x 5%",                       scenario,  "50",    "2.5"},
        {"100 x 5% + 10 + 150 x 2%",      scenario,  "250",   "18"},
        {"0.5 x 0.125% + 2 x 33.3333%",   fine,      "2.5",   "0.667291"},
    };
    // clang-format on
    struct arena arena;
    struct price price;
    arena_init(&arena);
    EACH(c, cases) {
        struct charge charge = tiered(&arena, CHARGE_GRADUATED_PERCENTAGE, c->tiers);
        CHECK(decimal_eq(price_of(&arena, &charge, c->units), decimal_lit(c->want)));
    }
    struct charge charge = tiered(&arena, CHARGE_GRADUATED_PERCENTAGE, published);
    REQUIRE(charge_price(&arena, &charge, &(struct charge_use){.units = decimal_lit("12")},
                         &price) == ERR_NONE);
    REQUIRE(price.step_count == 2);
    CHECK_STR(price_step_text(&arena, &price.steps[1]), "tier 2: 2 units at 2% plus 300");
    CHECK_STR(price_step_inputs(&arena, &price.steps[1]),
              "{\"op\":\"units * rate / 100 + "
              "flat_amount\",\"units\":\"2\",\"rate\":\"2\",\"flat_amount\":\"300\"}");
    CHECK(decimal_eq(price.steps[1].result, decimal_lit("300.04")));
    arena_clear(&arena);
}

/* The guide's worked examples (docs/guide/metrics-and-charges.md). */
TEST(charge_capacity_prices)
{
    // clang-format off
    static const struct { const char *name, *capacity, *amount, *overage, *units, *want; } cases[] = {
        {"within the capacity", "100",  "50",   "0.60", "80",     "50"},
        {"37.5 GB above",       "100",  "50",   "0.60", "137.5",  "72.5"},
        {"312.4 Mbit/s above",  "1000", "800",  "1.25", "1312.4", "1190.5"},
        {"nothing used",        "1000", "800",  "1.25", "0",      "800"},
        {"below 0",             "1000", "800",  "1.25", "-3",     "800"},
        {"just the capacity",   "1000", "800",  "1.25", "1000",   "800"},
        {"a millionth above",   "1000", "800",  "1.25", "1000.000001", "800.00000125"},
        {"a free capacity",     "0.5",  "0",    "3",    "2",      "4.5"},
    };
    // clang-format on
    struct arena arena;
    struct price price;
    arena_init(&arena);
    EACH(c, cases) {
        struct charge charge = {.model = CHARGE_CAPACITY,
                                .capacity = decimal_lit(c->capacity),
                                .amount = decimal_lit(c->amount),
                                .overage = decimal_lit(c->overage)};
        CHECK(decimal_eq(price_of(&arena, &charge, c->units), decimal_lit(c->want)));
    }
    struct charge charge = {.model = CHARGE_CAPACITY,
                            .capacity = decimal_lit("100"),
                            .amount = decimal_lit("50"),
                            .overage = decimal_lit("0.6")};
    REQUIRE(charge_price(&arena, &charge, &(struct charge_use){.units = decimal_lit("137.5")},
                         &price) == ERR_NONE);
    REQUIRE(price.step_count == 2);
    CHECK_STR(price_step_text(&arena, &price.steps[0]), "capacity of 100 units at 50");
    CHECK_STR(price_step_inputs(&arena, &price.steps[0]),
              "{\"op\":\"amount\",\"capacity\":\"100\",\"amount\":\"50\"}");
    CHECK_STR(price_step_text(&arena, &price.steps[1]), "137.5 units less 100 of capacity at 0.6");
    CHECK(decimal_eq(price.steps[1].result, decimal_lit("22.5")));
    arena_clear(&arena);
}

TEST(charge_package_prices)
{
    // clang-format off
    static const struct { const char *name, *amount, *size, *free, *units, *want; } cases[] = {
        {"a started package",       "100", "10",  "0",   "3",         "100"},
        {"within the free units",   "100", "10",  "5",   "3",         "0"},
        {"just the free units",     "100", "10",  "5",   "5",         "0"},
        {"one beyond",              "100", "10",  "5",   "6",         "100"},
        {"12 with 5 free",          "100", "10",  "5",   "12",        "100"},
        {"16 with 5 free",          "100", "10",  "5",   "16",        "200"},
        {"nothing used",            "5",   "10",  "0",   "0",         "0"},
        {"a thousandth of a unit",  "5",   "10",  "0",   "0.001",     "5"},
        {"a full package",          "5",   "10",  "0",   "10",        "5"},
        {"a millionth more",        "5",   "10",  "0",   "10.000001", "10"},
        {"blocks of 100: 401",      "1",   "100", "0",   "401",       "5"},
        {"blocks of 100: 100",      "1",   "100", "0",   "100",       "1"},
        {"odd sizes",     "0.123456789",   "0.7", "1.5", "10",        "1.604938257"},
        {"below 0",                 "5",   "10",  "0",   "-3",        "0"},
        {"34 digits of units",      "1",   "3",   "0",
         "9999999999999999999999999999999999", "3333333333333333333333333333333333"},
    };
    // clang-format on
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases) {
        struct charge charge = packaged(c->amount, c->size, c->free);
        CHECK(decimal_eq(price_of(&arena, &charge, c->units), decimal_lit(c->want)));
    }
    arena_clear(&arena);
}

TEST(charge_standard_prices)
{
    // clang-format off
    static const struct { const char *name, *amount, *units, *want; } cases[] = {
        {"four at 12.50",      "12.5",  "4",   "50"},
        {"aws hours",          "0.08",  "100", "8"},
        {"gcp hours",          "0.10",  "200", "20"},
        {"free",               "0",     "200", "0"},
        {"nothing used",       "12.5",  "0",   "0"},
        {"below 0",            "12.5",  "-4",  "0"},
        {"eight times 1.4 c",  "0.014", "8",   "0.112"},
        {"exact, 34 digits",   "0.000000000000001", "1234567890123456789", "1234.567890123456789"},
    };
    // clang-format on
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases) {
        struct charge charge = {.model = CHARGE_STANDARD, .amount = decimal_lit(c->amount)};
        CHECK(decimal_eq(price_of(&arena, &charge, c->units), decimal_lit(c->want)));
    }
    arena_clear(&arena);
}

/* MOST is the largest whole number of 34 digits: half of a unit more is one digit too many.  Each
 * case is too large in another place. */
#define MOST "9999999999999999999999999999999999"

TEST(charge_too_large)
{
    struct arena arena;
    arena_init(&arena);
    struct charge cases[] = {
        {.model = CHARGE_STANDARD, .amount = decimal_lit("0.7000000000000000000000000000000007")},
        tiered(&arena, CHARGE_GRADUATED, "*:0.7000000000000000000000000000000007:0"),
        tiered(&arena, CHARGE_GRADUATED, "1:1:0 *:1E-39:5"),
        tiered(&arena, CHARGE_VOLUME, "*:0.7000000000000000000000000000000007:0"),
        packaged("0.7000000000000000000000000000000007", "1", "0"),
        packaged("1", "1", "0.0000000000000000000000000000000001"),
        {.model = CHARGE_CAPACITY,
         .capacity = DECIMAL_ONE,
         .amount = DECIMAL_ONE,
         .overage = decimal_lit("0.7000000000000000000000000000000007")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct price price;
        CHECK_INT(charge_price(&arena, &cases[i],
                               &(struct charge_use){.units = decimal_lit("12345678901")}, &price),
                  ERR_OVERFLOW);
    }
    arena_clear(&arena);
}

TEST(charge_too_large_along_the_way)
{
    struct arena arena;
    arena_init(&arena);
    const struct {
        const char *name;
        struct charge charge;
        const char *units;
    } cases[] = {
        {"the units of a tier", tiered(&arena, CHARGE_GRADUATED, "0.5:0:0 *:1:0"), MOST},
        {"a tier's price and its flat amount", tiered(&arena, CHARGE_GRADUATED, "*:1:0.5"), MOST},
        {"the second tier on the first", tiered(&arena, CHARGE_GRADUATED, "1:0:" MOST " *:0.5:0"),
         "2"},
        {"a volume's price and its flat amount", tiered(&arena, CHARGE_VOLUME, "*:1:0.5"), MOST},
        {"a capacity's excess",
         {.model = CHARGE_CAPACITY,
          .capacity = decimal_lit("0.5"),
          .amount = DECIMAL_ZERO,
          .overage = DECIMAL_ONE},
         MOST},
        {"the excess on the capacity",
         {.model = CHARGE_CAPACITY,
          .capacity = DECIMAL_ONE,
          .amount = decimal_lit(MOST),
          .overage = decimal_lit("0.5")},
         "2"},
        {"how many packages", packaged("0", "0.5", "0"), MOST},
    };
    EACH(c, cases) {
        struct price price;
        CHECK_INT(charge_price(&arena, &c->charge,
                               &(struct charge_use){.units = decimal_lit(c->units)}, &price),
                  ERR_OVERFLOW);
    }
    arena_clear(&arena);
}

/* ---- steps ----------------------------------------------------------------------------------- */

TEST(charge_steps_say_what_was_done)
{
    struct arena arena;
    struct price price;
    arena_init(&arena);
    struct charge graduated = tiered(&arena, CHARGE_GRADUATED, "10:10:2 20:5:3 *:5:3");
    REQUIRE(charge_price(&arena, &graduated, &(struct charge_use){.units = decimal_lit("12.5")},
                         &price) == ERR_NONE);
    REQUIRE(price.step_count == 2);
    CHECK_STR(price_step_text(&arena, &price.steps[0]), "tier 1: 10 units at 10 plus 2");
    CHECK_STR(price_step_inputs(&arena, &price.steps[0]),
              "{\"op\":\"units * unit_amount + "
              "flat_amount\",\"units\":\"10\",\"unit_amount\":\"10\",\"flat_amount\":\"2\"}");
    CHECK(decimal_eq(price.steps[0].result, decimal_lit("102")));
    CHECK_STR(price_step_text(&arena, &price.steps[1]), "tier 2: 2.5 units at 5 plus 3");
    CHECK(decimal_eq(price.steps[1].result, decimal_lit("15.5")));
    CHECK(decimal_eq(price.amount, decimal_lit("117.5")));

    struct charge volume = tiered(&arena, CHARGE_VOLUME, "10:5:100 *:2:50");
    REQUIRE(charge_price(&arena, &volume, &(struct charge_use){.units = decimal_lit("15")},
                         &price) == ERR_NONE);
    REQUIRE(price.step_count == 1);
    CHECK_STR(price_step_text(&arena, &price.steps[0]), "tier 2: all 15 units at 2 plus 50");

    struct charge package = packaged("100", "10", "5");
    REQUIRE(charge_price(&arena, &package, &(struct charge_use){.units = decimal_lit("16")},
                         &price) == ERR_NONE);
    REQUIRE(price.step_count == 1);
    CHECK_STR(price_step_text(&arena, &price.steps[0]),
              "16 units less 5 free: 2 started packages of 10 at 100");
    CHECK_STR(price_step_inputs(&arena, &price.steps[0]),
              "{\"op\":\"ceil(max(units - free_units, 0) / package_size, 0) * package_amount\","
              "\"units\":\"16\",\"free_units\":\"5\",\"packages\":\"2\",\"package_size\":\"10\","
              "\"package_amount\":\"100\"}");

    struct charge standard = {.model = CHARGE_STANDARD, .amount = decimal_lit("12.5")};
    REQUIRE(charge_price(&arena, &standard, &(struct charge_use){.units = decimal_lit("4")},
                         &price) == ERR_NONE);
    REQUIRE(price.step_count == 1);
    CHECK_STR(price_step_text(&arena, &price.steps[0]), "4 units at 12.5");
    CHECK_STR(price_step_inputs(&arena, &price.steps[0]),
              "{\"op\":\"units * unit_amount\",\"units\":\"4\",\"unit_amount\":\"12.5\"}");
    arena_clear(&arena);
}

/* ---- properties ------------------------------------------------------------------------------ */

/* Whole units, whole prices: unit by unit, as one would count them. */
struct whole_tier {
    int64_t up_to, per_unit, flat;
};

static int64_t graduated_by_hand(const struct whole_tier *tiers, size_t count, int64_t units)
{
    int64_t amount = tiers[0].flat;
    size_t at = 0;
    for (int64_t unit = 1; unit <= units; unit++) {
        if (at + 1 < count && unit > tiers[at].up_to)
            amount += tiers[++at].flat;
        amount += tiers[at].per_unit;
    }
    return amount;
}

static int64_t volume_by_hand(const struct whole_tier *tiers, size_t count, int64_t units)
{
    size_t at = 0;
    while (at + 1 < count && units > tiers[at].up_to)
        at++;
    return units * tiers[at].per_unit + tiers[at].flat;
}

static int64_t whole(struct decimal value)
{
    int64_t number = 0;
    REQUIRE(decimal_to_int64(value, &number) == ERR_NONE);
    return number;
}

TEST(charge_prices_as_counted_by_hand)
{
    struct arena arena;
    arena_init(&arena);
    for (int i = 0; i < 500; i++) {
        struct whole_tier tiers[6];
        struct charge charge = {.model = CHARGE_GRADUATED};
        int64_t low = 0;
        arena_reset(&arena);
        charge.tier_count = (size_t)test_between(1, 6);
        charge.tiers = ARENA_ARRAY(&arena, charge.tier_count, struct tier);
        for (size_t j = 0; j < charge.tier_count; j++) {
            low += test_between(1, 30);
            tiers[j] = (struct whole_tier){low, test_between(0, 20), test_between(0, 100)};
            bool last = j + 1 == charge.tier_count;
            charge.tiers[j] =
                (struct tier){DECIMAL_NONE, last ? DECIMAL_NONE : decimal_of(low),
                              decimal_of(tiers[j].per_unit), decimal_of(tiers[j].flat)};
        }
        int64_t units = test_between(0, low + 20);
        struct price price;
        REQUIRE(charge_price(&arena, &charge, &(struct charge_use){.units = decimal_of(units)},
                             &price) == ERR_NONE);
        REQUIRE(whole(price.amount) == graduated_by_hand(tiers, charge.tier_count, units));
        charge.model = CHARGE_VOLUME;
        REQUIRE(charge_price(&arena, &charge, &(struct charge_use){.units = decimal_of(units)},
                             &price) == ERR_NONE);
        REQUIRE(whole(price.amount) == volume_by_hand(tiers, charge.tier_count, units));
        int64_t size = test_between(1, 20), free_units = test_between(0, 20);
        int64_t left = units > free_units ? units - free_units : 0;
        struct charge package = {.model = CHARGE_PACKAGE,
                                 .amount = decimal_of(7),
                                 .package_size = decimal_of(size),
                                 .free_units = decimal_of(free_units)};
        REQUIRE(charge_price(&arena, &package, &(struct charge_use){.units = decimal_of(units)},
                             &price) == ERR_NONE);
        REQUIRE(whole(price.amount) == 7 * ((left + size - 1) / size));
    }
    arena_clear(&arena);
}

static struct decimal draw(int64_t most, int decimals)
{
    struct decimal value;
    REQUIRE(decimal_scale(decimal_of(test_between(0, most)), -decimals, &value) == ERR_NONE);
    return value;
}

static bool is_json(struct arena *arena, struct str text)
{
    struct str error;
    return json_is_valid(arena, text, &error);
}

/* Steps add up to the amount and their inputs are JSON; the graduated steps use every unit once;
 * more units never cost less by graduated tiers or packages. */
TEST(charge_steps_add_up)
{
    struct arena arena;
    arena_init(&arena);
    for (int i = 0; i < 500; i++) {
        struct charge charge = {
            .model = (enum charge_model)test_between(CHARGE_STANDARD, CHARGE_PACKAGE),
            .amount = draw(1000000, 6),
            .package_size = draw(100000, 2),
            .free_units = draw(100000, 2)};
        struct decimal low = DECIMAL_ZERO, more, sum = DECIMAL_ZERO;
        struct price price, dearer;
        arena_reset(&arena);
        charge.package_size = decimal_max(charge.package_size, DECIMAL_ONE);
        charge.tier_count = (size_t)test_between(1, 6);
        charge.tiers = ARENA_ARRAY(&arena, charge.tier_count, struct tier);
        for (size_t j = 0; j < charge.tier_count; j++) {
            struct tier *tier = &charge.tiers[j];
            REQUIRE(decimal_add(low, draw(100000, 3), &low) == ERR_NONE);
            REQUIRE(decimal_add(low, decimal_lit("0.001"), &low) == ERR_NONE);
            *tier = (struct tier){DECIMAL_NONE, low, draw(1000000, 9), draw(1000, 2)};
            if (j + 1 == charge.tier_count)
                tier->up_to = DECIMAL_NONE;
        }
        struct decimal units = draw(1000000, 4);
        REQUIRE(decimal_add(units, draw(1000, 4), &more) == ERR_NONE);
        REQUIRE(charge_price(&arena, &charge, &(struct charge_use){.units = units}, &price) ==
                ERR_NONE);
        REQUIRE(charge_price(&arena, &charge, &(struct charge_use){.units = more}, &dearer) ==
                ERR_NONE);
        for (size_t j = 0; j < price.step_count; j++) {
            REQUIRE(decimal_add(sum, price.steps[j].result, &sum) == ERR_NONE);
            REQUIRE(is_json(&arena, price_step_inputs(&arena, &price.steps[j])));
        }
        REQUIRE(price.step_count > 0 && decimal_eq(sum, price.amount));
        if (charge.model != CHARGE_VOLUME)
            REQUIRE(decimal_cmp(dearer.amount, price.amount) >= 0);
    }
    arena_clear(&arena);
}
