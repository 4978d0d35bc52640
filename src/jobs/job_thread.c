#include "jobs/job_thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct job_thread {
    struct job_work work;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    atomic_bool stop; /* set under the mutex */
};

static int run_once(struct job_thread *job, struct arena *arena)
{
    struct fault fault;
    fault_init(&fault, arena);
    struct ctx ctx = {.app = job->work.app,
                      .arena = arena,
                      .fault = &fault,
                      .actor = arena_fmt(arena, "job:%s", job->work.name),
                      .origin = STR("serve")};
    int pause_ms = job->work.once(&ctx, job->work.arg, &job->stop);
    arena_reset(arena);
    return pause_ms;
}

static void pause_for(struct job_thread *job, int ms)
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

static void *run(void *arg)
{
    struct job_thread *job = arg;
    struct arena arena;
    arena_init(&arena);
    while (!atomic_load(&job->stop))
        pause_for(job, run_once(job, &arena));
    if (job->work.ends_with_once)
        (void)run_once(job, &arena);
    arena_clear(&arena);
    return NULL;
}

static void release(struct job_thread *job)
{
    pthread_cond_destroy(&job->wake);
    pthread_mutex_destroy(&job->mutex);
    free(job);
}

enum err job_thread_start(const struct job_work *work, struct fault *fault,
                          struct job_thread **thread)
{
    struct job_thread *job = calloc(1, sizeof *job);
    if (job == NULL)
        return fault_set(fault, ERR_UNAVAILABLE, "no memory for the %s thread", work->name);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&job->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&job->mutex, NULL);
    job->work = *work;
    if (pthread_create(&job->thread, NULL, run, job) != 0) {
        release(job);
        return fault_set(fault, ERR_UNAVAILABLE, "the system gives no thread for %s", work->name);
    }
    *thread = job;
    return ERR_NONE;
}

void job_thread_ask_stop(struct job_thread *thread)
{
    if (thread == NULL)
        return;
    pthread_mutex_lock(&thread->mutex);
    atomic_store(&thread->stop, true);
    pthread_cond_signal(&thread->wake);
    pthread_mutex_unlock(&thread->mutex);
}

void job_thread_stop(struct job_thread *thread)
{
    if (thread == NULL)
        return;
    job_thread_ask_stop(thread);
    pthread_join(thread->thread, NULL);
    release(thread);
}
