/* invoice_compare.c - an invoice beside those before it, and what made the difference. */
#include "app/invoice_table.h"
#include "web/chart.h"
#include "web/portal/invoice.h"
#include "web/show.h"

#define INVOICES_SHOWN 6
#define FEES_MAX       500 /* of an invoice whose lines are compared */

/* The invoice and up to five before it in its currency, oldest first. */
static enum err list_before(struct page *page, const struct invoice_row *row,
                            struct invoice_table_list_row **before, size_t *count)
{
    struct invoice_table_filter filter = INVOICE_TABLE_ALL;
    struct invoice_table_list_row *found = NULL;
    size_t found_count = 0;
    int64_t total = 0;
    filter.customer_id = row->customer_id;
    filter.state = STR("issued");
    filter.currency = row->currency;
    filter.issuing_to_day = row->issuing_day;
    filter.limit = INVOICES_SHOWN * 4L; /* void ones and those of the same day are left out */
    TRY(invoice_table(page->ctx, &filter, &found, &found_count, &total));
    *before = ARENA_ARRAY(page->arena, INVOICES_SHOWN, struct invoice_table_list_row);
    *count = 0;
    bool is_before = false;
    for (size_t i = 0; i < found_count && *count < INVOICES_SHOWN; i++) {
        is_before = is_before || uuid_eq(found[i].id, row->id);
        if (is_before &&
            (uuid_eq(found[i].id, row->id) || str_eq(found[i].status, STR("finalized"))))
            (*before)[(*count)++] = found[i];
    }
    for (size_t i = 0; i < *count / 2; i++) {
        struct invoice_table_list_row other = (*before)[i];
        (*before)[i] = (*before)[*count - 1 - i];
        (*before)[*count - 1 - i] = other;
    }
    return ERR_NONE;
}

static int64_t sum_of(const struct invoice_view *invoice, struct str item_name)
{
    int64_t sum = 0; /* within the invoice's own */
    for (size_t i = 0; i < invoice->fee_count; i++) {
        if (str_eq(invoice->fees[i].row.item_name, item_name))
            sum += invoice->fees[i].row.amount_minor;
    }
    return sum;
}

struct mover {
    struct str name;
    int64_t now_minor, before_minor;
};

/* Takes the item of one of `items` that moved the most in the direction of the whole. */
static void look_for_mover(const struct invoice_view *items, const struct invoice_view *now,
                           const struct invoice_view *before, bool is_more, struct mover *most)
{
    for (size_t i = 0; i < items->fee_count; i++) {
        struct str name = items->fees[i].row.item_name;
        struct mover mover = {name, sum_of(now, name), sum_of(before, name)};
        int64_t moved = mover.now_minor - mover.before_minor;
        int64_t most_moved = most->now_minor - most->before_minor;
        if (is_more ? moved > most_moved : moved < most_moved)
            *most = mover;
    }
}

static enum err fill_mostly(struct page *page, const struct invoice_view *invoice,
                            struct uuid before_id, bool is_more, struct portal_compare *compare)
{
    struct invoice_view before;
    struct mover most = {0};
    TRY(invoice_get(page->ctx, before_id, &before));
    if (invoice->fee_count > FEES_MAX || before.fee_count > FEES_MAX)
        return ERR_NONE;
    look_for_mover(invoice, invoice, &before, is_more, &most);
    look_for_mover(&before, invoice, &before, is_more, &most);
    if (most.now_minor == most.before_minor)
        return ERR_NONE;
    const struct str values[] = {most.name, show_money(page, most.now_minor, invoice->row.currency),
                                 show_money(page, most.before_minor, invoice->row.currency)};
    compare->mostly = page_words_with(page, "Mostly {}: {} against {}.", values, 3);
    return ERR_NONE;
}

enum err portal_compare_fill(struct page *page, const struct invoice_view *invoice,
                             struct portal_compare *compare)
{
    struct invoice_table_list_row *rows = NULL;
    int64_t values[INVOICES_SHOWN];
    size_t count = 0;
    TRY(list_before(page, &invoice->row, &rows, &count));
    if (count < 2)
        return ERR_NONE;
    for (size_t i = 0; i < count; i++)
        values[i] = rows[i].total_amount_minor;
    int64_t now = values[count - 1];
    int64_t before = values[count - 2];
    struct str percent = show_percent(page, now - before, before);
    struct str day = show_day(page, rows[count - 2].issuing_day);
    compare->is_shown = true;
    compare->is_more = now > before;
    compare->first = show_day(page, rows[0].issuing_day);
    compare->spark =
        chart_spark(page->arena,
                    &(struct chart_spark){
                        .values = values, .count = count, .width = 330, .height = 64, .colour = 1});
    if (now == before) {
        compare->delta = page_words_with(page, "as on {}", &day, 1);
        return ERR_NONE;
    }
    compare->delta_icon = now > before ? ICON_ARROW_UP_RIGHT : ICON_ARROW_DOWN_RIGHT;
    if (percent.len > 0) {
        percent = arena_fmt(page->arena, "%s%.*s", now > before ? "+" : "", STR_ARG(percent));
        compare->delta = page_words_with(page, "{} on {}", (const struct str[]){percent, day}, 2);
    }
    return fill_mostly(page, invoice, rows[count - 2].id, now > before, compare);
}
