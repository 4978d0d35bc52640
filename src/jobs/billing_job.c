#include "jobs/billing_job.h"

#include "app/audit_anchor.h"
#include "app/billing.h"
#include "app/maintenance.h"
#include "base/assert.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"

#include <pthread.h>

#define PAUSE_MS             1000
#define PAUSE_AFTER_ERROR_MS 30000 /* what can't be billed now is not tried every second */

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
    struct billing_watch *watch = arg;
    (void)progress;
    atomic_store(&watch->seen_us, clock_monotonic_us());
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

static int once(struct ctx *ctx, void *arg, const atomic_bool *stop)
{
    struct billing_progress result = {0};
    note_progress(arg, NULL);
    int64_t started_us = clock_monotonic_us();
    metric_set(&last_start, ctx_now(ctx));
    enum err err = billing_run(ctx,
                               &(struct billing_run_options){
                                   .until_at = ctx_now(ctx),
                                   .threads = 1,
                                   .progress = note_progress,
                                   .arg = arg,
                                   .stop = stop,
                               },
                               &result);
    metric_add(&runs, 1);
    metric_add(&failures, err != ERR_NONE);
    metric_add(&customers, result.customers_done);
    metric_add(&made, result.invoices_made);
    metric_add(&finalized, result.invoices_finalized);
    if (result.customers_done > 0)
        note_run(ctx, &result);
    if (result.customers_done > 0)
        metric_set(&last_duration, clock_monotonic_us() - started_us);
    if (err != ERR_NONE)
        log_error("billing did not do all that is due", LOG_STR("why", ctx->fault->message));
    fault_reset(ctx->fault);
    if (audit_anchor_daily(ctx) != ERR_NONE)
        log_error("the audit trail was not anchored", LOG_STR("why", ctx->fault->message));
    if (result.invoices_made > 0 || result.invoices_finalized > 0)
        log_info("billed", LOG_INT("customers", result.customers_done),
                 LOG_INT("invoices_made", result.invoices_made),
                 LOG_INT("invoices_finalized", result.invoices_finalized));
    return err == ERR_NONE ? PAUSE_MS : PAUSE_AFTER_ERROR_MS;
}

enum err billing_job_start(struct app *app, struct billing_watch *watch, struct fault *fault,
                           struct job_thread **job)
{
    static pthread_once_t registered = PTHREAD_ONCE_INIT;
    ASSERT(!app->clock.is_test);
    note_progress(watch, NULL);
    TRY(job_thread_start(
        &(struct job_work){.app = app, .name = "billing", .once = once, .arg = watch}, fault, job));
    pthread_once(&registered, register_metrics);
    return ERR_NONE;
}

int64_t billing_watch_silent_us(const struct billing_watch *watch)
{
    int64_t seen_us = atomic_load(&watch->seen_us);
    return seen_us == 0 ? 0 : clock_monotonic_us() - seen_us;
}
