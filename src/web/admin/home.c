/* home.c - the console's first page. */
#include "web/admin/home.h"

#include "app/activity.h"
#include "app/customer_table.h"
#include "app/overview.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "core/currency.h"
#include "web/chart.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define URL             "/"
#define CUSTOMERS_SHOWN 6
#define ACTIVITY_SHOWN  6
#define LAST            (OVERVIEW_MONTHS - 1) /* the month that runs */

struct making {
    struct page *page;
    struct home_view *view;
    struct overview overview;
    const struct overview_currency *figures;
};

/* ---- which currency -------------------------------------------------------------------------- */

/* The one that the address names, or that with the most invoices' worth of MRR and open amounts:
 * without rates there is no saying which is more, so the one with the most subscriptions. */
static void choose_currency(struct making *m)
{
    const struct overview *overview = &m->overview;
    struct str wanted = page_query(m->page, "currency", 3);
    m->figures = overview->currency_count == 0 ? NULL : &overview->currencies[0];
    for (size_t i = 0; i < overview->currency_count; i++) {
        const struct overview_currency *figures = &overview->currencies[i];
        if (str_eq(figures->currency, wanted)) {
            m->figures = figures;
            return;
        }
        if (figures->running_count > m->figures->running_count)
            m->figures = figures;
    }
}

static void offer_currencies(struct making *m)
{
    size_t count = m->overview.currency_count;
    struct chip *chips = ARENA_ARRAY(m->page->arena, count, struct chip);
    for (size_t i = 0; i < count; i++) {
        struct str code = m->overview.currencies[i].currency;
        chips[i] = (struct chip){.words = code,
                                 .url = show_url_with(m->page, "currency", code),
                                 .is_current = &m->overview.currencies[i] == m->figures};
    }
    m->view->currencies = (struct chips){page_words(m->page, "Currency"), chips, count};
    m->view->has_currencies = count > 1;
}

static struct str money(const struct making *m, int64_t minor)
{
    return show_money(m->page, minor, m->figures->currency);
}

/* ---- figures in cards ------------------------------------------------------------------------ */

/* What it is now beside what it was. */
static void set_delta(const struct making *m, int64_t now, int64_t before, struct stat *stat)
{
    struct str percent = show_percent(m->page, now - before, before);
    if (now == before || percent.len == 0)
        return;
    stat->delta = arena_fmt(m->page->arena, "%s%.*s", now > before ? "+" : "", STR_ARG(percent));
    stat->delta_tone = now > before ? TONE_GOOD : TONE_BAD;
    stat->delta_icon = now > before ? ICON_ARROW_UP_RIGHT : ICON_ARROW_DOWN_RIGHT;
}

static struct html spark(const struct making *m, const int64_t *values, size_t count, int colour)
{
    return chart_spark(
        m->page->arena,
        &(struct chart_spark){
            .values = values, .count = count, .width = 84, .height = 30, .colour = colour});
}

static int64_t revenue_of(const struct overview_month *month)
{
    return month->subscription_minor + month->usage_minor + month->resale_minor;
}

static struct str filtered(const struct making *m, const char *path)
{
    return arena_fmt(m->page->arena, "%s&currency=%.*s", path, STR_ARG(m->figures->currency));
}

