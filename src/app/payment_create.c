#include "app/payment.h"

#include "app/audit.h"
#include "app/invoice_load.h"
#include "app/ledger_post.h"
#include "app/mail.h"
#include "app/payment_settle_private.h"
#include "base/none.h"
#include "base/time.h"
#include "base/zone.h"
#include "store/sql/invoice.h"
#include "store/sql/payment.h"

struct payment_creating {
    const struct payment_input *input;
    struct payment_view *view;
};

static enum err check_input(struct ctx *ctx, const struct payment_input *input)
{
    if (uuid_is_nil(input->invoice_id))
        fault_field(ctx->fault, STR("invoice_id"), "value_is_mandatory", STR_NULL,
                    "the id of an invoice");
    if (input->amount_minor <= 0)
        fault_field(ctx->fault, STR("amount_cents"), "value_is_invalid",
                    arena_fmt(ctx->arena, "%lld", (long long)input->amount_minor),
                    "1 or more, in minor units");
    if (input->paid_at != TIME_NONE && input->paid_at > ctx_now(ctx))
        fault_field(ctx->fault, STR("paid_at"), "value_is_invalid",
                    time_text(ctx->arena, input->paid_at), "an instant that is not in the future");
    return fault_check(ctx->fault);
}

static enum err check_invoice(struct ctx *ctx, const struct payment_input *input,
                              const struct invoice_row *invoice)
{
    int64_t due = invoice->total_amount_minor - invoice->paid_amount_minor;
    if (input->is_as_shown && input->shown_paid_minor != invoice->paid_amount_minor)
        return fail(ctx, ERR_CONFLICT, "of the invoice %lld are paid by now, and not %lld",
                    (long long)invoice->paid_amount_minor, (long long)input->shown_paid_minor);
    if (!str_eq(invoice->status, STR("finalized")))
        fault_field(ctx->fault, STR("invoice_id"), "value_is_invalid",
                    uuid_text(ctx->arena, invoice->id), "a finalized invoice, and this one is %.*s",
                    STR_ARG(invoice->status));
    else if (input->amount_minor > due)
        fault_field(ctx->fault, STR("amount_cents"), "value_is_invalid",
                    arena_fmt(ctx->arena, "%lld", (long long)input->amount_minor),
                    "at most %lld, which is what is due", (long long)due);
    return fault_check(ctx->fault);
}

static enum err create(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct payment_creating *creating = arg;
    const struct payment_input *input = creating->input;
    struct invoice_row invoice;
    struct customer_row customer;
    TRY(invoice_lock(ctx, tx, input->invoice_id, &customer, &invoice));
    TRY(check_invoice(ctx, input, &invoice));
    int64_t now = ctx_now(ctx);
    struct payment_row row = {
        .customer_id = invoice.customer_id,
        .id = ctx_new_id(ctx),
        .invoice_id = invoice.id,
        .payment_type = STR("manual"),
        .amount_minor = input->amount_minor,
        .currency = invoice.currency,
        .reference = input->reference,
        .status = STR("succeeded"),
        .paid_at = input->paid_at == TIME_NONE ? now : input->paid_at,
        .created_at = now,
        .lookup_at = TIME_NONE,
        .updated_at = now,
    };
    TRY(payment_give_receipt(ctx, tx, &invoice, &row));
    TRY(payment_insert(tx, &row));
    TRY(payment_apply(ctx, tx, &invoice, row.amount_minor));
    const struct zone *zone = NULL;
    TRY(zone_find(invoice.timezone, &zone));
    TRY(ledger_post_payment(ctx, tx, &row, &invoice, zone_day(zone, row.paid_at)));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = row.customer_id,
                      .action = "payment.create",
                      .object_id = row.id,
                      .after = payment_row_json(ctx->arena, &row),
                  }));
    TRY(mail_queue_receipt(ctx, tx, &customer, row.id));
    *creating->view = (struct payment_view){
        .row = row,
        .external_customer_id = customer.external_id,
        .invoice_number = invoice.number,
    };
    return ERR_NONE;
}

enum err payment_create(struct ctx *ctx, const struct payment_input *input,
                        struct payment_view *view)
{
    TRY(check_input(ctx, input));
    return tx_run(ctx, TX_WRITE, create, &(struct payment_creating){.input = input, .view = view});
}
