#include "base/json_members.h"

#include "base/json_read.h"

static void keep(const char *const *names, struct str *values, struct str name, struct str value)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (str_eq(name, str_of(names[i])))
            values[i] = value;
    }
}

bool json_members(struct arena *arena, struct str json, const char *const *names,
                  struct str *values)
{
    struct json_reader reader;
    json_reader_init(&reader, arena, json);
    if (json_next(&reader) != JSON_OBJECT_START)
        return false;
    for (;;) {
        enum json_token token = json_next(&reader);
        if (token == JSON_OBJECT_END)
            return json_next(&reader) == JSON_END;
        if (token != JSON_KEY)
            return false;
        struct str name = reader.text;
        token = json_next(&reader);
        if (token == JSON_STRING || token == JSON_NUMBER) {
            keep(names, values, name, reader.text);
            continue;
        }
        struct str raw;
        if (!json_skip(&reader, &raw))
            return false;
        if (token != JSON_NULL)
            keep(names, values, name, raw);
    }
}
