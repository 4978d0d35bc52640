#include "app/customer_table.h"

#include "app/customer.h"
#include "app/list.h"
#include "base/assert.h"
#include "base/none.h"
#include "core/recurring.h"

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

static struct customer_entry entry_of(const struct customer_table_list_row *row)
{
    return (struct customer_entry){*row, recurring_month(row->yearly_minor)};
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
        listing->entries[i] = entry_of(&rows[i]);
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

static enum err find_id(struct ctx *ctx, struct tx *tx, struct str text, struct uuid *id)
{
    struct customer_row row;
    if (uuid_parse(text, id))
        return ERR_NONE;
    TRY(customer_find(ctx, tx, text, false, &row));
    *id = row.id;
    return ERR_NONE;
}

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct getting *getting = arg;
    struct customer_table_list_in query =
        query_of(ctx, &(struct customer_table_filter){.limit = 1});
    struct customer_table_list_row *rows = NULL;
    struct customer_table_invoiced_row invoiced;
    size_t count = 0;
    bool found = false;
    TRY(find_id(ctx, tx, getting->id, &query.wanted_id));
    TRY(customer_table_list(tx, &query, &rows, &count));
    if (count == 0)
        return fail_not_found(ctx, "customer", getting->id);
    TRY(customer_table_invoiced(
        tx, &(struct customer_table_invoiced_in){.customer_id = query.wanted_id}, &invoiced,
        &found));
    ASSERT(found);
    *getting->numbers = (struct customer_numbers){
        .entry = entry_of(&rows[0]),
        .invoiced_minor = invoiced.invoiced_minor,
        .paid_minor = invoiced.paid_minor,
        .invoice_count = invoiced.invoice_count,
        .draft_count = invoiced.draft_count,
    };
    return ERR_NONE;
}

enum err customer_numbers_get(struct ctx *ctx, struct str id, struct customer_numbers *numbers)
{
    return tx_run(ctx, TX_READ, get, &(struct getting){id, numbers});
}
