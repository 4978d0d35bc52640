#include "core/pricing/charge.h"

static const struct price_form started = {
    "{units} units less {free_units} free: {packages} started packages of {package_size} at "
    "{package_amount}",
    {"units", "free_units", "packages", "package_size", "package_amount"},
    "ceil(max(units - free_units, 0) / package_size, 0) * package_amount"};

enum err price_package(struct arena *arena, const struct charge *charge, struct decimal units,
                       struct price *price)
{
    struct decimal billable;
    struct decimal packages;
    TRY(decimal_sub(units, charge->free_units, &billable));
    billable = decimal_max(billable, DECIMAL_ZERO);
    TRY(decimal_div(billable, charge->package_size, 0, ROUND_UP, &packages));
    struct price_step step = {
        .form = &started,
        .inputs = {units, charge->free_units, packages, charge->package_size, charge->amount}};
    TRY(decimal_mul(packages, charge->amount, &step.result));
    return price_add_step(arena, price, &step);
}
