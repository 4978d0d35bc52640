/* own.h - what the portal's pages have in common: finding what the visitor may see, and how it is
 * said. */
#ifndef WEB_PORTAL_OWN_H
#define WEB_PORTAL_OWN_H

#include "app/invoice.h"
#include "app/payment.h"
#include "web/page.h"
#include "web/parts.h"

/* Text in a list of a template. */
struct portal_text {
    struct str text;
};

/* The invoice that the address names, with details.  ERR_NOT_FOUND: none, a draft, or another
 * customer's, which the security log is told. */
MUST_CHECK enum err portal_invoice(struct page *page, struct invoice_view *view);
/* Likewise the payment. */
MUST_CHECK enum err portal_payment(struct page *page, struct payment_view *view);

/* Lets the page's forms lead to the gateway; false: there is none, so there is no button. */
bool portal_let_pay(struct page *page);

/* In one word, since how long is said beside it. */
struct status portal_invoice_status(const struct page *page, const struct invoice_row *invoice);
/* Today in the zone of the invoice. */
int32_t portal_today(const struct page *page, struct str timezone);
const struct zone *portal_zone_of(struct str timezone);

struct str portal_invoice_url(const struct page *page, struct uuid id);
struct str portal_payment_url(const struct page *page, struct uuid id);
/* Of its receipt's PDF; empty: it has none. */
struct str portal_receipt_url(const struct page *page, const struct payment_row *row);

#endif
