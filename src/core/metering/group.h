/* group.h - events told apart by the values that they bring: the groups of a charge.
 *
 * A charge names properties, its keys; what an event has of them, as it is written, is its group.
 * Unlike a filter's the values are not listed anywhere: a group is there once an event names it.
 * A property that is missing, or null, is null in the group, which is a group like any other. */
#ifndef CORE_METERING_GROUP_H
#define CORE_METERING_GROUP_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GROUP_KEYS_MAX  5
#define GROUP_SHOWN_MAX 2   /* keys by which usage is only shown apart */
#define GROUP_KEY_BYTES 255 /* of one key */

struct group_keys {
    const struct str *keys;
    size_t count; /* 0: nothing is told apart */
};

bool group_keys_have(const struct group_keys *keys, struct str key);

/* {"region":"eu","user":null}: a JSON object with each key, in their order. */
struct str group_text(struct arena *arena, const struct group_keys *keys, struct str properties);
/* The group of an event that has none of them. */
struct str group_none(struct arena *arena, const struct group_keys *keys);
/* Without the members of these names; "{}" when none is left. */
struct str group_without(struct arena *arena, struct str group, const struct str *names,
                         size_t count);
/* The value of a key; *has: there is such a key. */
struct str group_value(struct arena *arena, struct str group, struct str key, bool *has);
/* The values, for people: "eu, –". */
struct str group_name(struct arena *arena, struct str group);

/* ---- groups that were met -------------------------------------------------------------------- */

struct group_entry;

/* Numbers what is told apart from 0, in the order in which it is met. */
struct group_set {
    struct arena *arena; /* holds the texts too */
    struct group_entry *entries;
    size_t count, capacity;
    size_t *slots; /* an entry's number + 1; 0: free */
    size_t slot_count;
};

void group_set_init(struct group_set *set, struct arena *arena);
/* The number of a group of an owner (a part of a charge, or a group itself); set->count before the
 * call, when it is a new one. */
size_t group_set_number(struct group_set *set, size_t owner, struct str group);
size_t group_set_owner(const struct group_set *set, size_t number);
struct str group_set_text(const struct group_set *set, size_t number);

#endif
