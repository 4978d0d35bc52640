#include "jobs/outbox_job.h"

#include "app/mail_send.h"
#include "base/log.h"

#define PAUSE_MS             500
#define PAUSE_AFTER_ERROR_MS 5000

const struct outbox_topic *const outbox_topics[] = {&mail_topic, NULL};

static int once(struct ctx *ctx, void *arg, const atomic_bool *stop)
{
    struct outbox_progress progress;
    (void)arg;
    enum err err = outbox_deliver(ctx, outbox_topics, stop, &progress);
    if (err != ERR_NONE) /* what was claimed comes due again */
        log_error("the outbox was not delivered", LOG_STR("why", ctx->fault->message));
    if (progress.done > 0 || progress.failed > 0)
        log_info("delivered", LOG_INT("done", progress.done), LOG_INT("failed", progress.failed));
    return err == ERR_NONE ? PAUSE_MS : PAUSE_AFTER_ERROR_MS;
}

enum err outbox_job_start(struct app *app, struct fault *fault, struct job_thread **job)
{
    return job_thread_start(&(struct job_work){.app = app, .name = "outbox", .once = once}, fault,
                            job);
}
