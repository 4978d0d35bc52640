/* customer_delete.c - the end of a customer: nothing runs any more, the books stay. */
#include "app/customer.h"

#include "app/audit.h"
#include "app/billing.h"
#include "app/billing_step.h"
#include "app/subscription.h"
#include "base/assert.h"
#include "base/time.h"
#include "store/sql/cost.h"
#include "store/sql/customer.h"
#include "store/sql/invoice.h"
#include "store/sql/subscription.h"

#define DRAFTS_STAY (300 * TIME_SECOND)

struct customer_deleting {
    struct str external_id;
    struct customer_view *view;
};

static enum err end_subscriptions(struct ctx *ctx, struct tx *tx, struct uuid customer_id)
{
    struct subscription_row *rows = NULL;
    size_t count = 0;
    TRY(subscription_of_customer_list(
        tx, &(struct subscription_of_customer_list_in){.customer_id = customer_id}, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        /* What waits to follow another ends with that. */
        if (str_eq(rows[i].status, STR("active")) ||
            (str_eq(rows[i].status, STR("pending")) && uuid_is_nil(rows[i].previous_id)))
            TRY(subscription_end(ctx, tx, &rows[i], ctx_now(ctx), STR("generate")));
    }
    return ERR_NONE;
}

static enum err close_drafts(struct ctx *ctx, struct tx *tx, struct uuid customer_id)
{
    struct invoice_row *drafts = NULL;
    size_t count = 0;
    TRY(invoice_draft_list(tx, &(struct invoice_draft_list_in){.customer_id = customer_id}, &drafts,
                           &count));
    return billing_drafts_close(ctx, tx, drafts, count, ctx_now(ctx) + DRAFTS_STAY);
}

static enum err delete (struct ctx *ctx, struct tx *tx, void *arg) {
    struct customer_deleting *deleting = arg; struct customer_row row;
    struct billing_counts counts = {0};
    TRY(customer_find(ctx, tx, deleting->external_id, true, &row));
    struct customer_row old = row;
    TRY(billing_step(ctx, tx, row.id, ctx_now(ctx), &counts));
    TRY(end_subscriptions(ctx, tx, row.id));
    TRY(close_drafts(ctx, tx, row.id));
    row.deleted_at = row.updated_at = ctx_now(ctx);
    TRY(customer_set_deleted(tx,
                             &(struct customer_set_deleted_in){.deleted_at = row.deleted_at,
                                                               .updated_at = row.updated_at,
                                                               .id = row.id},
                             NULL));
    TRY(customer_key_delete(tx,
                            &(struct customer_key_delete_in){.external_id = deleting->external_id},
                            NULL));
    TRY(vendor_account_drop_customer(
        tx, &(struct vendor_account_drop_customer_in){.customer_id = row.id}, NULL));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = row.id,
                      .action = "customer.delete",
                      .object_id = row.id,
                      .before = customer_row_json(ctx->arena, &old),
                      .after = customer_row_json(ctx->arena, &row),
                  }));
    return customer_view_load(ctx, tx, &row, deleting->view);
}

enum err customer_delete(struct ctx *ctx, struct str external_id, struct customer_view *view)
{
    struct customer_deleting deleting = {.external_id = external_id, .view = view};
    return tx_run(ctx, TX_WRITE, delete, &deleting);
}
