/* account.c - my account: name, language, password, where I am signed in. */
#include "web/admin/account.h"

#include "app/user.h"
#include "base/clock.h"
#include "base/time.h"
#include "web/page_private.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#include <string.h>

#define TITLE "My account"
#define URL   "/account"

struct account_form {
    struct page_field name, language;
    struct page_field old_password, password, again;
    bool is_refused, password_is_refused;
};

static struct account_form form_of(const struct session_user *user)
{
    const unsigned secret = FIELD_REQUIRED | FIELD_SECRET;
    return (struct account_form){
        .name = {.name = "name",
                 .chars_max = USER_NAME_MAX,
                 .flags = FIELD_REQUIRED,
                 .shown = user->name},
        .language = {.name = "language", .chars_max = LOCALE_TAG_MAX, .shown = user->language},
        .old_password = {.name = "old_password", .chars_max = USER_PASSWORD_MAX, .flags = secret},
        .password = {.name = "password",
                     .chars_max = USER_PASSWORD_MAX,
                     .chars_min = USER_PASSWORD_MIN,
                     .flags = secret},
        .again = {.name = "again", .chars_max = USER_PASSWORD_MAX, .flags = secret},
    };
}

/* ---- showing --------------------------------------------------------------------------------- */

/* "" for what the browser asks for, then every language; one that was typed by hand stays. */
static struct input language_input(struct page *page, const struct page_field *field)
{
    const char *const *known = locales_languages();
    struct input input = page_input(page, field, page_words(page, "Language"));
    size_t count = 0;
    while (known[count] != NULL)
        count++;
    struct input_option *options = ARENA_ARRAY(page->arena, count + 2, struct input_option);
    options[0] = (struct input_option){STR(""), page_words(page, "As the browser asks for"),
                                       field->shown.len == 0};
    for (size_t i = 0; i < count; i++) {
        struct str tag = str_of(known[i]);
        options[i + 1] =
            (struct input_option){tag, locales_own_name(tag), str_eq(field->shown, tag)};
    }
    input.kind = INPUT_SELECT;
    input.options = options;
    input.option_count = count + 1;
    if (field->shown.len > 0 && !locales_is_known(field->shown))
        options[input.option_count++] = (struct input_option){field->shown, field->shown, true};
    return input;
}

static struct input password_input(struct page *page, const struct page_field *field,
                                   const char *label, const char *autocomplete)
{
    struct input input = page_input(page, field, page_words(page, label));
    input.type = STR("password");
    input.autocomplete = str_of(autocomplete);
    return input;
}

