/* str.h - text as a view: a pointer and a length, passed by value, never owned.
 *
 * A view with a NULL pointer means "no text" (SQL's NULL, JSON's null); STR("") is empty text.
 * Bytes may hold anything; text that came from outside was checked to be UTF-8 without U+0000
 * at the door.  A terminated char * exists only on the line that calls a library. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *ptr;
    size_t len;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NULL     ((struct str){NULL, 0})
/* For "%.*s". */
#define STR_ARG(s) (int)(s).len, (s).ptr

/* A view of a terminated text; NULL gives STR_NULL. */
struct str str_of(const char *terminated);

bool str_is_null(struct str s);
/* Same bytes; STR_NULL equals only STR_NULL. */
bool str_eq(struct str a, struct str b);
/* As str_eq, ASCII letters alike whatever their case. */
bool str_eq_nocase(struct str a, struct str b);
/* Byte order, as COLLATE "C" and SQLite's BINARY: negative, 0, positive.  NULL sorts first. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Position of the first `c`, or -1. */
ptrdiff_t str_find(struct str s, char c);
/* s[from, to), both cut to the length. */
struct str str_slice(struct str s, size_t from, size_t to);
/* Without ASCII spaces, tabs and line ends at both ends. */
struct str str_trim(struct str s);
/* Cuts the part before the first `separator` off *rest and returns it; the whole rest (and *rest
 * becomes STR_NULL) when there is none.  false when *rest is STR_NULL already. */
bool str_split(struct str *rest, char separator, struct str *part);

/* Well-formed UTF-8 (no surrogates, nothing above U+10FFFF, no overlong forms) without U+0000. */
bool str_is_text(struct str s);

/* How many characters UTF-8 text has. */
size_t str_characters(struct str s);
/* The beginning of at most `bytes_max` bytes, which ends between two characters. */
struct str str_cut(struct str s, size_t bytes_max);

/* A decimal integer with optional '-', nothing else; false when malformed or out of range. */
bool str_to_int64(struct str s, int64_t *value);

/* 64-bit hash for tables in memory; not stable between versions, never stored. */
uint64_t str_hash(struct str s);

#endif
