#include "core/pricing/charge.h"

#include "base/assert.h"

/* The units above `low` that fall into the tier. */
static enum err units_in(const struct tier *tier, struct decimal low, struct decimal units,
                         struct decimal *inside)
{
    struct decimal top = decimal_is_none(tier->up_to) ? units : decimal_min(units, tier->up_to);
    return decimal_sub(top, low, inside);
}

static enum err add_tier(struct arena *arena, size_t number, const struct tier *tier,
                         struct decimal inside, struct price *price)
{
    struct decimal product;
    struct decimal result;
    TRY(decimal_mul(inside, tier->per_unit, &product));
    TRY(decimal_add(product, tier->flat, &result));
    struct str text = arena_fmt(arena, "tier %zu: %.*s units at %.*s plus %.*s", number,
                                STR_ARG(decimal_text(arena, inside)),
                                STR_ARG(decimal_text(arena, tier->per_unit)),
                                STR_ARG(decimal_text(arena, tier->flat)));
    const struct price_input inputs[] = {
        {"units", inside},
        {"unit_amount", tier->per_unit},
        {"flat_amount", tier->flat},
        {NULL, DECIMAL_ZERO},
    };
    return price_add_step(arena, price, text, inputs, result);
}

enum err price_graduated(struct arena *arena, const struct charge *charge, struct decimal units,
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
        TRY(add_tier(arena, i + 1, tier, inside, price));
        low = tier->up_to;
        if (decimal_is_none(low))
            break;
    }
    return ERR_NONE;
}
