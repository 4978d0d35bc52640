#include "jobs/payment_job.h"

#include "app/payment_settle.h"
#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define PAUSE_S 5

struct payment_job {
    struct app *app;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stop; /* under the mutex */
};

static void run_once(struct payment_job *job, struct arena *arena)
{
    struct fault fault;
    int64_t count = 0;
    fault_init(&fault, arena);
    struct ctx ctx = {.app = job->app,
                      .arena = arena,
                      .fault = &fault,
                      .actor = STR("job:payment"),
                      .origin = STR("serve")};
    if (payment_reconcile(&ctx, &count) != ERR_NONE)
        log_error("not all payments could be looked up", LOG_STR("why", fault.message));
    if (count > 0)
        log_info("payments were looked up", LOG_INT("count", count));
}

/* Whether it shall go on. */
static bool pause_for(struct payment_job *job, int seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&job->mutex);
    while (!job->stop && pthread_cond_timedwait(&job->wake, &job->mutex, &until) == 0)
        ;
    bool goes_on = !job->stop;
    pthread_mutex_unlock(&job->mutex);
    return goes_on;
}

static void *work(void *arg)
{
    struct payment_job *job = arg;
    struct arena arena;
    bool goes_on = true;
    arena_init(&arena);
    while (goes_on) {
        run_once(job, &arena);
        arena_reset(&arena);
        goes_on = pause_for(job, PAUSE_S);
    }
    arena_clear(&arena);
    return NULL;
}

enum err payment_job_start(struct app *app, struct fault *fault, struct payment_job **job)
{
    struct payment_job *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, ERR_UNAVAILABLE, "no memory for the payment thread");
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
        return fault_set(fault, ERR_UNAVAILABLE, "the system gives no thread for payments");
    }
    *job = made;
    return ERR_NONE;
}

void payment_job_stop(struct payment_job *job)
{
    if (job == NULL)
        return;
    pthread_mutex_lock(&job->mutex);
    job->stop = true;
    pthread_cond_signal(&job->wake);
    pthread_mutex_unlock(&job->mutex);
    pthread_join(job->thread, NULL);
    pthread_cond_destroy(&job->wake);
    pthread_mutex_destroy(&job->mutex);
    free(job);
}
