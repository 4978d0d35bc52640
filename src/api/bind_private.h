/* bind_private.h - private to the binder: single values, whether they came as JSON or in a query.
 */
#ifndef API_BIND_PRIVATE_H
#define API_BIND_PRIVATE_H

#include "api/bind.h"
#include "base/json_read.h"

#include <stdbool.h>
#include <stddef.h>

/* Where a value stands; put into words only when it is bad. */
struct bind_path {
    const struct bind_path *parent; /* NULL: the outermost */
    struct str name;                /* STR_NULL: an element, by its index */
    size_t index;
};

struct str bind_path_text(struct arena *arena, const struct bind_path *path);

/* A value that is no object and no array. */
struct bind_value {
    enum json_token token; /* STRING, NUMBER, TRUE, FALSE */
    struct str text;       /* of STRING and NUMBER; "true", "false" */
    bool is_loose;         /* from a query, or lenient: text may stand for other types */
};

/* Notes a bad field. */
void bind_bad(struct bind *bind, const struct bind_path *path, const char *code, struct str value,
              struct str expected);
/* The same, `expected` being the field's own form. */
void bind_bad_form(struct bind *bind, const struct bind_path *path, const struct bind_field *field,
                   const char *code, struct str value);

/* The form of a field's values in words, for people: "an integer from 0 to 365". */
struct str bind_form(struct arena *arena, const struct bind_field *field);

/* Checks a value of a scalar kind and stores it; false when it was bad, and noted. */
bool bind_scalar(struct bind *bind, const struct bind_path *path, const struct bind_field *field,
                 const struct bind_value *value, void *target);
/* A text within field->max characters (and its words), for TEXT and the elements of TEXTS. */
bool bind_text(struct bind *bind, const struct bind_path *path, const struct bind_field *field,
               const struct bind_value *value, struct str *text);

/* The value of a field that is not there: its preset, or the none of its type. */
void bind_none(const struct bind_field *field, void *target);
void bind_none_all(const struct bind_table *table, void *target);
/* OR-s the field's bit into the table's sent member. */
void bind_mark_sent(const struct bind_table *table, const struct bind_field *field, void *target);

/* The field of that name and its number, or NULL. */
const struct bind_field *bind_find(const struct bind_table *table, struct str name, size_t *number);

/* A field that no table knows: an error or, lenient, remembered. */
void bind_unknown(struct bind *bind, const struct bind_path *path);

#endif
