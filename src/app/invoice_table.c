#include "app/invoice_table.h"

#include "app/list.h"
#include "base/assert.h"
#include "base/none.h"

static const char *const state_words[] = {
#define X(name, word) [INVOICE_STATE_##name] = (word),
    INVOICE_STATE_MAP(X)
#undef X
};

struct str invoice_state_word(enum invoice_state state)
{
    return str_of(state_words[state]);
}

bool invoice_state_parse(struct str word, enum invoice_state *state)
{
    for (int i = 0; i < INVOICE_STATE_COUNT; i++) {
        if (str_eq(word, str_of(state_words[i]))) {
            *state = (enum invoice_state)i;
            return true;
        }
    }
    return false;
}

enum invoice_state invoice_state_of(struct str status, struct str payment_status,
                                    bool payment_overdue)
{
    if (str_eq(status, STR("draft")))
        return INVOICE_STATE_DRAFT;
    if (str_eq(status, STR("voided")))
        return INVOICE_STATE_VOIDED;
    if (str_eq(payment_status, STR("succeeded")))
        return INVOICE_STATE_PAID;
    return payment_overdue ? INVOICE_STATE_OVERDUE : INVOICE_STATE_OPEN;
}

struct listing {
    const struct invoice_table_filter *filter;
    struct invoice_table_list_row *rows;
    size_t count;
    int64_t total;
};

static struct invoice_table_list_in query_of(struct ctx *ctx,
                                             const struct invoice_table_filter *filter)
{
    static const char *const sorts[] = INVOICE_SORTS;
    struct str sort = str_is_null(filter->sort) ? STR("issued") : filter->sort;
    bool is_known = false;
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++)
        is_known |= str_eq(sort, str_of(sorts[i]));
    ASSERT(is_known);
    return (struct invoice_table_list_in){
        .first_customer_id = list_first_id(filter->customer_id),
        .last_customer_id = list_last_id(filter->customer_id),
        .wanted_state = filter->state,
        .wanted_currency = filter->currency,
        .search_like = list_like(ctx->arena, filter->search),
        .issuing_from = filter->issuing_from_day,
        .issuing_to = filter->issuing_to_day,
        .due_from = filter->due_from_day,
        .due_to = filter->due_to_day,
        .sort = sort,
        .direction = filter->is_ascending ? 1 : -1,
        .limit = filter->limit,
        .offset = filter->offset,
    };
}

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    struct invoice_table_list_in query = query_of(ctx, listing->filter);
    struct invoice_table_list_row *rows = NULL;
    size_t count = 0;
    TRY(invoice_table_list(tx, &query, &listing->rows, &listing->count));
    listing->total = listing->count > 0 ? listing->rows[0].total : 0;
    if (listing->count > 0 || query.offset == 0)
        return ERR_NONE;
    /* Behind the last page there is no row to say how many there are. */
    query.limit = 1;
    query.offset = 0;
    TRY(invoice_table_list(tx, &query, &rows, &count));
    listing->total = count > 0 ? rows[0].total : 0;
    return ERR_NONE;
}

enum err invoice_table(struct ctx *ctx, const struct invoice_table_filter *filter,
                       struct invoice_table_list_row **rows, size_t *count, int64_t *total)
{
    struct listing listing = {.filter = filter};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *rows = listing.rows;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}

enum invoice_state invoice_table_state(const struct invoice_table_list_row *row)
{
    return invoice_state_of(row->status, row->payment_status, row->payment_overdue);
}

int64_t invoice_table_open_minor(const struct invoice_table_list_row *row)
{
    bool is_open =
        str_eq(row->status, STR("finalized")) && !str_eq(row->payment_status, STR("succeeded"));
    return is_open ? row->total_amount_minor - row->paid_amount_minor : 0;
}

static enum err count_states(struct ctx *ctx, struct tx *tx, void *arg)
{
    int64_t *counts = arg;
    struct invoice_state_count_list_row *rows = NULL;
    size_t count = 0;
    (void)ctx;
    for (int i = 0; i < INVOICE_STATE_COUNT; i++)
        counts[i] = 0;
    TRY(invoice_state_count_list(tx, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(rows[i].status, STR("complete"))) /* not shown to anyone */
            counts[invoice_state_of(rows[i].status, rows[i].payment_status,
                                    rows[i].payment_overdue)] += rows[i].invoice_count;
    }
    return ERR_NONE;
}

enum err invoice_state_counts(struct ctx *ctx, int64_t counts[INVOICE_STATE_COUNT])
{
    return tx_run(ctx, TX_READ, count_states, counts);
}
