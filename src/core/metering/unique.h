/* unique.h - a unique count: how many different values are there after all events.
 *
 * Each event adds its value, or removes it (property `operation_type`).  A value counts when the
 * newest of its events, by time and then by arrival, is no removal; so removing what is not there
 * or adding what is there changes nothing, and events may come in any order.  Two counts can't be
 * merged from their numbers, only from their events.  Linear in the number of events. */
#ifndef CORE_METERING_UNIQUE_H
#define CORE_METERING_UNIQUE_H

#include "base/arena.h"
#include "base/str.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unique_entry;

struct unique {
    struct arena *arena;          /* holds the values too */
    struct unique_entry **chunks; /* of entries, which never move */
    size_t entry_count, chunk_count, chunk_capacity;
    uint64_t *slots; /* entry's index + 1, below the upper half of its hash; 0: free */
    size_t slot_count;
    int64_t present; /* values that count */
};

struct unique_event {
    struct str value; /* copied */
    bool removes;
    int64_t occurred_at;
    struct uuid id; /* decides between events of one instant: the id made later wins */
};

void unique_init(struct unique *unique, struct arena *arena);
void unique_add(struct unique *unique, const struct unique_event *event);
int64_t unique_count(const struct unique *unique);

#endif
