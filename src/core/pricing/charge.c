#include "core/pricing/charge.h"

#include "base/assert.h"
#include "base/json_write.h"

#include <stdarg.h>

enum err price_add_step(struct arena *arena, struct price *price, struct str text,
                        struct decimal result, ...)
{
    struct decimal sum;
    struct buf inputs;
    struct json_writer w;
    va_list args;
    TRY(decimal_add(price->amount, result, &sum));
    price->amount = sum;
    buf_init(&inputs, arena, 4096);
    json_writer_init(&w, &inputs);
    json_object(&w, NULL);
    va_start(args, result);
    for (const char *name; (name = va_arg(args, const char *)) != NULL;)
        json_decimal(&w, name, va_arg(args, struct decimal));
    va_end(args);
    json_object_end(&w);

    struct price_step *steps = ARENA_ARRAY(arena, price->step_count + 1, struct price_step);
    for (size_t i = 0; i < price->step_count; i++)
        steps[i] = price->steps[i];
    steps[price->step_count++] =
        (struct price_step){.text = text, .inputs = buf_str(&inputs), .result = result};
    price->steps = steps;
    return ERR_NONE;
}

enum err charge_price(struct arena *arena, const struct charge *charge, struct decimal units,
                      struct price *price)
{
    *price = (struct price){.amount = DECIMAL_ZERO};
    units = decimal_max(units, DECIMAL_ZERO);
    switch (charge->model) {
    case CHARGE_STANDARD:
        return price_standard(arena, charge, units, price);
    case CHARGE_GRADUATED:
        return price_graduated(arena, charge, units, price);
    case CHARGE_VOLUME:
        return price_volume(arena, charge, units, price);
    case CHARGE_PACKAGE:
        return price_package(arena, charge, units, price);
    }
    ASSERT(false);
    return ERR_INVALID;
}