static void fill_stats(struct making *m)
{
    const struct overview_currency *f = m->figures;
    struct page *page = m->page;
    struct home_view *view = m->view;
    int64_t *revenue = ARENA_ARRAY(page->arena, OVERVIEW_MONTHS, int64_t);
    for (size_t i = 0; i < OVERVIEW_MONTHS; i++)
        revenue[i] = revenue_of(&f->months[i]);
    view->mrr = (struct stat){.label = page_words(page, "MRR"),
                              .value = money(m, f->mrr_minor[LAST]),
                              .note = page_words(page, "in a month"),
                              .chart = spark(m, f->mrr_minor, OVERVIEW_MONTHS, 1),
                              .url = filtered(m, "/customers?sort=mrr&order=desc")};
    set_delta(m, f->mrr_minor[LAST], f->mrr_minor[LAST - 1], &view->mrr);
    if (view->mrr.delta.len == 0)
        view->mrr.note =
            show_counted(page, "{} subscription", "{} subscriptions", f->running_count);
    view->open =
        (struct stat){.label = page_words(page, "Outstanding"),
                      .value = money(m, f->open_minor),
                      .note = show_counted(page, "in {} invoice", "in {} invoices", f->open_count),
                      .url = filtered(m, "/invoices?state=unpaid")};
    view->overdue = (struct stat){
        .label = page_words(page, "Overdue"),
        .value = money(m, f->overdue_minor),
        .note = show_counted(page, "of {} customer", "of {} customers", f->overdue_customers),
        .url = filtered(m, "/invoices?state=overdue")};
    if (f->overdue_minor > 0) {
        view->overdue.delta = show_percent(page, f->overdue_minor, f->open_minor);
        view->overdue.delta_tone = TONE_BAD;
        view->overdue.delta_icon = ICON_ALERT_TRIANGLE;
    }
    struct str month = locale_month(page->locale, page->arena, m->overview.month_days[LAST - 1]);
    view->revenue = (struct stat){.label = page_words_with(page, "Revenue, {}", &month, 1),
                                  .value = money(m, revenue[LAST - 1]),
                                  .note = page_words(page, "on the month before"),
                                  .chart = spark(m, revenue, LAST, 2)};
    set_delta(m, revenue[LAST - 1], revenue[LAST - 2], &view->revenue);
    if (view->revenue.delta.len == 0)
        view->revenue.note = page_words(page, "net of tax");
}

/* ---- charts ---------------------------------------------------------------------------------- */

static void fill_months(const struct making *m, struct str **shorts, struct str **names)
{
    *shorts = ARENA_ARRAY(m->page->arena, OVERVIEW_MONTHS, struct str);
    *names = ARENA_ARRAY(m->page->arena, OVERVIEW_MONTHS, struct str);
    for (size_t i = 0; i < OVERVIEW_MONTHS; i++) {
        int32_t day = m->overview.month_days[i];
        (*shorts)[i] = locale_month_short(m->page->locale, m->page->arena, day);
        (*names)[i] = locale_month(m->page->locale, m->page->arena, day);
    }
}

static struct chart_bars begin_chart(const struct making *m, const char *english)
{
    struct str *shorts = NULL;
    struct str *names = NULL;
    fill_months(m, &shorts, &names);
    return (struct chart_bars){
        .figures = {m->page->locale, currency_find(m->figures->currency)},
        .label = page_words(m->page, english),
        .column_head = page_words(m->page, "Month"),
        .shorts = shorts,
        .names = names,
        .column_count = OVERVIEW_MONTHS,
        .total = page_words(m->page, "Total"),
        .as_table = page_words(m->page, "View as table"),
    };
}

static void fill_revenue(struct making *m)
{
    struct arena *arena = m->page->arena;
    struct chart_bars bars = begin_chart(m, "Revenue by month");
    int64_t *values[3];
    for (int s = 0; s < 3; s++)
        values[s] = ARENA_ARRAY(arena, OVERVIEW_MONTHS, int64_t);
    for (size_t i = 0; i < OVERVIEW_MONTHS; i++) {
        values[0][i] = m->figures->months[i].subscription_minor;
        values[1][i] = m->figures->months[i].usage_minor;
        values[2][i] = m->figures->months[i].resale_minor;
    }
    const struct chart_series series[] = {
        {page_words(m->page, "Subscriptions"), values[0]},
        {page_words(m->page, "Usage"), values[1]},
        {page_words(m->page, "Resold cloud cost"), values[2]},
    };
    bars.series = series;
    bars.series_count = 3;
    m->view->revenue_chart = chart_bars(arena, &bars);
    m->view->revenue_legend = chart_legend(arena, &bars);
}

static enum err minor_of(struct making *m, struct decimal major, int64_t *minor)
{
    struct money rounded;
    TRY(money_round(major, currency_find(m->figures->currency), ROUND_HALF_UP, &rounded));
    *minor = rounded.minor;
    return ERR_NONE;
}

