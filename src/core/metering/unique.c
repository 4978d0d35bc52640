#include "core/metering/unique.h"

#include "base/assert.h"
#include "base/time.h"

#include <string.h>

/* A million values are more than a processor's caches hold, and memory that was never touched is
 * dearer still.  So little is kept of a value, its bytes lie close together, and a larger table is
 * filled from the smaller one from front to back. */
#define SLOT_BITS_FIRST 6
#define CHUNK           256 /* entries */
#define BYTES_FIRST     ((size_t)256)
#define BYTES_MAX       ((size_t)64 << 10)

struct unique_entry {
    const char *value;
    uint32_t len;
    bool removed;
};

void unique_init(struct unique *unique, struct arena *arena)
{
    *unique = (struct unique){.arena = arena, .slot_bits = SLOT_BITS_FIRST, .last_at = TIME_NONE};
    unique->slots = ARENA_ARRAY(arena, (size_t)1 << SLOT_BITS_FIRST, uint64_t);
}

static struct unique_entry *entry_at(const struct unique *unique, uint64_t slot)
{
    size_t index = (size_t)(slot & UINT32_MAX) - 1;
    return &unique->chunks[index / CHUNK][index % CHUNK];
}

/* Where a hash is looked for first: slots stand in its order. */
static size_t home_of(const struct unique *unique, uint64_t hash)
{
    return (size_t)(hash >> (64 - unique->slot_bits));
}

static bool is_value(const struct unique_entry *entry, struct str value)
{
    return entry->len == value.len &&
           (value.len == 0 || memcmp(entry->value, value.ptr, value.len) == 0);
}

/* Where the value's slot is, or would be.  Entries of another hash are not looked at: far apart in
 * memory, that would be most of the time. */
static uint64_t *find(const struct unique *unique, uint64_t hash, struct str value)
{
    size_t mask = ((size_t)1 << unique->slot_bits) - 1;
    for (size_t at = home_of(unique, hash);; at = (at + 1) & mask) {
        uint64_t slot = unique->slots[at];
        if (slot == 0 || ((slot ^ hash) <= UINT32_MAX && is_value(entry_at(unique, slot), value)))
            return &unique->slots[at];
    }
}

static void grow(struct unique *unique)
{
    const uint64_t *old = unique->slots;
    size_t old_count = (size_t)1 << unique->slot_bits;
    unique->slot_bits++;
    size_t mask = old_count * 2 - 1;
    unique->slots = ARENA_ARRAY(unique->arena, old_count * 2, uint64_t);
    for (size_t i = 0; i < old_count; i++) {
        size_t at = home_of(unique, old[i]);
        while (old[i] != 0 && unique->slots[at] != 0)
            at = (at + 1) & mask;
        if (old[i] != 0)
            unique->slots[at] = old[i];
    }
}

static const char *keep(struct unique *unique, struct str value)
{
    if (value.len == 0)
        return "";
    if (value.len > unique->bytes_left) {
        size_t size = unique->bytes_taken < BYTES_FIRST ? BYTES_FIRST
                      : unique->bytes_taken > BYTES_MAX ? BYTES_MAX
                                                        : unique->bytes_taken;
        size = size < value.len ? value.len : size;
        unique->bytes = arena_alloc(unique->arena, size);
        unique->bytes_left = size;
        unique->bytes_taken += size;
    }
    char *kept = unique->bytes;
    memcpy(kept, value.ptr, value.len);
    unique->bytes += value.len;
    unique->bytes_left -= value.len;
    return kept;
}

/* A new entry; returns its index + 1. */
static uint64_t append(struct unique *unique, const struct unique_event *event)
{
    ASSERT(unique->entry_count < UINT32_MAX - 1 && event->value.len <= UINT32_MAX);
    if (unique->entry_count == unique->chunk_count * CHUNK) {
        unique->chunks = arena_grow(unique->arena, unique->chunks, unique->chunk_count,
                                    &unique->chunk_capacity, sizeof *unique->chunks);
        unique->chunks[unique->chunk_count++] =
            ARENA_ARRAY(unique->arena, CHUNK, struct unique_entry);
    }
    uint64_t number = ++unique->entry_count;
    *entry_at(unique, number) = (struct unique_entry){
        .value = keep(unique, event->value),
        .len = (uint32_t)event->value.len,
        .removed = event->removes,
    };
    if (!event->removes)
        unique->present++;
    return number;
}

static bool is_next(const struct unique *unique, const struct unique_event *event)
{
    if (unique->last_at == TIME_NONE || event->occurred_at != unique->last_at)
        return unique->last_at == TIME_NONE || event->occurred_at > unique->last_at;
    return uuid_cmp(event->id, unique->last_id) >= 0;
}

void unique_add(struct unique *unique, const struct unique_event *event)
{
    uint64_t hash = str_hash(event->value);
    uint64_t *slot = find(unique, hash, event->value);
    ASSERT(is_next(unique, event));
    unique->last_at = event->occurred_at;
    unique->last_id = event->id;
    if (*slot == 0) {
        *slot = (hash & ~(uint64_t)UINT32_MAX) | append(unique, event);
        if (unique->entry_count > ((size_t)3 << unique->slot_bits) / 4)
            grow(unique);
        return;
    }
    struct unique_entry *entry = entry_at(unique, *slot);
    unique->present += (entry->removed ? 1 : 0) - (event->removes ? 1 : 0);
    entry->removed = event->removes;
}

int64_t unique_count(const struct unique *unique)
{
    return unique->present;
}
