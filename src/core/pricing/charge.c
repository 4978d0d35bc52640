#include "core/pricing/charge.h"

#include "base/assert.h"
#include "base/json_write.h"

#define INPUTS_BYTES_MAX 4096

static struct str inputs_json(struct arena *arena, const struct price_input *inputs)
{
    struct buf text;
    struct json_writer w;
    buf_init(&text, arena, INPUTS_BYTES_MAX);
    json_writer_init(&w, &text);
    json_object(&w, NULL);
    for (; inputs->name != NULL; inputs++)
        json_decimal(&w, inputs->name, inputs->value);
    json_object_end(&w);
    ASSERT(buf_ok(&text));
    return buf_str(&text);
}

enum err price_add_step(struct arena *arena, struct price *price, struct str text,
                        const struct price_input *inputs, struct decimal result)
{
    TRY(decimal_add(price->amount, result, &price->amount));
    struct price_step *steps = ARENA_ARRAY(arena, price->step_count + 1, struct price_step);
    for (size_t i = 0; i < price->step_count; i++)
        steps[i] = price->steps[i];
    steps[price->step_count++] =
        (struct price_step){.text = text, .inputs = inputs_json(arena, inputs), .result = result};
    price->steps = steps;
    return ERR_NONE;
}

static enum err price_by_model(struct arena *arena, const struct charge *charge,
                               const struct charge_use *use, struct price *price)
{
    struct decimal units = decimal_max(use->units, DECIMAL_ZERO);
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
    }
    ASSERT(false);
    return ERR_INVALID;
}

enum err charge_price(struct arena *arena, const struct charge *charge,
                      const struct charge_use *use, struct price *price)
{
    *price = (struct price){.amount = DECIMAL_ZERO};
    TRY(price_by_model(arena, charge, use, price));
    if (decimal_sign(price->amount) >= 0)
        return ERR_NONE;
    const struct price_input inputs[] = {{"amount", price->amount}, {NULL, DECIMAL_ZERO}};
    return price_add_step(arena, price, STR("an amount below 0 counts as 0"), inputs,
                          decimal_neg(price->amount));
}
