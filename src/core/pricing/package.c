#include "core/pricing/charge.h"

enum err price_package(struct arena *arena, const struct charge *charge, struct decimal units,
                       struct price *price)
{
    struct decimal billable;
    struct decimal packages;
    struct decimal result;
    TRY(decimal_sub(units, charge->free_units, &billable));
    billable = decimal_max(billable, DECIMAL_ZERO);
    TRY(decimal_div(billable, charge->package_size, 0, ROUND_UP, &packages));
    TRY(decimal_mul(packages, charge->amount, &result));
    struct str text = arena_fmt(
        arena, "%.*s units less %.*s free: %.*s started packages of %.*s at %.*s",
        STR_ARG(decimal_text(arena, units)), STR_ARG(decimal_text(arena, charge->free_units)),
        STR_ARG(decimal_text(arena, packages)), STR_ARG(decimal_text(arena, charge->package_size)),
        STR_ARG(decimal_text(arena, charge->amount)));
    const struct price_input inputs[] = {
        {"units", units},
        {"free_units", charge->free_units},
        {"packages", packages},
        {"package_size", charge->package_size},
        {"package_amount", charge->amount},
        {NULL, DECIMAL_ZERO},
    };
    return price_add_step(arena, price, text, inputs, result);
}
