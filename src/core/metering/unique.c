#include "core/metering/unique.h"

#include "base/assert.h"

#define SLOTS_FIRST 64
#define CHUNK       1024 /* entries */

struct unique_entry {
    struct str value;
    uint64_t hash;
    int64_t occurred_at; /* of its newest event */
    struct uuid id;
    bool removed;
};

void unique_init(struct unique *unique, struct arena *arena)
{
    *unique = (struct unique){.arena = arena, .slot_count = SLOTS_FIRST};
    unique->slots = ARENA_ARRAY(arena, SLOTS_FIRST, uint64_t);
}

static uint64_t slot_of(uint64_t hash, size_t index)
{
    return (hash & ~(uint64_t)UINT32_MAX) | (uint64_t)(index + 1);
}

static struct unique_entry *entry_at(const struct unique *unique, size_t index)
{
    return &unique->chunks[index / CHUNK][index % CHUNK];
}

static struct unique_entry *entry_of(const struct unique *unique, uint64_t slot)
{
    return entry_at(unique, (size_t)(slot & UINT32_MAX) - 1);
}

/* Where the value's entry is, or would be.  Entries of another hash are not looked at: far apart
 * in memory, that would be most of the time. */
static uint64_t *find(const struct unique *unique, uint64_t hash, struct str value)
{
    size_t mask = unique->slot_count - 1;
    for (size_t at = (size_t)hash & mask;; at = (at + 1) & mask) {
        uint64_t slot = unique->slots[at];
        if (slot == 0)
            return &unique->slots[at];
        if ((slot ^ hash) <= UINT32_MAX && str_eq(entry_of(unique, slot)->value, value))
            return &unique->slots[at];
    }
}

static void grow(struct unique *unique)
{
    unique->slot_count *= 4;
    unique->slots = ARENA_ARRAY(unique->arena, unique->slot_count, uint64_t);
    size_t mask = unique->slot_count - 1;
    for (size_t i = 0; i < unique->entry_count; i++) {
        uint64_t hash = entry_at(unique, i)->hash;
        size_t at = (size_t)hash & mask;
        while (unique->slots[at] != 0)
            at = (at + 1) & mask;
        unique->slots[at] = slot_of(hash, i);
    }
}

static bool is_older(const struct unique_event *event, const struct unique_entry *entry)
{
    if (event->occurred_at != entry->occurred_at)
        return event->occurred_at < entry->occurred_at;
    return uuid_cmp(event->id, entry->id) < 0;
}

static void append(struct unique *unique, uint64_t hash, const struct unique_event *event)
{
    ASSERT(unique->entry_count < UINT32_MAX - 1);
    if (unique->entry_count == unique->chunk_count * CHUNK) {
        unique->chunks = arena_grow(unique->arena, unique->chunks, unique->chunk_count,
                                    &unique->chunk_capacity, sizeof *unique->chunks);
        unique->chunks[unique->chunk_count++] =
            ARENA_ARRAY(unique->arena, CHUNK, struct unique_entry);
    }
    *entry_at(unique, unique->entry_count++) = (struct unique_entry){
        .value = arena_str(unique->arena, event->value),
        .hash = hash,
        .occurred_at = event->occurred_at,
        .id = event->id,
        .removed = event->removes,
    };
    if (!event->removes)
        unique->present++;
}

void unique_add(struct unique *unique, const struct unique_event *event)
{
    uint64_t hash = str_hash(event->value);
    uint64_t *slot = find(unique, hash, event->value);
    if (*slot == 0) {
        append(unique, hash, event);
        *slot = slot_of(hash, unique->entry_count - 1);
        if (unique->entry_count * 2 > unique->slot_count)
            grow(unique);
        return;
    }
    struct unique_entry *entry = entry_of(unique, *slot);
    if (is_older(event, entry))
        return;
    unique->present += (entry->removed ? 1 : 0) - (event->removes ? 1 : 0);
    entry->removed = event->removes;
    entry->occurred_at = event->occurred_at;
    entry->id = event->id;
}

int64_t unique_count(const struct unique *unique)
{
    return unique->present;
}
