/* json_bench.c - Billow's JSON reader against cJSON on one body: a request of 100 events.
 *
 * Rounds alternate; prints the median of the pairs' ratios (cJSON's time by ours), in thousandths.
 * Both read the whole text; ours passes all tokens with their unescaped texts, cJSON builds its
 * tree and frees it, which is what each one's users do. */
#include "base/arena.h"
#include "base/json_read.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EVENTS 100
#define PASSES 300
#define ROUNDS 21

static long now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static size_t make_body(char *body, size_t room)
{
    size_t len = (size_t)snprintf(body, room, "{\"events\":[");
    for (int i = 0; i < EVENTS; i++)
        len += (size_t)snprintf(
            body + len, room - len,
            "%s{\"transaction_id\":\"tx-%d\",\"external_subscription_id\":\"sub-%d\",\"code\":"
            "\"cpu_hours\",\"timestamp\":%d,\"properties\":{\"hours\":%d.25,\"zone\":\"eu-1\"}}",
            i == 0 ? "" : ",", i, i * 7919 % 1000, 1790000000 + i, i % 48);
    len += (size_t)snprintf(body + len, room - len, "]}");
    return len;
}

static long read_ours(struct arena *arena, struct str body)
{
    long started = now_us();
    for (int pass = 0; pass < PASSES; pass++) {
        struct json_reader reader;
        enum json_token token;
        json_reader_init(&reader, arena, body);
        while ((token = json_next(&reader)) != JSON_END) {
            if (token == JSON_ERROR)
                exit(1);
        }
        arena_reset(arena);
    }
    return now_us() - started;
}

static long read_theirs(struct str body)
{
    long started = now_us();
    for (int pass = 0; pass < PASSES; pass++) {
        cJSON *tree = cJSON_ParseWithLength(body.ptr, body.len);
        if (tree == NULL)
            exit(1);
        cJSON_Delete(tree);
    }
    return now_us() - started;
}

static int compare(const void *a, const void *b)
{
    long x = *(const long *)a;
    long y = *(const long *)b;
    return (x > y) - (x < y);
}

int main(void)
{
    static char body[64 * 1024];
    struct str text = {body, make_body(body, sizeof body)};
    struct arena arena;
    long ratios[ROUNDS];
    arena_init(&arena);
    for (int i = 0; i < ROUNDS; i++) {
        long ours = read_ours(&arena, text);
        long theirs = read_theirs(text);
        ratios[i] = theirs * 1000 / (ours > 0 ? ours : 1);
    }
    arena_clear(&arena);
    qsort(ratios, ROUNDS, sizeof ratios[0], compare);
    printf("%ld\n", ratios[ROUNDS / 2]);
    return 0;
}
