/* step.c - a step of a price in words and as JSON. */
#include "base/assert.h"
#include "base/json_write.h"
#include "core/pricing/charge.h"

#define INPUTS_BYTES_MAX 4096
#define TEXT_BYTES_MAX   4096

static struct decimal input(const struct price_step *step, struct str name)
{
    const struct price_form *form = step->form;
    for (size_t i = 0; form->inputs[i] != NULL; i++) {
        if (str_eq(name, str_of(form->inputs[i])))
            return step->inputs[i];
    }
    ASSERT(str_eq(name, STR("result")));
    return step->result;
}

struct str price_step_text(struct arena *arena, const struct price_step *step)
{
    struct buf text;
    buf_init(&text, arena, TEXT_BYTES_MAX);
    for (const char *c = step->form->text; *c != '\0'; c++) {
        if (*c != '{') {
            buf_char(&text, *c);
            continue;
        }
        const char *name = ++c;
        while (*c != '}')
            c++;
        if (*name == '#')
            buf_decimal(&text, decimal_of((int64_t)step->number));
        else if (*name == '@')
            buf_add(&text, step->name);
        else
            buf_decimal(&text, input(step, (struct str){name, (size_t)(c - name)}));
    }
    ASSERT(buf_ok(&text));
    return buf_str(&text);
}

struct str price_step_inputs(struct arena *arena, const struct price_step *step)
{
    struct buf text;
    struct json_writer w;
    buf_init(&text, arena, INPUTS_BYTES_MAX);
    json_writer_init(&w, &text);
    json_object(&w, NULL);
    json_str(&w, "op", str_of(step->form->op));
    for (size_t i = 0; step->form->inputs[i] != NULL; i++)
        json_decimal(&w, step->form->inputs[i], step->inputs[i]);
    json_object_end(&w);
    ASSERT(buf_ok(&text));
    return buf_str(&text);
}
