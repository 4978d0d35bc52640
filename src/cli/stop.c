#include "cli/stop.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/command.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 100

struct stop {
    sigset_t ends;
    int64_t until_us; /* monotonic */
    pthread_t thread;
    _Atomic bool done;
};

/* Locks may be held and threads run: nothing is tidied up, as nothing is after a power cut. */
__attribute__((noreturn)) static void end_now(const char *why)
{
    log_warn("stopped before all was done", LOG_STR("why", str_of(why)));
    _exit(EXIT_FAILED_WORK);
}

static void *watch(void *arg)
{
    struct stop *stop = arg;
    const struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
    while (!atomic_load(&stop->done)) {
        if (sigtimedwait(&stop->ends, NULL, &look) > 0)
            end_now("a second signal");
        if (clock_monotonic_us() >= stop->until_us)
            end_now("--stop-timeout");
    }
    return NULL;
}

struct stop *stop_begin(const sigset_t *ends, int64_t timeout_s)
{
    struct stop *stop = calloc(1, sizeof *stop);
    if (stop == NULL)
        abort(); /* out of memory ends the process, see base/arena.h */
    stop->ends = *ends;
    stop->until_us = clock_monotonic_us() + timeout_s * 1000000;
    if (pthread_create(&stop->thread, NULL, watch, stop) != 0)
        end_now("no thread for the stop");
    return stop;
}

void stop_end(struct stop *stop)
{
    atomic_store(&stop->done, true);
    pthread_join(stop->thread, NULL);
    free(stop);
}
