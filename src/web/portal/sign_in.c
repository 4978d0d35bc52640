/* sign_in.c - the ways into the portal and out of it, and whose data it shows. */
#include "web/portal/sign_in.h"

#include "app/portal_link.h"
#include "app/user.h"
#include "base/clock.h"
#include "web/page_private.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

/* ---- asking for a link ----------------------------------------------------------------------- */

static struct page_field email_field(void)
{
    return (struct page_field){
        .name = "email", .chars_max = USER_EMAIL_MAX, .flags = FIELD_REQUIRED | FIELD_EMAIL};
}

static void fill(struct page *page, const struct page_field *email,
                 struct portal_sign_in_view *view)
{
    *view = (struct portal_sign_in_view){
        .frame = page_frame(page, "Sign in to your account", NULL),
        .email = page_input(page, email, page_words(page, "Email")),
    };
    view->email.type = STR("email");
    view->email.autocomplete = STR("email");
    view->email.is_focused = true;
    view->email.hint =
        page_words(page, "The address that your invoices go to. We send you a link.");
}

static enum err sign_in_page(struct page *page)
{
    struct page_field email = email_field();
    struct portal_sign_in_view view;
    if (page->portal != NULL)
        return page_redirect(page, STR("/portal"));
    fill(page, &email, &view);
    return PAGE_SHOW(page, tpl_portal_sign_in, &view);
}

static enum err slowed(struct page *page, struct portal_sign_in_view *view, int64_t wait_s)
{
    struct str seconds = arena_fmt(page->arena, "%lld", (long long)wait_s);
    view->refused.words =
        page_words_with(page, "Too many attempts. Try again in {} seconds.", &seconds, 1);
    tpl_portal_sign_in(page_writer_of(page), view);
    page_retry_after(page, wait_s);
    return page_show(page, 429);
}

/* The answer is the same whether or not anybody has the address. */
static enum err ask(struct page *page)
{
    struct page_field email = email_field();
    struct portal_sign_in_view view;
    int64_t wait_s = 0;
    bool is_good = page_field(page, &email);
    fill(page, &email, &view);
    if (!is_good)
        return PAGE_SHOW_AGAIN(page, tpl_portal_sign_in, &view);
    enum err err = portal_link_send(page->ctx,
                                    &(struct portal_link_request){
                                        .email = email.value,
                                        .place = page_place(page),
                                        .attempts = page->web->attempts,
                                        .now_us = clock_monotonic_us(),
                                    },
                                    &wait_s);
    if (err == ERR_LIMITED)
        return slowed(page, &view, wait_s);
    TRY(err);
    view.is_sent = true;
    view.sent_words = page_words_with(
        page, "If {} is the address of a customer, a link is on its way there.", &email.value, 1);
    view.frame.title = page_words(page, "Look into your mail");
    return PAGE_SHOW(page, tpl_portal_sign_in, &view);
}

/* ---- opening it ------------------------------------------------------------------------------ */

/* Looking uses nothing up: what scans mails follows links, but presses no buttons. */
static enum err link_page(struct page *page)
{
    struct portal_link_view view = {.frame = page_frame(page, "Sign in to your account", NULL),
                                    .token = page_path(page, 0)};
    TRY(portal_link_check(page->ctx, view.token, &view.opens));
    tpl_portal_link(page_writer_of(page), &view);
    return page_show(page, view.opens ? 200 : 404);
}

static enum err open_link(struct page *page)
{
    struct session_place place = page_place(page);
    struct str token;
    enum err err = portal_link_open(page->ctx, page_path(page, 0), &place, &token);
    if (err == ERR_NOT_FOUND) {
        fault_reset(page->ctx->fault);
        return link_page(page);
    }
    TRY(err);
    page_set_session(page, token);
    return page_redirect(page, STR("/portal"));
}

static enum err sign_out(struct page *page)
{
    TRY(portal_session_end(page->ctx, page->portal));
    page_set_session(page, STR_NULL);
    page_notice(page, NOTICE_GOOD, page_words(page, "You are signed out."));
    return page_redirect(page, STR("/portal/sign-in"));
}

/* ---- who is shown ---------------------------------------------------------------------------- */

static void fill_choices(struct page *page, struct portal_account_view *view)
{
    const struct portal_visitor *visitor = page->portal;
    if (visitor->other_count < 2)
        return;
    struct portal_choice *choices =
        ARENA_ARRAY(page->arena, visitor->other_count, struct portal_choice);
    for (size_t i = 0; i < visitor->other_count; i++) {
        const struct customer_row *customer = &visitor->others[i];
        choices[i] = (struct portal_choice){
            .id = uuid_text(page->arena, customer->id),
            .name = show_customer_name(customer),
            .external_id = customer->external_id,
            .is_shown = uuid_eq(customer->id, visitor->customer.id),
        };
    }
    view->choices = choices;
    view->choice_count = visitor->other_count;
    view->shown = status_of(TONE_GOOD, page_words(page, "Shown now"));
}

static enum err account_page(struct page *page)
{
    const struct customer_row *customer = &page->portal->customer;
    const struct fact facts[] = {
        {.name = page_words(page, "Name"), .value = show_customer_name(customer)},
        {.name = page_words(page, "Number"), .value = customer->external_id},
        {.name = page_words(page, "Email"),
         .value = str_is_null(customer->email) ? STR("–") : customer->email},
    };
    struct portal_account_view view = {.frame = page_frame(page, "My account", "/portal/account"),
                                       .facts = {facts, sizeof facts / sizeof facts[0]}};
    fill_choices(page, &view);
    return PAGE_SHOW(page, tpl_portal_account, &view);
}

static enum err show_other(struct page *page)
{
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    enum err err = portal_session_switch(page->ctx, page->portal, id);
    if (err == ERR_NOT_FOUND)
        page_security(page, "not_owned", STR_NULL, STR("the data of another customer"));
    TRY(err);
    return page_redirect(page, STR("/portal"));
}

const struct page_route portal_sign_in_pages[] = {
    {HTTP_GET, "/portal/sign-in", sign_in_page, PAGE_PORTAL | PAGE_PUBLIC},
    {HTTP_POST, "/portal/sign-in", ask, PAGE_PORTAL | PAGE_PUBLIC},
    {HTTP_GET, "/portal/link/{token}", link_page, PAGE_PORTAL | PAGE_PUBLIC},
    {HTTP_POST, "/portal/link/{token}", open_link, PAGE_PORTAL | PAGE_PUBLIC},
    {HTTP_POST, "/portal/sign-out", sign_out, PAGE_PORTAL},
    {HTTP_GET, "/portal/account", account_page, PAGE_PORTAL},
    {HTTP_POST, "/portal/show/{id}", show_other, PAGE_PORTAL},
    {0},
};
