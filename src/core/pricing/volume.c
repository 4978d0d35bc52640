#include "core/pricing/charge.h"

#include "base/assert.h"

enum err price_volume(struct arena *arena, const struct charge *charge, struct decimal units,
                      struct price *price)
{
    size_t reached = 0;
    struct decimal product;
    struct decimal result;
    ASSERT(charge->tier_count > 0);
    while (reached + 1 < charge->tier_count && decimal_cmp(units, charge->tiers[reached].up_to) > 0)
        reached++;
    const struct tier *tier = &charge->tiers[reached];
    TRY(decimal_mul(units, tier->per_unit, &product));
    TRY(decimal_add(product, tier->flat, &result));
    struct str text =
        arena_fmt(arena, "tier %zu: all %.*s units at %.*s plus %.*s", reached + 1,
                  STR_ARG(decimal_text(arena, units)), STR_ARG(decimal_text(arena, tier->per_unit)),
                  STR_ARG(decimal_text(arena, tier->flat)));
    const struct price_input inputs[] = {
        {"units", units},
        {"unit_amount", tier->per_unit},
        {"flat_amount", tier->flat},
        {NULL, DECIMAL_ZERO},
    };
    return price_add_step(arena, price, text, inputs, result);
}
