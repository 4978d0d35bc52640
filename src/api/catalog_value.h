/* catalog_value.h - JSON as a tree, for comparing catalogues and writing them in a stable form. */
#ifndef API_CATALOG_VALUE_H
#define API_CATALOG_VALUE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct value {
    enum json_token kind; /* OBJECT_START, ARRAY_START, STRING, NUMBER, TRUE, FALSE, NULL */
    struct str key;       /* inside an object; else STR_NULL */
    struct str text;      /* of STRING and NUMBER */
    struct value *first;  /* members or elements */
    struct value *last;
    struct value *next;
};

/* ERR_MALFORMED says what is wrong and where: comments, repeated keys and whatever else is no
 * JSON. */
MUST_CHECK enum err value_read(struct arena *arena, struct fault *fault, struct str text,
                               struct value **value);
struct value *value_new(struct arena *arena, enum json_token kind, struct str key);
struct value *value_text(struct arena *arena, struct str key, struct str text);
void value_add(struct value *parent, struct value *child);
/* The same value under another key, without what follows it. */
struct value *value_copy(struct arena *arena, const struct value *value, struct str key);

/* The member of an object; NULL: none, or `object` is NULL. */
const struct value *value_get(const struct value *object, struct str key);
/* The text of a string member; STR_NULL: none. */
struct str value_str(const struct value *object, struct str key);
/* Null, an empty list or object, or not there (NULL). */
bool value_is_nothing(const struct value *value);
/* Alike; texts and numbers of the same decimal value are, and what is nothing. */
bool value_same(const struct value *a, const struct value *b);

/* On one line; or, with `indent` of 0 and more, on lines of their own, two blanks a level. */
void value_write(struct buf *out, const struct value *value, int indent);
struct str value_line(struct arena *arena, const struct value *value);

#endif
