/* invoices.c - the list of invoices. */
#include "web/admin/invoices.h"

#include "app/customer_table.h"
#include "app/invoice_table.h"
#include "base/assert.h"
#include "base/csv_write.h"
#include "base/none.h"
#include "base/time.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define URL              "/invoices"
#define SEARCH_MAX       200
#define CSV_COLUMN_COUNT 13

static const char *const sorts[] = {"issued", "due", "number", "customer", "amount", "open", NULL};
static const char *const states[] = {"draft", "open", "overdue", "paid", "voided", "unpaid", NULL};

struct asked {
    struct invoice_table_filter filter;
    struct show_sort sort;
    int state; /* index in states; -1: any */
};

static struct asked asked_of(const struct page *page)
{
    struct asked asked = {
        .filter = INVOICE_TABLE_ALL,
        .sort = show_sort_read(page, sorts, false),
        .state = page_query_choice(page, "state", states),
    };
    asked.filter.search = page_query(page, "q", SEARCH_MAX);
    asked.filter.currency = page_query(page, "currency", 3);
    asked.filter.customer_id = page_query_id(page, "customer");
    asked.filter.issuing_from_day = page_query_day(page, "issued_from");
    asked.filter.issuing_to_day = page_query_day(page, "issued_to");
    asked.filter.due_from_day = page_query_day(page, "due_from");
    asked.filter.due_to_day = page_query_day(page, "due_to");
    asked.filter.state = asked.state < 0 ? STR_NULL : str_of(states[asked.state]);
    asked.filter.sort = str_of(sorts[asked.sort.current]);
    asked.filter.is_ascending = asked.sort.is_ascending;
    return asked;
}

/* ---- CSV ------------------------------------------------------------------------------------- */

static void write_csv_row(struct page *page, struct buf *out,
                          const struct invoice_table_list_row *row)
{
    const struct str cells[CSV_COLUMN_COUNT] = {
        show_text(row->number),
        uuid_text(page->arena, row->id),
        csv_defused(page->arena, row->external_id),
        csv_defused(page->arena, show_text(row->customer_name)),
        invoice_state_word(invoice_table_state(row)),
        day_text(page->arena, row->issuing_day),
        day_text(page->arena, row->payment_due_day),
        row->currency,
        show_plain_amount(page, row->fees_amount_minor, row->currency),
        show_plain_amount(page, row->taxes_amount_minor, row->currency),
        show_plain_amount(page, row->total_amount_minor, row->currency),
        show_plain_amount(page, row->paid_amount_minor, row->currency),
        show_plain_amount(page, invoice_table_open_minor(row), row->currency),
    };
    csv_write_row(out, cells, CSV_COLUMN_COUNT);
}

static enum err csv(struct page *page, struct asked *asked)
{
    static const char *const names[CSV_COLUMN_COUNT] = {
        "number",   "id",  "customer", "customer_name", "state", "issued", "due",
        "currency", "net", "tax",      "total",         "paid",  "open"};
    struct invoice_table_list_row *rows = NULL;
    struct buf out;
    size_t count = 0;
    int64_t total = 0;
    show_csv_begin(page, names, CSV_COLUMN_COUNT, &out);
    asked->filter.limit = SHOW_CSV_AT_ONCE;
    do {
        TRY(invoice_table(page->ctx, &asked->filter, &rows, &count, &total));
        for (size_t i = 0; i < count; i++)
            write_csv_row(page, &out, &rows[i]);
        asked->filter.offset += SHOW_CSV_AT_ONCE;
    } while (count == SHOW_CSV_AT_ONCE);
    return show_csv_end(page, STR("invoices.csv"), &out);
}

/* ---- filters --------------------------------------------------------------------------------- */

/* Whatever their state. */
static bool is_everything(const struct invoice_table_filter *filter)
{
    return uuid_is_nil(filter->customer_id) && str_is_null(filter->currency) &&
           str_is_null(filter->search) && filter->issuing_from_day == DAY_NONE &&
           filter->issuing_to_day == DAY_NONE && filter->due_from_day == DAY_NONE &&
           filter->due_to_day == DAY_NONE;
}

