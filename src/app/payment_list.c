#include "app/payment.h"

#include "app/invoice_load.h"
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

static enum err read_page(struct tx *tx, const struct payment_filter *filter,
                          struct uuid customer_id, int64_t before_at, struct payment_row **rows,
                          size_t *count)
{
    if (uuid_is_nil(customer_id))
        return payment_page(tx,
                            &(struct payment_page_in){
                                .paid_from = filter->paid_from_at,
                                .paid_to = filter->paid_to_at,
                                .before_at = before_at,
                                .before_id = filter->after_id,
                                .limit = filter->limit,
                                .offset = filter->offset,
                            },
                            rows, count);
    return payment_of_customer_page(tx,
                                    &(struct payment_of_customer_page_in){
                                        .customer_id = customer_id,
                                        .wanted_invoice_id = filter->invoice_id,
                                        .paid_from = filter->paid_from_at,
                                        .paid_to = filter->paid_to_at,
                                        .before_at = before_at,
                                        .before_id = filter->after_id,
                                        .limit = filter->limit,
                                        .offset = filter->offset,
                                    },
                                    rows, count);
}

static enum err count_all(struct tx *tx, const struct payment_filter *filter,
                          struct uuid customer_id, int64_t *total)
{
    struct payment_count_row row;
    bool found = false;
    TRY(payment_count(tx,
                      &(struct payment_count_in){
                          .first_customer_id = list_first_id(customer_id),
                          .last_customer_id = list_last_id(customer_id),
                          .wanted_invoice_id = filter->invoice_id,
                          .paid_from = filter->paid_from_at,
                          .paid_to = filter->paid_to_at,
                      },
                      &row, &found));
    *total = row.total;
    return ERR_NONE;
}

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct payment_listing *listing = arg;
    const struct payment_filter *filter = listing->filter;
    struct uuid customer_id;
    struct payment_row *rows = NULL;
    struct payment_row before = {.created_at = INT64_MAX};
    bool found = false;
    listing->views = NULL;
    listing->count = 0;
    listing->total = 0;
    TRY(invoice_filter_customer(tx, filter->external_customer_id, filter->invoice_id, &customer_id,
                                &found));
    if (!found)
        return ERR_NONE;
    if (!uuid_is_nil(filter->after_id))
        TRY(payment_load(tx, &(struct payment_load_in){.id = filter->after_id}, &before, &found));
    if (!found)
        return fail_cursor(ctx, filter->after_id);
    TRY(read_page(tx, filter, customer_id, before.created_at, &rows, &listing->count));
    listing->total = LIST_UNCOUNTED;
    if (uuid_is_nil(filter->after_id))
        TRY(count_all(tx, filter, customer_id, &listing->total));
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
