/* payment.c - paying an invoice, and what became of it. */
#include "web/portal/payment.h"

#include "app/payment_checkout.h"
#include "app/receipt_document.h"
#include "base/assert.h"
#include "base/time.h"
#include "base/zone.h"
#include "core/payment/progress.h"
#include "web/portal/own.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define AGAIN_S 3

/* ---- to the gateway -------------------------------------------------------------------------- */

/* "de" of "de-CH" */
static struct str language_of(const struct page *page)
{
    struct str tag = locale_tag(page->locale);
    int64_t end = str_find(tag, '-');
    return end < 0 ? tag : str_slice(tag, 0, (size_t)end);
}

/* Why a checkout can't be begun, where it is not our bug. */
static const struct {
    enum err err;
    const char *english;
} refusals[] = {
    {ERR_NOT_ALLOWED, "There is nothing to pay."},
    {ERR_CONFLICT, "A payment is under way. How it ends is not known yet."},
    {ERR_GATEWAY, "Our payment provider does not answer. Nothing was charged; please try again in "
                  "a few minutes."},
    {ERR_NOT_SUPPORTED, "This invoice can't be paid here."},
};

/* Back to the invoice, which says how it stands now. */
static enum err back(struct page *page, struct uuid invoice_id, const char *english)
{
    fault_reset(page->ctx->fault);
    page_notice(page, NOTICE_BAD, page_words(page, english));
    return page_redirect(page, portal_invoice_url(page, invoice_id));
}

static enum err pay(struct page *page)
{
    struct invoice_view invoice;
    struct payment_checkout checkout;
    TRY(portal_invoice(page, &invoice));
    struct uuid id = invoice.row.id;
    const struct payment_checkout_input input = {
        .customer_id = page_customer_id(page),
        .invoice_id = id,
        .return_url = arena_fmt(page->arena, "%.*s/portal/payments/{payment_id}",
                                STR_ARG(page->web->app->public_url)),
        .locale = language_of(page),
    };
    enum err err = payment_checkout_start(page->ctx, &input, &checkout);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (err == refusals[i].err)
            return back(page, id, refusals[i].english);
    }
    TRY(err);
    return page_redirect_away(page, checkout.redirect_url);
}

/* ---- and back -------------------------------------------------------------------------------- */

static enum portal_outcome outcome_of(const struct payment_row *row)
{
    switch (payment_status_of(row->status)) {
    case PAYMENT_SUCCEEDED:
        return OUTCOME_PAID;
    case PAYMENT_FAILED:
        return OUTCOME_DECLINED;
    case PAYMENT_PENDING:
        return OUTCOME_OPEN;
    case PAYMENT_PROCESSING:
    case PAYMENT_UNKNOWN:
        break;
    }
    return OUTCOME_WAITING;
}

static void fill_words(struct page *page, const struct payment_row *row,
                       struct portal_payment_view *view)
{
    static const char *const titles[] = {
        [OUTCOME_PAID] = "Thank you, your payment has arrived",
        [OUTCOME_DECLINED] = "The payment did not go through",
        [OUTCOME_OPEN] = "Nothing was paid yet",
        [OUTCOME_WAITING] = "Your payment is being confirmed",
    };
    struct str email = page->portal->customer.email;
    struct str why;
    view->frame.title = page_words(page, titles[view->outcome]);
    switch (view->outcome) {
    case OUTCOME_PAID:
        if (!str_is_null(email) && email.len > 0)
            view->words = page_words_with(page, "The receipt is on its way to {}.", &email, 1);
        break;
    case OUTCOME_DECLINED:
        why = show_failure(page, row);
        view->words = page_words_with(page, "{} Nothing was charged.", &why, 1);
        break;
    case OUTCOME_OPEN:
        view->words = page_words(page, "You can go on where you left off.");
        break;
    case OUTCOME_WAITING:
        view->words =
            page_words(page, "Our payment provider has not told us the outcome yet. Please don't "
                             "pay again: this page looks by itself every few seconds, and you may "
                             "close it, too.");
        view->again_s = AGAIN_S;
        break;
    }
}

static void fill_facts(struct page *page, const struct payment_row *row,
                       const struct invoice_row *invoice, struct portal_payment_view *view)
{
    struct fact *facts = ARENA_ARRAY(page->arena, 4, struct fact);
    const struct zone *zone = portal_zone_of(invoice->timezone);
    size_t count = 0;
    facts[count++] = (struct fact){.name = page_words(page, "Invoice"),
                                   .value = invoice->number,
                                   .url = portal_invoice_url(page, invoice->id)};
    facts[count++] =
        (struct fact){.name = page_words(page, "Date"), .value = show_payment_day(page, zone, row)};
    if (!str_is_null(row->receipt_number))
        facts[count++] =
            (struct fact){.name = page_words(page, "Receipt"), .value = row->receipt_number};
    facts[count++] = (struct fact){.name = page_words(page, "Reference"),
                                   .value = uuid_text(page->arena, row->id),
                                   .is_id = true};
    view->facts = (struct facts){facts, count};
}

static enum err payment_page(struct page *page)
{
    struct portal_payment_view view = {.frame = page_frame(page, NULL, "/portal/invoices")};
    struct payment_view payment;
    struct invoice_view invoice;
    TRY(portal_payment(page, &payment));
    if (!str_is_null(payment.row.gateway_code))
        TRY(payment_checkout_return(page->ctx, page_customer_id(page), payment.row.id, &payment));
    TRY(invoice_get(page->ctx, payment.row.invoice_id, &invoice));
    view.outcome = outcome_of(&payment.row);
    view.url = portal_payment_url(page, payment.row.id);
    view.amount = show_money(page, payment.row.amount_minor, payment.row.currency);
    view.receipt_url = portal_receipt_url(page, &payment.row);
    view.invoice_number = invoice.row.number;
    view.invoice_url = portal_invoice_url(page, invoice.row.id);
    fill_words(page, &payment.row, &view);
    fill_facts(page, &payment.row, &invoice.row, &view);
    view.frame.refresh_s = view.again_s;
    if ((view.outcome == OUTCOME_DECLINED || view.outcome == OUTCOME_OPEN) &&
        invoice_open_minor(&invoice.row) > 0)
        view.can_pay = portal_let_pay(page);
    view.pay_words = page_words(page, view.outcome == OUTCOME_OPEN ? "Go on paying" : "Try again");
    return PAGE_SHOW(page, tpl_portal_payment, &view);
}

/* As it was mailed. */
static enum err receipt(struct page *page)
{
    struct payment_view payment;
    struct buf out;
    TRY(portal_payment(page, &payment));
    buf_init(&out, page->arena, RECEIPT_PDF_BYTES_MAX);
    TRY(receipt_pdf(page->ctx, payment.row.id, STR_NULL, &out));
    return page_file(
        page, "application/pdf",
        arena_fmt(page->arena, "receipt-%.*s.pdf", STR_ARG(payment.row.receipt_number)),
        buf_str(&out));
}

const struct page_route portal_payment_pages[] = {
    {HTTP_POST, "/portal/invoices/{id}/pay", pay, PAGE_PORTAL},
    {HTTP_GET, "/portal/payments/{id}", payment_page, PAGE_PORTAL},
    {HTTP_GET, "/portal/payments/{id}/receipt.pdf", receipt, PAGE_PORTAL},
    {0},
};
