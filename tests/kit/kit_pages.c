#include "kit_pages.h"
#include "kit_views.h"

#include "base/assert.h"
#include "web/chart.h"
#include "web/templates.h"

/* For constants. */
#define TEXT(literal)                      \
    {                                      \
        "" literal, sizeof("" literal) - 1 \
    }

#define MONTHS 12
#define DAYS   31

static const struct menu_item console_menu[] = {
    {"Home", "/", ICON_HOME, "g h"},
    {"Customers", "/list", ICON_USERS, "g c"},
    {"Invoices", "/form", ICON_RECEIPT, "g i"},
    {"Usage", "/empty", ICON_CHART_DOTS, "g u"},
    {0},
};

static const struct menu_item portal_menu[] = {
    {"Overview", "/portal/home", ICON_NONE, NULL},
    {"Invoices", "/portal", ICON_NONE, NULL},
    {0},
};

static const struct choice languages[] = {
    {TEXT("English"), TEXT("?lang=en"), TEXT("en"), true},
    {TEXT("العربية"), TEXT("?lang=ar"), TEXT("ar"), false},
    {TEXT("日本語"), TEXT("?lang=ja"), TEXT("ja"), false},
};

static const struct currency *euro(void)
{
    const struct currency *currency = currency_find(STR("EUR"));
    ASSERT(currency != NULL);
    return currency;
}

static struct str money(struct arena *arena, const struct locale *locale, int64_t minor)
{
    return locale_money(locale, arena, (struct money){minor, euro()});
}

static struct frame frame_of(struct arena *arena, const struct locale *locale, const char *title,
                             const struct menu_item *menu, const char *url)
{
    static const struct notice notices[] = {{TONE_GOOD, TEXT("The customer was saved.")}};
    struct frame frame;
    frame_init(&frame, locale);
    frame.title = locale_words(locale, str_of(title));
    frame.site = menu == portal_menu ? STR("Northwind Cloud") : STR("Billow");
    frame.home_url = menu == portal_menu ? STR("/portal/home") : STR("/");
    frame.csrf = STR("token");
    if (menu != NULL) {
        frame_menu(&frame, arena, locale, menu, str_of(url));
        frame.user_name = STR("Maria Rossi");
        frame.user_initials = frame_initials(arena, frame.user_name);
        frame.user_detail = STR("maria@northwind.example");
        frame.sign_out_url = STR("/sign-out");
    }
    frame.languages = languages;
    frame.language_count = sizeof languages / sizeof *languages;
    if (menu == console_menu) {
        frame.search_url = STR("/list");
        frame.clock = STR("Test clock: 1 December 2026");
    }
    if (str_eq(str_of(url), STR("/list"))) {
        frame.notices = notices;
        frame.notice_count = 1;
    }
    return frame;
}

static const int64_t trends[][10] = {
    {100, 120, 118, 140, 150, 160, 158, 170, 190, 210}, {50, 70, 55, 90, 70, 95, 90, 110, 105, 130},
    {50, 50, 80, 80, 80, 140, 140, 140, 140, 140},      {30, 30, 30, 90, 90, 90, 90, 90, 90, 90},
    {120, 118, 90, 88, 80, 70, 68, 60, 40, 40},         {60, 66, 70, 71, 80, 88, 90, 97, 105, 120},
};

static const struct kit_customer *make_customers(struct arena *arena, const struct locale *locale,
                                                 size_t count)
{
    static const struct {
        const char *name, *id, *plan;
        int64_t amount, open;
        enum tone tone;
        const char *status;
    } rows[] = {
        {"Helvetia Robotics", "acc_7Q2M", "Business 3-yr", 1842000, 0, TONE_GOOD, "Current"},
        {"Aurora Genomics", "acc_1XK9", "Pay-as-you-go", 1497500, 431000, TONE_WARN, "Due in 6 d"},
        {"Pampero Media", "acc_93LD", "CSP Marketplace", 1126000, 0, TONE_GOOD, "Current"},
        {"شركة النور للحوسبة", "acc_5F0C", "Dedicated hosts", 1089000, 0, TONE_INFO, "Draft"},
        {"Kestrel <Games> & \"Co\"", "acc_2B7T", "Business 1-yr", 914500, 1276000, TONE_BAD,
         "38 d overdue"},
        {"Tōkai Logistics 東海物流", "acc_8V4H", "Pay-as-you-go", -863000, 0, TONE_PLAIN, "Closed"},
    };
    struct kit_customer *customers = ARENA_ARRAY(arena, count, struct kit_customer);
    for (size_t i = 0; i < count; i++) {
        size_t at = i % (sizeof rows / sizeof *rows);
        customers[i] = (struct kit_customer){
            .id = str_of(rows[at].id),
            .name = str_of(rows[at].name),
            .plan = str_of(rows[at].plan),
            .amount = money(arena, locale, rows[at].amount),
            .open = rows[at].open == 0 ? STR("—") : money(arena, locale, rows[at].open),
            .trend = chart_spark(arena, &(struct chart_spark){.values = trends[at],
                                                              .count = 10,
                                                              .width = 88,
                                                              .height = 24,
                                                              .colour = at == 4 ? 3 : 1}),
            .status = status_of(rows[at].tone, str_of(rows[at].status)),
            .copy = {str_of(rows[at].id)},
        };
    }
    return customers;
}

