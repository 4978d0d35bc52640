#include "core/metering/unique.h"

#include "base/assert.h"

#define SLOTS_FIRST 64

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
    unique->slots = ARENA_ARRAY(arena, SLOTS_FIRST, uint32_t);
}

/* Where the value's entry is, or would be. */
static uint32_t *find(const struct unique *unique, uint64_t hash, struct str value)
{
    size_t mask = unique->slot_count - 1;
    for (size_t slot = (size_t)hash & mask;; slot = (slot + 1) & mask) {
        uint32_t number = unique->slots[slot];
        if (number == 0)
            return &unique->slots[slot];
        const struct unique_entry *entry = &unique->entries[number - 1];
        if (entry->hash == hash && str_eq(entry->value, value))
            return &unique->slots[slot];
    }
}

static void grow(struct unique *unique)
{
    unique->slot_count *= 2;
    unique->slots = ARENA_ARRAY(unique->arena, unique->slot_count, uint32_t);
    for (size_t i = 0; i < unique->entry_count; i++)
        *find(unique, unique->entries[i].hash, unique->entries[i].value) = (uint32_t)(i + 1);
}

static bool is_older(const struct unique_event *event, const struct unique_entry *entry)
{
    if (event->occurred_at != entry->occurred_at)
        return event->occurred_at < entry->occurred_at;
    return uuid_cmp(event->id, entry->id) < 0;
}

static void append(struct unique *unique, uint64_t hash, const struct unique_event *event)
{
    ASSERT(unique->entry_count < UINT32_MAX);
    unique->entries = arena_grow(unique->arena, unique->entries, unique->entry_count,
                                 &unique->capacity, sizeof *unique->entries);
    unique->entries[unique->entry_count++] = (struct unique_entry){
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
    uint32_t *slot = find(unique, hash, event->value);
    if (*slot == 0) {
        append(unique, hash, event);
        *slot = (uint32_t)unique->entry_count;
        if (unique->entry_count * 2 > unique->slot_count)
            grow(unique);
        return;
    }
    struct unique_entry *entry = &unique->entries[*slot - 1];
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
