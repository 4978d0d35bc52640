/* sign_in.c - signing in to the console and out of it. */
#include "web/admin/sign_in.h"

#include "app/user.h"
#include "base/clock.h"
#include "web/page_private.h"
#include "web/routes.h"
#include "web/templates.h"

struct sign_in_form {
    struct page_field email, password;
    struct str next;
    const char *refused; /* a msgid; NULL: nothing was */
};

static struct sign_in_form empty_form(void)
{
    return (struct sign_in_form){
        .email = {.name = "email",
                  .chars_max = USER_EMAIL_MAX,
                  .flags = FIELD_REQUIRED | FIELD_EMAIL},
        .password = {.name = "password",
                     .chars_max = USER_PASSWORD_MAX,
                     .flags = FIELD_REQUIRED | FIELD_SECRET},
        .next = STR("/"),
    };
}

static void fill(struct page *page, const struct sign_in_form *form, struct sign_in_view *view)
{
    *view = (struct sign_in_view){
        .frame = page_frame(page, "Sign in", NULL),
        .email = page_input(page, &form->email, page_words(page, "Email")),
        .password = page_input(page, &form->password, page_words(page, "Password")),
        .next = form->next,
    };
    view->email.type = STR("email");
    view->email.autocomplete = STR("username");
    view->email.is_focused = form->email.shown.len == 0 || form->email.error.len > 0;
    view->password.type = STR("password");
    view->password.autocomplete = STR("current-password");
    view->password.is_focused = !view->email.is_focused;
    if (form->refused != NULL)
        view->refused.words = page_words(page, form->refused);
}

static struct str own_path_or(struct str path, struct str otherwise)
{
    return page_is_own_path(path) ? path : otherwise;
}

static enum err sign_in_page(struct page *page)
{
    struct sign_in_form form = empty_form();
    struct sign_in_view view;
    form.next = own_path_or(page_query(page, "next", PAGE_PATH_MAX), STR("/"));
    if (page->user != NULL)
        return page_redirect(page, form.next);
    fill(page, &form, &view);
    return PAGE_SHOW(page, tpl_admin_sign_in, &view);
}

static enum err show_again(struct page *page, struct sign_in_form *form, const char *refused)
{
    struct sign_in_view view;
    form->refused = refused;
    fill(page, form, &view);
    return PAGE_SHOW_AGAIN(page, tpl_admin_sign_in, &view);
}

static enum err slowed(struct page *page, struct sign_in_form *form, int64_t wait_s)
{
    struct sign_in_view view;
    struct str seconds = arena_fmt(page->arena, "%lld", (long long)wait_s);
    fill(page, form, &view);
    view.refused.words =
        page_words_with(page, "Too many attempts. Try again in {} seconds.", &seconds, 1);
    tpl_admin_sign_in(page_writer_of(page), &view);
    page_retry_after(page, wait_s);
    return page_show(page, 429);
}

static enum err sign_in(struct page *page)
{
    struct sign_in_form form = empty_form();
    struct str token;
    int64_t wait_s = 0;
    form.next = own_path_or(page_form_value(page, "next"), STR("/"));
    bool is_good = page_field(page, &form.email);
    is_good = page_field(page, &form.password) && is_good;
    if (!is_good)
        return show_again(page, &form, NULL);
    enum err err = session_sign_in(page->ctx,
                                   &(struct session_sign_in){
                                       .email = form.email.value,
                                       .password = form.password.value,
                                       .place = page_place(page),
                                       .attempts = page->web->attempts,
                                       .now_us = clock_monotonic_us(),
                                   },
                                   &wait_s, &token);
    if (err == ERR_UNAUTHORIZED)
        return show_again(page, &form, "The email address or the password is wrong.");
    if (err == ERR_LIMITED)
        return slowed(page, &form, wait_s);
    TRY(err);
    page_set_session(page, token);
    return page_redirect(page, form.next);
}

static enum err sign_out(struct page *page)
{
    TRY(session_end(page->ctx, page->user->user_id, page->user->session_id));
    page_set_session(page, STR_NULL);
    page_notice(page, NOTICE_GOOD, page_words(page, "You are signed out."));
    return page_redirect(page, STR("/sign-in"));
}

const struct page_route sign_in_pages[] = {
    {HTTP_GET, "/sign-in", sign_in_page, PAGE_PUBLIC},
    {HTTP_POST, "/sign-in", sign_in, PAGE_PUBLIC},
    {HTTP_POST, "/sign-out", sign_out, PAGE_ANY_ROLE},
    {0},
};
