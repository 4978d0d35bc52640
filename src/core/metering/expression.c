#include "core/metering/expression.h"

#include "base/assert.h"
#include "base/time.h"
#include "core/metering/expression_steps.h"
#include "core/metering/property.h"

/* A step pushes at most one value, so a stack of as many never overflows. */
struct machine {
    struct arena *arena;
    const struct expression_event *event;
    struct expression_value *stack;
    size_t height;
    struct expression_error *error;
};

static enum err wrong(struct machine *m, const struct step *step, enum err err, struct str words)
{
    m->error->at = step->at;
    m->error->words = words;
    return err;
}

static void push_number(struct machine *m, struct decimal number)
{
    m->stack[m->height++] = (struct expression_value){.number = number};
}

static void push_text(struct machine *m, struct str text)
{
    m->stack[m->height++] =
        (struct expression_value){.is_text = true, .number = DECIMAL_NONE, .text = text};
}

/* The `index`th of the top `count` values. */
static struct expression_value *operand(struct machine *m, size_t count, size_t index)
{
    ASSERT(m->height >= count);
    return &m->stack[m->height - count + index];
}

static enum err number_of(struct machine *m, const struct step *step,
                          const struct expression_value *value, struct decimal *number)
{
    if (!value->is_text) {
        *number = value->number;
        return ERR_NONE;
    }
    if (decimal_parse(str_trim(value->text), number) == ERR_NONE)
        return ERR_NONE;
    return wrong(m, step, ERR_INVALID,
                 arena_fmt(m->arena, "a number of at most 34 digits is needed, not \"%.*s\"",
                           STR_ARG(str_slice(value->text, 0, 64))));
}

/* ---- what the event says --------------------------------------------------------------------- */

static enum err push_property(struct machine *m, const struct step *step)
{
    struct property property;
    struct decimal number;
    enum err err = property_find(m->arena, m->event->properties, step->text, &property);
    if (err == ERR_NOT_FOUND)
        return wrong(m, step, err,
                     arena_fmt(m->arena, "the event has no property %.*s", STR_ARG(step->text)));
    if (err != ERR_NONE)
        return wrong(m, step, err, STR("the properties are not a JSON object"));
    if (property.is_text) {
        if (property.text.len > EXPRESSION_TEXT_MAX)
            return wrong(m, step, ERR_OVERFLOW, STR("a text has at most 1024 bytes"));
        push_text(m, property.text);
        return ERR_NONE;
    }
    if (!property.is_number)
        return wrong(m, step, ERR_INVALID,
                     arena_fmt(m->arena, "property %.*s is neither a number nor a text",
                               STR_ARG(step->text)));
    if (decimal_parse(property.text, &number) != ERR_NONE)
        return wrong(
            m, step, ERR_OVERFLOW,
            arena_fmt(m->arena, "property %.*s has more than 34 digits", STR_ARG(step->text)));
    push_number(m, number);
    return ERR_NONE;
}

static void push_timestamp(struct machine *m)
{
    struct decimal seconds;
    enum err err = decimal_scale(decimal_of(m->event->occurred_at), -6, &seconds);
    ASSERT(err == ERR_NONE); /* an int64 has 19 digits */
    push_number(m, seconds);
}

/* ---- operations ------------------------------------------------------------------------------ */

static enum err calculate(enum step_kind kind, struct decimal a, struct decimal b,
                          struct decimal *result)
{
    switch ((int)kind) {
    case STEP_ADD:
        return decimal_add(a, b, result);
    case STEP_SUBTRACT:
        return decimal_sub(a, b, result);
    case STEP_MULTIPLY:
        return decimal_mul(a, b, result);
    default:
        return decimal_div(a, b, EXPRESSION_DECIMALS, ROUND_HALF_UP, result);
    }
}

