/* json.h - JSON in a test, written with ' for ", so that it can be read. */
#ifndef TESTS_JSON_H
#define TESTS_JSON_H

#include "base/arena.h"
#include "base/str.h"

static inline struct str json(struct arena *arena, const char *text)
{
    struct str copy = arena_str(arena, str_of(text));
    char *bytes = (char *)arena_cstr(arena, copy);
    for (size_t i = 0; i < copy.len; i++) {
        if (bytes[i] == '\'')
            bytes[i] = '"';
    }
    return (struct str){bytes, copy.len};
}

#endif
