#include "core/pricing/charge.h"

enum err price_standard(struct arena *arena, const struct charge *charge, struct decimal units,
                        struct price *price)
{
    struct decimal result;
    TRY(decimal_mul(units, charge->amount, &result));
    return price_add_step(arena, price,
                          arena_fmt(arena, "%.*s units at %.*s",
                                    STR_ARG(decimal_text(arena, units)),
                                    STR_ARG(decimal_text(arena, charge->amount))),
                          result, "units", units, "unit_amount", charge->amount, NULL);
}