/* Cost and margin stacked are what was charged for the resold cost. */
static enum err fill_cost(struct making *m)
{
    struct arena *arena = m->page->arena;
    struct chart_bars bars = begin_chart(m, "Vendor cost and margin by month");
    int64_t *cost = ARENA_ARRAY(arena, OVERVIEW_MONTHS, int64_t);
    int64_t *margin = ARENA_ARRAY(arena, OVERVIEW_MONTHS, int64_t);
    int64_t cost_sum = 0;
    int64_t resale_sum = 0;
    for (size_t i = 0; i < OVERVIEW_MONTHS; i++) {
        const struct overview_month *month = &m->figures->months[i];
        TRY(minor_of(m, month->resale_cost, &cost[i]));
        margin[i] = month->resale_minor - cost[i];
        cost_sum += cost[i];
        resale_sum += month->resale_minor;
    }
    const struct chart_series series[] = {
        {page_words(m->page, "Vendor cost"), cost},
        {page_words(m->page, "Margin"), margin},
    };
    bars.series = series;
    bars.series_count = 2;
    m->view->has_cost = cost_sum != 0 || resale_sum != 0;
    m->view->cost_chart = chart_bars(arena, &bars);
    m->view->cost_legend = chart_legend(arena, &bars);
    const struct str values[] = {money(m, resale_sum - cost_sum),
                                 show_percent(m->page, resale_sum - cost_sum, resale_sum)};
    m->view->cost_note =
        page_words_with(m->page, "Margin of the 12 months: {}, {} of what was charged", values, 2);
    return ERR_NONE;
}

/* The invoices of an age: those that were due from one day to another. */
static struct str age_url(const struct making *m, enum overview_age age, int32_t today)
{
    static const int32_t youngest[] = {
        [AGE_30] = 1, [AGE_60] = 31, [AGE_90] = 61, [AGE_OLDER] = 91};
    struct arena *arena = m->page->arena;
    struct str url = filtered(m, "/invoices?state=unpaid");
    if (age == AGE_NOT_DUE)
        return arena_fmt(arena, "%.*s&due_from=%.*s", STR_ARG(url),
                         STR_ARG(day_text(arena, today)));
    url = arena_fmt(arena, "%.*s&due_to=%.*s", STR_ARG(url),
                    STR_ARG(day_text(arena, today - youngest[age])));
    if (age == AGE_OLDER)
        return url;
    return arena_fmt(arena, "%.*s&due_from=%.*s", STR_ARG(url),
                     STR_ARG(day_text(arena, today - youngest[age + 1] + 1)));
}

static void fill_ages(struct making *m)
{
    static const char *const names[] = {[AGE_NOT_DUE] = "Not due",
                                        [AGE_30] = "1–30 days",
                                        [AGE_60] = "31–60 days",
                                        [AGE_90] = "61–90 days",
                                        [AGE_OLDER] = "Over 90 days"};
    struct page *page = m->page;
    int32_t today = zone_day(m->overview.zone, m->overview.at);
    struct home_age *ages = ARENA_ARRAY(page->arena, AGE_COUNT, struct home_age);
    struct chart_age bar[AGE_COUNT];
    for (int i = 0; i < AGE_COUNT; i++) {
        ages[i] = (struct home_age){
            .index = i,
            .name = page_words(page, names[i]),
            .percent = show_percent(page, m->figures->age_minor[i], m->figures->open_minor),
            .amount = money(m, m->figures->age_minor[i]),
            .url = age_url(m, (enum overview_age)i, today),
        };
        bar[i] = (struct chart_age){ages[i].name, m->figures->age_minor[i]};
    }
    m->view->ages = ages;
    m->view->age_count = AGE_COUNT;
    m->view->age_bar = chart_ages(
        page->arena, (struct chart_figures){page->locale, currency_find(m->figures->currency)},
        page_words(page, "Receivables by age"), bar, AGE_COUNT);
    m->view->open_amount = money(m, m->figures->open_minor);
    m->view->open_note =
        show_counted(page, "in {} invoice", "in {} invoices", m->figures->open_count);
}

/* ---- customers, run, activity ---------------------------------------------------------------- */

