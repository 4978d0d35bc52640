#include "web/about.h"

#include "web/assets.h"
#include "web/routes.h"
#include "web/templates.h"

static enum err about_page(struct page *page)
{
    struct about_view view = {.frame = page_frame(page, "About this software", NULL),
                              .version = STR("Billow " BILLOW_VERSION),
                              .notices_url = asset_url(ASSET_NOTICES)};
    view.frame.about_url = STR("");
    return PAGE_SHOW(page, tpl_plain_about, &view);
}

const struct page_route about_pages[] = {
    {HTTP_GET, "/about", about_page, PAGE_PUBLIC},
    {HTTP_GET, "/portal/about", about_page, PAGE_PUBLIC | PAGE_PORTAL},
    {0},
};
