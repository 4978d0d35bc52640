#include "app/payment.h"

#include "app/invoice_load.h"
#include "store/sql/customer.h"
#include "store/sql/payment.h"

static enum err view_load(struct tx *tx, const struct payment_row *row, struct payment_view *view)
{
    *view = (struct payment_view){.row = *row};
    return invoice_names_load(tx, row->customer_id, row->invoice_id, &view->external_customer_id,
                              &view->invoice_number);
}

struct payment_getting {
    struct uuid id;
    struct payment_view *view;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct payment_getting *getting = arg;
    struct payment_row row;
    bool found = false;
    TRY(payment_load(tx, &(struct payment_load_in){.id = getting->id}, &row, &found));
    if (!found)
        return fail_not_found(ctx, "payment", uuid_text(ctx->arena, getting->id));
    return view_load(tx, &row, getting->view);
}

enum err payment_get(struct ctx *ctx, struct uuid id, struct payment_view *view)
{
    return tx_run(ctx, TX_READ, get, &(struct payment_getting){.id = id, .view = view});
}

struct payment_listing {
    const struct payment_filter *filter;
    struct payment_view *views;
    size_t count;
    int64_t total;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct payment_listing *listing = arg;
    const struct payment_filter *filter = listing->filter;
    struct uuid customer_id = UUID_NIL;
    listing->views = NULL;
    listing->count = 0;
    listing->total = 0;
    if (!str_is_null(filter->external_customer_id)) {
        struct customer_id_by_external_row key;
        bool found = false;
        TRY(customer_id_by_external(
            tx, &(struct customer_id_by_external_in){.external_id = filter->external_customer_id},
            &key, &found));
        if (!found)
            return ERR_NONE;
        customer_id = key.customer_id;
    }
    struct payment_row *rows = NULL;
    struct payment_count_row total;
    struct payment_row before;
    bool found = true;
    if (!uuid_is_nil(filter->after_id))
        TRY(payment_load(tx, &(struct payment_load_in){.id = filter->after_id}, &before, &found));
    if (!found)
        return fail_cursor(ctx, filter->after_id);
    bool is_whole = uuid_is_nil(filter->after_id);
    TRY(payment_page(tx,
                     &(struct payment_page_in){
                         .wanted_customer_id = customer_id,
                         .wanted_invoice_id = filter->invoice_id,
                         .paid_from = filter->paid_from_at,
                         .paid_to = filter->paid_to_at,
                         .before_at = is_whole ? INT64_MAX : before.created_at,
                         .before_id = filter->after_id,
                         .limit = filter->limit,
                         .offset = filter->offset,
                     },
                     &rows, &listing->count));
    listing->total = LIST_UNCOUNTED;
    if (is_whole)
        TRY(payment_count(tx,
                          &(struct payment_count_in){
                              .wanted_customer_id = customer_id,
                              .wanted_invoice_id = filter->invoice_id,
                              .paid_from = filter->paid_from_at,
                              .paid_to = filter->paid_to_at,
                          },
                          &total, &found));
    if (is_whole)
        listing->total = total.total;
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct payment_view);
    for (size_t i = 0; i < listing->count; i++)
        TRY(view_load(tx, &rows[i], &listing->views[i]));
    return ERR_NONE;
}

enum err payment_list(struct ctx *ctx, const struct payment_filter *filter,
                      struct payment_view **views, size_t *count, int64_t *total)
{
    struct payment_listing listing = {.filter = filter};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}
