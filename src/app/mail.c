#include "app/mail.h"

#include "app/mail_private.h"
#include "app/outbox.h"
#include "base/assert.h"
#include "base/none.h"
#include "store/sql/invoice.h"
#include "store/sql/mail.h"
#include "store/sql/outbox.h"
#include "store/sql/payment.h"

static bool has_address(struct str address)
{
    return !str_is_null(address) && address.len > 0;
}

struct mail_row mail_new(const struct ctx *ctx, struct uuid customer_id, struct str type,
                         struct str address)
{
    bool is_sent = has_address(address);
    return (struct mail_row){
        .customer_id = customer_id,
        .id = ctx_new_id(ctx),
        .mail_type = type,
        .to_address = is_sent ? address : STR_NULL,
        .mail_status = is_sent ? STR("waiting") : STR("no_address"),
        .created_at = ctx_now(ctx),
        .sent_at = TIME_NONE,
    };
}

enum err mail_queue(struct ctx *ctx, struct tx *tx, struct mail_row *row)
{
    TRY(mail_insert(tx, row));
    if (!has_address(row->to_address))
        return ERR_NONE;
    return outbox_add(ctx, tx, row->customer_id, MAIL_TOPIC, STR_NULL, &row->id);
}

enum err mail_find_invoice(struct tx *tx, const struct mail_row *row, struct payment_row *payment,
                           struct invoice_row *invoice, bool *found)
{
    struct uuid customer_id = row->customer_id;
    struct uuid invoice_id = row->invoice_id;
    *found = false;
    if (!uuid_is_nil(row->payment_id)) {
        TRY(payment_of_customer(
            tx, &(struct payment_of_customer_in){.customer_id = customer_id, .id = row->payment_id},
            payment, found));
        invoice_id = *found ? payment->invoice_id : UUID_NIL;
    }
    if (uuid_is_nil(invoice_id))
        return ERR_NONE;
    return invoice_load(tx, &(struct invoice_load_in){.customer_id = customer_id, .id = invoice_id},
                        invoice, found);
}

enum err mail_queue_invoices(struct ctx *ctx, struct tx *tx, const struct mail_of_invoice *mails,
                             size_t count)
{
    struct mail_row *rows = ARENA_ARRAY(ctx->arena, count, struct mail_row);
    struct outbox_row *outbox = ARENA_ARRAY(ctx->arena, count, struct outbox_row);
    size_t sent = 0;
    for (size_t i = 0; i < count; i++) {
        rows[i] = mail_new(ctx, mails[i].customer->id, STR("invoice"), mails[i].customer->email);
        rows[i].invoice_id = mails[i].invoice_id;
        if (has_address(rows[i].to_address))
            outbox[sent++] = outbox_new(ctx, rows[i].customer_id, MAIL_TOPIC, STR_NULL, rows[i].id);
    }
    TRY(mail_insert_many(tx, rows, count));
    return sent == 0 ? ERR_NONE : outbox_insert_many(tx, outbox, sent);
}

enum err mail_queue_receipt(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                            struct uuid payment_id)
{
    struct mail_row row = mail_new(ctx, customer->id, STR("receipt"), customer->email);
    row.payment_id = payment_id;
    return mail_queue(ctx, tx, &row);
}

enum err mail_queue_portal_link(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                struct str email, struct str url)
{
    ASSERT(has_address(email));
    struct mail_row row = mail_new(ctx, customer_id, STR("portal_link"), email);
    row.link_url = url;
    return mail_queue(ctx, tx, &row);
}
