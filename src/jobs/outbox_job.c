#include "jobs/outbox_job.h"

#include "app/mail_send.h"
#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define PAUSE_MS             500
#define PAUSE_AFTER_ERROR_MS 5000

struct outbox_job {
    struct app *app;
    const struct outbox_topic *const *topics;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    atomic_bool stop;
};

const struct outbox_topic *const outbox_topics[] = {&mail_topic, NULL};

static void run_once(struct outbox_job *job, struct arena *arena, int *pause_ms)
{
    struct fault fault;
    struct outbox_progress progress;
    fault_init(&fault, arena);
    struct ctx ctx = {.app = job->app,
                      .arena = arena,
                      .fault = &fault,
                      .actor = STR("job:outbox"),
                      .origin = STR("serve")};
    enum err err = outbox_deliver(&ctx, job->topics, &job->stop, &progress);
    *pause_ms = err == ERR_NONE ? PAUSE_MS : PAUSE_AFTER_ERROR_MS;
    if (err != ERR_NONE) /* what was claimed comes due again */
        log_error("the outbox was not delivered", LOG_STR("why", fault.message));
    if (progress.done > 0 || progress.failed > 0)
        log_info("delivered", LOG_INT("done", progress.done), LOG_INT("failed", progress.failed));
}

static void pause_for(struct outbox_job *job, int ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&job->mutex);
    while (!atomic_load(&job->stop) && pthread_cond_timedwait(&job->wake, &job->mutex, &until) == 0)
        ;
    pthread_mutex_unlock(&job->mutex);
}

static void *work(void *arg)
{
    struct outbox_job *job = arg;
    struct arena arena;
    arena_init(&arena);
    while (!atomic_load(&job->stop)) {
        int pause_ms = PAUSE_MS;
        run_once(job, &arena, &pause_ms);
        arena_reset(&arena);
        pause_for(job, pause_ms);
    }
    arena_clear(&arena);
    return NULL;
}

enum err outbox_job_start(struct app *app, const struct outbox_topic *const *topics,
                          struct fault *fault, struct outbox_job **job)
{
    struct outbox_job *started = calloc(1, sizeof *started);
    if (started == NULL)
        return fault_set(fault, ERR_UNAVAILABLE, "no memory for the outbox thread");
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&started->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&started->mutex, NULL);
    started->app = app;
    started->topics = topics;
    if (pthread_create(&started->thread, NULL, work, started) != 0) {
        pthread_cond_destroy(&started->wake);
        pthread_mutex_destroy(&started->mutex);
        free(started);
        return fault_set(fault, ERR_UNAVAILABLE, "the system gives no thread for the outbox");
    }
    *job = started;
    return ERR_NONE;
}

void outbox_job_ask_stop(struct outbox_job *job)
{
    if (job == NULL)
        return;
    pthread_mutex_lock(&job->mutex);
    atomic_store(&job->stop, true);
    pthread_cond_signal(&job->wake);
    pthread_mutex_unlock(&job->mutex);
}

void outbox_job_stop(struct outbox_job *job)
{
    if (job == NULL)
        return;
    outbox_job_ask_stop(job);
    pthread_join(job->thread, NULL);
    pthread_cond_destroy(&job->wake);
    pthread_mutex_destroy(&job->mutex);
    free(job);
}
