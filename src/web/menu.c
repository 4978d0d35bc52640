#include "web/menu.h"

#include "base/time.h"
#include "web/show.h"

/* Only what there is.  Each page adds its line when it comes. */
static const struct menu_item console_menu[] = {
    {"Home", "/", ICON_HOME, "g h"},
    {"Customers", "/customers", ICON_USERS, "g c"},
    {"Invoices", "/invoices", ICON_FILE_INVOICE, "g i"},
    {"Usage", "/usage", ICON_CHART_DOTS, "g u"},
    {"Exceptions", "/exceptions", ICON_ALERT_TRIANGLE, "g e"},
    {"Mails", "/mails", ICON_MAIL, "g m"},
    {"Webhooks", "/endpoints", ICON_SEND, "g w"},
    {0},
};

static const struct menu_item portal_menu[] = {
    {"Overview", "/portal", ICON_NONE, NULL},
    {"Invoices", "/portal/invoices", ICON_NONE, NULL},
    {"My account", "/portal/account", ICON_NONE, NULL},
    {0},
};

/* This page in each language. */
static void offer_languages(struct page *page, struct frame *frame)
{
    const char *const *known = locales_languages();
    struct str region = frame->language; /* "en-US" is read in "en" */
    struct str language;
    size_t count = 0;
    str_split(&region, '-', &language);
    while (known[count] != NULL)
        count++;
    struct choice *choices = ARENA_ARRAY(page->arena, count, struct choice);
    for (size_t i = 0; i < count; i++) {
        const struct page_param chosen = {"lang", str_of(known[i])};
        choices[i] = (struct choice){.words = locales_own_name(str_of(known[i])),
                                     .url = page_url_with(page, &chosen, 1),
                                     .value = str_of(known[i]),
                                     .is_current = str_eq_nocase(str_of(known[i]), language)};
    }
    frame->languages = choices;
    frame->language_count = count;
}

static void tell_clock(struct page *page, struct frame *frame)
{
    struct clock *clock = &page->web->app->clock;
    if (!clock->is_test)
        return;
    struct str day = locale_day(page->locale, page->arena, day_of_instant(clock_now(clock)));
    frame->clock = page_words_with(page, "Test clock: {}", &day, 1);
}

void menu_fill(struct page *page, struct frame *frame, struct str current_url)
{
    bool is_portal = str_starts(page->http->path, STR("/portal"));
    frame->site = STR("Billow");
    frame->home_url = is_portal ? STR("/portal") : STR("/");
    frame->about_url = is_portal ? STR("/portal/about") : STR("/about");
    if (page->user != NULL) {
        frame->user_name = page->user->name;
        frame->user_detail = page->user->email;
        frame->account_url = STR("/account");
        frame->sign_out_url = STR("/sign-out");
        frame->search_url = STR("/search");
        frame_menu(frame, page->arena, page->locale, console_menu, current_url);
        tell_clock(page, frame);
    }
    if (page->portal != NULL) {
        frame->site = page->portal->seller;
        if (!str_is_null(page->portal->seller_logo))
            frame->seller_logo = page->portal->seller_logo;
        frame->user_name = show_customer_name(&page->portal->customer);
        frame->user_detail = page->portal->customer.email;
        frame->account_url = STR("/portal/account");
        frame->sign_out_url = STR("/portal/sign-out");
        frame_menu(frame, page->arena, page->locale, portal_menu, current_url);
        tell_clock(page, frame);
    }
    if (frame->user_name.len > 0)
        frame->user_initials = frame_initials(page->arena, frame->user_name);
    if (page->http->method == HTTP_GET)
        offer_languages(page, frame);
}
