#include "core/pricing/charge.h"

#include "base/assert.h"

#define STEPS_AT_FIRST 8

enum err price_add_step(struct arena *arena, struct price *price, const struct price_step *step)
{
    TRY(decimal_add(price->amount, step->result, &price->amount));
    if (price->step_count == price->step_capacity)
        price->steps = arena_grow(arena, price->steps, price->step_count, &price->step_capacity,
                                  sizeof *price->steps);
    price->steps[price->step_count++] = *step;
    return ERR_NONE;
}

static enum err price_by_model(struct arena *arena, const struct charge *charge,
                               const struct charge_use *use, struct price *price)
{
    struct decimal units = decimal_max(use->units, DECIMAL_ZERO);
    if (charge->prorated && use->values != NULL)
        return price_prorated(arena, charge, use, price);
    switch (charge->model) {
    case CHARGE_STANDARD:
        return price_standard(arena, charge, units, price);
    case CHARGE_GRADUATED:
        return price_graduated(arena, charge, units, price);
    case CHARGE_VOLUME:
        return price_volume(arena, charge, units, price);
    case CHARGE_PACKAGE:
        return price_package(arena, charge, units, price);
    case CHARGE_PERCENTAGE:
        return price_percentage(arena, charge, use, price);
    case CHARGE_DYNAMIC:
        return price_dynamic(arena, use, price);
    case CHARGE_TIME_OF_USE:
    case CHARGE_PRICE_TABLE:
        return price_cells(arena, charge, use, price);
    case CHARGE_CAPACITY:
        return price_capacity(arena, charge, units, price);
    case CHARGE_GRADUATED_PERCENTAGE:
        return price_graduated_percentage(arena, charge, units, price);
    }
    ASSERT(false);
    return ERR_INVALID;
}

static const struct price_form below_zero = {
    "an amount below 0 counts as 0", {"subtotal"}, "0 - subtotal"};

enum err price_not_below_zero(struct arena *arena, struct price *price)
{
    if (decimal_sign(price->amount) >= 0)
        return ERR_NONE;
    return price_add_step(arena, price,
                          &(struct price_step){.form = &below_zero,
                                               .inputs = {price->amount},
                                               .result = decimal_neg(price->amount)});
}

enum err charge_price(struct arena *arena, const struct charge *charge,
                      const struct charge_use *use, struct price *price)
{
    *price = (struct price){.amount = DECIMAL_ZERO,
                            .steps = ARENA_ARRAY(arena, STEPS_AT_FIRST, struct price_step),
                            .step_capacity = STEPS_AT_FIRST};
    TRY(price_by_model(arena, charge, use, price));
    return price_not_below_zero(arena, price);
}
