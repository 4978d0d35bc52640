/* fee_payment.c - what became of the payment of a fee that stands alone. */
#include "app/invoice.h"

#include "app/advance_gather.h"
#include "app/audit.h"
#include "app/invoice_load.h"
#include "base/assert.h"
#include "base/time.h"
#include "store/sql/customer.h"
#include "store/sql/fee.h"
#include "store/sql/subscription.h"

struct setting {
    struct uuid id;
    struct str status;
    struct fee_view *view;
};

/* When it came to what it is now; the time of a payment that was paid back is kept. */
static struct fee_set_paid_in times_of(const struct fee_row *row, struct str status, int64_t now)
{
    struct fee_set_paid_in in = {
        .customer_id = row->customer_id,
        .invoice_id = row->invoice_id,
        .id = row->id,
        .succeeded_at = TIME_NONE,
        .failed_at = TIME_NONE,
        .refunded_at = TIME_NONE,
    };
    if (str_eq(status, STR("succeeded")))
        in.succeeded_at = now;
    if (str_eq(status, STR("failed")))
        in.failed_at = now;
    if (str_eq(status, STR("refunded"))) {
        in.succeeded_at = row->succeeded_at;
        in.refunded_at = now;
    }
    return in;
}

/* A subscription of its external id runs, so a period is to come. */
static enum err has_period_to_come(struct tx *tx, const struct fee_view *view, bool *has)
{
    struct subscription_row *rows = NULL;
    size_t count = 0;
    TRY(subscription_by_external_list(tx,
                                      &(struct subscription_by_external_list_in){
                                          .customer_id = view->row.customer_id,
                                          .external_id = view->external_subscription_id,
                                      },
                                      &rows, &count));
    *has = false;
    for (size_t i = 0; i < count; i++)
        *has |= !str_eq(rows[i].status, STR("terminated"));
    return ERR_NONE;
}

/* What is paid after the end is gathered at once, if it is to be. */
static enum err gather(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                       const struct fee_view *view)
{
    struct customer_terms terms;
    struct gathering gathering = {
        .customer = customer,
        .terms = &terms,
        .external_id = view->external_subscription_id,
        .from_at = view->row.from_at,
        .to_at = view->row.to_at,
        .is_end = true,
        .billing_at = ctx_now(ctx),
    };
    TRY(customer_terms_load(ctx, tx, customer, &terms));
    return advance_gather_issue(ctx, tx, &gathering);
}

static enum err set(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct setting *setting = arg;
    struct fee_view *view = setting->view;
    struct customer_row customer;
    struct invoice_row holder;
    bool found = false;
    TRY(fee_view_find(ctx, tx, setting->id, view, &holder));
    TRY(customer_lock(tx, &(struct customer_lock_in){.id = holder.customer_id}, &customer, &found));
    ASSERT(found);
    TRY(fee_view_find(ctx, tx, setting->id, view, &holder)); /* as it is under the lock */
    if (!view->is_alone) {
        fault_field(ctx->fault, STR("payment_status"), "invoiceable_fee", setting->status,
                    "nothing: the payment is that of its invoice");
        return fail(ctx, ERR_NOT_ALLOWED, "the fee is on an invoice, by which it is paid");
    }
    struct str before = invoice_audit_text(ctx->arena, &holder);
    struct fee_set_paid_in times = times_of(&view->row, setting->status, ctx_now(ctx));
    holder.payment_status = setting->status;
    holder.updated_at = ctx_now(ctx);
    TRY(invoice_save(tx, &holder));
    TRY(fee_set_paid(tx, &times, NULL));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = holder.customer_id,
                      .action = "fee.payment_status",
                      .object_id = view->row.id,
                      .before = before,
                      .after = invoice_audit_text(ctx->arena, &holder),
                  }));
    bool waits = true;
    if (str_eq(setting->status, STR("succeeded")))
        TRY(has_period_to_come(tx, view, &waits));
    if (!waits)
        TRY(gather(ctx, tx, &customer, view));
    return fee_view_find(ctx, tx, setting->id, view, &holder);
}

enum err fee_set_payment_status(struct ctx *ctx, struct uuid id, struct str status,
                                struct fee_view *view)
{
    return tx_run(ctx, TX_WRITE, set, &(struct setting){.id = id, .status = status, .view = view});
}