static const struct column columns[] = {
    {.words = TEXT("Customer"), .sort_url = TEXT("/list?sort=name")},
    {.words = TEXT("Plan"), .is_wide = true},
    {.words = TEXT("MRR"),
     .sort_url = TEXT("/list?sort=mrr"),
     .sorted = SORTED_DOWN,
     .is_number = true},
    {.words = TEXT("10-month trend"), .is_wide = true},
    {.words = TEXT("Open"),
     .sort_url = TEXT("/list?sort=open"),
     .is_number = true,
     .is_wide = true},
    {.words = TEXT("Status")},
};
static const struct table_head head = {columns, sizeof columns / sizeof *columns};

static struct activities activities(void)
{
    static const struct activity_item items[] = {
        {ICON_CIRCLE_CHECK, TONE_GOOD, TEXT("Invoice "), TEXT("BIL-2026-004812"), TEXT("/list"),
         TEXT(" paid by Nordlys Bank ASA"), TEXT("€10,890.00 · SEPA direct debit"), TEXT("2 min"),
         TEXT("2026-11-23 09:12 UTC")},
        {ICON_FILE_INVOICE, TONE_INFO, TEXT("182 invoices finalised in run "), TEXT("run_K7"),
         TEXT("/list"), TEXT(""), TEXT("by scheduler"), TEXT("11 min"),
         TEXT("2026-11-23 09:03 UTC")},
        {ICON_ALERT_TRIANGLE, TONE_BAD, TEXT("Mail to billing@kestrel.example was refused"),
         TEXT(""), TEXT(""), TEXT(""), TEXT("550 no such mailbox"), TEXT("24 min"),
         TEXT("2026-11-23 08:50 UTC")},
        {ICON_USER_PLUS, TONE_PLAIN, TEXT("Tōkai Logistics was added"), TEXT(""), TEXT(""),
         TEXT(""), TEXT(""), TEXT("1 h"), TEXT("2026-11-23 08:14 UTC")},
    };
    return (struct activities){items, sizeof items / sizeof *items};
}

static struct html revenue(struct arena *arena, const struct locale *locale, struct html *legend)
{
    static const int64_t subscriptions[MONTHS] = {8800000,  9100000,  9300000,  9700000,
                                                  9900000,  10200000, 10500000, 10600000,
                                                  11000000, 11400000, 11900000, 12400000};
    static const int64_t usage[MONTHS] = {3100000, 2900000, 3600000, 3400000, 4100000, 4400000,
                                          4700000, 4600000, 5700000, 5100000, 5800000, 6100000};
    static const int64_t market[MONTHS] = {1200000, 1400000, 1300000, 1700000, 1800000, 1900000,
                                           1800000, 2200000, 2500000, 2900000, 2700000, 3000000};
    static const struct chart_series series[] = {{TEXT("Subscriptions"), subscriptions},
                                                 {TEXT("Usage"), usage},
                                                 {TEXT("Marketplace"), market}};
    static const struct str shorts[MONTHS] = {TEXT("Dec"), TEXT("Jan"), TEXT("Feb"), TEXT("Mar"),
                                              TEXT("Apr"), TEXT("May"), TEXT("Jun"), TEXT("Jul"),
                                              TEXT("Aug"), TEXT("Sep"), TEXT("Oct"), TEXT("Nov")};
    struct chart_bars bars = {.figures = {locale, euro()},
                              .label = STR("Revenue by month"),
                              .column_head = STR("Month"),
                              .shorts = shorts,
                              .column_count = MONTHS,
                              .series = series,
                              .series_count = 3,
                              .total = STR("Total"),
                              .as_table = STR("View as table")};
    *legend = chart_legend(arena, &bars);
    return chart_bars(arena, &bars);
}

