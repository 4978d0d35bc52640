#include "jobs/webhook_job.h"

#include "app/webhook_send.h"
#include "base/log.h"

#define PAUSE_MS             500
#define PAUSE_AFTER_ERROR_MS 5000

static int pause_after(struct ctx *ctx, enum err err)
{
    if (err == ERR_NONE)
        return PAUSE_MS;
    log_error("webhooks were not delivered", LOG_STR("why", ctx->fault->message));
    return PAUSE_AFTER_ERROR_MS; /* what was claimed comes due again */
}

static int deliver(struct ctx *ctx, void *arg, const atomic_bool *stop)
{
    const struct webhook_worker *worker = arg;
    struct outbox_progress progress = {0};
    enum err err = webhook_deliver(ctx, worker->index, WEBHOOK_TIME_MAX_S, stop, &progress);
    if (progress.done > 0 || progress.failed > 0)
        log_info("webhooks delivered", LOG_INT("done", progress.done),
                 LOG_INT("failed", progress.failed));
    return pause_after(ctx, err);
}

static enum err start_next(struct webhook_job *job, struct fault *fault)
{
    size_t index = job->count;
    job->workers[index] = (struct webhook_worker){job, index};
    TRY(job_thread_start(
        &(struct job_work){
            .app = job->app, .name = "webhooks", .once = deliver, .arg = &job->workers[index]},
        fault, &job->threads[index]));
    job->count++;
    return ERR_NONE;
}

static int count_endpoints(struct ctx *ctx, void *arg, const atomic_bool *stop)
{
    struct webhook_job *job = arg;
    struct webhook_endpoint_row *rows = NULL;
    size_t count = 0;
    (void)stop;
    enum err err = webhook_endpoint_list_all(ctx, &rows, &count);
    while (err == ERR_NONE && job->count < count && job->count < WEBHOOK_ENDPOINTS_MAX)
        err = start_next(job, ctx->fault);
    return pause_after(ctx, err);
}

enum err webhook_job_start(struct webhook_job *job, struct app *app, struct fault *fault)
{
    *job = (struct webhook_job){.app = app};
    return job_thread_start(
        &(struct job_work){.app = app, .name = "webhooks", .once = count_endpoints, .arg = job},
        fault, &job->counting);
}

void webhook_job_stop(struct webhook_job *job)
{
    job_thread_stop(job->counting); /* nobody starts others any more */
    for (size_t i = 0; i < job->count; i++)
        job_thread_ask_stop(job->threads[i]);
    for (size_t i = 0; i < job->count; i++)
        job_thread_stop(job->threads[i]);
    *job = (struct webhook_job){0};
}
