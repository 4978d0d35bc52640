#include "core/pricing/charge.h"

static const struct price_form committed = {
    "capacity of {capacity} units at {amount}", {"capacity", "amount"}, "amount"};
static const struct price_form above = {
    "{units} units less {capacity} of capacity at {unit_amount}",
    {"units", "capacity", "unit_amount"},
    "(units - capacity) * unit_amount"};

enum err price_capacity(struct arena *arena, const struct charge *charge, struct decimal units,
                        struct price *price)
{
    struct decimal excess;
    struct price_step step = {.form = &above, .inputs = {units, charge->capacity, charge->overage}};
    TRY(price_add_step(arena, price,
                       &(struct price_step){.form = &committed,
                                            .inputs = {charge->capacity, charge->amount},
                                            .result = charge->amount}));
    if (decimal_cmp(units, charge->capacity) <= 0)
        return ERR_NONE;
    TRY(decimal_sub(units, charge->capacity, &excess));
    TRY(decimal_mul(excess, charge->overage, &step.result));
    return price_add_step(arena, price, &step);
}
