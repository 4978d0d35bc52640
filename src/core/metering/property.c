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
