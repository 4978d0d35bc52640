#include "api/limit.h"

#include "base/assert.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SETS      1024 /* of WAYS entries; an entry's hash says which */
#define WAYS      4
#define WINDOW_US ((int64_t)60 * 1000000)
#define SECOND_US 1000000
#define COST_MAX  1000000 /* of one request: keeps the sums within an int64_t */

/* Levels are in units of which a token has WINDOW_US: so each microsecond brings `limit` units. */
struct bucket {
    int64_t level;
    int64_t at_us; /* of the level; 0: never used, which is full */
};

struct entry {
    unsigned char name[16]; /* a key's id, or an address's hash */
    bool is_used, is_address;
    int64_t seen_us;
    struct bucket requests, events;
    int64_t used_at; /* not yet written down; 0: nothing to write */
};

struct limits {
    struct limit_config config;
    pthread_mutex_t mutex;
    struct entry entries[SETS][WAYS];
};

struct limits *limits_new(const struct limit_config *config)
{
    struct limits *limits = calloc(1, sizeof *limits);
    if (limits == NULL)
        abort();
    pthread_mutex_init(&limits->mutex, NULL);
    limits_change(limits, config);
    return limits;
}

void limits_change(struct limits *limits, const struct limit_config *config)
{
    ASSERT(config->requests <= LIMIT_MAX && config->events <= LIMIT_MAX &&
           config->failures <= LIMIT_MAX);
    pthread_mutex_lock(&limits->mutex);
    limits->config = *config;
    pthread_mutex_unlock(&limits->mutex);
}

void limits_free(struct limits *limits)
{
    if (limits == NULL)
        return;
    pthread_mutex_destroy(&limits->mutex);
    free(limits);
}

/* Its entry, in the place of the one that was not seen for longest where there is none yet. */
static struct entry *entry_of(struct limits *limits, const unsigned char name[16], bool is_address,
                              int64_t now_us)
{
    uint64_t hash = str_hash((struct str){(const char *)name, 16});
    struct entry *set = limits->entries[hash % SETS];
    struct entry *oldest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        struct entry *entry = &set[i];
        if (entry->is_used && entry->is_address == is_address &&
            memcmp(entry->name, name, sizeof entry->name) == 0) {
            entry->seen_us = now_us;
            return entry;
        }
        if (!entry->is_used || (oldest->is_used && entry->seen_us < oldest->seen_us))
            oldest = entry;
    }
    *oldest = (struct entry){.is_used = true, .is_address = is_address, .seen_us = now_us};
    memcpy(oldest->name, name, sizeof oldest->name);
    return oldest;
}

static int64_t seconds_for(int64_t units, int64_t limit)
{
    if (units <= 0)
        return 0;
    int64_t us = units / limit + (units % limit != 0);
    return us / SECOND_US + (us % SECOND_US != 0);
}

static bool take(struct bucket *bucket, int64_t limit, int64_t cost, int64_t now_us,
                 struct limit_state *state)
{
    int64_t full = limit * WINDOW_US;
    if (bucket->at_us == 0) {
        bucket->level = full;
    } else if (now_us > bucket->at_us) {
        int64_t elapsed = now_us - bucket->at_us;
        /* Two windows fill what the greatest debt of one costs; more would overflow. */
        int64_t refill = elapsed >= full / limit - bucket->level / limit ? full - bucket->level
                                                                         : elapsed * limit;
        bucket->level += refill;
    }
    if (bucket->level > full)
        bucket->level = full;
    bucket->at_us = now_us > 0 ? now_us : 1;
    int64_t needed = (cost < limit ? cost : limit) * WINDOW_US;
    bool taken = bucket->level >= needed;
    if (taken)
        bucket->level -= cost * WINDOW_US;
    *state = (struct limit_state){
        .limit = limit,
        .remaining = bucket->level > 0 ? bucket->level / WINDOW_US : 0,
        .reset_s = seconds_for(full - bucket->level, limit),
    };
    if (!taken) {
        state->retry_s = seconds_for(needed - bucket->level, limit);
        state->retry_s = state->retry_s > 0 ? state->retry_s : 1;
    }
    return taken;
}

bool limit_request(struct limits *limits, struct uuid key_id, int64_t now_us,
                   struct limit_state *state)
{
    bool taken = true;
    *state = (struct limit_state){0};
    pthread_mutex_lock(&limits->mutex);
    if (limits->config.requests > 0)
        taken = take(&entry_of(limits, key_id.bytes, false, now_us)->requests,
                     limits->config.requests, 1, now_us, state);
    pthread_mutex_unlock(&limits->mutex);
    return taken;
}

bool limit_events(struct limits *limits, struct uuid key_id, int64_t count, int64_t now_us,
                  struct limit_state *state)
{
    ASSERT(count >= 0 && count <= COST_MAX);
    bool taken = true;
    *state = (struct limit_state){0};
    pthread_mutex_lock(&limits->mutex);
    if (limits->config.events > 0)
        taken = take(&entry_of(limits, key_id.bytes, false, now_us)->events, limits->config.events,
                     count, now_us, state);
    pthread_mutex_unlock(&limits->mutex);
    return taken;
}

bool limit_failure(struct limits *limits, struct str address, int64_t now_us,
                   struct limit_state *state)
{
    unsigned char name[16] = {0};
    uint64_t hash = str_hash(address);
    memcpy(name, &hash, sizeof hash);
    bool taken = true;
    *state = (struct limit_state){0};
    pthread_mutex_lock(&limits->mutex);
    if (limits->config.failures > 0)
        taken = take(&entry_of(limits, name, true, now_us)->requests, limits->config.failures, 1,
                     now_us, state);
    pthread_mutex_unlock(&limits->mutex);
    return taken;
}

void limit_note_use(struct limits *limits, struct uuid key_id, int64_t used_at)
{
    pthread_mutex_lock(&limits->mutex);
    entry_of(limits, key_id.bytes, false, clock_monotonic_us())->used_at = used_at;
    pthread_mutex_unlock(&limits->mutex);
}

size_t limits_take_uses(struct limits *limits, struct api_key_use *uses, size_t max)
{
    size_t count = 0;
    pthread_mutex_lock(&limits->mutex);
    for (int i = 0; i < SETS * WAYS && count < max; i++) {
        struct entry *entry = &limits->entries[i / WAYS][i % WAYS];
        if (!entry->is_used || entry->used_at == 0)
            continue;
        memcpy(uses[count].key_id.bytes, entry->name, sizeof entry->name);
        uses[count++].used_at = entry->used_at;
        entry->used_at = 0;
    }
    pthread_mutex_unlock(&limits->mutex);
    return count;
}
