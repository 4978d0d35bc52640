#include "app/customer_table.h"

#include "app/customer.h"
#include "app/list.h"
#include "base/assert.h"
#include "base/none.h"
#include "core/recurring.h"
#include "store/sql/customer.h"
#include "store/sql/customer_table.h"

struct listing {
    const struct customer_table_filter *filter;
    struct customer_entry *entries;
    size_t count;
    int64_t total;
};

static bool is_one_of(struct str word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(word, str_of(words[i])))
            return true;
    }
    return false;
}

static struct customer_table_list_in query_of(struct ctx *ctx,
                                              const struct customer_table_filter *filter)
{
    static const char *const sorts[] = CUSTOMER_SORTS;
    static const char *const statuses[] = CUSTOMER_STATUSES;
    struct str sort = str_is_null(filter->sort) ? STR("created") : filter->sort;
    ASSERT(is_one_of(sort, sorts, sizeof sorts / sizeof *sorts));
    ASSERT(str_is_null(filter->status) ||
           is_one_of(filter->status, statuses, sizeof statuses / sizeof *statuses));
    return (struct customer_table_list_in){
        .now = ctx_now(ctx),
        .search_like = list_like(ctx->arena, filter->search),
        .wanted_currency = filter->currency,
        .wanted_status = filter->status,
        .sort = sort,
        .direction = filter->is_ascending ? 1 : -1,
        .limit = filter->limit,
        .offset = filter->offset,
    };
}

static enum err entry_of(struct tx *tx, const struct customer_table_list_row *sums,
                         struct customer_entry *entry)
{
    bool found = false;
    *entry = (struct customer_entry){
        .mrr_minor = recurring_month(sums->yearly_minor),
        .yearly_minor = sums->yearly_minor,
        .running_count = sums->running_count,
        .open_minor = sums->open_minor,
        .overdue_minor = sums->overdue_minor,
        .oldest_due_day = sums->oldest_due_day,
    };
    TRY(customer_load(tx, &(struct customer_load_in){.id = sums->id}, &entry->row, &found));
    ASSERT(found);
    return ERR_NONE;
}

/* Behind the last page there is no row to say how many there are. */
static enum err count_all(struct tx *tx, struct customer_table_list_in query, int64_t *total)
{
    struct customer_table_list_row *rows = NULL;
    size_t count = 0;
    query.limit = 1;
    query.offset = 0;
    TRY(customer_table_list(tx, &query, &rows, &count));
    *total = count > 0 ? rows[0].total : 0;
    return ERR_NONE;
}

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    struct customer_table_list_in query = query_of(ctx, listing->filter);
    struct customer_table_list_row *rows = NULL;
    TRY(customer_table_list(tx, &query, &rows, &listing->count));
    listing->entries = ARENA_ARRAY(ctx->arena, listing->count, struct customer_entry);
    for (size_t i = 0; i < listing->count; i++)
        TRY(entry_of(tx, &rows[i], &listing->entries[i]));
    if (listing->count == 0 && query.offset > 0)
        return count_all(tx, query, &listing->total);
    listing->total = listing->count > 0 ? rows[0].total : 0;
    return ERR_NONE;
}

enum err customer_table(struct ctx *ctx, const struct customer_table_filter *filter,
                        struct customer_entry **entries, size_t *count, int64_t *total)
{
    struct listing listing = {.filter = filter};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *entries = listing.entries;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}

/* ---- one ------------------------------------------------------------------------------------- */

struct getting {
    struct str id;
    struct customer_numbers *numbers;
};

static enum err find(struct ctx *ctx, struct tx *tx, struct str text, struct customer_row *row)
{
    struct uuid id;
    bool found = false;
    if (uuid_parse(text, &id))
        TRY(customer_load(tx, &(struct customer_load_in){.id = id}, row, &found));
    if (found && row->deleted_at == TIME_NONE)
        return ERR_NONE;
    return customer_find(ctx, tx, text, false, row); /* an external id may look like that, too */
}

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct getting *getting = arg;
    struct customer_entry *entry = &getting->numbers->entry;
    struct customer_table_sums_row sums;
    struct customer_table_invoiced_row invoiced;
    bool found = false;
    *getting->numbers = (struct customer_numbers){0};
    TRY(find(ctx, tx, getting->id, &entry->row));
    TRY(customer_table_sums(
        tx, &(struct customer_table_sums_in){.now = ctx_now(ctx), .customer_id = entry->row.id},
        &sums, &found));
    ASSERT(found);
    entry->mrr_minor = recurring_month(sums.yearly_minor);
    entry->yearly_minor = sums.yearly_minor;
    entry->running_count = sums.running_count;
    entry->open_minor = sums.open_minor;
    entry->overdue_minor = sums.overdue_minor;
    entry->oldest_due_day = sums.oldest_due_day;
    TRY(customer_table_invoiced(
        tx, &(struct customer_table_invoiced_in){.customer_id = entry->row.id}, &invoiced, &found));
    ASSERT(found);
    getting->numbers->invoiced_minor = invoiced.invoiced_minor;
    getting->numbers->paid_minor = invoiced.paid_minor;
    getting->numbers->invoice_count = invoiced.invoice_count;
    getting->numbers->draft_count = invoiced.draft_count;
    return ERR_NONE;
}

enum err customer_numbers_get(struct ctx *ctx, struct str id, struct customer_numbers *numbers)
{
    return tx_run(ctx, TX_READ, get, &(struct getting){id, numbers});
}