static enum err do_binary(struct machine *m, const struct step *step)
{
    struct decimal a;
    struct decimal b;
    struct decimal result;
    TRY(number_of(m, step, operand(m, 2, 0), &a));
    TRY(number_of(m, step, operand(m, 2, 1), &b));
    if (step->kind == STEP_DIVIDE && decimal_is_zero(b))
        return wrong(m, step, ERR_INVALID, STR("division by 0"));
    if (calculate(step->kind, a, b, &result) != ERR_NONE)
        return wrong(m, step, ERR_OVERFLOW, STR("the result has more than 34 digits"));
    m->height -= 2;
    push_number(m, result);
    return ERR_NONE;
}

static enum err do_negate(struct machine *m, const struct step *step)
{
    struct decimal a;
    TRY(number_of(m, step, operand(m, 1, 0), &a));
    m->height--;
    push_number(m, decimal_neg(a));
    return ERR_NONE;
}

static enum rounding rounding_of(enum step_kind kind)
{
    if (kind == STEP_CEIL)
        return ROUND_CEILING;
    return kind == STEP_FLOOR ? ROUND_FLOOR : ROUND_HALF_UP;
}

static enum err do_round(struct machine *m, const struct step *step)
{
    struct decimal a;
    struct decimal places = DECIMAL_ZERO;
    int64_t decimals = 0;
    TRY(number_of(m, step, operand(m, step->count, 0), &a));
    if (step->count == 2)
        TRY(number_of(m, step, operand(m, 2, 1), &places));
    if (decimal_to_int64(places, &decimals) != ERR_NONE || decimals > EXPRESSION_PRECISION_MAX ||
        decimals < -EXPRESSION_PRECISION_MAX)
        return wrong(m, step, ERR_INVALID, STR("the precision is an integer from -30 to 30"));
    if (decimal_round(a, (int)decimals, rounding_of(step->kind), &a) != ERR_NONE)
        return wrong(m, step, ERR_OVERFLOW, STR("the result has more than 34 digits"));
    m->height -= step->count;
    push_number(m, a);
    return ERR_NONE;
}

static enum err do_concat(struct machine *m, const struct step *step)
{
    struct buf text;
    buf_init(&text, m->arena, EXPRESSION_TEXT_MAX);
    for (size_t i = 0; i < step->count; i++) {
        const struct expression_value *value = operand(m, step->count, i);
        if (value->is_text)
            buf_add(&text, value->text);
        else
            buf_decimal(&text, value->number);
    }
    if (!buf_ok(&text))
        return wrong(m, step, ERR_OVERFLOW, STR("a text has at most 1024 bytes"));
    m->height -= step->count;
    push_text(m, text.len == 0 ? STR("") : buf_str(&text));
    return ERR_NONE;
}

static enum err do_step(struct machine *m, const struct step *step)
{
    switch (step->kind) {
    case STEP_NUMBER:
        push_number(m, step->number);
        return ERR_NONE;
    case STEP_TEXT:
        push_text(m, step->text);
        return ERR_NONE;
    case STEP_CODE:
        push_text(m, m->event->code);
        return ERR_NONE;
    case STEP_TIMESTAMP:
        push_timestamp(m);
        return ERR_NONE;
    case STEP_PROPERTY:
        return push_property(m, step);
    case STEP_NEGATE:
        return do_negate(m, step);
    case STEP_ADD:
    case STEP_SUBTRACT:
    case STEP_MULTIPLY:
    case STEP_DIVIDE:
        return do_binary(m, step);
    case STEP_ROUND:
    case STEP_CEIL:
    case STEP_FLOOR:
        return do_round(m, step);
    case STEP_CONCAT:
        return do_concat(m, step);
    }
    ASSERT(false);
    return ERR_INVALID;
}

enum err expression_evaluate(struct arena *arena, const struct expression *expression,
                             const struct expression_event *event, struct expression_value *value,
                             struct expression_error *error)
{
    struct machine m = {.arena = arena, .event = event, .error = error};
    m.stack = ARENA_ARRAY(arena, expression->step_count, struct expression_value);
    for (size_t i = 0; i < expression->step_count; i++)
        TRY(do_step(&m, &expression->steps[i]));
    ASSERT(m.height == 1);
    *value = m.stack[0];
    if (!value->is_text)
        value->text = decimal_text(arena, value->number);
    return ERR_NONE;
}
