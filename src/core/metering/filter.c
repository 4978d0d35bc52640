#include "core/metering/filter.h"

#include "base/assert.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "core/metering/property.h"

#define TEXT_BYTES_MAX ((size_t)64 << 20)

/* ---- as text --------------------------------------------------------------------------------- */

static void read_values(struct arena *arena, struct json_reader *reader, struct filter_key *key)
{
    struct str *values = NULL;
    size_t capacity = 0;
    enum json_token token = json_next(reader);
    ASSERT(token == JSON_ARRAY_START);
    while ((token = json_next(reader)) == JSON_STRING) {
        values = arena_grow(arena, values, key->value_count, &capacity, sizeof *values);
        values[key->value_count++] = reader->text;
    }
    ASSERT(token == JSON_ARRAY_END);
    key->values = values;
}

struct filter filter_of(struct arena *arena, struct str text)
{
    struct json_reader reader;
    struct filter filter = {0};
    struct filter_key *keys = NULL;
    size_t capacity = 0;
    json_reader_init(&reader, arena, text);
    enum json_token token = json_next(&reader);
    ASSERT(token == JSON_OBJECT_START);
    while ((token = json_next(&reader)) == JSON_KEY) {
        keys = arena_grow(arena, keys, filter.key_count, &capacity, sizeof *keys);
        struct filter_key *key = &keys[filter.key_count++];
        *key = (struct filter_key){.key = reader.text};
        read_values(arena, &reader, key);
    }
    ASSERT(token == JSON_OBJECT_END);
    filter.keys = keys;
    return filter;
}

struct str filter_text(struct arena *arena, const struct filter *filter)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, arena, TEXT_BYTES_MAX);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    for (size_t i = 0; i < filter->key_count; i++) {
        const struct filter_key *key = &filter->keys[i];
        json_array_named(&out, key->key);
        for (size_t j = 0; j < key->value_count; j++)
            json_str(&out, NULL, key->values[j]);
        json_array_end(&out);
    }
    json_object_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

/* ---- keys and values ------------------------------------------------------------------------- */

const struct filter_key *filter_find(const struct filter *filter, struct str key)
{
    for (size_t i = 0; i < filter->key_count; i++) {
        if (str_eq(filter->keys[i].key, key))
            return &filter->keys[i];
    }
    return NULL;
}

/* Where among the texts; `count`: nowhere. */
static size_t index_of(const struct str *texts, size_t count, struct str text)
{
    size_t i = 0;
    while (i < count && !str_eq(texts[i], text))
        i++;
    return i;
}

bool filter_key_has(const struct filter_key *key, struct str value)
{
    return index_of(key->values, key->value_count, value) < key->value_count;
}

static bool has_all(const struct filter *a, const struct filter *b)
{
    for (size_t i = 0; i < a->key_count; i++) {
        const struct filter_key *other = filter_find(b, a->keys[i].key);
        if (other == NULL)
            return false;
        for (size_t j = 0; j < a->keys[i].value_count; j++) {
            if (!filter_key_has(other, a->keys[i].values[j]))
                return false;
        }
    }
    return true;
}

bool filter_same(const struct filter *a, const struct filter *b)
{
    return has_all(a, b) && has_all(b, a);
}

bool filter_is_listed(const struct filter *filter, const struct filter *metric)
{
    return has_all(filter, metric);
}

struct filter filter_expand(struct arena *arena, const struct filter *filter,
                            const struct filter *metric)
{
    struct filter_key *keys = ARENA_ARRAY(arena, filter->key_count, struct filter_key);
    for (size_t i = 0; i < filter->key_count; i++) {
        keys[i] = filter->keys[i];
        const struct filter_key *listed = filter_find(metric, keys[i].key);
        if (listed != NULL && filter_key_has(&keys[i], STR(FILTER_ALL_VALUES))) {
            keys[i].values = listed->values;
            keys[i].value_count = listed->value_count;
        }
    }
    return (struct filter){keys, filter->key_count};
}

