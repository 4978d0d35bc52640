/* What holds of all prices, drawn at random: continuity, and models that are one in a special case.
 */
#include "core/pricing/charge.h"
#include "tests/test.h"

#define ROUNDS 500

static struct arena arena;

static struct decimal draw(int64_t max, int decimals)
{
    struct decimal value;
    REQUIRE(decimal_scale(decimal_of(test_between(0, max)), -decimals, &value) == ERR_NONE);
    return value;
}

static struct decimal plus(struct decimal a, struct decimal b)
{
    struct decimal sum;
    REQUIRE(decimal_add(a, b, &sum) == ERR_NONE);
    return sum;
}

static struct decimal times(struct decimal a, struct decimal b)
{
    struct decimal product;
    REQUIRE(decimal_mul(a, b, &product) == ERR_NONE);
    return product;
}

static struct decimal amount(const struct charge *charge, struct decimal units)
{
    struct price price;
    REQUIRE(charge_price(&arena, charge, &(struct charge_use){.units = units}, &price) == ERR_NONE);
    return price.amount;
}

/* Without flat amounts. */
static struct charge tiered(enum charge_model model)
{
    struct charge charge = {.model = model, .tier_count = (size_t)test_between(1, 6)};
    struct decimal low = DECIMAL_ZERO;
    charge.tiers = ARENA_ARRAY(&arena, charge.tier_count, struct tier);
    for (size_t i = 0; i < charge.tier_count; i++) {
        low = plus(low, plus(draw(100000, 3), decimal_lit("0.001")));
        charge.tiers[i] = (struct tier){DECIMAL_NONE, low, draw(1000000, 6), DECIMAL_ZERO};
    }
    charge.tiers[charge.tier_count - 1].up_to = DECIMAL_NONE;
    return charge;
}

/* A step over a bound costs the step at the next tier's price, and a step up to it at its own. */
TEST(graduated_is_continuous_where_flat_amounts_are_0)
{
    arena_init(&arena);
    for (int i = 0; i < ROUNDS; i++) {
        arena_reset(&arena);
        struct charge charge = tiered(CHARGE_GRADUATED);
        struct decimal step = decimal_lit("0.0001");
        for (size_t k = 0; k + 1 < charge.tier_count; k++) {
            struct decimal bound = charge.tiers[k].up_to;
            struct decimal at = amount(&charge, bound);
            struct decimal behind = amount(&charge, plus(bound, step));
            struct decimal before = amount(&charge, plus(bound, decimal_neg(step)));
            CHECK(decimal_eq(behind, plus(at, times(step, charge.tiers[k + 1].per_unit))));
            CHECK(decimal_eq(at, plus(before, times(step, charge.tiers[k].per_unit))));
        }
    }
    arena_clear(&arena);
}

TEST(tiers_of_one_price_are_the_standard_price)
{
    arena_init(&arena);
    for (int i = 0; i < ROUNDS; i++) {
        arena_reset(&arena);
        struct charge graduated = tiered(CHARGE_GRADUATED);
        struct charge volume = graduated;
        struct charge standard = {.model = CHARGE_STANDARD, .amount = draw(1000000, 6)};
        struct decimal units = draw(1000000, 4);
        volume.model = CHARGE_VOLUME;
        for (size_t k = 0; k < graduated.tier_count; k++)
            graduated.tiers[k].per_unit = standard.amount;
        CHECK(decimal_eq(amount(&graduated, units), amount(&standard, units)));
        CHECK(decimal_eq(amount(&volume, units), amount(&standard, units)));
    }
    arena_clear(&arena);
}

