/* graduated.c - each unit by its own tier: at a price, or at a percentage of it. */
#include "core/pricing/charge.h"

#include "base/assert.h"

static const struct price_form at_price = {
    "tier {#}: {units} units at {unit_amount} plus {flat_amount}",
    {"units", "unit_amount", "flat_amount"},
    "units * unit_amount + flat_amount"};
static const struct price_form at_rate = {"tier {#}: {units} units at {rate}% plus {flat_amount}",
                                          {"units", "rate", "flat_amount"},
                                          "units * rate / 100 + flat_amount"};

/* The units above `low` that fall into the tier. */
static enum err units_in(const struct tier *tier, struct decimal low, struct decimal units,
                         struct decimal *inside)
{
    struct decimal top = decimal_is_none(tier->up_to) ? units : decimal_min(units, tier->up_to);
    return decimal_sub(top, low, inside);
}

/* `power` of ten that a unit's price is of per_unit: 0, or -2 for percent. */
static enum err add_tier(struct arena *arena, const struct price_form *form, size_t number,
                         const struct tier *tier, int power, struct decimal inside,
                         struct price *price)
{
    struct price_step step = {
        .form = form, .number = number, .inputs = {inside, tier->per_unit, tier->flat}};
    struct decimal product;
    TRY(decimal_mul(inside, tier->per_unit, &product));
    if (power != 0)
        TRY(decimal_scale(product, power, &product));
    TRY(decimal_add(product, tier->flat, &step.result));
    return price_add_step(arena, price, &step);
}

static enum err price_tiers(struct arena *arena, const struct charge *charge,
                            const struct price_form *form, int power, struct decimal units,
                            struct price *price)
{
    struct decimal low = DECIMAL_ZERO;
    ASSERT(charge->tier_count > 0);
    for (size_t i = 0; i < charge->tier_count; i++) {
        const struct tier *tier = &charge->tiers[i];
        struct decimal inside;
        if (i > 0 && decimal_cmp(units, low) <= 0)
            break;
        TRY(units_in(tier, low, units, &inside));
        TRY(add_tier(arena, form, i + 1, tier, power, inside, price));
        low = tier->up_to;
        if (decimal_is_none(low))
            break;
    }
    return ERR_NONE;
}

enum err price_graduated(struct arena *arena, const struct charge *charge, struct decimal units,
                         struct price *price)
{
    return price_tiers(arena, charge, &at_price, 0, units, price);
}

/* Unlike a graduated price, no tier is entered at 0 units. */
enum err price_graduated_percentage(struct arena *arena, const struct charge *charge,
                                    struct decimal units, struct price *price)
{
    static const struct price_form nothing = {"no units", {"units"}, "0 * units"};
    if (decimal_is_zero(units))
        return price_add_step(
            arena, price,
            &(struct price_step){.form = &nothing, .inputs = {units}, .result = DECIMAL_ZERO});
    return price_tiers(arena, charge, &at_rate, -2, units, price);
}
