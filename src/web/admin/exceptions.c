/* exceptions.c - what waits for a person. */
#include "web/admin/exceptions.h"

#include "app/cost_read.h"
#include "app/event_dismiss.h"
#include "app/event_read.h"
#include "app/vendor_account.h"
#include "base/none.h"
#include "base/time.h"
#include "core/currency.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define URL           "/exceptions"
#define WAITING_SHOWN 50
#define NAME_MAX      500
#define ID_MAX        255

struct exceptions_form {
    struct page_field provider, account, customer;
    bool is_refused;
};

static struct exceptions_form new_form(void)
{
    return (struct exceptions_form){
        .provider = {.name = "provider_name", .chars_max = NAME_MAX, .flags = FIELD_REQUIRED},
        .account = {.name = "sub_account_id", .chars_max = NAME_MAX, .flags = FIELD_REQUIRED},
        .customer = {.name = "external_customer_id", .chars_max = ID_MAX, .flags = FIELD_REQUIRED},
    };
}

/* ---- events ---------------------------------------------------------------------------------- */

static enum err fill_events(struct page *page, const struct zone *zone,
                            struct exceptions_view *view)
{
    struct unmatched_summary summary;
    TRY(event_unmatched_summarize(page->ctx, WAITING_SHOWN, 0, &summary));
    struct exceptions_waiting *rows =
        ARENA_ARRAY(page->arena, summary.count, struct exceptions_waiting);
    for (size_t i = 0; i < summary.count; i++) {
        const struct unmatched_waiting *item = &summary.items[i];
        rows[i] = (struct exceptions_waiting){
            .subscription = item->external_subscription_id.len == 0
                                ? page_words(page, "(none named)")
                                : item->external_subscription_id,
            .hidden = item->external_subscription_id,
            .count = show_count(page, item->event_count),
            .first = show_instant(page, zone, item->first_at),
            .last = show_instant(page, zone, item->last_at),
        };
    }
    view->waiting = rows;
    view->waiting_count = summary.count;
    view->events_about =
        show_counted(page, "{} unknown subscription", "{} unknown subscriptions", summary.total);
    return ERR_NONE;
}

/* ---- cost ------------------------------------------------------------------------------------ */

static struct str cost_of(const struct page *page, struct decimal cost, struct str currency)
{
    if (currency_find(currency) != NULL)
        return show_price(page, cost, currency);
    return arena_fmt(page->arena, "%.*s %.*s", STR_ARG(show_number(page, cost)), STR_ARG(currency));
}

/* "October 2024", of an instant that begins a month in UTC. */
static struct str month_of(const struct page *page, int64_t at_us)
{
    return locale_month(page->locale, page->arena, day_of_instant(at_us));
}

static enum err fill_costs(struct page *page, struct exceptions_view *view)
{
    struct cost_unassigned_page_row *found = NULL;
    int64_t index = show_page_index(page);
    int64_t total = 0;
    TRY(cost_unassigned_list(page->ctx,
                             (struct cost_page){.limit = SHOW_ROWS, .offset = index * SHOW_ROWS},
                             &found, &view->cost_count, &total));
    struct exceptions_cost *rows =
        ARENA_ARRAY(page->arena, view->cost_count, struct exceptions_cost);
    for (size_t i = 0; i < view->cost_count; i++)
        rows[i] = (struct exceptions_cost){
            .provider = found[i].provider_name,
            .account = found[i].sub_account_id,
            .account_name = show_text(found[i].sub_account_name),
            .period = month_of(page, found[i].period_start_at),
            .services = found[i].service_name,
            .cost = cost_of(page, found[i].billed_cost, found[i].currency),
        };
    view->costs = rows;
    view->cost_pager = show_pager(page, index, view->cost_count, total);
    view->cost_about = show_counted(page, "{} sum of cost", "{} sums of cost", total);
    return ERR_NONE;
}

static struct str reason_words(const struct page *page, struct str reason)
{
    if (str_eq(reason, STR("currency_differs")))
        return page_words(page, "Its currency is not the customer's");
    if (str_eq(reason, STR("no_rule")))
        return page_words(page, "No resale rule fits");
    if (str_eq(reason, STR("cost_missing")))
        return page_words(page, "The file lacks the cost that the rule asks for");
    return reason;
}

