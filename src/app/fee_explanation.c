#include "app/fee_explanation.h"

#include "base/assert.h"
#include "base/json_read.h"

static bool next_step(struct json_reader *reader, struct fee_step *step)
{
    *step = (struct fee_step){STR_NULL, STR_NULL};
    if (json_next(reader) != JSON_OBJECT_START)
        return false;
    while (json_next(reader) == JSON_KEY) {
        bool is_text = str_eq(reader->text, STR("text"));
        if (is_text || str_eq(reader->text, STR("result"))) {
            if (json_next(reader) == JSON_STRING)
                *(is_text ? &step->text : &step->result) = reader->text;
        } else {
            struct str raw;
            if (!json_skip(reader, &raw))
                return false;
        }
    }
    return !str_is_null(step->text);
}

struct fee_explanation fee_explanation_read(struct arena *arena, struct str explanation)
{
    struct fee_explanation read = {0};
    struct fee_step more;
    struct json_reader reader;
    json_reader_init(&reader, arena, explanation);
    if (json_next(&reader) != JSON_ARRAY_START)
        return read;
    read.steps = ARENA_ARRAY(arena, FEE_STEPS_MAX, struct fee_step);
    while (read.count < FEE_STEPS_MAX && next_step(&reader, &read.steps[read.count]))
        read.count++;
    read.is_cut = read.count == FEE_STEPS_MAX && next_step(&reader, &more);
    return read;
}

/* ---- writing --------------------------------------------------------------------------------- */

void fee_steps_begin(struct fee_steps *steps, struct arena *arena, size_t bytes_max)
{
    buf_init(&steps->buf, arena, bytes_max);
    json_writer_init(&steps->out, &steps->buf);
    json_array(&steps->out, NULL);
}

void fee_step_begin(struct fee_steps *steps, struct str text, const char *op)
{
    json_object(&steps->out, NULL);
    json_str(&steps->out, "text", text);
    json_object(&steps->out, "inputs");
    json_str(&steps->out, "op", str_of(op));
}

void fee_step_input(struct fee_steps *steps, const char *name, struct decimal value)
{
    json_decimal(&steps->out, name, value);
}

static void end_step(struct fee_steps *steps, const char *kind, struct decimal result)
{
    if (kind != NULL)
        json_str(&steps->out, "kind", str_of(kind));
    json_decimal(&steps->out, "result", result);
    json_object_end(&steps->out);
}

void fee_step_end(struct fee_steps *steps, const char *kind, struct decimal result)
{
    json_object_end(&steps->out);
    end_step(steps, kind, result);
}

void fee_step_add(struct fee_steps *steps, struct str text, struct str inputs, const char *kind,
                  struct decimal result)
{
    json_object(&steps->out, NULL);
    json_str(&steps->out, "text", text);
    json_raw(&steps->out, "inputs", inputs);
    end_step(steps, kind, result);
}

struct str fee_steps_end(struct fee_steps *steps)
{
    json_array_end(&steps->out);
    return buf_ok(&steps->buf) ? buf_str(&steps->buf) : STR_NULL;
}

void fee_step_round(struct fee_steps *steps, struct arena *arena, struct decimal subtotal,
                    struct money amount)
{
    int digits = amount.currency->digits;
    fee_step_begin(steps, arena_fmt(arena, "rounded to %d decimals", digits),
                   "round(subtotal, decimals)");
    fee_step_input(steps, "subtotal", subtotal);
    fee_step_input(steps, "decimals", decimal_of(digits));
    fee_step_end(steps, "total", money_major(amount));
}

struct str fee_explanation_join(struct arena *arena, struct str first, struct str second)
{
    ASSERT(first.len >= 2 && first.ptr[first.len - 1] == ']');
    ASSERT(second.len >= 2 && second.ptr[0] == '[');
    if (first.len == 2)
        return second;
    if (second.len == 2)
        return first;
    return arena_fmt(arena, "%.*s,%.*s", (int)(first.len - 1), first.ptr, (int)(second.len - 1),
                     second.ptr + 1);
}
