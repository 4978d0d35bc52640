/* invoice.c - one invoice: what it says, how it came about, paying it. */
#include "web/portal/invoice.h"

#include "app/invoice_document.h"
#include "app/payment_checkout.h"
#include "base/assert.h"
#include "base/csv_write.h"
#include "base/time.h"
#include "base/zone.h"
#include "core/currency.h"
#include "core/payment/progress.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define LIST_URL         "/portal/invoices"
#define PAYMENTS_MAX     100
#define CSV_COLUMN_COUNT 9

/* ---- what the document says ------------------------------------------------------------------ */

static const struct portal_text *texts_of(struct page *page, const struct str *texts, size_t count)
{
    struct portal_text *copies = ARENA_ARRAY(page->arena, count, struct portal_text);
    for (size_t i = 0; i < count; i++)
        copies[i].text = texts[i];
    return copies;
}

static struct portal_party party_of(struct page *page, const struct document_party *party)
{
    return (struct portal_party){party->label, party->name,
                                 texts_of(page, party->lines, party->line_count),
                                 party->line_count};
}

static struct portal_group group_of(struct page *page, const struct document_group *group)
{
    struct portal_line *lines = ARENA_ARRAY(page->arena, group->line_count, struct portal_line);
    for (size_t i = 0; i < group->line_count; i++) {
        const struct document_line *line = &group->lines[i];
        lines[i] = (struct portal_line){
            .description = line->description,
            .quantity = show_text(line->quantity),
            .unit_price = show_text(line->unit_price),
            .amount = line->amount,
            .steps = texts_of(page, line->steps, line->step_count),
            .step_count = line->step_count,
        };
    }
    return (struct portal_group){group->title, group->amount, lines, group->line_count};
}

static void fill_lines(struct page *page, const struct invoice_document *document,
                       struct portal_invoice_view *view)
{
    struct portal_group *groups =
        ARENA_ARRAY(page->arena, document->group_count, struct portal_group);
    struct portal_total *totals =
        ARENA_ARRAY(page->arena, document->total_count, struct portal_total);
    for (size_t i = 0; i < document->group_count; i++)
        groups[i] = group_of(page, &document->groups[i]);
    for (size_t i = 0; i < document->total_count; i++)
        totals[i] = (struct portal_total){document->totals[i].label, document->totals[i].amount,
                                          document->totals[i].is_grand};
    view->groups = groups;
    view->group_count = document->group_count;
    view->totals = totals;
    view->total_count = document->total_count;
    view->column_description = document->column_description;
    view->column_quantity = document->column_quantity;
    view->column_unit_price = document->column_unit_price;
    view->column_amount = document->column_amount;
}

/* From the first to the last day that any line is for; "" without lines. */
static struct str period_of(struct page *page, const struct invoice_view *invoice)
{
    const struct zone *zone = portal_zone_of(invoice->row.timezone);
    if (invoice->fee_count == 0)
        return STR("");
    int64_t from_at = invoice->fees[0].row.from_at;
    int64_t to_at = invoice->fees[0].row.to_at;
    for (size_t i = 1; i < invoice->fee_count; i++) {
        const struct fee_row *fee = &invoice->fees[i].row;
        from_at = fee->from_at < from_at ? fee->from_at : from_at;
        to_at = fee->to_at > to_at ? fee->to_at : to_at;
    }
    return show_period(page, zone, from_at, to_at);
}

static void fill_facts(struct page *page, const struct invoice_view *invoice,
                       struct portal_invoice_view *view)
{
    struct fact *facts = ARENA_ARRAY(page->arena, 3, struct fact);
    struct str period = period_of(page, invoice);
    size_t count = 0;
    facts[count++] = (struct fact){.name = page_words(page, "Date"),
                                   .value = show_day(page, invoice->row.issuing_day)};
    facts[count++] = (struct fact){.name = page_words(page, "Due"),
                                   .value = show_day(page, invoice->row.payment_due_day)};
    if (period.len > 0)
        facts[count++] = (struct fact){.name = page_words(page, "Period"), .value = period};
    view->facts = (struct facts){facts, count};
}

