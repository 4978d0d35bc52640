/* metering.c - what a million events cost in the core, by aggregation.
 *
 * Prints for each its name, processor time in ms, and that time by what adding up the same events
 * as a sum costs, in thousandths; rounds alternate, the median counts.  Values of the unique count
 * are all different; slots of the percentile are of a minute, 20 events each. */
#include "base/time.h"
#include "core/metering/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define EVENTS     1000000
#define ROUNDS     5
#define TEXT_BYTES 24

static char texts[EVENTS][TEXT_BYTES];
static struct decimal numbers[1000];

static long processor_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static long fold_us(enum aggregation aggregation)
{
    struct arena arena;
    struct usage_fold fold;
    struct usage usage;
    struct usage_rule rule = {.aggregation = aggregation, .percentile = {decimal_of(95), 60}};
    struct usage_span span = {0, (int64_t)EVENTS * 3 * TIME_SECOND, 0,
                              (int64_t)EVENTS * 3 * TIME_SECOND};
    long started = processor_us();
    arena_init(&arena);
    usage_fold_init(&fold, &arena, &rule, &span, false);
    for (int i = 0; i < EVENTS; i++) {
        struct usage_event event = {
            .value = {.number = numbers[(unsigned)i * 2654435761U % 1000], .text = STR_NULL},
            .occurred_at = (int64_t)i * 3 * TIME_SECOND,
            .cents = DECIMAL_NONE,
        };
        if (aggregation == AGGREGATION_UNIQUE) {
            event.value.number = DECIMAL_NONE;
            event.value.text = str_of(texts[i]);
        }
        if (usage_fold_add(&fold, &event) != ERR_NONE)
            exit(1);
    }
    if (usage_fold_end(&fold, &usage) != ERR_NONE)
        exit(1);
    arena_clear(&arena);
    return processor_us() - started;
}

static int compare(const void *a, const void *b)
{
    long x = *(const long *)a;
    long y = *(const long *)b;
    return (x > y) - (x < y);
}

int main(void)
{
    static const struct {
        const char *name;
        enum aggregation aggregation;
    } measured[] = {{"sum", AGGREGATION_SUM},
                    {"average", AGGREGATION_AVERAGE},
                    {"weighted sum", AGGREGATION_WEIGHTED},
                    {"unique count", AGGREGATION_UNIQUE},
                    {"percentile", AGGREGATION_PERCENTILE}};
    enum { COUNT = sizeof measured / sizeof *measured };
    long times[COUNT][ROUNDS];
    long ratios[COUNT][ROUNDS];
    for (int i = 0; i < EVENTS; i++)
        snprintf(texts[i], TEXT_BYTES, "item-%08x", (unsigned)i * 2654435761U);
    for (int i = 0; i < 1000; i++) {
        if (decimal_scale(decimal_of(i), -2, &numbers[i]) != ERR_NONE)
            return 1;
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < COUNT; i++) {
            times[i][round] = fold_us(measured[i].aggregation);
            ratios[i][round] = times[i][round] * 1000 / times[0][round];
        }
    }
    for (int i = 0; i < COUNT; i++) {
        qsort(times[i], ROUNDS, sizeof times[i][0], compare);
        qsort(ratios[i], ROUNDS, sizeof ratios[i][0], compare);
        printf("%s\t%ld\t%ld\n", measured[i].name, times[i][ROUNDS / 2] / 1000,
               ratios[i][ROUNDS / 2]);
    }
    return 0;
}
