#include "app/mail_list.h"

#include "app/audit.h"
#include "app/invoice_load.h"
#include "app/mail.h"
#include "app/mail_private.h"
#include "app/outbox.h"
#include "base/assert.h"
#include "base/none.h"
#include "store/sql/customer.h"
#include "store/sql/mail.h"

static enum err add_number(struct tx *tx, struct mail_view *view)
{
    struct invoice_row invoice;
    struct payment_row payment;
    bool found = false;
    TRY(mail_find_invoice(tx, &view->row, &payment, &invoice, &found));
    view->invoice_number = found ? invoice.number : STR_NULL;
    return ERR_NONE;
}

static enum err view_load(struct tx *tx, const struct mail_row *row, struct mail_view *view)
{
    struct customer_row customer;
    bool found = false;
    TRY(customer_load(tx, &(struct customer_load_in){.id = row->customer_id}, &customer, &found));
    ASSERT(found);
    *view = (struct mail_view){.row = *row, .external_customer_id = customer.external_id};
    view->row.link_url = STR_NULL;
    TRY(outbox_tries(tx, row->customer_id, row->id, &view->tries, &view->due_at));
    return add_number(tx, view);
}

static enum err find(struct ctx *ctx, struct tx *tx, struct uuid id, struct mail_row *row)
{
    bool found = false;
    TRY(mail_by_id(tx, &(struct mail_by_id_in){.id = id}, row, &found));
    return found ? ERR_NONE : fail_not_found(ctx, "mail", uuid_text(ctx->arena, id));
}

struct mail_getting {
    struct uuid id;
    struct mail_view *view;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct mail_getting *getting = arg;
    struct mail_row row;
    TRY(find(ctx, tx, getting->id, &row));
    return view_load(tx, &row, getting->view);
}

enum err mail_get(struct ctx *ctx, struct uuid id, struct mail_view *view)
{
    return tx_run(ctx, TX_READ, get, &(struct mail_getting){.id = id, .view = view});
}

/* ---- the list -------------------------------------------------------------------------------- */

struct mail_listing {
    const struct mail_filter *filter;
    struct mail_view *views;
    size_t count;
    int64_t total;
};

static enum err count_all(struct tx *tx, const struct mail_filter *filter, struct uuid customer_id,
                          int64_t *total)
{
    struct mail_count_row row;
    bool found = false;
    TRY(mail_count(tx,
                   &(struct mail_count_in){
                       .first_customer_id = list_first_id(customer_id),
                       .last_customer_id = list_last_id(customer_id),
                       .wanted_invoice_id = filter->invoice_id,
                       .wanted_type = filter->type,
                       .wanted_status = filter->status,
                   },
                   &row, &found));
    *total = row.total;
    return ERR_NONE;
}

static enum err read_page(struct tx *tx, const struct mail_filter *filter, struct uuid customer_id,
                          int64_t before_at, struct mail_row **rows, size_t *count)
{
    if (uuid_is_nil(customer_id))
        return mail_page(tx,
                         &(struct mail_page_in){
                             .wanted_type = filter->type,
                             .wanted_status = filter->status,
                             .before_at = before_at,
                             .before_id = filter->after_id,
                             .limit = filter->limit,
                             .offset = filter->offset,
                         },
                         rows, count);
    return mail_of_customer_page(tx,
                                 &(struct mail_of_customer_page_in){
                                     .customer_id = customer_id,
                                     .wanted_invoice_id = filter->invoice_id,
                                     .wanted_type = filter->type,
                                     .wanted_status = filter->status,
                                     .before_at = before_at,
                                     .before_id = filter->after_id,
                                     .limit = filter->limit,
                                     .offset = filter->offset,
                                 },
                                 rows, count);
}

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct mail_listing *listing = arg;
    const struct mail_filter *filter = listing->filter;
    struct uuid customer_id;
    struct mail_row *rows = NULL;
    struct mail_row before = {.created_at = INT64_MAX};
    bool found = false;
    listing->views = NULL;
    listing->count = 0;
    listing->total = 0;
    TRY(invoice_filter_customer(tx, filter->external_customer_id, filter->invoice_id, &customer_id,
                                &found));
    if (!found)
        return ERR_NONE;
    if (!uuid_is_nil(filter->after_id))
        TRY(mail_by_id(tx, &(struct mail_by_id_in){.id = filter->after_id}, &before, &found));
    if (!found)
        return fail_cursor(ctx, filter->after_id);
    TRY(read_page(tx, filter, customer_id, before.created_at, &rows, &listing->count));
    listing->total = LIST_UNCOUNTED;
    if (uuid_is_nil(filter->after_id))
        TRY(count_all(tx, filter, customer_id, &listing->total));
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct mail_view);
    for (size_t i = 0; i < listing->count; i++)
        TRY(view_load(tx, &rows[i], &listing->views[i]));
    return ERR_NONE;
}

