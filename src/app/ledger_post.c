#include "app/ledger_post.h"

#include "base/assert.h"
#include "store/sql/fee.h"
#include "store/sql/invoice.h"
#include "store/sql/ledger.h"

struct posting_head {
    struct uuid customer_id;
    const char *type; /* invoice, payment, void */
    struct uuid document_id;
    struct str description;
    struct str currency;
    int32_t day;
};

static void append(struct ctx *ctx, struct ledger_batch *batch, const struct posting_head *head,
                   const struct ledger_posting *posting)
{
    int64_t now = ctx_now(ctx);
    struct uuid id = ctx_new_id(ctx);
    ASSERT(ledger_is_balanced(posting));
    for (size_t i = 0; i < posting->count; i++) {
        batch->rows = arena_grow(ctx->arena, batch->rows, batch->count, &batch->capacity,
                                 sizeof *batch->rows);
        batch->rows[batch->count++] = (struct ledger_entry_row){
            .customer_id = head->customer_id,
            .posting_id = id,
            .line = (int64_t)i + 1,
            .posting_type = str_of(head->type),
            .document_id = head->document_id,
            .description = head->description,
            .account = posting->lines[i].account,
            .amount_minor = posting->lines[i].amount_minor,
            .currency = head->currency,
            .booked_day = head->day,
            .created_at = now,
        };
    }
}

enum err ledger_batch_write(struct tx *tx, const struct ledger_batch *batch)
{
    return ledger_entry_insert_many(tx, batch->rows, batch->count);
}

static enum err write(struct ctx *ctx, struct tx *tx, const struct posting_head *head,
                      const struct ledger_posting *posting)
{
    struct ledger_batch batch = {0};
    append(ctx, &batch, head, posting);
    return ledger_batch_write(tx, &batch);
}

static enum err too_large(struct ctx *ctx, enum err err, const struct invoice_row *invoice)
{
    return fail(ctx, err, "the posting of invoice %.*s is too large", STR_ARG(invoice->number));
}

/* The invoice's posting, from the fees and taxes as they are written. */
static enum err compose(struct ctx *ctx, struct tx *tx, const struct invoice_row *invoice,
                        struct ledger_posting *posting)
{
    struct fee_row *fees = NULL;
    struct invoice_tax_row *taxes = NULL;
    size_t fee_count = 0;
    size_t tax_count = 0;
    TRY(fee_of_invoice_list(tx,
                            &(struct fee_of_invoice_list_in){.customer_id = invoice->customer_id,
                                                             .invoice_id = invoice->id},
                            &fees, &fee_count));
    TRY(invoice_tax_list(tx,
                         &(struct invoice_tax_list_in){.customer_id = invoice->customer_id,
                                                       .invoice_id = invoice->id},
                         &taxes, &tax_count));
    struct ledger_part *parts = ARENA_ARRAY(ctx->arena, fee_count + tax_count, struct ledger_part);
    for (size_t i = 0; i < fee_count; i++)
        parts[i] = (struct ledger_part){.account = ledger_income_account(fees[i].fee_type),
                                        .amount_minor = fees[i].amount_minor};
    for (size_t i = 0; i < tax_count; i++)
        parts[fee_count + i] =
            (struct ledger_part){.account = ledger_tax_account(ctx->arena, taxes[i].code),
                                 .amount_minor = taxes[i].amount_minor};
    enum err err = ledger_of_invoice(ctx->arena, parts, fee_count + tax_count, posting);
    return err == ERR_NONE ? ERR_NONE : too_large(ctx, err, invoice);
}

enum err ledger_batch_invoice(struct ctx *ctx, struct ledger_batch *batch,
                              const struct invoice_row *invoice, const struct ledger_part *parts,
                              size_t part_count)
{
    struct ledger_posting posting = {0};
    enum err err = ledger_of_invoice(ctx->arena, parts, part_count, &posting);
    if (err != ERR_NONE)
        return too_large(ctx, err, invoice);
    append(ctx, batch,
           &(struct posting_head){
               .customer_id = invoice->customer_id,
               .type = "invoice",
               .document_id = invoice->id,
               .description = arena_fmt(ctx->arena, "invoice %.*s", STR_ARG(invoice->number)),
               .currency = invoice->currency,
               .day = invoice->issuing_day,
           },
           &posting);
    return ERR_NONE;
}

enum err ledger_batch_gathered(struct ctx *ctx, struct ledger_batch *batch,
                               const struct invoice_row *invoice)
{
    struct ledger_posting posting = {0};
    if (invoice->total_amount_minor == 0)
        return ERR_NONE;
    enum err err = ledger_of_payment(ctx->arena, invoice->total_amount_minor, 0, &posting);
    if (err != ERR_NONE)
        return too_large(ctx, err, invoice);
    append(ctx, batch,
           &(struct posting_head){
               .customer_id = invoice->customer_id,
               .type = "payment",
               .document_id = invoice->id,
               .description = arena_fmt(ctx->arena, "payment of the fees of invoice %.*s",
                                        STR_ARG(invoice->number)),
               .currency = invoice->currency,
               .day = invoice->issuing_day,
           },
           &posting);
    return ERR_NONE;
}

enum err ledger_post_void(struct ctx *ctx, struct tx *tx, const struct invoice_row *invoice,
                          int32_t day)
{
    struct ledger_posting posting = {0};
    struct ledger_posting reversed = {0};
    TRY(compose(ctx, tx, invoice, &posting));
    enum err err = ledger_reverse(ctx->arena, &posting, &reversed);
    if (err != ERR_NONE)
        return too_large(ctx, err, invoice);
    return write(
        ctx, tx,
        &(struct posting_head){
            .customer_id = invoice->customer_id,
            .type = "void",
            .document_id = invoice->id,
            .description = arena_fmt(ctx->arena, "void of invoice %.*s", STR_ARG(invoice->number)),
            .currency = invoice->currency,
            .day = day,
        },
        &reversed);
}

enum err ledger_post_payment(struct ctx *ctx, struct tx *tx, const struct payment_row *payment,
                             const struct invoice_row *invoice, int32_t day)
{
    struct ledger_posting posting = {0};
    enum err err =
        ledger_of_payment(ctx->arena, payment->amount_minor, payment->unapplied_minor, &posting);
    if (err != ERR_NONE)
        return too_large(ctx, err, invoice);
    return write(ctx, tx,
                 &(struct posting_head){
                     .customer_id = payment->customer_id,
                     .type = "payment",
                     .document_id = payment->id,
                     .description =
                         arena_fmt(ctx->arena, "payment of invoice %.*s", STR_ARG(invoice->number)),
                     .currency = payment->currency,
                     .day = day,
                 },
                 &posting);
}
