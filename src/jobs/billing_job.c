#include "jobs/billing_job.h"

#include "app/audit_anchor.h"
#include "app/billing.h"
#include "app/maintenance.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"

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
    _Atomic int64_t seen_us; /* monotonic: when the thread last got on */
};

static struct metric runs = METRIC_COUNTER(
    "billow_billing_runs_total", "Rounds of the billing thread, most of which find nothing due.");
static struct metric failures =
    METRIC_COUNTER("billow_billing_failures_total", "Rounds that did not do all that was due.");
static struct metric customers =
    METRIC_COUNTER("billow_billing_customers_total", "Customers for whom something was done.");
static struct metric made = METRIC_COUNTER("billow_billing_invoices_made_total", "Invoices made.");
static struct metric finalized =
    METRIC_COUNTER("billow_billing_invoices_finalized_total", "Invoices made final.");
static struct metric last_start = METRIC_GAUGE_US("billow_billing_last_start_timestamp_seconds",
                                                  "When the newest round began, in unix time.");
static struct metric last_duration = METRIC_GAUGE_US(
    "billow_billing_last_duration_seconds", "How long the newest round took that did something.");

static void register_metrics(void)
{
    struct metric *const all[] = {&runs,      &failures,   &customers,    &made,
                                  &finalized, &last_start, &last_duration};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        metric_register(all[i]);
}

static void note_progress(void *arg, const struct billing_progress *progress)
{
    struct billing_job *job = arg;
    (void)progress;
    atomic_store(&job->seen_us, clock_monotonic_us());
}

/* For doctor; that it can't be written is no reason to stop. */
static void note_run(struct ctx *ctx, const struct billing_progress *result)
{
    struct str words =
        arena_fmt(ctx->arena, "%lld customers, %lld invoices made, %lld finalized",
                  (long long)result->customers_done, (long long)result->invoices_made,
                  (long long)result->invoices_finalized);
    struct fault fault;
    struct ctx own = *ctx;
    fault_init(&fault, ctx->arena);
    own.fault = &fault;
    if (maintenance_note(&own, MAINTENANCE_BILLING, ctx_now(ctx), words) != ERR_NONE)
        log_warn("the billing run could not be noted", LOG_STR("why", fault.message));
}

static void run_once(struct billing_job *job, struct arena *arena, int *pause_s)
{
    struct fault fault;
    struct billing_progress result = {0};
    fault_init(&fault, arena);
    struct ctx ctx = {.app = job->app,
                      .arena = arena,
                      .fault = &fault,
                      .actor = STR("job:billing"),
                      .origin = STR("serve")};
    int64_t started_us = clock_monotonic_us();
    metric_set(&last_start, ctx_now(&ctx));
    enum err err = billing_run(&ctx,
                               &(struct billing_run_options){
                                   .until_at = ctx_now(&ctx),
                                   .threads = 1,
                                   .progress = note_progress,
                                   .arg = job,
                                   .stop = &job->stop,
                               },
                               &result);
    metric_add(&runs, 1);
    metric_add(&failures, err != ERR_NONE);
    metric_add(&customers, result.customers_done);
    metric_add(&made, result.invoices_made);
    metric_add(&finalized, result.invoices_finalized);
    if (result.customers_done > 0)
        note_run(&ctx, &result);
    if (result.customers_done > 0)
        metric_set(&last_duration, clock_monotonic_us() - started_us);
    *pause_s = err == ERR_NONE ? PAUSE_S : PAUSE_AFTER_ERROR_S;
    if (err != ERR_NONE)
        log_error("billing did not do all that is due", LOG_STR("why", fault.message));
    fault_reset(&fault);
    if (audit_anchor_daily(&ctx) != ERR_NONE)
        log_error("the audit trail was not anchored", LOG_STR("why", fault.message));
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
        note_progress(job, NULL);
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
    struct billing_job *started = calloc(1, sizeof *started);
    if (started == NULL)
        return fault_set(fault, ERR_UNAVAILABLE, "no memory for the billing thread");
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&started->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&started->mutex, NULL);
    started->app = app;
    atomic_store(&started->seen_us, clock_monotonic_us());
    if (pthread_create(&started->thread, NULL, work, started) != 0) {
        pthread_cond_destroy(&started->wake);
        pthread_mutex_destroy(&started->mutex);
        free(started);
        return fault_set(fault, ERR_UNAVAILABLE, "the system gives no thread for billing");
    }
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_metrics);
    *job = started;
    return ERR_NONE;
}

void billing_job_ask_stop(struct billing_job *job)
{
    if (job == NULL)
        return;
    pthread_mutex_lock(&job->mutex);
    atomic_store(&job->stop, true);
    pthread_cond_signal(&job->wake);
    pthread_mutex_unlock(&job->mutex);
}

int64_t billing_job_silent_us(struct billing_job *job)
{
    return job == NULL ? 0 : clock_monotonic_us() - atomic_load(&job->seen_us);
}

void billing_job_stop(struct billing_job *job)
{
    if (job == NULL)
        return;
    billing_job_ask_stop(job);
    pthread_join(job->thread, NULL);
    pthread_cond_destroy(&job->wake);
    pthread_mutex_destroy(&job->mutex);
    free(job);
}
