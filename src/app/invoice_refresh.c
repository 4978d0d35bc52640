#include "app/invoice_refresh.h"

#include "app/audit.h"
#include "app/invoice_load.h"
#include "base/assert.h"
#include "base/log.h"
#include "base/time.h"
#include "store/sql/customer.h"
#include "store/sql/invoice.h"

enum err invoice_recompute(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                           const struct invoice_row *row, struct invoice_build *build)
{
    TRY(invoice_build_load(ctx, tx, customer, row, build));
    TRY(invoice_compute(ctx, tx, build));
    return invoice_write_again(ctx, tx, build);
}

enum err invoice_refresh_draft(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                               struct invoice_row *row)
{
    struct invoice_build build;
    struct str before = invoice_audit_text(ctx->arena, row);
    TRY(invoice_recompute(ctx, tx, customer, row, &build));
    *row = build.row;
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = row->customer_id,
                         .action = "invoice.refresh",
                         .object_id = row->id,
                         .before = before,
                         .after = invoice_audit_text(ctx->arena, row),
                     });
}

enum err invoice_refresh_drafts(struct ctx *ctx, struct tx *tx, const struct customer_row *customer)
{
    struct invoice_row *drafts = NULL;
    size_t count = 0;
    TRY(invoice_draft_list(tx, &(struct invoice_draft_list_in){.customer_id = customer->id},
                           &drafts, &count));
    for (size_t i = 0; i < count; i++)
        TRY(invoice_refresh_draft(ctx, tx, customer, &drafts[i]));
    return ERR_NONE;
}

/* ---- stale ones ------------------------------------------------------------------------------ */

struct stale {
    struct invoice_stale_list_row *rows;
    size_t count, next;
};

static enum err list_stale(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct stale *stale = arg;
    (void)ctx;
    return invoice_stale_list(tx, &stale->rows, &stale->count);
}

static enum err refresh_next(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct stale *stale = arg;
    const struct invoice_stale_list_row *key = &stale->rows[stale->next];
    struct customer_row customer;
    struct invoice_row row;
    bool found = false;
    TRY(customer_lock(tx, &(struct customer_lock_in){.id = key->customer_id}, &customer, &found));
    ASSERT(found);
    TRY(invoice_load(tx, &(struct invoice_load_in){.customer_id = key->customer_id, .id = key->id},
                     &row, &found));
    if (!found || row.stale_at == TIME_NONE)
        return ERR_NONE; /* done meanwhile */
    if (str_eq(row.status, STR("draft")))
        return invoice_refresh_draft(ctx, tx, &customer, &row);
    row.stale_at = TIME_NONE; /* it became final first */
    return invoice_save(tx, &row);
}

enum err invoice_refresh_stale(struct ctx *ctx)
{
    struct stale stale = {0};
    TRY(tx_run(ctx, TX_READ, list_stale, &stale));
    for (; stale.next < stale.count; stale.next++) {
        struct arena_mark mark = arena_mark(ctx->arena);
        if (tx_run(ctx, TX_WRITE, refresh_next, &stale) != ERR_NONE)
            log_error("a draft could not be computed again",
                      LOG_STR("invoice", uuid_text(ctx->arena, stale.rows[stale.next].id)),
                      LOG_STR("why", ctx->fault->message));
        arena_return(ctx->arena, mark);
        fault_reset(ctx->fault);
    }
    return ERR_NONE;
}
