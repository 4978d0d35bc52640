#include "jobs/upkeep_job.h"

#include "app/idempotency.h"
#include "app/invoice_document.h"
#include "app/webhook_list.h"
#include "base/log.h"

#define PAUSE_MS 60000
#define USES_MAX 256 /* of one transaction; the others follow */

static enum err write_uses(const struct upkeep *upkeep, struct ctx *ctx)
{
    struct api_key_use uses[USES_MAX];
    size_t count = 0;
    do {
        count = upkeep->take_uses(upkeep->arg, uses, USES_MAX);
        TRY(api_key_used(ctx, uses, count));
    } while (count == USES_MAX);
    return ERR_NONE;
}

static int once(struct ctx *ctx, void *arg, const atomic_bool *stop)
{
    struct upkeep *upkeep = arg;
    int64_t purged = 0;
    int64_t forgotten = 0;
    (void)stop;
    if (!upkeep->is_warm) { /* so that nobody who asks for a PDF waits for the fonts */
        upkeep->is_warm = true;
        invoice_pdf_warm();
        return PAUSE_MS;
    }
    enum err err = write_uses(upkeep, ctx);
    if (err == ERR_NONE)
        err = idempotency_purge(ctx, &purged);
    if (err == ERR_NONE)
        err = webhook_purge(ctx, &forgotten);
    if (err != ERR_NONE) /* the next minute tries again */
        log_warn("upkeep was not done", LOG_STR("why", ctx->fault->message));
    else if (purged > 0)
        log_debug("kept answers deleted", LOG_INT("count", purged));
    if (forgotten > 0)
        log_debug("old webhooks deleted", LOG_INT("count", forgotten));
    return PAUSE_MS;
}

enum err upkeep_job_start(struct app *app, struct upkeep *upkeep, struct fault *fault,
                          struct job_thread **job)
{
    return job_thread_start(
        &(struct job_work){
            .app = app, .name = "upkeep", .once = once, .arg = upkeep, .ends_with_once = true},
        fault, job);
}
