#include "app/invoice_document.h"

#include "app/billing_entity_logo.h"
#include "app/document_parts.h"
#include "app/fee_explanation.h"
#include "app/fee_shares.h"
#include "app/fee_step_words.h"
#include "app/invoice_groups.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "core/currency.h"
#include "core/payment/epc_qr.h"

#define FACTS_MAX         4
#define PAYMENT_FACTS_MAX 5

/* A document being filled. */
struct filling {
    struct arena *arena;
    const struct locale *locale;
    const struct invoice_view *view;
    const struct currency *currency;
};

static struct str words(const struct filling *f, struct str english)
{
    return locale_words(f->locale, english);
}

static struct str amount(const struct filling *f, int64_t minor)
{
    return locale_money(f->locale, f->arena, (struct money){minor, f->currency});
}

static struct str isolated(const struct filling *f, struct str text)
{
    return document_isolated(f->arena, text);
}

/* ---- facts ---- */

static void fill_facts(const struct filling *f, struct invoice_document *document)
{
    const struct invoice_row *row = &f->view->row;
    struct document_fact *facts = ARENA_ARRAY(f->arena, FACTS_MAX, struct document_fact);
    size_t count = 0;
    if (!str_is_null(row->number))
        facts[count++] = (struct document_fact){words(f, STR("Invoice number")), row->number};
    facts[count++] = (struct document_fact){words(f, STR("Date")),
                                            locale_day(f->locale, f->arena, row->issuing_day)};
    facts[count++] = (struct document_fact){words(f, STR("Due")),
                                            locale_day(f->locale, f->arena, row->payment_due_day)};
    document->facts = facts;
    document->fact_count = count;
}

/* ---- lines ---- */

/* How the amount came about, and by what the units are told apart. */
static void fill_steps(const struct filling *f, const struct fee_view *fee,
                       struct document_line *line)
{
    struct fee_explanation read = fee_explanation_read(f->arena, fee->row.explanation);
    size_t share_count = 0;
    const struct fee_share *shares = fee_shares(f->arena, fee, &share_count);
    struct str *steps = ARENA_ARRAY(f->arena, read.count + share_count, struct str);
    for (size_t i = 0; i < read.count; i++)
        steps[i] = isolated(
            f, arena_fmt(f->arena, "%.*s = %.*s",
                         STR_ARG(fee_step_words(f->locale, f->arena, read.steps[i].text)),
                         STR_ARG(fee_step_number(f->locale, f->arena, read.steps[i].result))));
    for (size_t i = 0; i < share_count; i++)
        steps[read.count + i] =
            isolated(f, arena_fmt(f->arena, "%.*s: %.*s", STR_ARG(shares[i].name),
                                  STR_ARG(locale_number(f->locale, f->arena, shares[i].units))));
    line->steps = steps;
    line->step_count = read.count + share_count;
}

static struct str description_of(const struct filling *f, const struct fee_view *fee)
{
    struct str name = fee_name(f->arena, fee);
    if (fee->row.is_true_up)
        name = arena_fmt(f->arena, "%.*s: %.*s", STR_ARG(words(f, STR("Minimum"))), STR_ARG(name));
    if (!fee->row.is_correction)
        return name;
    return arena_fmt(f->arena, "%.*s: %.*s", STR_ARG(words(f, STR("Correction"))), STR_ARG(name));
}

static struct document_line line_of(const struct filling *f, const struct fee_view *fee)
{
    bool has_units =
        str_eq(fee->row.fee_type, STR("charge")) || str_eq(fee->row.fee_type, STR("fixed_charge"));
    struct document_line line = {
        .description = description_of(f, fee),
        .amount = amount(f, fee->row.amount_minor),
    };
    if (has_units) {
        line.quantity = locale_number(f->locale, f->arena, fee->row.units);
        line.unit_price = fee_has_one_price(fee)
                              ? locale_price(f->locale, f->arena, fee->row.unit_amount, f->currency)
                              : words(f, STR("varies"));
    }
    fill_steps(f, fee, &line);
    return line;
}

static void fill_groups(const struct filling *f, struct invoice_document *document)
{
    const struct invoice_view *view = f->view;
    size_t count = 0;
    const struct invoice_group *found = invoice_groups(f->arena, view, &count);
    struct document_group *groups = ARENA_ARRAY(f->arena, count, struct document_group);
    struct document_line *lines = ARENA_ARRAY(f->arena, view->fee_count, struct document_line);
    for (size_t i = 0; i < view->fee_count; i++)
        lines[i] = line_of(f, &view->fees[i]);
    for (size_t i = 0; i < count; i++)
        groups[i] = (struct document_group){
            .title = found[i].title,
            .amount = amount(f, found[i].amount_minor),
            .lines = &lines[found[i].first],
            .line_count = found[i].count,
        };
    document->groups = groups;
    document->group_count = count;
}

/* ---- totals ---- */