static enum err fill_unbilled(struct page *page, struct exceptions_view *view)
{
    struct cost_exception_page_row *found = NULL;
    int64_t total = 0;
    TRY(cost_exception_list(page->ctx, (struct cost_page){.limit = SHOW_ROWS}, &found,
                            &view->unbilled_count, &total));
    struct exceptions_unbilled *rows =
        ARENA_ARRAY(page->arena, view->unbilled_count, struct exceptions_unbilled);
    for (size_t i = 0; i < view->unbilled_count; i++)
        rows[i] = (struct exceptions_unbilled){
            .customer = found[i].external_id,
            .customer_url = show_customer_url(page, found[i].customer_id),
            .period = month_of(page, found[i].period_start_at),
            .service = arena_fmt(page->arena, "%.*s: %.*s", STR_ARG(found[i].provider_name),
                                 STR_ARG(found[i].service_name)),
            .cost = cost_of(page, found[i].billed_cost, found[i].currency),
            .reason = reason_words(page, found[i].reason),
        };
    view->unbilled = rows;
    view->unbilled_about = show_counted(page, "{} sum of cost", "{} sums of cost", total);
    return ERR_NONE;
}

/* ---- the page -------------------------------------------------------------------------------- */

static enum err fill(struct page *page, const struct exceptions_form *form,
                     struct exceptions_view *view)
{
    const struct zone *zone = NULL;
    *view = (struct exceptions_view){
        .frame = page_frame(page, "Exceptions", URL),
        .may_write = page_may_write(page),
        .is_refused = form->is_refused,
        .provider = page_input(page, &form->provider, page_words(page, "Provider")),
        .account = page_input(page, &form->account, page_words(page, "Sub-account")),
        .customer = page_input(page, &form->customer, page_words(page, "Id of the customer")),
        .empty = {.icon = ICON_CIRCLE_CHECK,
                  .title = page_words(page, "Nothing waits for you"),
                  .words = page_words(page, "Events of unknown subscriptions, and vendor cost that "
                                            "no customer has or that can't be billed, would stand "
                                            "here.")},
    };
    view->provider.autocomplete = view->account.autocomplete = view->customer.autocomplete =
        STR("off");
    view->customer.hint = page_words(page, "Cost that came before becomes this customer's, too.");
    if (form->is_refused)
        view->refused.words = page_words(page, "The account was not assigned.");
    TRY(show_zone(page, &zone));
    TRY(fill_events(page, zone, view));
    TRY(fill_costs(page, view));
    TRY(fill_unbilled(page, view));
    view->is_empty = view->waiting_count == 0 && view->cost_count == 0 && view->unbilled_count == 0;
    return ERR_NONE;
}

static enum err exceptions(struct page *page)
{
    struct exceptions_view view;
    struct exceptions_form form = new_form();
    form.provider.shown = show_text(page_query(page, "provider", NAME_MAX));
    form.account.shown = show_text(page_query(page, "account", NAME_MAX));
    TRY(fill(page, &form, &view));
    return PAGE_SHOW(page, tpl_admin_exceptions, &view);
}

static enum err dismiss(struct page *page)
{
    struct str id = page_form_value(page, "subscription");
    int64_t count = 0;
    if (str_is_null(id))
        return page_redirect(page, STR(URL));
    TRY(event_dismiss_all(page->ctx, id, STR_NULL, &count));
    page_notice(page, NOTICE_GOOD,
                show_counted(page, "{} event was dismissed.", "{} events were dismissed.", count));
    return page_redirect(page, STR(URL));
}

static enum err assign(struct page *page)
{
    struct exceptions_form form = new_form();
    struct exceptions_view view;
    struct vendor_account_row row;
    struct page_field *const fields[] = {&form.provider, &form.account, &form.customer};
    bool is_good = page_field(page, &form.provider);
    is_good = page_field(page, &form.account) && is_good;
    is_good = page_field(page, &form.customer) && is_good;
    form.is_refused = true;
    if (!is_good) {
        TRY(fill(page, &form, &view));
        return PAGE_SHOW_AGAIN(page, tpl_admin_exceptions, &view);
    }
    enum err err = vendor_account_assign(page->ctx,
                                         &(struct vendor_account_input){
                                             .external_customer_id = form.customer.value,
                                             .provider_name = form.provider.value,
                                             .sub_account_id = form.account.value,
                                         },
                                         &row);
    if (page_fault(page, err, fields, 3)) {
        if (form.customer.error.len > 0)
            page_field_error(page, &form.customer, "No customer has this id.");
        TRY(fill(page, &form, &view));
        return PAGE_SHOW_AGAIN(page, tpl_admin_exceptions, &view);
    }
    TRY(err);
    page_notice(page, NOTICE_GOOD,
                page_words(page, "The account is assigned, and its cost will be billed."));
    return page_redirect(page, STR(URL));
}

/* Where a form that was refused is loaded again. */
static enum err back(struct page *page)
{
    return page_redirect(page, STR(URL));
}

const struct page_route exceptions_pages[] = {
    {HTTP_GET, URL, exceptions, 0},
    {HTTP_POST, URL "/dismiss", dismiss, 0},
    {HTTP_GET, URL "/assign", back, 0},
    {HTTP_POST, URL "/assign", assign, 0},
    {0},
};