/* ---- which filter an event belongs to -------------------------------------------------------- */

static size_t combinations(const struct filter *filter)
{
    size_t count = 1;
    for (size_t i = 0; i < filter->key_count; i++) {
        if (__builtin_mul_overflow(count, filter->keys[i].value_count, &count))
            return SIZE_MAX;
    }
    return count;
}

static bool is_more_exact(const struct filter *a, const struct filter *b)
{
    if (a->key_count != b->key_count)
        return a->key_count > b->key_count;
    return combinations(a) < combinations(b);
}

struct filter_set filter_set_of(struct arena *arena, const struct filter *filters, size_t count)
{
    struct filter_set set = {.filters = filters, .count = count};
    size_t capacity = 0;
    set.order = ARENA_ARRAY(arena, count, size_t);
    for (size_t i = 0; i < count; i++) {
        size_t at = i; /* stays behind those that are as exact and stand before it */
        for (; at > 0 && is_more_exact(&filters[i], &filters[set.order[at - 1]]); at--)
            set.order[at] = set.order[at - 1];
        set.order[at] = i;
        for (size_t j = 0; j < filters[i].key_count; j++) {
            struct str key = filters[i].keys[j].key;
            if (index_of(set.keys, set.key_count, key) < set.key_count)
                continue;
            set.keys = arena_grow(arena, set.keys, set.key_count, &capacity, sizeof *set.keys);
            set.keys[set.key_count++] = key;
        }
    }
    return set;
}

/* By the values of set->keys; STR_NULL: the event has none. */
static size_t pick(const struct filter_set *set, const struct str *values)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct filter *filter = &set->filters[set->order[i]];
        bool matches = true;
        for (size_t j = 0; j < filter->key_count && matches; j++) {
            struct str value = values[index_of(set->keys, set->key_count, filter->keys[j].key)];
            matches = !str_is_null(value) && filter_key_has(&filter->keys[j], value);
        }
        if (matches)
            return set->order[i];
    }
    return set->count;
}

size_t filter_set_pick(struct arena *arena, const struct filter_set *set, struct str properties)
{
    return pick(set, property_texts(arena, properties, set->keys, set->key_count));
}

/* ---- segments -------------------------------------------------------------------------------- */

struct str filter_segment(struct arena *arena, const struct filter *metric, struct str properties)
{
    struct buf buf;
    struct str *keys = ARENA_ARRAY(arena, metric->key_count, struct str);
    for (size_t i = 0; i < metric->key_count; i++)
        keys[i] = metric->keys[i].key;
    struct str *values = property_texts(arena, properties, keys, metric->key_count);
    buf_init(&buf, arena, TEXT_BYTES_MAX);
    for (size_t i = 0; i < metric->key_count; i++) {
        size_t place = str_is_null(values[i]) ? metric->keys[i].value_count
                                              : index_of(metric->keys[i].values,
                                                         metric->keys[i].value_count, values[i]);
        if (i > 0)
            buf_add(&buf, STR("."));
        if (place < metric->keys[i].value_count)
            buf_fmt(&buf, "%zu", place);
        else
            buf_add(&buf, STR("-"));
    }
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

size_t filter_set_pick_segment(struct arena *arena, const struct filter_set *set,
                               const struct filter *metric, struct str segment)
{
    struct str *values = ARENA_ARRAY(arena, set->key_count, struct str);
    for (size_t i = 0; i < set->key_count; i++)
        values[i] = STR_NULL;
    for (size_t i = 0; i < metric->key_count; i++) {
        struct str part;
        size_t place = 0;
        size_t at = index_of(set->keys, set->key_count, metric->keys[i].key);
        str_split(&segment, '.', &part);
        if (at == set->key_count || part.len == 0 || part.ptr[0] == '-')
            continue;
        for (size_t j = 0; j < part.len; j++)
            place = place * 10 + (size_t)(part.ptr[j] - '0');
        ASSERT(place < metric->keys[i].value_count);
        values[at] = metric->keys[i].values[place];
    }
    return pick(set, values);
}
