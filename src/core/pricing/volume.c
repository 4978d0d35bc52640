#include "core/pricing/charge.h"

#include "base/assert.h"

static const struct price_form all_units = {
    "tier {#}: all {units} units at {unit_amount} plus {flat_amount}",
    {"units", "unit_amount", "flat_amount"},
    "units * unit_amount + flat_amount"};

enum err price_volume(struct arena *arena, const struct charge *charge, struct decimal units,
                      struct price *price)
{
    size_t reached = 0;
    struct decimal product;
    ASSERT(charge->tier_count > 0);
    while (reached + 1 < charge->tier_count && decimal_cmp(units, charge->tiers[reached].up_to) > 0)
        reached++;
    const struct tier *tier = &charge->tiers[reached];
    struct price_step step = {
        .form = &all_units, .number = reached + 1, .inputs = {units, tier->per_unit, tier->flat}};
    TRY(decimal_mul(units, tier->per_unit, &product));
    TRY(decimal_add(product, tier->flat, &step.result));
    return price_add_step(arena, price, &step);
}