static void fill_transfer(struct page *page, const struct invoice_document *document,
                          struct portal_invoice_view *view)
{
    struct fact *facts = ARENA_ARRAY(page->arena, document->payment_count, struct fact);
    for (size_t i = 0; i < document->payment_count; i++)
        facts[i] =
            (struct fact){.name = document->payment[i].label, .value = document->payment[i].value};
    view->transfer = (struct facts){facts, document->payment_count};
    view->transfer_title = show_text(document->payment_title);
}

/* ---- paying ---------------------------------------------------------------------------------- */

static struct str about(struct page *page, const struct invoice_row *row)
{
    struct str due = locale_day(page->locale, page->arena, row->payment_due_day);
    struct str issued = locale_day(page->locale, page->arena, row->issuing_day);
    int32_t left = row->payment_due_day - portal_today(page, row->timezone);
    struct str days = show_count(page, left < 0 ? -left : left);
    struct str rest;
    if (invoice_open_minor(row) == 0)
        return page_words_with(page, "Issued on {}", &issued, 1);
    if (left > 1)
        rest = page_words_with(page, "in {} days", &days, 1);
    else if (left < -1)
        rest = page_words_with(page, "{} days ago", &days, 1);
    else
        rest = page_words(page, left == 1 ? "tomorrow" : left == 0 ? "today" : "yesterday");
    return page_words_with(page, "Due {} · {}", (const struct str[]){due, rest}, 2);
}

/* The newest payment whose end nobody knows yet; NULL: none. */
static const struct payment_view *under_way(const struct payment_view *payments, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum payment_status status = payment_status_of(payments[i].row.status);
        if (status == PAYMENT_PROCESSING || status == PAYMENT_UNKNOWN)
            return &payments[i];
    }
    return NULL;
}

static void fill_pay(struct page *page, const struct invoice_row *row,
                     const struct payment_view *payments, size_t count,
                     struct portal_invoice_view *view)
{
    int64_t open = invoice_open_minor(row);
    const struct payment_view *waiting = under_way(payments, count);
    bool is_paid = str_eq(row->payment_status, STR("succeeded"));
    view->due_label = page_words(page, open > 0 ? "Amount due" : is_paid ? "Paid" : "Total");
    view->due_amount = show_money(page, open > 0 ? open : row->total_amount_minor, row->currency);
    if (open == 0) {
        view->transfer.fact_count = 0;
        return;
    }
    if (waiting != NULL) {
        view->under_way_url = portal_payment_url(page, waiting->row.id);
        return;
    }
    view->can_pay = portal_let_pay(page);
    view->pay_words = page_words_with(page, "Pay {}", &view->due_amount, 1);
    view->pay_note = page_words(page, "By card, on the page of our payment provider.");
}

static void fill_payments(struct page *page, const struct invoice_row *invoice,
                          const struct payment_view *payments, size_t count,
                          struct portal_invoice_view *view)
{
    const struct zone *zone = portal_zone_of(invoice->timezone);
    struct portal_paid *shown = ARENA_ARRAY(page->arena, count, struct portal_paid);
    for (size_t i = 0; i < count; i++) {
        const struct payment_row *row = &payments[i].row;
        bool is_manual = str_is_null(row->gateway_code);
        shown[i] = (struct portal_paid){
            .amount = show_money(page, row->amount_minor, row->currency),
            .when = show_payment_day(page, zone, row),
            .how = is_manual ? show_text(row->reference) : page_words(page, "Card"),
            .status = show_payment_state(page, row),
            .url = is_manual ? STR("") : portal_payment_url(page, row->id),
            .receipt_url = portal_receipt_url(page, row),
            .receipt_number = show_text(row->receipt_number),
        };
    }
    view->payments = shown;
    view->payment_count = count;
}

/* ---- the pages ------------------------------------------------------------------------------- */

static enum err payments_of(struct page *page, const struct invoice_row *invoice,
                            struct payment_view **payments, size_t *count)
{
    int64_t total = 0;
    return payment_list(page->ctx,
                        &(struct payment_filter){.invoice_id = invoice->id,
                                                 .paid_from_at = TIME_NONE,
                                                 .paid_to_at = TIME_NONE,
                                                 .limit = PAYMENTS_MAX},
                        payments, count, &total);
}

