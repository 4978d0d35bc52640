#include "core/pricing/charge.h"

static const struct price_form per_unit = {
    "{units} units at {unit_amount}", {"units", "unit_amount"}, "units * unit_amount"};

enum err price_standard(struct arena *arena, const struct charge *charge, struct decimal units,
                        struct price *price)
{
    struct price_step step = {.form = &per_unit, .inputs = {units, charge->amount}};
    TRY(decimal_mul(units, charge->amount, &step.result));
    return price_add_step(arena, price, &step);
}
