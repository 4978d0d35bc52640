#include "jobs/upkeep_job.h"

#include "app/idempotency.h"
#include "app/invoice_document.h"
#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define PAUSE_S  60
#define USES_MAX 256 /* of one transaction; the others follow */

struct upkeep_job {
    struct app *app;
    size_t (*take_uses)(void *arg, struct api_key_use *uses, size_t max);
    void *arg;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stop; /* under the mutex */
};

static enum err write_uses(struct upkeep_job *job, struct ctx *ctx)
{
    struct api_key_use uses[USES_MAX];
    size_t count = 0;
    do {
        count = job->take_uses(job->arg, uses, USES_MAX);
        TRY(api_key_used(ctx, uses, count));
    } while (count == USES_MAX);
    return ERR_NONE;
}

static void run_once(struct upkeep_job *job, struct arena *arena)
{
    struct fault fault;
    int64_t purged = 0;
    fault_init(&fault, arena);
    struct ctx ctx = {.app = job->app,
                      .arena = arena,
                      .fault = &fault,
                      .actor = STR("job:upkeep"),
                      .origin = STR("serve")};
    enum err err = write_uses(job, &ctx);
    if (err == ERR_NONE)
        err = idempotency_purge(&ctx, &purged);
    if (err != ERR_NONE) /* the next minute tries again */
        log_warn("upkeep was not done", LOG_STR("why", fault.message));
    else if (purged > 0)
        log_debug("kept answers deleted", LOG_INT("count", purged));
}

/* Whether it shall go on. */
static bool pause_for(struct upkeep_job *job, int seconds)
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
    struct upkeep_job *job = arg;
    struct arena arena;
    bool goes_on = true;
    arena_init(&arena);
    invoice_pdf_warm(); /* so that nobody who asks for a PDF waits for the fonts */
    while (goes_on) {
        goes_on = pause_for(job, PAUSE_S);
        run_once(job, &arena);
        arena_reset(&arena);
    }
    arena_clear(&arena);
    return NULL;
}

enum err upkeep_job_start(struct app *app,
                          size_t (*take_uses)(void *arg, struct api_key_use *uses, size_t max),
                          void *arg, struct fault *fault, struct upkeep_job **job)
{
    struct upkeep_job *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_set(fault, ERR_UNAVAILABLE, "no memory for the upkeep thread");
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&made->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&made->mutex, NULL);
    made->app = app;
    made->take_uses = take_uses;
    made->arg = arg;
    if (pthread_create(&made->thread, NULL, work, made) != 0) {
        pthread_cond_destroy(&made->wake);
        pthread_mutex_destroy(&made->mutex);
        free(made);
        return fault_set(fault, ERR_UNAVAILABLE, "the system gives no thread for upkeep");
    }
    *job = made;
    return ERR_NONE;
}

void upkeep_job_stop(struct upkeep_job *job)
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
