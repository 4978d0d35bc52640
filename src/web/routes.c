#include "web/routes.h"

static enum err portal_start_page(struct page *page)
{
    return page_redirect(page, STR("/portal/account"));
}

/* Where the portal's sign-in leads to. */
static const struct page_route start_pages[] = {
    {HTTP_GET, "/portal", portal_start_page, PAGE_PORTAL},
    {0},
};

// clang-format off
const struct page_route *const web_routes[] = {
    account_pages,
    customer_pages,
    customers_pages,
    exceptions_pages,
    home_pages,
    invoice_pages,
    invoices_pages,
    mails_pages,
    portal_sign_in_pages,
    search_pages,
    sign_in_pages,
    start_pages,
    usage_pages,
    NULL,
};
// clang-format on