static enum err fill_customers(struct making *m)
{
    struct page *page = m->page;
    struct customer_entry *entries = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(customer_table(page->ctx,
                       &(struct customer_table_filter){.currency = m->figures->currency,
                                                       .sort = STR("mrr"),
                                                       .limit = CUSTOMERS_SHOWN},
                       &entries, &count, &total));
    struct home_customer *rows = ARENA_ARRAY(page->arena, count, struct home_customer);
    for (size_t i = 0; i < count; i++) {
        const struct customer_row *row = &entries[i].row;
        rows[i] = (struct home_customer){
            .name = show_customer_name(row),
            .url = show_customer_url(page, row->id),
            .id = {row->external_id},
            .mrr = money(m, entries[i].mrr_minor),
            .open = entries[i].open_minor == 0 ? STR("—") : money(m, entries[i].open_minor),
            .status =
                show_customer_state(page, &entries[i], zone_day(m->overview.zone, m->overview.at)),
        };
    }
    m->view->customers = rows;
    m->view->customer_count = count;
    struct column *columns = ARENA_ARRAY(page->arena, 4, struct column);
    columns[0] = (struct column){.words = page_words(page, "Customer")};
    columns[1] = (struct column){.words = page_words(page, "MRR"), .is_number = true};
    columns[2] =
        (struct column){.words = page_words(page, "Open"), .is_number = true, .is_wide = true};
    columns[3] = (struct column){.words = page_words(page, "Status")};
    m->view->customer_head = (struct table_head){columns, 4};
    m->view->customers_url = filtered(m, "/customers?sort=mrr&order=desc");
    return ERR_NONE;
}

static void fill_run(struct making *m)
{
    struct page *page = m->page;
    const struct overview_run *run = &m->overview.run;
    int64_t due = run->due_subscriptions + run->due_invoices;
    struct fact *facts = ARENA_ARRAY(page->arena, 5, struct fact);
    size_t count = 0;
    facts[count++] = (struct fact){.name = page_words(page, "Last run"),
                                   .value = show_instant(page, m->overview.zone, run->finished_at)};
    facts[count++] =
        (struct fact){.name = page_words(page, "Due now"), .value = show_count(page, due)};
    facts[count++] = (struct fact){.name = page_words(page, "Drafts in their grace period"),
                                   .value = show_count(page, run->drafts),
                                   .url = run->drafts > 0 ? STR("/invoices?state=draft") : STR("")};
    facts[count++] = (struct fact){.name = page_words(page, "Next due"),
                                   .value = show_instant(page, m->overview.zone, run->next_at)};
    m->view->run = (struct facts){facts, count};
    m->view->run_status = due > 0 ? status_of(TONE_INFO, page_words(page, "Work is due"))
                                  : status_of(TONE_GOOD, page_words(page, "Up to date"));
    m->view->run_words = show_text(run->words);
}

static enum err fill_activity(struct making *m)
{
    struct activity *items = NULL;
    size_t count = 0;
    TRY(activity_list(
        m->page->ctx,
        &(struct activity_query){.folds = true, .is_business = true, .limit = ACTIVITY_SHOWN},
        &items, &count));
    m->view->activity = show_activities(m->page, m->overview.zone, items, count, true);
    return ERR_NONE;
}

/* ---- the page -------------------------------------------------------------------------------- */

static void fill_empty(struct making *m)
{
    m->view->is_empty = true;
    m->view->empty = (struct empty){
        .icon = ICON_CHART_BAR,
        .title = page_words(m->page, "No figures yet"),
        .words = page_words(m->page, "As soon as a customer has a subscription, what recurs, what "
                                     "is open and what each month brings stands here."),
        .example = show_api_create(
            m->page, STR("{\"customer\":{\"external_id\":\"acme\",\"currency\":\"EUR\"}}"),
            STR("/customers")),
    };
}

static enum err home(struct page *page)
{
    struct home_view view = {.frame = page_frame(page, "Overview", URL)};
    struct making m = {.page = page, .view = &view};
    TRY(overview_load(page->ctx, &m.overview));
    choose_currency(&m);
    const struct str at[] = {
        m.figures == NULL ? STR("") : m.figures->currency,
        show_instant_in_zone(page, m.overview.zone, m.overview.at),
    };
    view.about = m.figures == NULL ? page_words_with(page, "As of {}", &at[1], 1)
                                   : page_words_with(page, "All figures in {}, as of {}", at, 2);
    fill_run(&m);
    TRY(fill_activity(&m));
    if (m.figures == NULL) {
        fill_empty(&m);
        return PAGE_SHOW(page, tpl_admin_home, &view);
    }
    offer_currencies(&m);
    fill_stats(&m);
    fill_revenue(&m);
    fill_ages(&m);
    TRY(fill_cost(&m));
    TRY(fill_customers(&m));
    return PAGE_SHOW(page, tpl_admin_home, &view);
}

const struct page_route home_pages[] = {
    {HTTP_GET, URL, home, 0},
    {0},
};