static enum err invoice_page(struct page *page)
{
    struct portal_invoice_view view = {.frame = page_frame(page, NULL, LIST_URL)};
    struct invoice_view invoice;
    struct invoice_document document;
    struct payment_view *payments = NULL;
    size_t count = 0;
    TRY(portal_invoice(page, &invoice));
    TRY(payments_of(page, &invoice.row, &payments, &count));
    invoice_document_fill(page->arena, page->locale, &invoice, &document);
    view.frame.title = document.title;
    view.number = invoice.row.number;
    view.url = portal_invoice_url(page, invoice.row.id);
    view.about = about(page, &invoice.row);
    view.status = portal_invoice_status(page, &invoice.row);
    view.notice = show_text(document.notice);
    view.from = party_of(page, &document.seller);
    view.to = party_of(page, &document.buyer);
    fill_facts(page, &invoice, &view);
    fill_lines(page, &document, &view);
    fill_transfer(page, &document, &view);
    fill_pay(page, &invoice.row, payments, count, &view);
    fill_payments(page, &invoice.row, payments, count, &view);
    TRY(portal_compare_fill(page, &invoice, &view.compare));
    TRY(portal_history_fill(page, &invoice, payments, count, &view.history));
    return PAGE_SHOW(page, tpl_portal_invoice, &view);
}

/* As it was mailed. */
static enum err pdf(struct page *page)
{
    struct invoice_view invoice;
    struct buf out;
    TRY(portal_invoice(page, &invoice));
    buf_init(&out, page->arena, INVOICE_PDF_BYTES_MAX);
    TRY(invoice_pdf(page->ctx, invoice.row.id, STR_NULL, &out));
    return page_file(page, "application/pdf",
                     arena_fmt(page->arena, "invoice-%.*s.pdf", STR_ARG(invoice.row.number)),
                     buf_str(&out));
}

static struct str digits(const struct page *page, struct decimal number)
{
    struct buf out;
    buf_init(&out, page->arena, 128);
    buf_decimal(&out, number);
    return buf_str(&out);
}

static void write_csv_line(struct page *page, const struct invoice_row *invoice,
                           const struct fee_view *fee, struct buf *out)
{
    const struct zone *zone = portal_zone_of(invoice->timezone);
    struct str group = str_is_null(fee->row.provider_name) ? fee->external_subscription_id
                                                           : fee->row.provider_name;
    struct str name = fee_name(page->arena, fee);
    const struct str cells[CSV_COLUMN_COUNT] = {
        csv_defused(page->arena, invoice->number),
        csv_defused(page->arena, show_text(group)),
        csv_defused(page->arena, name),
        day_text(page->arena, zone_day(zone, fee->row.from_at)),
        day_text(page->arena, zone_day(zone, fee->row.to_at - 1)),
        digits(page, fee->row.units),
        digits(page, fee->row.unit_amount),
        show_plain_amount(page, fee->row.amount_minor, invoice->currency),
        invoice->currency,
    };
    csv_write_row(out, cells, CSV_COLUMN_COUNT);
}

static enum err csv(struct page *page)
{
    static const char *const names[CSV_COLUMN_COUNT] = {"invoice",    "service", "description",
                                                        "from",       "to",      "units",
                                                        "unit_price", "amount",  "currency"};
    struct invoice_view invoice;
    struct buf out;
    TRY(portal_invoice(page, &invoice));
    show_csv_begin(page, names, CSV_COLUMN_COUNT, &out);
    for (size_t i = 0; i < invoice.fee_count; i++)
        write_csv_line(page, &invoice.row, &invoice.fees[i], &out);
    return show_csv_end(
        page, arena_fmt(page->arena, "invoice-%.*s.csv", STR_ARG(invoice.row.number)), &out);
}

const struct page_route portal_invoice_pages[] = {
    {HTTP_GET, LIST_URL "/{id}", invoice_page, PAGE_PORTAL},
    {HTTP_GET, LIST_URL "/{id}/pdf", pdf, PAGE_PORTAL},
    {HTTP_GET, LIST_URL "/{id}/csv", csv, PAGE_PORTAL},
    {0},
};
