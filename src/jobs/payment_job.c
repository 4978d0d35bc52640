#include "jobs/payment_job.h"

#include "app/payment_settle.h"
#include "base/log.h"

#define PAUSE_MS 5000

static int once(struct ctx *ctx, void *arg, const atomic_bool *stop)
{
    int64_t count = 0;
    (void)arg;
    if (payment_reconcile(ctx, stop, &count) != ERR_NONE)
        log_error("not all payments could be looked up", LOG_STR("why", ctx->fault->message));
    if (count > 0)
        log_info("payments were looked up", LOG_INT("count", count));
    return PAUSE_MS;
}

enum err payment_job_start(struct app *app, struct fault *fault, struct job_thread **job)
{
    return job_thread_start(&(struct job_work){.app = app, .name = "payment", .once = once}, fault,
                            job);
}
