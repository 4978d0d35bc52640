#include "core/pricing/charge.h"

enum err price_standard(struct arena *arena, const struct charge *charge, struct decimal units,
                        struct price *price)
{
    struct decimal result;
    TRY(decimal_mul(units, charge->amount, &result));
    struct str text = arena_fmt(arena, "%.*s units at %.*s", STR_ARG(decimal_text(arena, units)),
                                STR_ARG(decimal_text(arena, charge->amount)));
    const struct price_input inputs[] = {
        {"units", units},
        {"unit_amount", charge->amount},
        {NULL, DECIMAL_ZERO},
    };
    return price_add_step(arena, price, text, inputs, result);
}
