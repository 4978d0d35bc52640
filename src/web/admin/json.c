/* json.c - the objects of pages as the API shows them, for who is signed in. */
#include "app/customer_table.h"
#include "app/usage_view.h"
#include "base/none.h"
#include "web/routes.h"
#include "web/show.h"

#define ID_MAX 255

static enum err customer(struct page *page)
{
    struct customer_numbers numbers;
    TRY(customer_numbers_get(page->ctx, page_path(page, 0), &numbers));
    return page_api(page, "/customers/{external_id}", numbers.entry.row.external_id, NULL, 0);
}

/* By the id of the path. */
static enum err by_id(struct page *page, const char *path)
{
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    return page_api(page, path, uuid_text(page->arena, id), NULL, 0);
}

static enum err invoice(struct page *page)
{
    return by_id(page, "/invoices/{id}");
}

static enum err payment(struct page *page)
{
    return by_id(page, "/payments/{id}");
}

static enum err mail(struct page *page)
{
    return by_id(page, "/mails/{id}");
}

static enum err endpoint(struct page *page)
{
    return by_id(page, "/webhook_endpoints/{id}");
}

static enum err message(struct page *page)
{
    return by_id(page, "/webhooks/{id}");
}

/* The one that the usage page shows: it may have ended. */
static enum err subscription(struct page *page)
{
    struct str id = page_query(page, "subscription", ID_MAX);
    struct usage_view usage;
    if (str_is_null(id))
        return page_not_found(page);
    TRY(usage_view_load(page->ctx, &(struct usage_view_query){id, DAY_NONE, DAY_NONE}, &usage));
    const struct http_param status = {STR("status"), usage.subscription.status};
    return page_api(page, "/subscriptions/{external_id}", id, &status, 1);
}

const struct page_route json_pages[] = {
    {HTTP_GET, "/customers/{id}/json", customer, 0},
    {HTTP_GET, "/invoices/{id}/json", invoice, 0},
    {HTTP_GET, "/mails/{id}/json", mail, 0},
    {HTTP_GET, "/payments/{id}/json", payment, 0},
    {HTTP_GET, "/usage/json", subscription, 0},
    {HTTP_GET, "/endpoints/{id}/json", endpoint, 0},
    {HTTP_GET, "/messages/{id}/json", message, 0},
    {0},
};
