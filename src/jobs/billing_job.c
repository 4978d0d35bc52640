#include "jobs/billing_job.h"

#include "app/billing.h"
#include "base/assert.h"
#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define PAUSE_S             1
#define PAUSE_AFTER_ERROR_S 30 /* what can't be billed now is not tried every second */

struct billing_job {
    struct app *app;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    _Atomic bool stop;
};

static void run_once(struct billing_job *job, struct arena *arena, int *pause_s)
{
    struct fault fault;
    struct billing_progress result;
    fault_init(&fault, arena);
    struct ctx ctx = {.app = job->app,
                      .arena = arena,
                      .fault = &fault,
                      .actor = STR("job:billing"),
                      .origin = STR("serve")};
    enum err err = billing_run(
        &ctx,
        &(struct billing_run_options){.until_at = ctx_now(&ctx), .threads = 1, .stop = &job->stop},
        &result);
    *pause_s = err == ERR_NONE ? PAUSE_S : PAUSE_AFTER_ERROR_S;
    if (err != ERR_NONE)
        log_error("billing did not do all that is due", LOG_STR("why", fault.message));
    if (result.invoices_made > 0 || result.invoices_finalized > 0)
        log_info("billed", LOG_INT("customers", result.customers_done),
                 LOG_INT("invoices_made", result.invoices_made),
                 LOG_INT("invoices_finalized", result.invoices_finalized));
}

static void pause_for(struct billing_job *job, int seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&job->mutex);
    while (!atomic_load(&job->stop) && pthread_cond_timedwait(&job->wake, &job->mutex, &until) == 0)
        ;
    pthread_mutex_unlock(&job->mutex);
}

static void *work(void *arg)
{
    struct billing_job *job = arg;
    struct arena arena;
    arena_init(&arena);
    while (!atomic_load(&job->stop)) {
        int pause_s = PAUSE_S;
        run_once(job, &arena, &pause_s);
        arena_reset(&arena);
        pause_for(job, pause_s);
    }
    arena_clear(&arena);
    return NULL;
}

enum err billing_job_start(struct app *app, struct fault *fault, struct billing_job **job)
{
    ASSERT(!app->clock.is_test);
    struct billing_job *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, ERR_UNAVAILABLE, "no memory for the billing thread");
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&made->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&made->mutex, NULL);
    made->app = app;
    if (pthread_create(&made->thread, NULL, work, made) != 0) {
        pthread_cond_destroy(&made->wake);
        pthread_mutex_destroy(&made->mutex);
        free(made);
        return fault_set(fault, ERR_UNAVAILABLE, "the system gives no thread for billing");
    }
    *job = made;
    return ERR_NONE;
}

void billing_job_stop(struct billing_job *job)
{
    if (job == NULL)
        return;
    pthread_mutex_lock(&job->mutex);
    atomic_store(&job->stop, true);
    pthread_cond_signal(&job->wake);
    pthread_mutex_unlock(&job->mutex);
    pthread_join(job->thread, NULL);
    pthread_cond_destroy(&job->wake);
    pthread_mutex_destroy(&job->mutex);
    free(job);
}
