/* bind.h - reading JSON objects and query strings into C structs by table.
 *
 * A table lists the fields of an object: name, kind, where in the struct, limits.  Binding checks
 * everything, notes every bad field in the fault (path as sent, code, value, allowed form), and
 * ends with one error for all.  So a handler sees only good values.
 *
 *   struct tax_input { struct str name, code; struct decimal rate; bool on; uint64_t sent; };
 *   enum { TAX_NAME = 1, TAX_RATE = 2 };
 *   static const struct bind_field tax_fields[] = {
 *       {"name", BIND_TEXT(tax_input, name), .max = 255, .flags = BIND_REQUIRED, .sent = TAX_NAME},
 *       {"code", BIND_CODE(tax_input, code), .flags = BIND_REQUIRED},
 *       {"rate", BIND_DECIMAL(tax_input, rate), .digits = 3, .decimals = 6, .flags =
 * BIND_NOT_NEGATIVE},
 *       {"active", BIND_BOOL(tax_input, on), .preset = true},
 *       {"description", BIND_UNSUPPORTED},
 *       {0},
 *   };
 *   static const struct bind_table tax_table = {"tax", tax_fields, BIND_SENT_AT(tax_input, sent)};
 *
 * What a field becomes: not sent: its `preset` for bool and word (and for int with BIND_PRESET),
 * else the none of its type (base/none.h; lists empty).  null: the same, and the `sent` bit is
 * set, so that an update can tell "clear it" from "leave it".  A field flagged BIND_REQUIRED
 * must be there, not null, and not "".
 *
 * Codes of bad fields: value_is_mandatory, invalid_type, value_is_invalid, invalid_email_format,
 * value_is_out_of_range, value_is_too_long, too_many_values, unknown_field, duplicate_field,
 * not_supported.
 *
 * Strict (native face): exactly the kinds below.  Lenient (Lago face): unknown fields are ignored
 * and gathered; true, false and integers may come as text, texts and codes as numbers, instants
 * without zone or time of day (UTC). */
#ifndef API_BIND_H
#define API_BIND_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/uuid.h"
#include "http/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BIND_FIELDS_MAX  64   /* in one table */
#define BIND_TEXT_MAX    255  /* characters, where .max is 0 */
#define BIND_LIST_MAX    1000 /* elements of an array, where .max is 0 or that of its texts */
#define BIND_IGNORED_MAX 32   /* names of ignored fields that are kept */

enum bind_kind {
    BIND_KIND_TEXT,
    BIND_KIND_CODE,
    BIND_KIND_EMAIL,
    BIND_KIND_CURRENCY,
    BIND_KIND_COUNTRY,
    BIND_KIND_ZONE,
    BIND_KIND_UUID,
    BIND_KIND_DECIMAL,
    BIND_KIND_INT,
    BIND_KIND_BOOL,
    BIND_KIND_INSTANT,
    BIND_KIND_EVENT_TIME,
    BIND_KIND_DAY,
    BIND_KIND_WORD,
    BIND_KIND_WORDS,
    BIND_KIND_TEXTS,
    BIND_KIND_OBJECT,
    BIND_KIND_OBJECTS,
    BIND_KIND_RAW,
    BIND_KIND_UNSUPPORTED
};

enum {
    BIND_REQUIRED = 1,     /* sent, not null, not "" */
    BIND_NOT_NEGATIVE = 2, /* decimal: >= 0 */
    BIND_POSITIVE = 4,     /* decimal: > 0 */
    BIND_PRESET = 8,       /* int: .preset instead of INT_NONE */
    BIND_RAW_OBJECT = 16,  /* raw: only an object, without repeated keys */
    BIND_RAW_ARRAY = 32,   /* raw: only an array (with BIND_RAW_OBJECT: either) */
    BIND_NOT_EMPTY = 64    /* may be left out; but sent, not null, not "" */
};

/* Words ends with {NULL, 0}. */
struct bind_word {
    const char *word;
    int value; /* WORDS: 0 to 63, its bit in the mask */
};

struct bind_table;

struct bind_field {
    const char *name; /* NULL ends the table */
    enum bind_kind kind;
    size_t at;       /* offset of the member */
    size_t count_at; /* TEXTS, OBJECTS: offset of its size_t count */
    size_t size;     /* OBJECTS: bytes of an element */
    unsigned flags;
    uint64_t sent; /* OR-ed into the table's sent member when the key was sent, also with null */
    int64_t min;   /* INT: smallest, with max; both 0: any */
    int64_t max;   /* INT: largest; TEXT, TEXTS' elements, RAW: characters; OBJECTS: elements */
    int digits;    /* DECIMAL: digits before the point; 0: any */
    int decimals;  /* DECIMAL: after it; 0 with digits 0: any */
    int64_t preset;
    const struct bind_word *words;
    const struct bind_table *table; /* OBJECT, OBJECTS */
    const char *neutral;            /* UNSUPPORTED: the value that asks for nothing, as text */
};

struct bind_table {
    const char *name; /* the body's one member; NULL: the body itself is the object */
    const struct bind_field *fields;
    size_t sent_at; /* BIND_SENT_AT(struct, member), or 0 for none */
};

