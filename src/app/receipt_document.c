#include "app/receipt_document.h"

#include "app/billing_entity_logo.h"
#include "app/document_parts.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/zone.h"
#include "core/currency.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/invoice.h"
#include "store/sql/payment.h"

#define FACTS_MAX 4
#define LINES_MAX 2

/* A document being filled. */
struct filling {
    struct arena *arena;
    const struct locale *locale;
    const struct receipt_subject *about;
    const struct currency *currency; /* of the payment */
};

static struct str words(const struct filling *f, struct str english)
{
    return locale_words(f->locale, english);
}

static struct str amount(const struct filling *f, int64_t minor)
{
    return locale_money(f->locale, f->arena, (struct money){minor, f->currency});
}

/* The day on which it was paid, where the invoice's customer was. */
static int32_t paid_day(const struct filling *f)
{
    const struct zone *zone = NULL;
    enum err err = zone_find(f->about->invoice.timezone, &zone);
    ASSERT(err == ERR_NONE); /* it was found when the invoice was made */
    return zone_day(zone, f->about->payment.paid_at);
}

static void fill_facts(const struct filling *f, struct receipt_document *document)
{
    const struct payment_row *payment = &f->about->payment;
    bool is_online = str_eq(payment->payment_type, STR("provider"));
    struct document_fact *facts = ARENA_ARRAY(f->arena, FACTS_MAX, struct document_fact);
    size_t count = 0;
    facts[count++] =
        (struct document_fact){words(f, STR("Receipt number")), payment->receipt_number};
    facts[count++] = (struct document_fact){words(f, STR("Paid on")),
                                            locale_day(f->locale, f->arena, paid_day(f))};
    facts[count++] = (struct document_fact){words(f, STR("Payment method")),
                                            words(f, is_online ? STR("Online") : STR("Transfer"))};
    if (!str_is_null(payment->reference))
        facts[count++] = (struct document_fact){words(f, STR("Reference")),
                                                document_isolated(f->arena, payment->reference)};
    document->facts = facts;
    document->fact_count = count;
}

/* What the invoice took, and what it did not need. */
static void fill_lines(const struct filling *f, struct receipt_document *document)
{
    const struct payment_row *payment = &f->about->payment;
    const struct invoice_row *invoice = &f->about->invoice;
    struct receipt_line *lines = ARENA_ARRAY(f->arena, LINES_MAX, struct receipt_line);
    int64_t applied_minor = payment->amount_minor - payment->unapplied_minor;
    size_t count = 0;
    if (applied_minor > 0)
        lines[count++] = (struct receipt_line){
            .description = arena_fmt(f->arena, "%.*s %.*s", STR_ARG(words(f, STR("Invoice"))),
                                     STR_ARG(invoice->number)),
            .date = locale_day_short(f->locale, f->arena, invoice->issuing_day),
            .total = amount(f, invoice->total_amount_minor),
            .amount = amount(f, applied_minor),
        };
    if (payment->unapplied_minor > 0)
        lines[count++] = (struct receipt_line){
            .description = words(f, STR("Kept for you as credit")),
            .date = STR_NULL,
            .total = STR_NULL,
            .amount = amount(f, payment->unapplied_minor),
        };
    document->lines = lines;
    document->line_count = count;
}

void receipt_document_fill(struct arena *arena, const struct locale *locale,
                           const struct receipt_subject *about, struct receipt_document *document)
{
    const struct filling f = {arena, locale, about, currency_find(about->payment.currency)};
    ASSERT(f.currency != NULL);
    *document = (struct receipt_document){
        .locale = locale,
        .title =
            locale_words_with(locale, arena, STR("Receipt {}"), &about->payment.receipt_number, 1),
        .logo = about->logo,
        .seller = document_seller(arena, locale, &about->entity),
        .buyer = document_buyer(arena, locale, &about->customer),
        .thanks = words(&f, STR("Thank you for your payment")),
        .column_description = words(&f, STR("Description")),
        .column_date = words(&f, STR("Date")),
        .column_total = words(&f, STR("Total")),
        .column_amount = words(&f, STR("Paid")),
        .total = {.label = words(&f, STR("Amount paid")),
                  .amount = amount(&f, about->payment.amount_minor),
                  .is_grand = true},
        .footer = about->entity.name,
        .created_at = about->payment.paid_at,
    };
    fill_facts(&f, document);
    fill_lines(&f, document);
}

struct receipt_loading {
    struct uuid payment_id;
    struct receipt_subject *about;
};

static enum err load(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct receipt_loading *loading = arg;
    struct receipt_subject *about = loading->about;
    struct payment_row *payment = &about->payment;
    bool found = false;
    TRY(payment_load(tx, &(struct payment_load_in){.id = loading->payment_id}, payment, &found));
    if (!found)
        return fail_not_found(ctx, "payment", uuid_text(ctx->arena, loading->payment_id));
    if (str_is_null(payment->receipt_number))
        return fail_not_found(ctx, "receipt", uuid_text(ctx->arena, loading->payment_id));
    TRY(invoice_load(
        tx,
        &(struct invoice_load_in){.customer_id = payment->customer_id, .id = payment->invoice_id},
        &about->invoice, &found));
    ASSERT(found);
    TRY(customer_load(tx, &(struct customer_load_in){.id = payment->customer_id}, &about->customer,
                      &found));
    ASSERT(found);
    TRY(billing_entity_load(
        tx, &(struct billing_entity_load_in){.id = about->invoice.billing_entity_id},
        &about->entity, &found));
    ASSERT(found);
    return billing_entity_logo_bytes(tx, about->entity.id, &about->logo);
}

enum err receipt_pdf(struct ctx *ctx, struct uuid payment_id, struct str language, struct buf *pdf)
{
    struct receipt_subject about;
    struct receipt_document document;
    struct locale *locale = NULL;
    TRY(tx_run(ctx, TX_READ, load,
               &(struct receipt_loading){.payment_id = payment_id, .about = &about}));
    TRY(document_locale_open(ctx->fault, language, &about.customer, &about.entity, &locale));
    receipt_document_fill(ctx->arena, locale, &about, &document);
    enum err err = receipt_pdf_draw(&document, ctx->arena, ctx->fault, pdf);
    locale_close(locale);
    return err;
}