enum err mail_list(struct ctx *ctx, const struct mail_filter *filter, struct mail_view **views,
                   size_t *count, int64_t *total)
{
    struct mail_listing listing = {.filter = filter};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}

/* ---- sending again --------------------------------------------------------------------------- */

static enum err not_allowed(struct ctx *ctx, const struct mail_row *row, const char *code,
                            const char *why)
{
    fault_field(ctx->fault, STR("id"), code, uuid_text(ctx->arena, row->id), "%s", why);
    return fail(ctx, ERR_NOT_ALLOWED, "the mail can't be sent again: %s", why);
}

/* The same mail: it waits as if it were new. */
static enum err queue_again(struct ctx *ctx, struct tx *tx, const struct mail_row *row,
                            struct str address)
{
    struct uuid id = row->id;
    TRY(mail_again(tx,
                   &(struct mail_again_in){
                       .to_address = address, .customer_id = row->customer_id, .id = row->id},
                   NULL));
    if (str_eq(row->mail_status, STR("no_address")))
        return outbox_add(ctx, tx, row->customer_id, MAIL_TOPIC, STR_NULL, &id);
    return outbox_resend(ctx, tx, row->customer_id, row->id);
}

/* Another mail of the same. */
static enum err queue_copy(struct ctx *ctx, struct tx *tx, struct mail_row *row, struct str address)
{
    struct mail_row copy = mail_new(ctx, row->customer_id, row->mail_type, address);
    copy.invoice_id = row->invoice_id;
    copy.payment_id = row->payment_id;
    *row = copy;
    return mail_queue(ctx, tx, row);
}

static enum err resend(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct mail_getting *resending = arg;
    struct customer_row customer;
    struct mail_row row;
    bool found = false;
    TRY(find(ctx, tx, resending->id, &row));
    TRY(customer_lock(tx, &(struct customer_lock_in){.id = row.customer_id}, &customer, &found));
    ASSERT(found);
    TRY(find(ctx, tx, resending->id, &row)); /* as it is now that nobody else writes to it */
    struct mail_row before = row;
    if (str_eq(row.mail_type, STR("portal_link")))
        return not_allowed(ctx, &row, "mail_not_resendable", "a link to sign in is asked for anew");
    if (str_is_null(customer.email) || customer.email.len == 0)
        return not_allowed(ctx, &row, "customer_has_no_email", "its customer has no address");
    if (str_eq(row.mail_status, STR("sent")))
        TRY(queue_copy(ctx, tx, &row, customer.email));
    else
        TRY(queue_again(ctx, tx, &row, customer.email));
    TRY(find(ctx, tx, row.id, &row));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = row.customer_id,
                      .action = "mail.resend",
                      .object_id = row.id,
                      .before = mail_row_json(ctx->arena, &before),
                      .after = mail_row_json(ctx->arena, &row),
                  }));
    return view_load(tx, &row, resending->view);
}

enum err mail_resend(struct ctx *ctx, struct uuid id, struct mail_view *view)
{
    return tx_run(ctx, TX_WRITE, resend, &(struct mail_getting){.id = id, .view = view});
}
