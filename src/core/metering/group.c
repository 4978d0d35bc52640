#include "core/metering/group.h"

#include "base/assert.h"
#include "base/buf.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "core/metering/property.h"

/* An event's properties are smaller, and escaped twice no more than six times as long. */
#define TEXT_BYTES_MAX ((size_t)64 << 20)
#define SLOTS_FIRST    64

bool group_keys_have(const struct group_keys *keys, struct str key)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (str_eq(keys->keys[i], key))
            return true;
    }
    return false;
}

/* ---- as text --------------------------------------------------------------------------------- */

static struct str write(struct arena *arena, const struct str *keys, const struct str *values,
                        size_t count)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, arena, TEXT_BYTES_MAX);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    for (size_t i = 0; i < count; i++)
        json_str_named(&out, keys[i], values[i]);
    json_object_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

struct str group_text(struct arena *arena, const struct group_keys *keys, struct str properties)
{
    struct str *values = property_texts(arena, properties, keys->keys, keys->count);
    return write(arena, keys->keys, values, keys->count);
}

struct str group_none(struct arena *arena, const struct group_keys *keys)
{
    return group_text(arena, keys, STR("{}"));
}

/* The next member of a group; false: there is none. */
static bool next_member(struct json_reader *reader, struct str *key, struct str *value)
{
    if (json_next(reader) != JSON_KEY)
        return false;
    *key = reader->text;
    enum json_token token = json_next(reader);
    ASSERT(token == JSON_STRING || token == JSON_NULL);
    *value = token == JSON_STRING ? reader->text : STR_NULL;
    return true;
}

static void begin(struct json_reader *reader, struct arena *arena, struct str group)
{
    json_reader_init(reader, arena, group);
    enum json_token token = json_next(reader);
    ASSERT(token == JSON_OBJECT_START);
}

struct str group_without(struct arena *arena, struct str group, const struct str *names,
                         size_t count)
{
    struct json_reader reader;
    struct str keys[GROUP_KEYS_MAX];
    struct str values[GROUP_KEYS_MAX];
    size_t left = 0;
    begin(&reader, arena, group);
    while (left < GROUP_KEYS_MAX && next_member(&reader, &keys[left], &values[left])) {
        size_t i = 0;
        while (i < count && !str_eq(names[i], keys[left]))
            i++;
        left += i == count ? 1 : 0;
    }
    return write(arena, keys, values, left);
}

struct str group_value(struct arena *arena, struct str group, struct str key, bool *has)
{
    struct json_reader reader;
    struct str name;
    struct str value;
    begin(&reader, arena, group);
    while (next_member(&reader, &name, &value)) {
        *has = str_eq(name, key);
        if (*has)
            return value;
    }
    *has = false;
    return STR_NULL;
}

struct str group_name(struct arena *arena, struct str group)
{
    struct json_reader reader;
    struct buf buf;
    struct str name;
    struct str value;
    bool is_first = true;
    buf_init(&buf, arena, TEXT_BYTES_MAX);
    begin(&reader, arena, group);
    while (next_member(&reader, &name, &value)) {
        if (!is_first)
            buf_add(&buf, STR(", "));
        buf_add(&buf, str_is_null(value) ? STR("–") : value);
        is_first = false;
    }
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

/* ---- groups that were met -------------------------------------------------------------------- */

struct group_entry {
    struct str text;
    size_t owner;
    uint64_t hash;
};

void group_set_init(struct group_set *set, struct arena *arena)
{
    *set = (struct group_set){.arena = arena, .slot_count = SLOTS_FIRST};
    set->slots = ARENA_ARRAY(arena, set->slot_count, size_t);
}

static uint64_t hash_of(size_t owner, struct str group)
{
    return str_hash(group) + (uint64_t)owner * 0x9e3779b97f4a7c15u;
}

/* Where it is, or would be. */
static size_t *find(const struct group_set *set, uint64_t hash, size_t owner, struct str group)
{
    for (size_t at = (size_t)hash & (set->slot_count - 1);; at = (at + 1) & (set->slot_count - 1)) {
        size_t slot = set->slots[at];
        if (slot == 0)
            return &set->slots[at];
        const struct group_entry *entry = &set->entries[slot - 1];
        if (entry->hash == hash && entry->owner == owner && str_eq(entry->text, group))
            return &set->slots[at];
    }
}

static void grow(struct group_set *set)
{
    set->slot_count *= 2;
    set->slots = ARENA_ARRAY(set->arena, set->slot_count, size_t);
    for (size_t i = 0; i < set->count; i++) {
        const struct group_entry *entry = &set->entries[i];
        *find(set, entry->hash, entry->owner, entry->text) = i + 1;
    }
}

size_t group_set_number(struct group_set *set, size_t owner, struct str group)
{
    uint64_t hash = hash_of(owner, group);
    const size_t *slot = find(set, hash, owner, group);
    if (*slot != 0)
        return *slot - 1;
    if (set->count * 2 >= set->slot_count)
        grow(set);
    set->entries =
        arena_grow(set->arena, set->entries, set->count, &set->capacity, sizeof *set->entries);
    set->entries[set->count] = (struct group_entry){arena_str(set->arena, group), owner, hash};
    *find(set, hash, owner, group) = set->count + 1;
    return set->count++;
}

size_t group_set_owner(const struct group_set *set, size_t number)
{
    ASSERT(number < set->count);
    return set->entries[number].owner;
}

struct str group_set_text(const struct group_set *set, size_t number)
{
    ASSERT(number < set->count);
    return set->entries[number].text;
}
