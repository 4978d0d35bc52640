#include "app/fee_explanation.h"

#include "base/assert.h"
#include "base/json_read.h"

static bool next_step(struct json_reader *reader, struct fee_step *step)
{
    *step = (struct fee_step){STR_NULL, STR_NULL};
    if (json_next(reader) != JSON_OBJECT_START)
        return false;
    while (json_next(reader) == JSON_KEY) {
        struct str name = reader->text;
        if (str_eq(name, STR("inputs"))) {
            struct str raw;
            if (!json_skip(reader, &raw))
                return false;
        } else if (json_next(reader) == JSON_STRING) {
            *(str_eq(name, STR("text")) ? &step->text : &step->result) = reader->text;
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