static struct html events(struct arena *arena, const struct locale *locale)
{
    int64_t *values = ARENA_ARRAY(arena, DAYS, int64_t);
    struct str *shorts = ARENA_ARRAY(arena, DAYS, struct str);
    for (int i = 0; i < DAYS; i++) {
        values[i] = 1000000 + (i * 7919) % 13 * 61000 - (i % 7 > 4 ? 700000 : 0);
        shorts[i] = arena_fmt(arena, "%d", i + 1);
    }
    return chart_bars(arena,
                      &(struct chart_bars){.figures = {locale, NULL},
                                           .label = STR("Events by day"),
                                           .column_head = STR("Day"),
                                           .shorts = shorts,
                                           .column_count = DAYS,
                                           .series = &(struct chart_series){STR("Events"), values},
                                           .series_count = 1,
                                           .is_small = true,
                                           .as_table = STR("View as table")});
}

static void dashboard(struct page_writer *w, struct arena *arena, const struct locale *locale)
{
    static const struct chart_age ages[] = {{TEXT("Not due"), 3756500},
                                            {TEXT("1–30 days"), 1248000},
                                            {TEXT("31–60 days"), 691500},
                                            {TEXT("61–90 days"), 287000},
                                            {TEXT("Over 90 days"), 165000}};
    static const char *const age_classes[] = {"a0", "a1", "a2", "a3", "a4"};
    static const struct fact facts[] = {
        {.name = TEXT("Invoices"), .value = TEXT("182")},
        {.name = TEXT("Needs review"), .value = TEXT("3"), .url = TEXT("/list")},
        {.name = TEXT("Id"), .value = TEXT("run_K7"), .is_id = true}};
    struct kit_dashboard page = {
        .frame = frame_of(arena, locale, "Home", console_menu, "/"),
        .stats = {{.label = STR("MRR"),
                   .value = STR("€184,320"),
                   .note = STR("vs October"),
                   .delta = STR("+4.1%"),
                   .delta_tone = TONE_GOOD,
                   .delta_icon = ICON_ARROW_UP_RIGHT,
                   .url = STR("/list")},
                  {.label = STR("Outstanding"),
                   .value = STR("€61,480"),
                   .note = STR("in 214 invoices"),
                   .delta = STR("+€3.2k"),
                   .delta_tone = TONE_BAD,
                   .delta_icon = ICON_ARROW_UP_RIGHT,
                   .url = STR("/list")},
                  {.label = STR("Overdue"),
                   .value = STR("€23,915"),
                   .note = STR("37 customers"),
                   .delta = STR("−8.6%"),
                   .delta_tone = TONE_GOOD,
                   .delta_icon = ICON_ARROW_DOWN_RIGHT},
                  {.label = STR("Margin"), .value = STR("18.4 %"), .note = STR("of vendor cost")}},
        .customers = make_customers(arena, locale, 6),
        .customer_count = 6,
        .stat_count = 4,
        .age_count = 5,
        .head = head,
        .activities = activities(),
        .run = status_of(TONE_INFO, STR("Running")),
        .facts = {facts, sizeof facts / sizeof *facts}};
    page.run.icon = ICON_LOADER;
    for (size_t i = 0; i < 4; i++)
        page.stats[i].chart =
            chart_spark(arena, &(struct chart_spark){trends[i], 10, 84, 30, (int)i + 1, STR("")});
    page.revenue = revenue(arena, locale, &page.legend);
    page.days = events(arena, locale);
    page.ages = chart_ages(arena, (struct chart_figures){locale, euro()}, STR("Overdue by age"),
                           ages, sizeof ages / sizeof *ages);
    for (size_t i = 0; i < 5; i++)
        page.age_rows[i] =
            (struct kit_age){age_classes[i], ages[i].name,
                             arena_fmt(arena, "%d %%", (int)(ages[i].value * 100 / 6148000)),
                             money(arena, locale, ages[i].value), STR("/list")};
    tpl_kit_dashboard(w, &page);
}

static void list(struct page_writer *w, struct arena *arena, const struct locale *locale)
{
    static const struct chip chips[] = {{TEXT("All"), TEXT("/list"), TEXT("214"), true},
                                        {TEXT("Current"), TEXT("/list?s=c"), TEXT("171"), false},
                                        {TEXT("Overdue"), TEXT("/list?s=o"), TEXT("37"), false},
                                        {TEXT("Closed"), TEXT("/list?s=x"), TEXT("6"), false}};
    struct kit_list page = {
        .frame = frame_of(arena, locale, "Customers", console_menu, "/list"),
        .chips = {STR("Status"), chips, sizeof chips / sizeof *chips},
        .head = head,
        .customers = make_customers(arena, locale, 50),
        .customer_count = 50,
        .pager = {STR("1–50 of 214"), STR("/list"), STR("/list?after=50")},
    };
    tpl_kit_list(w, &page);
}

