#include "app/test_clock.h"

#include "app/audit.h"
#include "app/audit_anchor.h"
#include "app/payment_settle.h"
#include "base/assert.h"
#include "base/time.h"
#include "store/sql/instance.h"

static struct str clock_text(struct ctx *ctx, int64_t at)
{
    return arena_fmt(ctx->arena, "{\"now\":\"%.*s\"}", STR_ARG(time_text(ctx->arena, at)));
}

static enum err keep(struct ctx *ctx, struct tx *tx, void *arg)
{
    const int64_t *now_at = arg;
    struct instance_row instance;
    bool found = false;
    TRY(instance_load(tx, &instance, &found));
    ASSERT(found);
    if (instance.test_clock_at == *now_at)
        return ERR_NONE;
    TRY(instance_set_clock(tx, &(struct instance_set_clock_in){.test_clock_at = *now_at}, NULL));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "test_clock.set",
                         .object_id = ctx->app->organization_id,
                         .before = clock_text(ctx, instance.test_clock_at),
                         .after = clock_text(ctx, *now_at),
                     });
}

enum err test_clock_get(struct ctx *ctx, int64_t *now_at)
{
    if (!ctx->app->clock.is_test)
        return fail(ctx, ERR_NOT_FOUND,
                    "there is no test clock: this database runs on the real one");
    *now_at = ctx_now(ctx);
    return ERR_NONE;
}

enum err test_clock_set(struct ctx *ctx, int64_t now_at, bool run_jobs,
                        struct billing_progress *progress)
{
    int64_t before = 0;
    *progress = (struct billing_progress){0};
    TRY(test_clock_get(ctx, &before));
    if (clock_set(&ctx->app->clock, now_at) != ERR_NONE) {
        fault_field(ctx->fault, STR("now"), "value_is_out_of_range", time_text(ctx->arena, now_at),
                    "%.*s or later: the clock never runs backwards",
                    STR_ARG(time_text(ctx->arena, before)));
        return fault_check(ctx->fault);
    }
    TRY(tx_run(ctx, TX_WRITE, keep, &now_at));
    if (!run_jobs)
        return ERR_NONE;
    int64_t looked_up = 0;
    TRY(billing_run(ctx, &(struct billing_run_options){.until_at = now_at}, progress));
    TRY(payment_reconcile(ctx, NULL, &looked_up));
    return audit_anchor_daily(ctx);
}
