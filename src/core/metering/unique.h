/* unique.h - a unique count: how many different values are there after all events.
 *
 * Each event adds its value, or removes it (property `operation_type`).  A value counts when its
 * last event is no removal; so removing what is not there or adding what is there changes nothing.
 * Events must come in order of time, those of one instant in order of their ids (asserted): then
 * nothing but the value needs to be kept of one.  Two counts can't be merged from their numbers,
 * only from their events.  Linear in the number of events. */
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
    char *bytes; /* where the next value goes, and how much room is there */
    size_t bytes_left, bytes_taken;
    uint64_t *slots; /* in order of their hash: it, above the entry's index + 1; 0: free */
    int slot_bits;   /* 2^slot_bits slots */
    int64_t present; /* values that count */
    int64_t last_at; /* of the newest event */
    struct uuid last_id;
};

struct unique_event {
    struct str value; /* copied */
    bool removes;
    int64_t occurred_at;
    struct uuid id;
};

void unique_init(struct unique *unique, struct arena *arena);
void unique_add(struct unique *unique, const struct unique_event *event);
int64_t unique_count(const struct unique *unique);

#endif
