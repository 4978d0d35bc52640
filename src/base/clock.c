#include "base/clock.h"

#include <time.h>

static int64_t system_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void clock_init_real(struct clock *clock)
{
    clock->is_test = false;
    atomic_init(&clock->now_us, 0);
}

void clock_init_test(struct clock *clock, int64_t now_us)
{
    clock->is_test = true;
    atomic_init(&clock->now_us, now_us);
}

/* Raises the stored time to `wanted` and returns what it is then. */
static int64_t raise(struct clock *clock, int64_t wanted)
{
    int64_t known = atomic_load(&clock->now_us);
    while (known < wanted) {
        if (atomic_compare_exchange_weak(&clock->now_us, &known, wanted))
            return wanted;
    }
    return known;
}

int64_t clock_now(struct clock *clock)
{
    if (clock->is_test)
        return atomic_load(&clock->now_us);
    return raise(clock, system_us(CLOCK_REALTIME));
}

enum err clock_set(struct clock *clock, int64_t now_us)
{
    if (!clock->is_test)
        return ERR_NOT_ALLOWED;
    return raise(clock, now_us) > now_us ? ERR_INVALID : ERR_NONE;
}

int64_t clock_monotonic_us(void)
{
    return system_us(CLOCK_MONOTONIC);
}
