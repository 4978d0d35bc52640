/* routes.h - every page; each table stands at the end of its page's file. */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "web/page.h"

extern const struct page_route about_pages[];
extern const struct page_route account_pages[];
extern const struct page_route customer_pages[];
extern const struct page_route customers_pages[];
extern const struct page_route exceptions_pages[];
extern const struct page_route home_pages[];
extern const struct page_route invoice_pages[];
extern const struct page_route invoices_pages[];
extern const struct page_route json_pages[];
extern const struct page_route mails_pages[];
extern const struct page_route portal_invoice_pages[];
extern const struct page_route portal_invoices_pages[];
extern const struct page_route portal_overview_pages[];
extern const struct page_route portal_payment_pages[];
extern const struct page_route portal_sign_in_pages[];
extern const struct page_route search_pages[];
extern const struct page_route sign_in_pages[];
extern const struct page_route usage_pages[];
extern const struct page_route webhooks_pages[];

/* All of them, for page_mount; ends with NULL. */
extern const struct page_route *const web_routes[];

#endif