static enum err offer_states(struct page *page, const struct asked *asked, struct chips *chips)
{
    static const char *const words[] = {"Draft", "Open", "Overdue", "Paid", "Void"};
    int64_t counts[INVOICE_STATE_COUNT];
    int64_t all_count = 0;
    struct str shown[INVOICE_STATE_COUNT + 1];
    bool is_counted = is_everything(&asked->filter); /* the counts are of all invoices */
    if (is_counted)
        TRY(invoice_state_counts(page->ctx, counts));
    for (int i = 0; is_counted && i < INVOICE_STATE_COUNT; i++) {
        all_count += counts[i];
        shown[i + 1] = show_count(page, counts[i]);
    }
    shown[0] = show_count(page, all_count);
    *chips = show_state_chips(page, states, words, INVOICE_STATE_COUNT, asked->state,
                              is_counted ? shown : NULL);
    return ERR_NONE;
}

/* "Due from Nov 1, 2026 ×" */
static void add_day(const struct page *page, const char *name, const char *english, int32_t day,
                    struct chip *chips, size_t *count)
{
    struct str shown = show_day(page, day);
    if (day == DAY_NONE)
        return;
    chips[(*count)++] = (struct chip){.words = page_words_with(page, english, &shown, 1),
                                      .count = STR("×"),
                                      .url = show_url_with(page, name, STR(""))};
}

static enum err name_of_customer(struct page *page, struct uuid id, struct str *name)
{
    struct customer_numbers numbers;
    TRY(customer_numbers_get(page->ctx, uuid_text(page->arena, id), &numbers));
    *name = show_customer_name(&numbers.entry.row);
    return ERR_NONE;
}

static enum err fill_filters(struct page *page, const struct asked *asked,
                             struct invoices_view *view)
{
    struct chip *chips = ARENA_ARRAY(page->arena, 5, struct chip);
    size_t count = 0;
    const struct invoice_table_filter *filter = &asked->filter;
    if (!uuid_is_nil(filter->customer_id)) {
        struct str name = uuid_text(page->arena, filter->customer_id);
        enum err err = name_of_customer(page, filter->customer_id, &name);
        if (err != ERR_NONE && err != ERR_NOT_FOUND)
            return err;
        if (err == ERR_NOT_FOUND) /* deleted since, or never there: its invoices are shown */
            fault_reset(page->ctx->fault);
        chips[count++] = (struct chip){
            .words = name, .count = STR("×"), .url = show_url_with(page, "customer", STR(""))};
    }
    if (!str_is_null(filter->currency))
        chips[count++] = (struct chip){.words = filter->currency,
                                       .count = STR("×"),
                                       .url = show_url_with(page, "currency", STR(""))};
    if (str_eq(filter->state, STR("unpaid")))
        chips[count++] = (struct chip){.words = page_words(page, "Not paid"),
                                       .count = STR("×"),
                                       .url = show_url_with(page, "state", STR(""))};
    add_day(page, "due_from", "Due from {}", filter->due_from_day, chips, &count);
    add_day(page, "due_to", "Due to {}", filter->due_to_day, chips, &count);
    view->filters = (struct chips){page_words(page, "Filters in force"), chips, count};
    view->has_filters = count > 0;
    return ERR_NONE;
}

/* What the form's own fields don't say. */
static void keep(struct page *page, struct invoices_view *view)
{
    static const char *const names[] = {"state",  "currency", "customer", "due_from",
                                        "due_to", "sort",     "order"};
    struct invoices_kept *kept =
        ARENA_ARRAY(page->arena, sizeof names / sizeof *names, struct invoices_kept);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str value = page_query(page, names[i], 40);
        if (!str_is_null(value))
            kept[view->kept_count++] = (struct invoices_kept){names[i], value};
    }
    view->kept = kept;
}

/* ---- the page -------------------------------------------------------------------------------- */

