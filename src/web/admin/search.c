/* search.c - one field that finds everything. */
#include "web/admin/search.h"

#include "app/find.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define SEARCH_MAX 200

static struct str url_of(const struct page *page, const struct find_hit *hit)
{
    return arena_fmt(
        page->arena, "%s%.*s", hit->kind == FIND_INVOICE ? "/invoices/" : "/customers/",
        STR_ARG(uuid_text(page->arena, hit->kind == FIND_INVOICE ? hit->id : hit->customer_id)));
}

static struct search_hit hit_of(const struct page *page, const struct find_hit *hit)
{
    struct search_hit shown = {.title = hit->title, .url = url_of(page, hit)};
    switch (hit->kind) {
    case FIND_CUSTOMER:
        shown.icon = ICON_USER;
        shown.kind = page_words(page, "Customer");
        shown.note = str_is_null(hit->detail)
                         ? hit->external_id
                         : arena_fmt(page->arena, "%.*s · %.*s", STR_ARG(hit->external_id),
                                     STR_ARG(hit->detail));
        break;
    case FIND_SUBSCRIPTION:
        shown.icon = ICON_PACKAGES;
        shown.kind = page_words(page, "Subscription");
        shown.note = hit->customer_name;
        break;
    case FIND_INVOICE:
        shown.icon = ICON_FILE_INVOICE;
        shown.kind = page_words(page, "Invoice");
        shown.note = hit->customer_name;
        if (str_is_null(shown.title))
            shown.title = page_words(page, "Draft");
        break;
    }
    return shown;
}

static enum err search(struct page *page)
{
    struct search_view view = {.frame = page_frame(page, "Search", NULL)};
    struct str text = show_text(page_query(page, "q", SEARCH_MAX));
    struct find_result result;
    TRY(find(page->ctx, text, &result));
    if (result.is_exact && result.count == 1)
        return page_redirect(page, url_of(page, &result.hits[0]));
    struct search_hit *hits = ARENA_ARRAY(page->arena, result.count, struct search_hit);
    for (size_t i = 0; i < result.count; i++)
        hits[i] = hit_of(page, &result.hits[i]);
    view.hits = hits;
    view.hit_count = result.count;
    view.frame.search_text = text;
    view.about = text.len == 0 ? STR("") : page_words_with(page, "What has “{}” in it", &text, 1);
    view.empty = (struct empty){
        .icon = ICON_SEARCH,
        .title = text.len == 0 ? page_words(page, "What are you looking for?")
                               : page_words_with(page, "Nothing has “{}” in it", &text, 1),
        .words = page_words(page, "Customers are found by id, name, email or tax number, invoices "
                                  "by number or id, subscriptions by their whole id."),
    };
    return PAGE_SHOW(page, tpl_admin_search, &view);
}

const struct page_route search_pages[] = {
    {HTTP_GET, "/search", search, 0},
    {0},
};