/* Graduated prices lie between those of the cheapest and the dearest tier for all units. */
TEST(graduated_lies_between_its_tiers)
{
    arena_init(&arena);
    for (int i = 0; i < ROUNDS; i++) {
        arena_reset(&arena);
        struct charge charge = tiered(CHARGE_GRADUATED);
        struct decimal least = charge.tiers[0].per_unit;
        struct decimal most = least;
        struct decimal units = draw(1000000, 4);
        for (size_t k = 1; k < charge.tier_count; k++) {
            least = decimal_min(least, charge.tiers[k].per_unit);
            most = decimal_max(most, charge.tiers[k].per_unit);
        }
        struct decimal price = amount(&charge, units);
        CHECK(decimal_cmp(price, times(units, least)) >= 0);
        CHECK(decimal_cmp(price, times(units, most)) <= 0);
    }
    arena_clear(&arena);
}

/* A part of a unit costs a whole package; one package more for each unit. */
TEST(packages_of_one_are_units_rounded_up)
{
    arena_init(&arena);
    for (int i = 0; i < ROUNDS; i++) {
        struct decimal units = draw(1000000, 3);
        struct decimal whole;
        struct charge package = {.model = CHARGE_PACKAGE,
                                 .amount = draw(1000000, 6),
                                 .package_size = DECIMAL_ONE,
                                 .free_units = DECIMAL_ZERO};
        arena_reset(&arena);
        REQUIRE(decimal_round(units, 0, ROUND_CEILING, &whole) == ERR_NONE);
        CHECK(decimal_eq(amount(&package, units), times(package.amount, whole)));
    }
    arena_clear(&arena);
}

/* Percent of money is a hundredth of that price, and no flat amount stands in the way. */
TEST(percentage_tiers_are_graduated_prices_by_hundred)
{
    arena_init(&arena);
    for (int i = 0; i < ROUNDS; i++) {
        arena_reset(&arena);
        struct charge prices = tiered(CHARGE_GRADUATED);
        struct charge rates = prices;
        struct decimal units = draw(1000000, 4);
        rates.model = CHARGE_GRADUATED_PERCENTAGE;
        CHECK(decimal_eq(times(amount(&rates, units), decimal_of(100)), amount(&prices, units)));
    }
    arena_clear(&arena);
}

/* ---- the same in whole numbers --------------------------------------------------------------- */

__extension__ typedef __int128 int128;

/* A value of up to 9 decimals as a whole number of 10^-9. */
static int128 billionths(struct decimal value)
{
    struct decimal scaled;
    int64_t number = 0;
    REQUIRE(decimal_scale(value, 9, &scaled) == ERR_NONE);
    REQUIRE(decimal_to_int64(scaled, &number) == ERR_NONE);
    return number;
}

/* The product of two such, as a decimal. */
static struct decimal from_whole(int128 value)
{
    int128 unit = 1000000000000000000; /* 10^18 */
    struct decimal rest;
    REQUIRE(decimal_scale(decimal_of((int64_t)(value % unit)), -18, &rest) == ERR_NONE);
    return plus(decimal_of((int64_t)(value / unit)), rest);
}

/* Tiers with flat amounts, counted in billionths by whole numbers of 128 bits: no decimal takes
 * part in it, so digits, scales and bounds of decimals are checked against what can't round. */
TEST(graduated_as_in_whole_numbers)
{
    arena_init(&arena);
    for (int i = 0; i < 4 * ROUNDS; i++) {
        int128 total = 0, low = 0;
        arena_reset(&arena);
        struct charge charge = tiered(CHARGE_GRADUATED);
        struct decimal units = draw(600000000, (int)test_between(0, 9));
        int128 used = billionths(units);
        for (size_t k = 0; k < charge.tier_count; k++) {
            struct tier *tier = &charge.tiers[k];
            tier->flat = draw(1000000, (int)test_between(0, 4));
            bool is_last = k + 1 == charge.tier_count;
            int128 bound = is_last ? used : billionths(tier->up_to);
            int128 top = bound < used ? bound : used;
            if (k == 0 || used > low)
                total +=
                    (top - low) * billionths(tier->per_unit) + billionths(tier->flat) * 1000000000;
            low = bound;
        }
        CHECK(decimal_eq(amount(&charge, units), from_whole(total)));
    }
    arena_clear(&arena);
}
