/* list.h - what lists share: where one goes on, and text that is looked for.
 *
 * A list that begins behind an object is not counted: its total is LIST_UNCOUNTED. */
#ifndef APP_LIST_H
#define APP_LIST_H

#include "base/arena.h"
#include "base/str.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stdint.h>

#define LIST_UNCOUNTED (-1)
#define LIST_KEY_TEXTS 4

/* The object behind which a list begins, by what the list is ordered by; each list says which
 * members it uses.  All zero: from the start.  The object need not exist any more. */
struct list_key {
    bool is_set;
    int64_t at;
    struct uuid id;
    int64_t number;
    struct str texts[LIST_KEY_TEXTS];
};

/* For "newest first" queries: what is before this instant; later than any where the list begins at
 * its start. */
int64_t list_before_at(const struct list_key *after);

/* For `id BETWEEN first AND last`, by which both engines search a key: the same id twice, or, of
 * nil, from the lowest to the highest there can be. */
struct uuid list_first_id(struct uuid wanted);
struct uuid list_last_id(struct uuid wanted);

/* "%part%" for LIKE, in small letters, its own signs escaped with "!"; STR_NULL for STR_NULL. */
struct str list_like(struct arena *arena, struct str part);

#endif
