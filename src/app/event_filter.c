#include "app/event_filter.h"

#include <stdlib.h>
#include <string.h>

#define HASHES     8
#define BITS_A_KEY 16
#define FIRST_KEYS (1u << 14) /* of a day's first layer; each further one is twice as large */
#define LAYERS_MAX 20

struct layer {
    uint64_t *words;
    uint64_t bit_mask;
    uint64_t keys, keys_max;
};

struct day_filter {
    int32_t day;
    int layer_count;
    struct layer layers[LAYERS_MAX];
};

struct event_filter {
    struct day_filter days[EVENT_FILTER_DAYS + 1]; /* unordered */
    int count;
};

static void *must(void *memory)
{
    if (memory == NULL)
        abort(); /* out of memory ends the process, see base/arena.h */
    return memory;
}

struct event_filter *event_filter_new(void)
{
    return must(calloc(1, sizeof(struct event_filter)));
}

static void clear_day(struct day_filter *day)
{
    for (int i = 0; i < day->layer_count; i++)
        free(day->layers[i].words);
    *day = (struct day_filter){0};
}

void event_filter_free(struct event_filter *filter)
{
    if (filter == NULL)
        return;
    for (int i = 0; i < filter->count; i++)
        clear_day(&filter->days[i]);
    free(filter);
}

static const struct day_filter *find_day(const struct event_filter *filter, int32_t arrival_day)
{
    for (int i = 0; i < filter->count; i++) {
        if (filter->days[i].day == arrival_day)
            return &filter->days[i];
    }
    return NULL;
}

/* The `i`th bit of a key: two independent halves, combined (Kirsch and Mitzenmacher, 2006). */
static uint64_t bit_of(const unsigned char hash[16], int i)
{
    uint64_t halves[2];
    memcpy(halves, hash, sizeof halves);
    return halves[0] + (uint64_t)i * (halves[1] | 1);
}

static void add_layer(struct day_filter *day)
{
    uint64_t keys = (uint64_t)FIRST_KEYS << day->layer_count;
    uint64_t bits = keys * BITS_A_KEY;
    day->layers[day->layer_count++] = (struct layer){
        .words = must(calloc(bits / 64, sizeof(uint64_t))),
        .bit_mask = bits - 1,
        .keys_max = keys,
    };
}

void event_filter_forget(struct event_filter *filter, int32_t first_day)
{
    for (int i = 0; i < filter->count;) {
        if (filter->days[i].day >= first_day) {
            i++;
            continue;
        }
        clear_day(&filter->days[i]);
        filter->days[i] = filter->days[--filter->count];
    }
}

static struct day_filter *make_day(struct event_filter *filter, int32_t arrival_day)
{
    struct day_filter *known = (struct day_filter *)find_day(filter, arrival_day);
    if (known != NULL)
        return known;
    event_filter_forget(filter, arrival_day - EVENT_FILTER_DAYS + 1);
    if (filter->count == EVENT_FILTER_DAYS + 1)
        abort(); /* days never go back: the clock does not */
    struct day_filter *made = &filter->days[filter->count++];
    *made = (struct day_filter){.day = arrival_day};
    return made;
}

void event_filter_add(struct event_filter *filter, int32_t arrival_day,
                      const unsigned char hash[16])
{
    struct day_filter *day = make_day(filter, arrival_day);
    if (day->layer_count == 0 ||
        (day->layers[day->layer_count - 1].keys == day->layers[day->layer_count - 1].keys_max &&
         day->layer_count < LAYERS_MAX))
        add_layer(day);
    struct layer *layer = &day->layers[day->layer_count - 1];
    layer->keys++;
    for (int i = 0; i < HASHES; i++) {
        uint64_t bit = bit_of(hash, i) & layer->bit_mask;
        layer->words[bit / 64] |= (uint64_t)1 << (bit % 64);
    }
}

static bool layer_holds(const struct layer *layer, const unsigned char hash[16])
{
    for (int i = 0; i < HASHES; i++) {
        uint64_t bit = bit_of(hash, i) & layer->bit_mask;
        if ((layer->words[bit / 64] >> (bit % 64) & 1) == 0)
            return false;
    }
    return true;
}

bool event_filter_may_hold(const struct event_filter *filter, int32_t arrival_day,
                           const unsigned char hash[16])
{
    const struct day_filter *day = find_day(filter, arrival_day);
    for (int i = 0; day != NULL && i < day->layer_count; i++) {
        if (layer_holds(&day->layers[i], hash))
            return true;
    }
    return false;
}