static bool has(struct str text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* The first that stands in it: browsers name those that they resemble, too. */
static const char *first_in(struct str agent, const char *const pairs[][2], const char *none)
{
    for (int i = 0; pairs[i][0] != NULL; i++) {
        if (has(agent, pairs[i][0]))
            return pairs[i][1];
    }
    return none;
}

static struct str device_of(struct page *page, struct str agent)
{
    static const char *const browsers[][2] = {{"Edg/", "Edge"},        {"OPR/", "Opera"},
                                              {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"},
                                              {"Safari/", "Safari"},   {NULL, NULL}};
    static const char *const systems[][2] = {
        {"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},
        {"Mac OS X", "macOS"},  {"Linux", "Linux"},     {NULL, NULL}};
    const char *browser = first_in(agent, browsers, NULL);
    const char *system = first_in(agent, systems, NULL);
    if (browser != NULL && system != NULL)
        return arena_fmt(page->arena, "%s, %s", browser, system);
    if (browser != NULL)
        return str_of(browser);
    return agent.len == 0 ? page_words(page, "Unknown") : str_slice(agent, 0, 40);
}

static enum err fill_sessions(struct page *page, struct account_view *view)
{
    struct user_session_row *rows = NULL;
    size_t count = 0;
    TRY(session_list(page->ctx, page->user->user_id, &rows, &count));
    struct account_session *sessions = ARENA_ARRAY(page->arena, count, struct account_session);
    for (size_t i = 0; i < count; i++) {
        sessions[i] = (struct account_session){
            .id = uuid_text(page->arena, rows[i].id),
            .device = device_of(page, rows[i].user_agent),
            .address = rows[i].address,
            .begun = show_instant_in_zone(page, ZONE_UTC, rows[i].created_at),
            .seen = show_instant_in_zone(page, ZONE_UTC, rows[i].seen_at),
            .is_this = uuid_eq(rows[i].id, page->user->session_id),
        };
    }
    view->sessions = sessions;
    view->session_count = count;
    view->has_others = count > 1;
    view->this_one = status_of(TONE_GOOD, page_words(page, "This browser"));
    return ERR_NONE;
}

static struct str role_words(struct page *page, struct str role)
{
    if (str_eq(role, STR("admin")))
        return page_words(page, "Administrator");
    return page_words(page, str_eq(role, STR("viewer")) ? "Viewer" : "Member");
}

static enum err fill(struct page *page, const struct account_form *form, struct account_view *view)
{
    const char *refused = "Some of it needs another look.";
    *view = (struct account_view){
        .frame = page_frame(page, TITLE, NULL),
        .email = page->user->email,
        .role = role_words(page, page->user->role),
        .name = page_input(page, &form->name, page_words(page, "Name")),
        .language = language_input(page, &form->language),
        .old_password =
            password_input(page, &form->old_password, "Current password", "current-password"),
        .password = password_input(page, &form->password, "New password", "new-password"),
        .again = password_input(page, &form->again, "New password again", "new-password"),
    };
    view->name.autocomplete = STR("name");
    view->refused.words = form->is_refused ? page_words(page, refused) : STR("");
    view->password_refused.words = form->password_is_refused ? page_words(page, refused) : STR("");
    return fill_sessions(page, view);
}

static enum err account_page(struct page *page)
{
    struct account_form form = form_of(page->user);
    struct account_view view;
    TRY(fill(page, &form, &view));
    return PAGE_SHOW(page, tpl_admin_account, &view);
}

static enum err show_again(struct page *page, const struct account_form *form)
{
    struct account_view view;
    TRY(fill(page, form, &view));
    return PAGE_SHOW_AGAIN(page, tpl_admin_account, &view);
}

/* ---- changing -------------------------------------------------------------------------------- */

static enum err save(struct page *page)
{
    struct account_form form = form_of(page->user);
    struct page_field *const fields[] = {&form.name, &form.language};
    struct app_user_row row;
    bool is_good = page_field(page, &form.name);
    is_good = page_field(page, &form.language) && is_good;
    form.is_refused = true;
    if (!is_good)
        return show_again(page, &form);
    enum err err =
        user_change(page->ctx, page->user->user_id, form.name.value, form.language.value, &row);
    if (page_fault(page, err, fields, 2))
        return show_again(page, &form);
    TRY(err);
    page_set_language(page, row.language);
    page_notice(page, NOTICE_GOOD, page_words(page, "Saved."));
    return page_redirect(page, STR(URL));
}

static enum err change_password(struct page *page)
{
    struct account_form form = form_of(page->user);
    bool is_good = page_field(page, &form.old_password);
    is_good = page_field(page, &form.password) && is_good;
    is_good = page_field(page, &form.again) && is_good;
    if (is_good && !str_eq(form.password.value, form.again.value))
        is_good = page_field_error(page, &form.again, "The two are not the same.");
    form.password_is_refused = true;
    if (!is_good)
        return show_again(page, &form);
    struct page_field *const fields[] = {&form.old_password, &form.password};
    enum err err = session_change_password(page->ctx, &(struct session_new_password){
                                                          .user = page->user,
                                                          .old = form.old_password.value,
                                                          .password = form.password.value,
                                                          .place = page_place(page),
                                                          .attempts = page->web->attempts,
                                                          .now_us = clock_monotonic_us(),
                                                      });
    if (page_fault(page, err, fields, 2)) {
        if (form.old_password.error.len > 0)
            page_field_error(page, &form.old_password, "That is not the current password.");
        return show_again(page, &form);
    }
    TRY(err);
    page_notice(page, NOTICE_GOOD,
                page_words(page, "The password is changed, and other browsers are signed out."));
    return page_redirect(page, STR(URL));
}

static enum err end_one(struct page *page)
{
    struct uuid id;
    TRY(page_path_id(page, 0, &id));
    TRY(session_end(page->ctx, page->user->user_id, id));
    page_notice(page, NOTICE_GOOD, page_words(page, "That browser is signed out."));
    return page_redirect(page, STR(URL));
}

static enum err end_others(struct page *page)
{
    TRY(session_end_all(page->ctx, page->user->user_id, page->user->session_id));
    page_notice(page, NOTICE_GOOD, page_words(page, "All other browsers are signed out."));
    return page_redirect(page, STR(URL));
}

/* Where a form that was refused is loaded again. */
static enum err back(struct page *page)
{
    return page_redirect(page, STR(URL));
}

const struct page_route account_pages[] = {
    {HTTP_GET, URL, account_page, 0},
    {HTTP_POST, URL, save, PAGE_ANY_ROLE},
    {HTTP_GET, URL "/password", back, 0},
    {HTTP_POST, URL "/password", change_password, PAGE_ANY_ROLE},
    {HTTP_POST, URL "/sessions/end", end_others, PAGE_ANY_ROLE},
    {HTTP_POST, URL "/sessions/{id}/end", end_one, PAGE_ANY_ROLE},
    {0},
};
