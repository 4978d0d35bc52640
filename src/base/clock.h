/* clock.h - what time it is: the real clock, or a test clock that stands still until it is set.
 *
 * Everything above core asks a clock, never the system.  A test clock starts at 1970-01-01 and
 * never runs backwards; both kinds are safe from any thread. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct clock {
    bool is_test;
    _Atomic int64_t now_us; /* of the test clock; the real one keeps its latest answer here */
};

void clock_init_real(struct clock *clock);
void clock_init_test(struct clock *clock, int64_t now_us);
/* Never less than an earlier answer. */
int64_t clock_now(struct clock *clock);
/* ERR_NOT_ALLOWED on the real clock; ERR_INVALID when `now_us` lies before the clock's time. */
MUST_CHECK enum err clock_set(struct clock *clock, int64_t now_us);
/* Monotonic time for measuring durations only, never stored. */
int64_t clock_monotonic_us(void);

#endif
