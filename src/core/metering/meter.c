#include "core/metering/meter.h"

#include "core/metering/property.h"

#define NUMBER_WORDS "a number, or a text that is one, of at most 34 digits"

static enum err bad_property(struct arena *arena, struct str name, enum err err, struct str value,
                             struct str expected, struct meter_fault *fault)
{
    *fault = (struct meter_fault){
        .field = arena_fmt(arena, "properties.%.*s", STR_ARG(name)),
        .code = err == ERR_NOT_FOUND ? "value_is_mandatory" : "value_is_invalid",
        .value = value,
        .expected = expected,
    };
    return err;
}

/* ---- from a property ------------------------------------------------------------------------- */

static enum err read_number(struct arena *arena, const struct meter *meter,
                            const struct expression_event *event, struct meter_value *value,
                            struct meter_fault *fault)
{
    struct str text = STR_NULL;
    struct decimal number;
    enum err err = metering_value(arena, event->properties, meter->field, &number, &text);
    if (err == ERR_NOT_FOUND)
        return bad_property(arena, meter->field, err, STR_NULL,
                            STR("a number: the metric aggregates it"), fault);
    if (err != ERR_NONE)
        return bad_property(arena, meter->field, err, text, STR(NUMBER_WORDS), fault);
    value->number = number;
    return ERR_NONE;
}

static enum err take_text(struct arena *arena, const struct meter *meter, enum err err,
                          const struct property *property, struct meter_value *value,
                          struct meter_fault *fault)
{
    if (err != ERR_NONE)
        return bad_property(arena, meter->field, err, STR_NULL,
                            STR("a text or a number: the metric counts different ones"), fault);
    if (!property->is_text && !property->is_number)
        return bad_property(arena, meter->field, ERR_INVALID, property->text,
                            STR("a text or a number"), fault);
    value->text = property->text;
    return ERR_NONE;
}

static const struct str operation_name = {"operation_type", sizeof "operation_type" - 1};

static enum err take_operation(struct arena *arena, enum err err, const struct property *property,
                               struct meter_value *value, struct meter_fault *fault)
{
    if (err == ERR_NOT_FOUND)
        return ERR_NONE;
    if (err != ERR_NONE)
        return bad_property(arena, operation_name, err, STR_NULL, STR("add or remove"), fault);
    value->removes = str_eq(property->text, STR("remove"));
    if (!property->is_text || (!value->removes && !str_eq(property->text, STR("add"))))
        return bad_property(arena, operation_name, ERR_INVALID, property->text,
                            STR("add or remove"), fault);
    return ERR_NONE;
}

/* Both are read in one pass: of a million events that is a tenth of the time. */
static enum err read_item(struct arena *arena, const struct meter *meter,
                          const struct expression_event *event, struct meter_value *value,
                          struct meter_fault *fault)
{
    const struct str names[2] = {operation_name, meter->field};
    struct property found[2];
    enum err errs[2];
    property_find_two(arena, event->properties, names, found, errs);
    TRY(take_operation(arena, errs[0], &found[0], value, fault));
    return take_text(arena, meter, errs[1], &found[1], value, fault);
}

static enum err read_operation(struct arena *arena, const struct expression_event *event,
                               struct meter_value *value, struct meter_fault *fault)
{
    struct property property;
    enum err err = property_find(arena, event->properties, operation_name, &property);
    return take_operation(arena, err, &property, value, fault);
}

/* ---- from an expression ---------------------------------------------------------------------- */

static enum err cannot_compute(struct str expected, struct str value, struct meter_fault *fault)
{
    *fault = (struct meter_fault){
        .field = STR("properties"),
        .code = "expression_evaluation_failed",
        .value = value,
        .expected = expected,
    };
    return ERR_OVERFLOW;
}

static enum err compute(struct arena *arena, const struct meter *meter,
                        const struct expression_event *event, struct meter_value *value,
                        struct meter_fault *fault)
{
    struct expression_value result;
    struct expression_error error;
    if (expression_evaluate(arena, meter->expression, event, &result, &error) != ERR_NONE)
        return cannot_compute(
            arena_fmt(arena, "what the metric's expression can compute; at position %zu: %.*s",
                      error.at, STR_ARG(error.words)),
            event->properties, fault);
    if (meter->aggregation == AGGREGATION_UNIQUE) {
        value->text = result.text;
        return ERR_NONE;
    }
    if (result.is_text && decimal_parse(str_trim(result.text), &result.number) != ERR_NONE)
        return cannot_compute(STR("what the metric's expression makes a number of"), result.text,
                              fault);
    value->number = result.number;
    return ERR_NONE;
}

/* ---- all ------------------------------------------------------------------------------------- */

static enum err read_value(struct arena *arena, const struct meter *meter,
                           const struct expression_event *event, struct meter_value *value,
                           struct meter_fault *fault)
{
    bool is_unique = meter->aggregation == AGGREGATION_UNIQUE;
    if (meter->expression == NULL)
        return is_unique ? read_item(arena, meter, event, value, fault)
                         : read_number(arena, meter, event, value, fault);
    if (is_unique)
        TRY(read_operation(arena, event, value, fault));
    return compute(arena, meter, event, value, fault);
}

enum err meter_read(struct arena *arena, const struct meter *meter,
                    const struct expression_event *event, struct meter_value *value,
                    struct meter_fault *fault)
{
    static const struct meter_value none = {
        .number = {{0, (uint64_t)0x7c << 56}}, /* DECIMAL_NONE */
        .text = {NULL, 0},
    };
    *value = none;
    if (meter->aggregation == AGGREGATION_COUNT)
        return ERR_NONE;
    enum err err = read_value(arena, meter, event, value, fault);
    if (err != ERR_NONE)
        *value = none;
    return err;
}