static void fill_totals(const struct filling *f, struct invoice_document *document)
{
    const struct invoice_view *view = f->view;
    const struct invoice_row *row = &view->row;
    struct document_total *totals =
        ARENA_ARRAY(f->arena, view->tax_count + 4, struct document_total);
    size_t count = 0;
    totals[count++] = (struct document_total){.label = words(f, STR("Subtotal")),
                                              .amount = amount(f, row->fees_amount_minor)};
    for (size_t i = 0; i < view->tax_count; i++) {
        const struct invoice_tax_row *tax = &view->taxes[i];
        const struct str values[] = {
            tax->name,
            locale_number(f->locale, f->arena, tax->rate),
            amount(f, tax->fees_amount_minor),
        };
        totals[count++] = (struct document_total){
            .label = locale_words_with(f->locale, f->arena, STR("{} {} % on {}"), values, 3),
            .amount = amount(f, tax->amount_minor),
        };
    }
    bool has_payments = row->paid_amount_minor != 0;
    totals[count++] = (struct document_total){.label = words(f, STR("Total")),
                                              .amount = amount(f, row->total_amount_minor),
                                              .is_grand = !has_payments};
    if (has_payments) {
        totals[count++] = (struct document_total){.label = words(f, STR("Paid")),
                                                  .amount = amount(f, row->paid_amount_minor)};
        totals[count++] = (struct document_total){
            .label = words(f, STR("Amount due")),
            .amount = amount(f, row->total_amount_minor - row->paid_amount_minor),
            .is_grand = true};
    }
    document->totals = totals;
    document->total_count = count;
}

/* ---- how to pay ---- */

/* For euros alone: the code is of the SEPA credit transfer. */
static void fill_payment_code(const struct filling *f, struct str holder,
                              struct invoice_document *document)
{
    const struct invoice_row *row = &f->view->row;
    struct str text;
    if (!str_eq(row->currency, STR("EUR")))
        return;
    const struct epc_transfer transfer = {
        .name = holder,
        .iban = f->view->entity.iban,
        .bic = f->view->entity.bic,
        .amount = {row->total_amount_minor - row->paid_amount_minor, f->currency},
        .remittance = row->number,
    };
    if (epc_qr_text(f->arena, &transfer, &text) != ERR_NONE)
        return; /* a name that is too long, or too much: it can be paid by hand */
    document->payment_code = text;
    document->payment_code_note = words(f, STR("Scan to pay with your banking app"));
}

static void fill_payment(const struct filling *f, struct invoice_document *document)
{
    const struct billing_entity_row *entity = &f->view->entity;
    struct document_fact *facts;
    size_t count = 0;
    struct str holder = entity->account_holder;
    if (str_is_null(entity->iban) || invoice_open_minor(&f->view->row) == 0)
        return;
    if (str_is_null(holder))
        holder = str_is_null(entity->legal_name) ? entity->name : entity->legal_name;
    facts = ARENA_ARRAY(f->arena, PAYMENT_FACTS_MAX, struct document_fact);
    facts[count++] = (struct document_fact){words(f, STR("Account holder")), holder};
    facts[count++] =
        (struct document_fact){STR("IBAN"), isolated(f, iban_grouped(f->arena, entity->iban))};
    if (!str_is_null(entity->bic))
        facts[count++] = (struct document_fact){STR("BIC"), isolated(f, entity->bic)};
    if (!str_is_null(entity->bank_name))
        facts[count++] = (struct document_fact){words(f, STR("Bank")), entity->bank_name};
    facts[count++] =
        (struct document_fact){words(f, STR("Reference")), isolated(f, f->view->row.number)};
    document->payment_title = words(f, STR("Payment"));
    document->payment = facts;
    document->payment_count = count;
    fill_payment_code(f, holder, document);
}

void invoice_document_fill(struct arena *arena, const struct locale *locale,
                           const struct invoice_view *view, struct invoice_document *document)
{
    const struct invoice_row *row = &view->row;
    const struct filling f = {arena, locale, view, currency_find(row->currency)};
    bool is_draft = str_is_null(row->number);
    ASSERT(f.currency != NULL);
    *document = (struct invoice_document){
        .locale = locale,
        .title = is_draft ? words(&f, STR("Draft invoice"))
                          : arena_fmt(arena, "%.*s %.*s", STR_ARG(words(&f, STR("Invoice"))),
                                      STR_ARG(row->number)),
        .seller = document_seller(arena, locale, &view->entity),
        .buyer = document_buyer(arena, locale, &view->customer.row),
        .column_description = words(&f, STR("Description")),
        .column_quantity = words(&f, STR("Quantity")),
        .column_unit_price = words(&f, STR("Unit price")),
        .column_amount = words(&f, STR("Amount")),
        .footer = view->entity.name,
        .created_at = row->finalized_at == TIME_NONE ? row->updated_at : row->finalized_at,
    };
    if (str_eq(row->status, STR("voided")))
        document->notice = words(&f, STR("This document is void."));
    fill_facts(&f, document);
    fill_groups(&f, document);
    fill_totals(&f, document);
    fill_payment(&f, document);
}

struct logo_loading {
    struct uuid entity_id;
    struct str logo;
};

static enum err load_logo(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct logo_loading *loading = arg;
    (void)ctx;
    return billing_entity_logo_bytes(tx, loading->entity_id, &loading->logo);
}

enum err invoice_pdf(struct ctx *ctx, struct uuid id, struct str language, struct buf *pdf)
{
    struct invoice_view view;
    struct invoice_document document;
    struct locale *locale = NULL;
    TRY(invoice_get(ctx, id, &view));
    struct logo_loading loading = {.entity_id = view.entity.id};
    TRY(tx_run(ctx, TX_READ, load_logo, &loading));
    TRY(document_locale_open(ctx->fault, language, &view.customer.row, &view.entity, &locale));
    invoice_document_fill(ctx->arena, locale, &view, &document);
    document.logo = loading.logo;
    enum err err = invoice_pdf_draw(&document, ctx->arena, ctx->fault, pdf);
    locale_close(locale);
    return err;
}
