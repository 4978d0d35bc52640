#include "web/routes.h"

static enum err start_page(struct page *page)
{
    return page_redirect(page, STR("/account"));
}

static enum err portal_start_page(struct page *page)
{
    return page_redirect(page, STR("/portal/account"));
}

/* Where sign-in leads to. */
static const struct page_route start_pages[] = {
    {HTTP_GET, "/", start_page, 0},
    {HTTP_GET, "/portal", portal_start_page, PAGE_PORTAL},
    {0},
};

// clang-format off
const struct page_route *const web_routes[] = {
    account_pages,
    portal_sign_in_pages,
    sign_in_pages,
    start_pages,
    NULL,
};
// clang-format on
