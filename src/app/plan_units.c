/* plan_units.c - units of a plan's new version that hold at once, billed customer by customer. */
#include "app/plan_change.h"

#include "app/audit.h"
#include "app/billing.h"
#include "app/billing_step.h"
#include "base/log.h"
#include "base/time.h"
#include "store/sql/fixed.h"

struct units_billing {
    int64_t until_at;
    struct plan_version_row *versions;
    size_t version_count;
    const struct plan_version_row *version; /* whose turn it is */
    struct fixed_units_customer_list_row *subscriptions;
    size_t count;
    const struct fixed_units_customer_list_row *subscription;
};

static enum err list_versions(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct units_billing *billing = arg;
    (void)ctx;
    return plan_version_units_due_list(
        tx, &(struct plan_version_units_due_list_in){.until_at = billing->until_at},
        &billing->versions, &billing->version_count);
}

static enum err list_subscriptions(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct units_billing *billing = arg;
    (void)ctx;
    return fixed_units_customer_list(
        tx, &(struct fixed_units_customer_list_in){.plan_version_id = billing->version->id},
        &billing->subscriptions, &billing->count);
}

static enum err bill_one(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct units_billing *billing = arg;
    struct uuid customer_id = billing->subscription->customer_id;
    struct billing_counts counts = {0};
    TRY(billing_step(ctx, tx, customer_id, billing->version->units_due_at, &counts));
    return billing_units_changed(ctx, tx, customer_id, billing->subscription->id,
                                 billing->version->id, billing->version->units_due_at, false);
}

static enum err mark_billed(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct units_billing *billing = arg;
    TRY(plan_version_set_units_due(tx,
                                   &(struct plan_version_set_units_due_in){
                                       .units_due_at = TIME_NONE, .id = billing->version->id},
                                   NULL));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "plan.bill_units",
                         .object_id = billing->version->plan_id,
                         .before = STR("{\"units_billed\":false}"),
                         .after = STR("{\"units_billed\":true}"),
                     });
}

static enum err bill_version(struct ctx *ctx, struct units_billing *billing)
{
    size_t failed = 0;
    TRY(tx_run(ctx, TX_READ, list_subscriptions, billing));
    for (size_t i = 0; i < billing->count; i++) {
        billing->subscription = &billing->subscriptions[i];
        enum err err = tx_run(ctx, TX_WRITE, bill_one, billing);
        /* Where the store fails nothing later may be billed first. */
        if (err == ERR_STORE)
            return err;
        if (err == ERR_NONE)
            continue;
        /* One that can't be billed does not keep the others from it. */
        log_error("units that changed could not be billed",
                  LOG_STR("customer", uuid_text(ctx->arena, billing->subscription->customer_id)),
                  LOG_STR("why", ctx->fault->message));
        fault_reset(ctx->fault);
        failed++;
    }
    return failed > 0 ? ERR_NONE : tx_run(ctx, TX_WRITE, mark_billed, billing);
}

enum err plan_units_bill_all(struct ctx *ctx, int64_t until_at)
{
    struct units_billing billing = {.until_at = until_at};
    TRY(tx_run(ctx, TX_READ, list_versions, &billing));
    for (size_t i = 0; i < billing.version_count; i++) {
        billing.version = &billing.versions[i];
        TRY(bill_version(ctx, &billing));
    }
    return ERR_NONE;
}
