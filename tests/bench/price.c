/* price.c - how long core takes to price one charge of five graduated tiers, all of them entered.
 *
 * Prints the nanoseconds of one pricing by processor time: the least of many rounds, since other
 * work on the machine only adds.  The arithmetic is checked by the unit tests; here the sum only
 * keeps the compiler from leaving it out. */
#include "core/pricing/charge.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PASSES 20000
#define ROUNDS 41

static long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000L + now.tv_nsec;
}

static struct charge five_tiers(struct arena *arena)
{
    static const struct {
        const char *up_to, *per_unit, *flat;
    } tiers[] = {
        {"1000", "0.0125", "1.50"},   {"10000", "0.011", "0"}, {"100000.5", "0.00975", "2.5"},
        {"1000000", "0.008125", "0"}, {NULL, "0.00715", "10"},
    };
    struct charge charge = {.model = CHARGE_GRADUATED, .tier_count = 5};
    charge.tiers = ARENA_ARRAY(arena, 5, struct tier);
    for (size_t i = 0; i < 5; i++)
        charge.tiers[i] = (struct tier){
            .from = DECIMAL_NONE,
            .up_to = tiers[i].up_to == NULL ? DECIMAL_NONE : decimal_lit(tiers[i].up_to),
            .per_unit = decimal_lit(tiers[i].per_unit),
            .flat = decimal_lit(tiers[i].flat),
        };
    return charge;
}

int main(void)
{
    struct arena prices;
    struct arena arena;
    long best = 0;
    uint64_t sum = 0;
    arena_init(&prices);
    arena_init(&arena);
    struct charge charge = five_tiers(&prices);
    struct charge_use use = {.units = decimal_lit("1234567.25")};
    for (int round = 0; round < ROUNDS; round++) {
        long started = now_ns();
        for (int pass = 0; pass < PASSES; pass++) {
            struct price price;
            if (charge_price(&arena, &charge, &use, &price) != ERR_NONE)
                return 1;
            sum += price.amount.bits[0];
            arena_reset(&arena);
        }
        long took = now_ns() - started;
        if (round == 0 || took < best)
            best = took;
    }
    arena_clear(&arena);
    arena_clear(&prices);
    if (sum == 0)
        return 1;
    printf("%ld\n", best / PASSES);
    return 0;
}
