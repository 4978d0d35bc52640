/* plan_close.c - what runs on a deleted plan is ended, customer by customer. */
#include "app/plan_change.h"

#include "app/audit.h"
#include "app/billing.h"
#include "app/billing_step.h"
#include "app/subscription.h"
#include "base/assert.h"
#include "base/log.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/invoice.h"
#include "store/sql/subscription.h"

struct plan_closing {
    struct plan_row plan;
    struct uuid customer_id; /* whose turn it is */
    struct plan_customer_list_row *customers;
    size_t count;
};

static enum err end_subscriptions(struct ctx *ctx, struct tx *tx,
                                  const struct plan_closing *closing)
{
    struct subscription_row *rows = NULL;
    size_t count = 0;
    TRY(subscription_running_list(tx,
                                  &(struct subscription_running_list_in){
                                      .customer_id = closing->customer_id,
                                      .plan_id = closing->plan.id,
                                  },
                                  &rows, &count));
    for (size_t i = 0; i < count; i++)
        TRY(subscription_end(ctx, tx, &rows[i], closing->plan.deleted_at, STR("generate")));
    return ERR_NONE;
}

static enum err close_customer(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct plan_closing *closing = arg;
    struct billing_counts counts = {0};
    struct invoice_row *drafts = NULL;
    size_t count = 0;
    TRY(billing_step(ctx, tx, closing->customer_id, closing->plan.deleted_at, &counts));
    TRY(end_subscriptions(ctx, tx, closing));
    TRY(invoice_draft_of_plan_list(tx,
                                   &(struct invoice_draft_of_plan_list_in){
                                       .customer_id = closing->customer_id,
                                       .plan_id = closing->plan.id,
                                   },
                                   &drafts, &count));
    return billing_drafts_close(ctx, tx, drafts, count, closing->plan.deleted_at);
}

static enum err list_customers(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct plan_closing *closing = arg;
    (void)ctx;
    return plan_customer_list(
        tx,
        &(struct plan_customer_list_in){.plan_id = closing->plan.id,
                                        .deleted_at = closing->plan.deleted_at},
        &closing->customers, &closing->count);
}

static enum err mark_closed(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct plan_closing *closing = arg;
    TRY(plan_set_closed(
        tx, &(struct plan_set_closed_in){.closed_at = ctx_now(ctx), .id = closing->plan.id}, NULL));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "plan.close",
                         .object_id = closing->plan.id,
                         .before = STR("{\"closed\":false}"),
                         .after = STR("{\"closed\":true}"),
                     });
}

static enum err close_plan(struct ctx *ctx, struct plan_closing *closing)
{
    size_t failed = 0;
    TRY(tx_run(ctx, TX_READ, list_customers, closing));
    for (size_t i = 0; i < closing->count; i++) {
        closing->customer_id = closing->customers[i].customer_id;
        if (tx_run(ctx, TX_WRITE, close_customer, closing) == ERR_NONE)
            continue;
        /* One that can't be billed does not keep the others from it. */
        log_error("a deleted plan's customer could not be closed",
                  LOG_STR("customer", uuid_text(ctx->arena, closing->customer_id)),
                  LOG_STR("why", ctx->fault->message));
        fault_reset(ctx->fault);
        failed++;
    }
    return failed > 0 ? ERR_NONE : tx_run(ctx, TX_WRITE, mark_closed, closing);
}

struct plan_closings {
    struct plan_row *rows;
    size_t count;
};

static enum err list_plans(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct plan_closings *closings = arg;
    (void)ctx;
    return plan_closing_list(tx, &closings->rows, &closings->count);
}

enum err plan_close_all(struct ctx *ctx)
{
    struct plan_closings closings = {0};
    TRY(tx_run(ctx, TX_READ, list_plans, &closings));
    for (size_t i = 0; i < closings.count; i++) {
        struct plan_closing closing = {.plan = closings.rows[i]};
        TRY(close_plan(ctx, &closing));
    }
    return ERR_NONE;
}
