/* invoices.c - the customer's invoices: to filter, to sort, as CSV. */
#include "web/portal/invoices.h"

#include "app/customer_due.h"
#include "app/invoice_table.h"
#include "base/csv_write.h"
#include "web/portal/own.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define URL              "/portal/invoices"
#define CSV_COLUMN_COUNT 10

static const char *const sorts[] = {"issued", "due", "number", "amount", "open", NULL};
static const char *const states[] = {"unpaid", "overdue", "paid", "voided", NULL};

struct asked {
    struct invoice_table_filter filter;
    struct show_sort sort;
    int state; /* -1: any */
};

static struct asked asked_of(const struct page *page)
{
    struct asked asked = {
        .filter = INVOICE_TABLE_ALL,
        .sort = show_sort_read(page, sorts, false),
        .state = page_query_choice(page, "state", states),
    };
    asked.filter.customer_id = page_customer_id(page);
    asked.filter.state = asked.state < 0 ? STR("issued") : str_of(states[asked.state]);
    asked.filter.sort = str_of(sorts[asked.sort.current]);
    asked.filter.is_ascending = asked.sort.is_ascending;
    return asked;
}

/* ---- CSV ------------------------------------------------------------------------------------- */

static void write_csv_row(struct page *page, struct buf *out,
                          const struct invoice_table_list_row *row)
{
    const struct str cells[CSV_COLUMN_COUNT] = {
        csv_defused(page->arena, row->number),
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
        "number", "state", "issued", "due", "currency", "net", "tax", "total", "paid", "open"};
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

/* ---- the page -------------------------------------------------------------------------------- */

/* How many are to be paid and overdue, in all currencies; "" for none. */
static enum err count_due(struct page *page, struct str *open, struct str *overdue)
{
    struct customer_due due;
    int64_t open_count = 0;
    int64_t overdue_count = 0;
    TRY(customer_due_get(page->ctx, page_customer_id(page), &due));
    for (size_t i = 0; i < due.currency_count; i++) {
        open_count += due.currencies[i].open_count;
        overdue_count += due.currencies[i].overdue_count;
    }
    *open = open_count > 0 ? show_count(page, open_count) : STR("");
    *overdue = overdue_count > 0 ? show_count(page, overdue_count) : STR("");
    return ERR_NONE;
}

static enum err offer_states(struct page *page, const struct asked *asked, struct chips *chips)
{
    static const char *const words[] = {"To pay", "Overdue", "Paid", "Void"};
    struct str counts[5] = {0};
    TRY(count_due(page, &counts[1], &counts[2]));
    *chips = show_state_chips(page, states, words, 4, asked->state, counts);
    return ERR_NONE;
}

static void fill_head(const struct page *page, const struct show_sort *sort,
                      struct table_head *head)
{
    struct column *columns = ARENA_ARRAY(page->arena, 7, struct column);
    columns[0] = show_column(page, sort, 2, "Invoice");
    columns[1] = show_column(page, sort, 0, "Date");
    columns[2] = show_column(page, sort, 1, "Due");
    columns[3] = show_column(page, sort, 3, "Total");
    columns[4] = show_column(page, sort, 4, "To pay");
    columns[5] = show_column(page, sort, -1, "Status");
    columns[6] = show_column(page, sort, -1, "PDF");
    columns[1].is_wide = columns[2].is_wide = columns[4].is_wide = columns[6].is_wide = true;
    columns[3].is_number = columns[4].is_number = true;
    *head = (struct table_head){columns, 7};
}

struct portal_invoices_row portal_invoices_row_of(const struct page *page,
                                                  const struct invoice_table_list_row *row)
{
    int64_t open = invoice_table_open_minor(row);
    struct str url = portal_invoice_url(page, row->id);
    return (struct portal_invoices_row){
        .number = row->number,
        .url = url,
        .pdf_url = arena_fmt(page->arena, "%.*s/pdf", STR_ARG(url)),
        .issued = show_day(page, row->issuing_day),
        .due = show_day(page, row->payment_due_day),
        .total = show_money(page, row->total_amount_minor, row->currency),
        .open = open == 0 ? STR("—") : show_money(page, open, row->currency),
        .status = show_invoice_state(page, invoice_table_state(row), row->payment_due_day,
                                     portal_today(page, row->timezone)),
    };
}

static void fill_empty(const struct page *page, bool is_filtered, struct empty *empty)
{
    *empty = (struct empty){
        .icon = ICON_FILE_INVOICE,
        .title = page_words(page, is_filtered ? "No invoice is like that" : "No invoice yet"),
        .words = is_filtered ? STR("")
                             : page_words(page, "Your first one stands here as soon as it is "
                                                "issued."),
        .button = is_filtered ? page_words(page, "Show all") : STR(""),
        .button_url = STR(URL),
    };
}

static enum err invoices(struct page *page)
{
    struct portal_invoices_view view = {.frame = page_frame(page, "Invoices", URL)};
    struct asked asked = asked_of(page);
    struct invoice_table_list_row *found = NULL;
    int64_t total = 0;
    int64_t index = show_page_index(page);
    if (str_eq(page_query(page, "format", 3), STR("csv")))
        return csv(page, &asked);
    asked.filter.limit = SHOW_ROWS;
    asked.filter.offset = index * SHOW_ROWS;
    TRY(invoice_table(page->ctx, &asked.filter, &found, &view.row_count, &total));
    struct portal_invoices_row *rows =
        ARENA_ARRAY(page->arena, view.row_count, struct portal_invoices_row);
    for (size_t i = 0; i < view.row_count; i++)
        rows[i] = portal_invoices_row_of(page, &found[i]);
    view.rows = rows;
    view.about = show_counted(page, "{} invoice", "{} invoices", total);
    TRY(offer_states(page, &asked, &view.states));
    fill_head(page, &asked.sort, &view.head);
    fill_empty(page, asked.state >= 0 || index > 0, &view.empty);
    view.pager = show_pager(page, index, view.row_count, total);
    view.csv_url = show_url_with(page, "format", STR("csv"));
    return PAGE_SHOW(page, tpl_portal_invoices, &view);
}

const struct page_route portal_invoices_pages[] = {
    {HTTP_GET, URL, invoices, PAGE_PORTAL},
    {0},
};
