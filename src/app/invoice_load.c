#include "app/invoice_load.h"

#include "base/assert.h"
#include "base/json_write.h"
#include "base/none.h"
#include "store/sql/customer.h"
#include "store/sql/invoice.h"

static enum err find(struct ctx *ctx, struct tx *tx, struct uuid id, bool lock,
                     struct customer_row *customer, struct invoice_row *invoice)
{
    struct invoice_owner_row owner;
    bool found = false;
    TRY(invoice_owner(tx, &(struct invoice_owner_in){.id = id}, &owner, &found));
    if (!found)
        return fail_not_found(ctx, "invoice", uuid_text(ctx->arena, id));
    if (lock)
        TRY(customer_lock(tx, &(struct customer_lock_in){.id = owner.customer_id}, customer,
                          &found));
    else
        TRY(customer_load(tx, &(struct customer_load_in){.id = owner.customer_id}, customer,
                          &found));
    ASSERT(found);
    TRY(invoice_load(tx, &(struct invoice_load_in){.customer_id = owner.customer_id, .id = id},
                     invoice, &found));
    if (!found || invoice->skipped || str_eq(invoice->status, STR("complete")))
        return fail_not_found(ctx, "invoice", uuid_text(ctx->arena, id));
    return ERR_NONE;
}

enum err invoice_lock(struct ctx *ctx, struct tx *tx, struct uuid id, struct customer_row *customer,
                      struct invoice_row *invoice)
{
    return find(ctx, tx, id, true, customer, invoice);
}

enum err invoice_find(struct ctx *ctx, struct tx *tx, struct uuid id, struct customer_row *customer,
                      struct invoice_row *invoice)
{
    return find(ctx, tx, id, false, customer, invoice);
}

enum err invoice_save(struct tx *tx, const struct invoice_row *invoice)
{
    int64_t changed = 0;
    TRY(invoice_update(tx,
                       &(struct invoice_update_in){
                           .customer_id = invoice->customer_id,
                           .id = invoice->id,
                           .status = invoice->status,
                           .number = invoice->number,
                           .sequential_id = invoice->sequential_id,
                           .issuing_day = invoice->issuing_day,
                           .payment_term_days = invoice->payment_term_days,
                           .payment_due_day = invoice->payment_due_day,
                           .finalize_at = invoice->finalize_at,
                           .overdue_at = invoice->overdue_at,
                           .fees_amount_minor = invoice->fees_amount_minor,
                           .taxes_amount_minor = invoice->taxes_amount_minor,
                           .total_amount_minor = invoice->total_amount_minor,
                           .paid_amount_minor = invoice->paid_amount_minor,
                           .payment_status = invoice->payment_status,
                           .payment_overdue = invoice->payment_overdue,
                           .skipped = invoice->skipped,
                           .finalized_at = invoice->finalized_at,
                           .voided_at = invoice->voided_at,
                           .stale_at = invoice->stale_at,
                           .updated_at = invoice->updated_at,
                       },
                       &changed));
    ASSERT(changed == 1);
    return ERR_NONE;
}

bool invoice_is_gathered(const struct invoice_row *invoice)
{
    return str_eq(invoice->invoice_type, STR("advance_charges"));
}

struct str invoice_audit_text(struct arena *arena, const struct invoice_row *invoice)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, arena, 4096);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    json_str(&out, "status", invoice->status);
    json_str(&out, "number", invoice->number);
    json_str(&out, "currency", invoice->currency);
    json_time(&out, "billing_at", invoice->billing_at);
    json_day(&out, "issuing_day", invoice->issuing_day);
    json_day(&out, "payment_due_day", invoice->payment_due_day);
    json_int(&out, "fees_amount_cents", invoice->fees_amount_minor);
    json_int(&out, "taxes_amount_cents", invoice->taxes_amount_minor);
    json_int(&out, "total_amount_cents", invoice->total_amount_minor);
    json_str(&out, "payment_status", invoice->payment_status);
    json_object_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

enum err invoice_filter_customer(struct tx *tx, struct str external_customer_id,
                                 struct uuid invoice_id, struct uuid *customer_id, bool *found)
{
    struct customer_id_by_external_row key = {.customer_id = UUID_NIL};
    struct invoice_owner_row owner = {.customer_id = UUID_NIL};
    *found = true;
    if (!str_is_null(external_customer_id)) {
        TRY(customer_id_by_external(
            tx, &(struct customer_id_by_external_in){.external_id = external_customer_id}, &key,
            found));
        *customer_id = key.customer_id;
        return ERR_NONE;
    }
    if (!uuid_is_nil(invoice_id))
        TRY(invoice_owner(tx, &(struct invoice_owner_in){.id = invoice_id}, &owner, found));
    *customer_id = owner.customer_id;
    return ERR_NONE;
}

enum err invoice_names_load(struct tx *tx, struct uuid customer_id, struct uuid invoice_id,
                            struct str *external_customer_id, struct str *number)
{
    struct customer_row customer;
    struct invoice_row invoice;
    bool found = false;
    TRY(customer_load(tx, &(struct customer_load_in){.id = customer_id}, &customer, &found));
    ASSERT(found);
    TRY(invoice_load(tx, &(struct invoice_load_in){.customer_id = customer_id, .id = invoice_id},
                     &invoice, &found));
    ASSERT(found);
    *external_customer_id = customer.external_id;
    *number = invoice.number;
    return ERR_NONE;
}
