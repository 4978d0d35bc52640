#include "core/metering/property.h"

#include "base/json_read.h"

/* The value that follows the key just read. */
static enum err read_value(struct json_reader *reader, struct property *property)
{
    enum json_token token = json_next(reader);
    *property = (struct property){
        .text = reader->text,
        .is_number = token == JSON_NUMBER,
        .is_text = token == JSON_STRING,
    };
    if (token == JSON_NULL)
        return ERR_NOT_FOUND;
    if (token == JSON_NUMBER || token == JSON_STRING)
        return ERR_NONE;
    return json_skip(reader, &property->text) ? ERR_NONE : ERR_MALFORMED;
}

enum err property_find(struct arena *arena, struct str properties, struct str name,
                       struct property *property)
{
    struct json_reader reader;
    json_reader_init(&reader, arena, properties);
    if (json_next(&reader) != JSON_OBJECT_START)
        return ERR_MALFORMED;
    for (;;) {
        enum json_token token = json_next(&reader);
        struct str passed;
        if (token == JSON_OBJECT_END)
            return ERR_NOT_FOUND;
        if (token != JSON_KEY)
            return ERR_MALFORMED;
        if (str_eq(reader.text, name))
            return read_value(&reader, property);
        if (!json_skip(&reader, &passed))
            return ERR_MALFORMED;
    }
}

/* The object is read until both are found, or no more can be. */
static void find_two(struct json_reader *reader, const struct str names[2],
                     struct property found[2], enum err errs[2])
{
    bool is_done[2] = {false, false};
    while (!is_done[0] || !is_done[1]) {
        enum json_token token = json_next(reader);
        enum err end = token == JSON_OBJECT_END ? ERR_NOT_FOUND : ERR_MALFORMED;
        struct str passed;
        int which = -1;
        for (int i = 0; i < 2; i++) {
            if (token != JSON_KEY)
                errs[i] = is_done[i] ? errs[i] : end;
            else if (!is_done[i] && str_eq(reader->text, names[i]))
                which = i;
        }
        if (token != JSON_KEY)
            return;
        if (which < 0) {
            (void)json_skip(reader, &passed); /* where it can't, the next token is none */
            continue;
        }
        errs[which] = read_value(reader, &found[which]);
        is_done[which] = true;
    }
}

void property_find_two(struct arena *arena, struct str properties, const struct str names[2],
                       struct property found[2], enum err errs[2])
{
    struct json_reader reader;
    if (str_eq(names[0], names[1])) {
        errs[0] = errs[1] = property_find(arena, properties, names[0], &found[0]);
        found[1] = found[0];
        return;
    }
    json_reader_init(&reader, arena, properties);
    errs[0] = errs[1] = ERR_MALFORMED;
    if (json_next(&reader) == JSON_OBJECT_START)
        find_two(&reader, names, found, errs);
}

/* The text of the value that follows the key just read; STR_NULL: none. */
static struct str read_text(struct json_reader *reader)
{
    struct property property;
    return read_value(reader, &property) == ERR_NONE ? property.text : STR_NULL;
}

struct str *property_texts(struct arena *arena, struct str properties, const struct str *names,
                           size_t count)
{
    struct str *texts = ARENA_ARRAY(arena, count, struct str);
    bool *seen = ARENA_ARRAY(arena, count, bool);
    struct json_reader reader;
    for (size_t i = 0; i < count; i++)
        texts[i] = STR_NULL;
    json_reader_init(&reader, arena, properties);
    if (json_next(&reader) != JSON_OBJECT_START)
        return texts;
    while (json_next(&reader) == JSON_KEY) {
        struct str passed;
        size_t i = 0;
        while (i < count && !str_eq(names[i], reader.text))
            i++;
        if (i < count && !seen[i]) {
            texts[i] = read_text(&reader);
            seen[i] = true;
        } else if (!json_skip(&reader, &passed)) {
            break;
        }
    }
    return texts;
}
