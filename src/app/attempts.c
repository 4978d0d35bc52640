#include "app/attempts.h"

#include "base/assert.h"
#include "base/hash.h"
#include "base/time.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SETS      1024 /* of WAYS entries */
#define WAYS      4
#define QUIET_US  TIME_HOUR /* then it begins anew */
#define DOUBLINGS 30

struct entry {
    unsigned char name[16];
    int64_t count; /* 0: free */
    int64_t last_us;
};

struct attempts {
    pthread_mutex_t mutex;
    unsigned char secret[32]; /* nobody can choose names that meet in one set */
    struct entry entries[SETS][WAYS];
};

struct attempts *attempts_new(void)
{
    struct attempts *attempts = calloc(1, sizeof *attempts);
    if (attempts == NULL)
        abort();
    pthread_mutex_init(&attempts->mutex, NULL);
    hash_random(attempts->secret, sizeof attempts->secret);
    return attempts;
}

void attempts_free(struct attempts *attempts)
{
    if (attempts == NULL)
        return;
    pthread_mutex_destroy(&attempts->mutex);
    free(attempts);
}

static struct entry *entry_of(struct attempts *attempts, struct str name)
{
    struct hash_stream stream;
    unsigned char digest[32];
    hash_init(&stream, (struct str){(const char *)attempts->secret, sizeof attempts->secret});
    hash_add(&stream, name);
    hash_end(&stream, digest);
    struct entry *set = attempts->entries[(digest[16] | digest[17] << 8) % SETS];
    struct entry *oldest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].count > 0 && memcmp(set[i].name, digest, sizeof set[i].name) == 0)
            return &set[i];
        if (set[i].count == 0 || (oldest->count > 0 && set[i].last_us < oldest->last_us))
            oldest = &set[i];
    }
    *oldest = (struct entry){0};
    memcpy(oldest->name, digest, sizeof oldest->name);
    return oldest;
}

static int64_t wait_after(const struct attempts_rule *rule, int64_t count)
{
    int64_t wait_s = rule->first_wait_s;
    if (count < rule->free_count)
        return 0;
    for (int64_t i = rule->free_count; i < count && i < rule->free_count + DOUBLINGS; i++)
        wait_s = wait_s < rule->wait_s_max ? wait_s * 2 : wait_s;
    return wait_s < rule->wait_s_max ? wait_s : rule->wait_s_max;
}

bool attempts_take(struct attempts *attempts, struct str name, const struct attempts_rule *rule,
                   int64_t now_us, int64_t *wait_s)
{
    ASSERT(rule->first_wait_s > 0 && rule->wait_s_max >= rule->first_wait_s);
    pthread_mutex_lock(&attempts->mutex);
    struct entry *entry = entry_of(attempts, name);
    if (entry->count > 0 && now_us - entry->last_us >= QUIET_US)
        entry->count = 0;
    int64_t left_us = entry->count == 0
                          ? 0
                          : entry->last_us + wait_after(rule, entry->count) * TIME_SECOND - now_us;
    bool taken = left_us <= 0;
    if (taken) {
        entry->count++;
        entry->last_us = now_us;
    }
    pthread_mutex_unlock(&attempts->mutex);
    *wait_s = taken ? 0 : (left_us + TIME_SECOND - 1) / TIME_SECOND;
    return taken;
}

void attempts_forget(struct attempts *attempts, struct str name)
{
    pthread_mutex_lock(&attempts->mutex);
    entry_of(attempts, name)->count = 0;
    pthread_mutex_unlock(&attempts->mutex);
}