static void form(struct page_writer *w, struct arena *arena, const struct locale *locale)
{
    static const struct input_option countries[] = {{TEXT("DE"), TEXT("Germany"), false},
                                                    {TEXT("JP"), TEXT("Japan"), true}};
    struct kit_form page = {
        .frame = frame_of(arena, locale, "New customer", console_menu, "/form"),
        .error = {STR("3 fields need another look.")},
        .name = {.name = STR("name"),
                 .label = STR("Name"),
                 .value = STR("<b>\"Kestrel\"</b> & Co 🦅"),
                 .is_required = true,
                 .length_max = STR("200"),
                 .hint = STR("As on invoices.")},
        .mail = {.name = STR("mail"),
                 .label = STR("E-mail"),
                 .value = STR("not an address"),
                 .type = STR("email"),
                 .is_required = true,
                 .autocomplete = STR("off"),
                 .error = STR("\"not an address\" is no address: wanted NAME@HOST")},
        .country = {.kind = INPUT_SELECT,
                    .name = STR("country"),
                    .label = STR("Country"),
                    .options = countries,
                    .option_count = 2},
        .day = {.name = STR("start"),
                .label = STR("Starts"),
                .type = STR("date"),
                .value = STR("2026-12-01")},
        .notes = {.kind = INPUT_AREA,
                  .name = STR("notes"),
                  .label = STR("Notes"),
                  .value = STR("\nمرحبا\n</textarea>"),
                  .error = STR("Too long: at most 10 characters")},
        .agreed = {.kind = INPUT_CHECK,
                   .name = STR("agreed"),
                   .label = STR("Send invoices by mail"),
                   .is_checked = true,
                   .error = STR("Without an address there is no mail")},
    };
    tpl_kit_form(w, &page);
}

static void empty(struct page_writer *w, struct arena *arena, const struct locale *locale)
{
    struct kit_empty page = {
        .frame = frame_of(arena, locale, "Usage", console_menu, "/empty"),
        .empty = {ICON_CHART_DOTS, STR("No usage yet"),
                  STR("Usage events say what a customer used, when and how much; they become lines "
                      "of invoices."),
                  STR("Add a customer"), STR("/form"),
                  STR("curl -H \"Authorization: Bearer $KEY\" -d '{\"event\": {…}}' "
                      "http://127.0.0.1:8080/api/v1/events")},
    };
    tpl_kit_empty(w, &page);
}

static void invoice(struct page_writer *w, struct arena *arena, const struct locale *locale)
{
    static const struct kit_line lines[] = {
        {TEXT("Compute c4.large, 3 instances"),
         TEXT("2,160 h"),
         TEXT("€0.0870"),
         TEXT("€187.92"),
         {{{0}}},
         0},
        {TEXT("GPU h100.1x"), TEXT("412.5 h"), TEXT("€3.90"), TEXT("€1,608.75"), {{{0}}}, 0},
        {TEXT("Egress, first 10 TB (2 tiers)"),
         TEXT("13,480 GB"),
         TEXT("tiered"),
         TEXT("€571.10"),
         {{TEXT("10,000 GB × €0.0450 = €450.00")}, {TEXT("3,480 GB × €0.0348 = €121.10")}},
         2},
        {TEXT("Support plan: Business"), TEXT("1"), TEXT("€390.00"), TEXT("€390.00"), {{{0}}}, 0},
    };
    struct kit_invoice page = {
        .frame = frame_of(arena, locale, "Invoice BIL-2026-004839", portal_menu, "/portal"),
        .number = STR("BIL-2026-004839"),
        .due = STR("Due 2 December 2026 · in 9 days"),
        .status = status_of(TONE_WARN, STR("Open")),
        .lines = lines,
        .line_count = sizeof lines / sizeof *lines,
        .trend = chart_spark(
            arena, &(struct chart_spark){trends[0], 10, 330, 64, 1, STR("Rising for 10 months")}),
        .activities = activities(),
    };
    tpl_kit_invoice(w, &page);
}

static void sign_in(struct page_writer *w, struct arena *arena, const struct locale *locale)
{
    struct kit_sign_in page = {
        .frame = frame_of(arena, locale, "Sign in", NULL, "/sign-in"),
        .error = {STR("Address or password is wrong.")},
        .mail = {.name = STR("mail"),
                 .label = STR("E-mail"),
                 .type = STR("email"),
                 .autocomplete = STR("username"),
                 .value = STR("maria@northwind.example"),
                 .is_required = true},
        .password = {.name = STR("password"),
                     .label = STR("Password"),
                     .type = STR("password"),
                     .autocomplete = STR("current-password"),
                     .is_required = true},
    };
    tpl_kit_sign_in(w, &page);
}

const struct kit_page kit_pages[] = {
    {"/", dashboard},
    {"/list", list},
    {"/form", form},
    {"/empty", empty},
    {"/portal", invoice},
    {"/sign-in", sign_in},
    {0},
};