/* Kind and place; the member's type is checked by the compiler. */
/* With .words: one of them, kept as text. */
#define BIND_TEXT(s, member) .kind = BIND_KIND_TEXT, .at = BIND_AT_(s, member, struct str)
/* Letters, digits and -_.:/@+# (no space), up to 255. */
#define BIND_CODE(s, member)  .kind = BIND_KIND_CODE, .at = BIND_AT_(s, member, struct str)
#define BIND_EMAIL(s, member) .kind = BIND_KIND_EMAIL, .at = BIND_AT_(s, member, struct str)
/* ISO 4217, upper case, known to the program. */
#define BIND_CURRENCY(s, member) .kind = BIND_KIND_CURRENCY, .at = BIND_AT_(s, member, struct str)
/* ISO 3166-1 alpha-2, upper case. */
#define BIND_COUNTRY(s, member) .kind = BIND_KIND_COUNTRY, .at = BIND_AT_(s, member, struct str)
/* IANA name that this system knows. */
#define BIND_ZONE(s, member) .kind = BIND_KIND_ZONE, .at = BIND_AT_(s, member, struct str)
#define BIND_UUID(s, member) .kind = BIND_KIND_UUID, .at = BIND_AT_(s, member, struct uuid)
/* JSON text or number. */
#define BIND_DECIMAL(s, member) .kind = BIND_KIND_DECIMAL, .at = BIND_AT_(s, member, struct decimal)
#define BIND_INT(s, member)     .kind = BIND_KIND_INT, .at = BIND_AT_(s, member, int64_t)
#define BIND_BOOL(s, member)    .kind = BIND_KIND_BOOL, .at = BIND_AT_(s, member, bool)
/* RFC 3339 with zone. */
#define BIND_INSTANT(s, member) .kind = BIND_KIND_INSTANT, .at = BIND_AT_(s, member, int64_t)
/* The same, or unix seconds as number or text; what is finer than microseconds is cut off. */
#define BIND_EVENT_TIME(s, member) .kind = BIND_KIND_EVENT_TIME, .at = BIND_AT_(s, member, int64_t)
/* YYYY-MM-DD */
#define BIND_DAY(s, member) .kind = BIND_KIND_DAY, .at = BIND_AT_(s, member, int32_t)
/* An enum or int member. */
#define BIND_WORD(s, member, word_table) \
    .kind = BIND_KIND_WORD, .at = BIND_SIZED_(s, member, int), .words = (word_table)
/* For query strings: one word or an array of them; the member is a uint64_t mask of 1 << value. */
#define BIND_WORDS(s, member, word_table) \
    .kind = BIND_KIND_WORDS, .at = BIND_AT_(s, member, uint64_t), .words = (word_table)
/* An array of text; members: `const struct str *items; size_t count;` */
#define BIND_TEXTS(s, items, count)                                        \
    .kind = BIND_KIND_TEXTS, .at = BIND_AT_(s, items, const struct str *), \
    .count_at = BIND_AT_(s, count, size_t)
/* A struct inside the struct. */
#define BIND_OBJECT(s, member, object_table) \
    .kind = BIND_KIND_OBJECT, .at = offsetof(struct s, member), .table = (object_table)
/* An array of objects; members: `struct charge_input *charges; size_t charge_count;` */
#define BIND_OBJECTS(s, items, count, element_table)                                \
    .kind = BIND_KIND_OBJECTS, .at = offsetof(struct s, items),                     \
    .count_at = BIND_AT_(s, count, size_t), .size = sizeof *((struct s *)0)->items, \
    .table = (element_table)
/* JSON kept as it was written, for a second look (bind_object) or the store. */
#define BIND_RAW(s, member) .kind = BIND_KIND_RAW, .at = BIND_AT_(s, member, struct str)
/* Known, but Billow can't do it yet: refused with not_supported unless it asks for nothing, that
 * is null, false, 0, "", [], {}, or an object of such.  Where something else is what Billow does
 * anyway, that is `.neutral` ("true", "calendar"), and then false and 0 are refused. */
#define BIND_UNSUPPORTED .kind = BIND_KIND_UNSUPPORTED

#define BIND_SENT_AT(s, member) (1 + BIND_AT_(s, member, uint64_t))

#define BIND_AT_(s, member, type)                                                             \
    (offsetof(struct s, member) +                                                             \
     0 * sizeof(                                                                              \
             char[__builtin_types_compatible_p(type, __typeof__(((struct s *)0)->member)) ? 1 \
                                                                                          : -1]))
#define BIND_SIZED_(s, member, type) \
    (offsetof(struct s, member) +    \
     0 * sizeof(char[sizeof(type) == sizeof(((struct s *)0)->member) ? 1 : -1]))

struct bind {
    struct arena *arena; /* texts of the result live in it or in the input */
    struct fault *fault;
    bool is_lenient;
    struct str ignored[BIND_IGNORED_MAX]; /* paths of the fields passed over */
    size_t ignored_count;
};

void bind_init(struct bind *bind, struct arena *arena, struct fault *fault, bool is_lenient);

/* A whole body.  ERR_MALFORMED: not JSON, not an object, or without its one member; ERR_INVALID:
 * bad fields; ERR_NOT_SUPPORTED: nothing wrong but fields not supported. */
MUST_CHECK enum err bind_body(struct bind *bind, struct str body, const struct bind_table *table,
                              void *target);

/* An object that was kept raw; `path` stands before its fields' names in errors:
 * "charges.0.properties". Notes what is bad; ask bind_check at the end. */
void bind_object(struct bind *bind, struct str raw, struct str path, const struct bind_table *table,
                 void *target);

/* Query parameters; "x[]" for the elements of an array field "x". Notes only, as bind_object. */
void bind_query(struct bind *bind, const struct http_param *query, size_t count,
                const struct bind_table *table, void *target);

/* Whether all was well so far. */
MUST_CHECK enum err bind_check(struct bind *bind);

/* The word of a value; "" when it has none. */
const char *bind_word_of(const struct bind_word *words, int value);

#endif