static void fill_head(const struct page *page, const struct show_sort *sort,
                      struct table_head *head)
{
    struct column *columns = ARENA_ARRAY(page->arena, 7, struct column);
    columns[0] = show_column(page, sort, 2, "Number");
    columns[1] = show_column(page, sort, 3, "Customer");
    columns[2] = show_column(page, sort, 0, "Issued");
    columns[3] = show_column(page, sort, 1, "Due");
    columns[4] = show_column(page, sort, 4, "Total");
    columns[5] = show_column(page, sort, 5, "Open");
    columns[6] = show_column(page, sort, -1, "Status");
    columns[1].is_wide = columns[2].is_wide = columns[3].is_wide = columns[5].is_wide = true;
    columns[4].is_number = columns[5].is_number = true;
    *head = (struct table_head){columns, 7};
}

static enum err row_of(const struct page *page, const struct invoice_table_list_row *row,
                       struct invoices_row *shown)
{
    const struct zone *zone = NULL;
    TRY(zone_find(row->timezone, &zone));
    int64_t open = invoice_table_open_minor(row);
    *shown = (struct invoices_row){
        .number = str_is_null(row->number) ? page_words(page, "Draft") : row->number,
        .url = show_invoice_url(page, row->id),
        .customer = str_is_null(row->customer_name) ? row->external_id : row->customer_name,
        .customer_url = show_customer_url(page, row->customer_id),
        .issued = show_day(page, row->issuing_day),
        .due = show_day(page, row->payment_due_day),
        .amount = show_money(page, row->total_amount_minor, row->currency),
        .open = open == 0 ? STR("—") : show_money(page, open, row->currency),
        .status = show_invoice_state(page, invoice_table_state(row), row->payment_due_day,
                                     zone_day(zone, ctx_now(page->ctx))),
    };
    return ERR_NONE;
}

static struct str day_field(const struct page *page, int32_t day)
{
    return day == DAY_NONE ? STR("") : day_text(page->arena, day);
}

static enum err invoices(struct page *page)
{
    struct invoices_view view = {.frame = page_frame(page, "Invoices", URL)};
    struct asked asked = asked_of(page);
    struct invoice_table_list_row *rows = NULL;
    int64_t index = show_page_index(page);
    int64_t total = 0;
    if (str_eq(page_query(page, "format", 3), STR("csv")))
        return csv(page, &asked);
    asked.filter.limit = SHOW_ROWS;
    asked.filter.offset = index * SHOW_ROWS;
    TRY(invoice_table(page->ctx, &asked.filter, &rows, &view.row_count, &total));
    struct invoices_row *shown = ARENA_ARRAY(page->arena, view.row_count, struct invoices_row);
    for (size_t i = 0; i < view.row_count; i++)
        TRY(row_of(page, &rows[i], &shown[i]));
    view.rows = shown;
    view.about = show_counted(page, "{} invoice", "{} invoices", total);
    TRY(offer_states(page, &asked, &view.states));
    TRY(fill_filters(page, &asked, &view));
    keep(page, &view);
    fill_head(page, &asked.sort, &view.head);
    view.search = show_text(asked.filter.search);
    view.issued_from = day_field(page, asked.filter.issuing_from_day);
    view.issued_to = day_field(page, asked.filter.issuing_to_day);
    view.pager = show_pager(page, index, view.row_count, total);
    view.csv_url = show_url_with(page, "format", STR("csv"));
    view.empty = (struct empty){
        .icon = ICON_FILE_INVOICE,
        .title = page_words(page, "No invoice is like that"),
        .words = page_words(page, "Invoices are made by the billing run when a subscription's "
                                  "period ends, or begins for plans paid in advance."),
        .button = page_words(page, "Show all"),
        .button_url = STR(URL),
    };
    return PAGE_SHOW(page, tpl_admin_invoices, &view);
}

const struct page_route invoices_pages[] = {
    {HTTP_GET, URL, invoices, 0},
    {0},
};
