/* customers.c - the list of customers with what they bring and owe. */
#include "web/admin/customers.h"

#include "app/customer_table.h"
#include "base/csv_write.h"
#include "base/none.h"
#include "base/time.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define URL              "/customers"
#define SEARCH_MAX       200
#define CSV_COLUMN_COUNT 12

static const char *const sorts[] = {"created", "name", "mrr", "open", "overdue", NULL};
static const char *const states[] = {"active", "overdue", "open", "inactive", NULL};
static const char *const words[] = {"Active", "Overdue", "Open", "No subscription"};

struct asked {
    struct customer_table_filter filter;
    struct show_sort sort;
    int state; /* -1: any */
};

static struct asked asked_of(const struct page *page)
{
    struct asked asked = {
        .filter = {.search = page_query(page, "q", SEARCH_MAX),
                   .currency = page_query(page, "currency", 3)},
        .sort = show_sort_read(page, sorts, false),
        .state = page_query_choice(page, "state", states),
    };
    asked.filter.status = asked.state < 0 ? STR_NULL : str_of(states[asked.state]);
    asked.filter.sort = str_of(sorts[asked.sort.current]);
    asked.filter.is_ascending = asked.sort.is_ascending;
    return asked;
}

/* ---- CSV ------------------------------------------------------------------------------------- */

static void write_csv_row(struct page *page, struct buf *out, const struct customer_entry *entry)
{
    const struct customer_row *row = &entry->row;
    const struct str cells[CSV_COLUMN_COUNT] = {
        csv_defused(page->arena, row->external_id),
        csv_defused(page->arena, show_text(row->name)),
        csv_defused(page->arena, show_text(row->email)),
        csv_defused(page->arena, show_text(row->tax_identification_number)),
        csv_defused(page->arena, show_text(row->country)),
        show_text(row->currency),
        arena_fmt(page->arena, "%lld", (long long)entry->running_count),
        show_plain_amount(page, entry->mrr_minor, row->currency),
        show_plain_amount(page, entry->open_minor, row->currency),
        show_plain_amount(page, entry->overdue_minor, row->currency),
        entry->oldest_due_day == DAY_NONE ? STR("") : day_text(page->arena, entry->oldest_due_day),
        time_text(page->arena, row->created_at),
    };
    csv_write_row(out, cells, CSV_COLUMN_COUNT);
}

static enum err csv(struct page *page, struct asked *asked)
{
    static const char *const names[CSV_COLUMN_COUNT] = {
        "external_id",   "name", "email", "tax_number", "country",    "currency",
        "subscriptions", "mrr",  "open",  "overdue",    "oldest_due", "created_at"};
    struct customer_entry *entries = NULL;
    struct buf out;
    size_t count = 0;
    int64_t total = 0;
    show_csv_begin(page, names, CSV_COLUMN_COUNT, &out);
    asked->filter.limit = SHOW_CSV_AT_ONCE;
    do {
        TRY(customer_table(page->ctx, &asked->filter, &entries, &count, &total));
        for (size_t i = 0; i < count; i++)
            write_csv_row(page, &out, &entries[i]);
        asked->filter.offset += SHOW_CSV_AT_ONCE;
    } while (count == SHOW_CSV_AT_ONCE);
    return show_csv_end(page, STR("customers.csv"), &out);
}

/* ---- the page -------------------------------------------------------------------------------- */

static void fill_head(const struct page *page, const struct show_sort *sort,
                      struct table_head *head)
{
    struct column *columns = ARENA_ARRAY(page->arena, 6, struct column);
    columns[0] = show_column(page, sort, 1, "Customer");
    columns[1] = show_column(page, sort, -1, "Email");
    columns[2] = show_column(page, sort, 2, "MRR");
    columns[3] = show_column(page, sort, 3, "Open");
    columns[4] = show_column(page, sort, 4, "Overdue");
    columns[5] = show_column(page, sort, -1, "Status");
    columns[1].is_wide = true;
    columns[2].is_number = columns[3].is_number = columns[4].is_number = true;
    columns[3].is_wide = columns[4].is_wide = true;
    *head = (struct table_head){columns, 6};
}

static struct str owed(const struct page *page, int64_t minor, struct str currency)
{
    return minor == 0 ? STR("—") : show_money(page, minor, currency);
}

static struct customers_row row_of(const struct page *page, const struct customer_entry *entry,
                                   int32_t today)
{
    const struct customer_row *row = &entry->row;
    return (struct customers_row){
        .name = show_customer_name(row),
        .url = show_customer_url(page, row->id),
        .id = {row->external_id},
        .email = show_text(row->email),
        .mrr = owed(page, entry->mrr_minor, row->currency),
        .open = owed(page, entry->open_minor, row->currency),
        .overdue = owed(page, entry->overdue_minor, row->currency),
        .status = show_customer_state(page, entry, today),
    };
}

static enum err customers(struct page *page)
{
    struct customers_view view = {.frame = page_frame(page, "Customers", URL)};
    struct asked asked = asked_of(page);
    struct customer_entry *entries = NULL;
    const struct zone *zone = NULL;
    int64_t total = 0;
    int64_t index = show_page_index(page);
    if (str_eq(page_query(page, "format", 3), STR("csv")))
        return csv(page, &asked);
    TRY(show_zone(page, &zone));
    asked.filter.limit = SHOW_ROWS;
    asked.filter.offset = index * SHOW_ROWS;
    TRY(customer_table(page->ctx, &asked.filter, &entries, &view.row_count, &total));
    struct customers_row *rows = ARENA_ARRAY(page->arena, view.row_count, struct customers_row);
    for (size_t i = 0; i < view.row_count; i++)
        rows[i] = row_of(page, &entries[i], zone_day(zone, ctx_now(page->ctx)));
    view.rows = rows;
    view.about = show_counted(page, "{} customer", "{} customers", total);
    view.states = show_state_chips(page, states, words, 4, asked.state, NULL);
    fill_head(page, &asked.sort, &view.head);
    view.pager = show_pager(page, index, view.row_count, total);
    view.search = show_text(asked.filter.search);
    view.state = show_text(asked.filter.status);
    view.sort = show_text(page_query(page, "sort", 20));
    view.order = show_text(page_query(page, "order", 4));
    view.csv_url = show_url_with(page, "format", STR("csv"));
    view.is_filtered =
        asked.state >= 0 || view.search.len > 0 || !str_is_null(asked.filter.currency);
    view.empty = (struct empty){
        .icon = ICON_USERS,
        .title =
            page_words(page, view.is_filtered ? "No customer is like that" : "No customer yet"),
        .words = page_words(page, view.is_filtered
                                      ? "Other words or another status may find some."
                                      : "A customer is who is billed. Make the first one by the "
                                        "API."),
        .button = view.is_filtered ? page_words(page, "Show all") : STR(""),
        .button_url = STR(URL),
        .example = view.is_filtered
                       ? STR("")
                       : show_api_create(page,
                                         STR("{\"customer\":{\"external_id\":\"acme\",\"name\":"
                                             "\"Acme\",\"currency\":\"EUR\"}}"),
                                         STR("/customers")),
    };
    return PAGE_SHOW(page, tpl_admin_customers, &view);
}

const struct page_route customers_pages[] = {
    {HTTP_GET, URL, customers, 0},
    {0},
};
