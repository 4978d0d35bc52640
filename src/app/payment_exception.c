#include "app/audit.h"
#include "app/invoice_load.h"
#include "app/payment_settle.h"
#include "base/assert.h"
#include "base/time.h"
#include "store/sql/customer.h"
#include "store/sql/payment.h"

static enum err view_load(struct tx *tx, const struct payment_exception_row *row,
                          struct payment_exception_view *view)
{
    *view = (struct payment_exception_view){.row = *row};
    return invoice_names_load(tx, row->customer_id, row->invoice_id, &view->external_customer_id,
                              &view->invoice_number);
}

struct listing {
    const struct payment_exception_filter *filter;
    struct payment_exception_view *views;
    size_t count;
    int64_t total;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    const struct payment_exception_filter *filter = listing->filter;
    struct payment_exception_row *rows = NULL;
    struct payment_exception_count_row total;
    bool found = false;
    TRY(payment_exception_page(
        tx,
        &(struct payment_exception_page_in){.wanted_customer_id = filter->customer_id,
                                            .with_resolved = filter->with_resolved,
                                            .limit = filter->limit,
                                            .offset = filter->offset},
        &rows, &listing->count));
    TRY(payment_exception_count(
        tx,
        &(struct payment_exception_count_in){.wanted_customer_id = filter->customer_id,
                                             .with_resolved = filter->with_resolved},
        &total, &found));
    listing->total = total.total;
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct payment_exception_view);
    for (size_t i = 0; i < listing->count; i++)
        TRY(view_load(tx, &rows[i], &listing->views[i]));
    return ERR_NONE;
}

enum err payment_exception_list(struct ctx *ctx, const struct payment_exception_filter *filter,
                                struct payment_exception_view **views, size_t *count,
                                int64_t *total)
{
    struct listing listing = {.filter = filter};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}

struct resolving {
    struct uuid id;
    struct payment_exception_view *view;
};

static enum err load(struct ctx *ctx, struct tx *tx, struct uuid id,
                     struct payment_exception_row *row)
{
    bool found = false;
    TRY(payment_exception_load(tx, &(struct payment_exception_load_in){.id = id}, row, &found));
    if (!found)
        return fail_not_found(ctx, "payment_exception", uuid_text(ctx->arena, id));
    return ERR_NONE;
}

static enum err resolve(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct resolving *resolving = arg;
    struct payment_exception_row row;
    struct customer_row customer;
    bool found = false;
    TRY(load(ctx, tx, resolving->id, &row));
    TRY(customer_lock(tx, &(struct customer_lock_in){.id = row.customer_id}, &customer, &found));
    ASSERT(found);
    TRY(load(ctx, tx, resolving->id, &row)); /* as it is now that nobody else changes it */
    struct payment_exception_row before = row;
    if (row.resolved_at == TIME_NONE) {
        row.resolved_at = ctx_now(ctx);
        TRY(payment_exception_end(
            tx,
            &(struct payment_exception_end_in){
                .customer_id = row.customer_id, .id = row.id, .resolved_at = row.resolved_at},
            NULL));
        TRY(audit_add(ctx, tx,
                      &(struct audit){
                          .chain_id = row.customer_id,
                          .action = "payment_exception.resolve",
                          .object_id = row.id,
                          .before = payment_exception_row_json(ctx->arena, &before),
                          .after = payment_exception_row_json(ctx->arena, &row),
                      }));
    }
    return view_load(tx, &row, resolving->view);
}

enum err payment_exception_resolve(struct ctx *ctx, struct uuid id,
                                   struct payment_exception_view *view)
{
    return tx_run(ctx, TX_WRITE, resolve, &(struct resolving){.id = id, .view = view});
}
