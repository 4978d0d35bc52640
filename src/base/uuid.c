#include "base/uuid.h"

#include "base/assert.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

/* RFC 9562 6.2, method 1: 48 bits of milliseconds, then a counter of 42 bits (in rand_a and the top
 * of rand_b) that starts at random for each millisecond and goes up within it. */
static pthread_mutex_t uuid_mutex = PTHREAD_MUTEX_INITIALIZER;
static int64_t uuid_last_ms = -1;
static uint64_t uuid_counter;

#define COUNTER_BITS 42

/* Random bytes are drawn from the system for many ids at once: a system call for each would cost
 * as much as preparing the event that it is for. */
#define POOL_IDS 64
static _Thread_local uint64_t uuid_pool[POOL_IDS][2];
static _Thread_local size_t uuid_pool_left;

static void draw(uint64_t random[2])
{
    if (uuid_pool_left == 0) {
        randombytes_buf(uuid_pool, sizeof uuid_pool);
        uuid_pool_left = POOL_IDS;
    }
    uuid_pool_left--;
    memcpy(random, uuid_pool[uuid_pool_left], sizeof uuid_pool[0]);
}

struct uuid uuid_new(int64_t now_us)
{
    struct uuid id;
    uint64_t random[2];
    draw(random);
    pthread_mutex_lock(&uuid_mutex);
    int64_t ms = now_us < 0 ? 0 : now_us / 1000;
    if (ms > uuid_last_ms) {
        uuid_last_ms = ms;
        uuid_counter = random[0] >> (64 - COUNTER_BITS + 1); /* top bit clear: room to count */
    } else if (++uuid_counter >> COUNTER_BITS != 0) {
        uuid_counter = 0;
        uuid_last_ms++;
    }
    ms = uuid_last_ms;
    uint64_t counter = uuid_counter;
    pthread_mutex_unlock(&uuid_mutex);

    for (int i = 0; i < 6; i++)
        id.bytes[i] = (unsigned char)((uint64_t)ms >> (40 - 8 * i));
    id.bytes[6] = (unsigned char)(0x70 | (counter >> 38 & 0x0f));
    id.bytes[7] = (unsigned char)(counter >> 30);
    id.bytes[8] = (unsigned char)(0x80 | (counter >> 24 & 0x3f));
    id.bytes[9] = (unsigned char)(counter >> 16);
    id.bytes[10] = (unsigned char)(counter >> 8);
    id.bytes[11] = (unsigned char)counter;
    memcpy(id.bytes + 12, &random[1], 4);
    return id;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool uuid_parse(struct str text, struct uuid *id)
{
    struct uuid parsed;
    size_t byte = 0;
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < 36;) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text.ptr[i++] != '-')
                return false;
            continue;
        }
        int high = hex_value(text.ptr[i]);
        int low = hex_value(text.ptr[i + 1]);
        if (high < 0 || low < 0)
            return false;
        parsed.bytes[byte++] = (unsigned char)(high << 4 | low);
        i += 2;
    }
    ASSERT(byte == 16);
    *id = parsed;
    return true;
}

void buf_uuid(struct buf *buf, struct uuid id)
{
    static const size_t groups[] = {4, 2, 2, 2, 6};
    size_t at = 0;
    for (size_t i = 0; i < 5; i++) {
        if (i > 0)
            buf_char(buf, '-');
        buf_hex(buf, id.bytes + at, groups[i]);
        at += groups[i];
    }
}

struct str uuid_text(struct arena *arena, struct uuid id)
{
    struct buf buf;
    buf_init(&buf, arena, 36);
    buf_uuid(&buf, id);
    return buf_str(&buf);
}

bool uuid_eq(struct uuid a, struct uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

int uuid_cmp(struct uuid a, struct uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

bool uuid_is_nil(struct uuid id)
{
    return uuid_eq(id, UUID_NIL);
}
