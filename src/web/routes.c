#include "web/routes.h"

const struct page_route *const web_routes[] = {
    account_pages,
    portal_sign_in_pages,
    sign_in_pages,
    NULL,
};
