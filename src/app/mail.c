#include "app/mail.h"

#include "app/outbox.h"
#include "base/assert.h"
#include "base/none.h"
#include "store/sql/customer.h"
#include "store/sql/mail.h"
#include "store/sql/outbox.h"

static bool has_address(struct str address)
{
    return !str_is_null(address) && address.len > 0;
}

static struct mail_row new_mail(const struct ctx *ctx, struct uuid customer_id, const char *type,
                                struct str address)
{
    bool is_sent = has_address(address);
    return (struct mail_row){
        .customer_id = customer_id,
        .id = ctx_new_id(ctx),
        .mail_type = str_of(type),
        .to_address = is_sent ? address : STR_NULL,
        .mail_status = is_sent ? STR("waiting") : STR("no_address"),
        .created_at = ctx_now(ctx),
        .sent_at = TIME_NONE,
    };
}

static enum err queue(struct ctx *ctx, struct tx *tx, struct mail_row *row)
{
    TRY(mail_insert(tx, row));
    if (!has_address(row->to_address))
        return ERR_NONE;
    return outbox_add(ctx, tx, row->customer_id, MAIL_TOPIC, STR_NULL, &row->id);
}

static enum err address_of(struct tx *tx, struct uuid customer_id, struct str *address)
{
    struct customer_row customer;
    bool found = false;
    TRY(customer_load(tx, &(struct customer_load_in){.id = customer_id}, &customer, &found));
    ASSERT(found);
    *address = customer.email;
    return ERR_NONE;
}

enum err mail_queue_invoices(struct ctx *ctx, struct tx *tx, const struct mail_of_invoice *mails,
                             size_t count)
{
    struct mail_row *rows = ARENA_ARRAY(ctx->arena, count, struct mail_row);
    struct outbox_row *outbox = ARENA_ARRAY(ctx->arena, count, struct outbox_row);
    size_t sent = 0;
    for (size_t i = 0; i < count; i++) {
        rows[i] = new_mail(ctx, mails[i].customer->id, "invoice", mails[i].customer->email);
        rows[i].invoice_id = mails[i].invoice_id;
        if (has_address(rows[i].to_address))
            outbox[sent++] = outbox_new(ctx, rows[i].customer_id, MAIL_TOPIC, STR_NULL, rows[i].id);
    }
    TRY(mail_insert_many(tx, rows, count));
    return sent == 0 ? ERR_NONE : outbox_insert_many(tx, outbox, sent);
}

enum err mail_queue_invoice(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                            struct uuid invoice_id)
{
    struct str address = STR_NULL;
    TRY(address_of(tx, customer_id, &address));
    struct mail_row row = new_mail(ctx, customer_id, "invoice", address);
    row.invoice_id = invoice_id;
    return queue(ctx, tx, &row);
}

enum err mail_queue_receipt(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                            struct uuid payment_id)
{
    struct str address = STR_NULL;
    TRY(address_of(tx, customer_id, &address));
    struct mail_row row = new_mail(ctx, customer_id, "receipt", address);
    row.payment_id = payment_id;
    return queue(ctx, tx, &row);
}

enum err mail_queue_portal_link(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                struct str email, struct str url)
{
    ASSERT(has_address(email));
    struct mail_row row = new_mail(ctx, customer_id, "portal_link", email);
    row.link_url = url;
    return queue(ctx, tx, &row);
}
