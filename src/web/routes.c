#include "web/routes.h"

// clang-format off
const struct page_route *const web_routes[] = {
    about_pages,
    account_pages,
    customer_pages,
    customers_pages,
    exceptions_pages,
    home_pages,
    invoice_pages,
    invoices_pages,
    json_pages,
    mails_pages,
    portal_invoice_pages,
    portal_invoices_pages,
    portal_overview_pages,
    portal_payment_pages,
    portal_sign_in_pages,
    search_pages,
    sign_in_pages,
    usage_pages,
    webhooks_pages,
    NULL,
};
// clang-format on
