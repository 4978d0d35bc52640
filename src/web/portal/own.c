#include "web/portal/own.h"

#include "app/invoice_table.h"
#include "app/payment_checkout.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/zone.h"
#include "web/show.h"

enum err portal_invoice(struct page *page, struct invoice_view *view)
{
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    TRY(invoice_get(page->ctx, id, view));
    TRY(page_own(page, view->row.customer_id, "invoice", id));
    return str_eq(view->row.status, STR("draft")) ? page_not_found(page) : ERR_NONE;
}

enum err portal_payment(struct page *page, struct payment_view *view)
{
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    TRY(payment_get(page->ctx, id, view));
    return page_own(page, view->row.customer_id, "payment", id);
}

bool portal_let_pay(struct page *page)
{
    struct str origin = payment_checkout_origin(page->ctx);
    if (str_is_null(origin))
        return false;
    page_form_action(page, origin);
    return true;
}

const struct zone *portal_zone_of(struct str timezone)
{
    const struct zone *zone = NULL;
    enum err err = zone_find(timezone, &zone);
    ASSERT(err == ERR_NONE); /* it was found when the invoice was made */
    return zone;
}

int32_t portal_today(const struct page *page, struct str timezone)
{
    return zone_day(portal_zone_of(timezone), ctx_now(page->ctx));
}

struct status portal_invoice_status(const struct page *page, const struct invoice_row *invoice)
{
    enum invoice_state state =
        invoice_state_of(invoice->status, invoice->payment_status, invoice->payment_overdue);
    if (state == INVOICE_STATE_OPEN)
        return status_of(TONE_WARN, page_words(page, "Open"));
    if (state == INVOICE_STATE_OVERDUE)
        return status_of(TONE_BAD, page_words(page, "Overdue"));
    return show_invoice_state(page, state, invoice->payment_due_day, DAY_NONE);
}

struct str portal_invoice_url(const struct page *page, struct uuid id)
{
    return arena_fmt(page->arena, "/portal/invoices/%.*s", STR_ARG(uuid_text(page->arena, id)));
}

struct str portal_payment_url(const struct page *page, struct uuid id)
{
    return arena_fmt(page->arena, "/portal/payments/%.*s", STR_ARG(uuid_text(page->arena, id)));
}

struct str portal_receipt_url(const struct page *page, const struct payment_row *row)
{
    if (str_is_null(row->receipt_number))
        return STR("");
    return arena_fmt(page->arena, "%.*s/receipt.pdf", STR_ARG(portal_payment_url(page, row->id)));
}
