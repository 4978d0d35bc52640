#include "app/cost_read.h"

#include "app/customer.h"
#include "base/none.h"

struct reading {
    struct str external_customer_id;
    int64_t period_start_at;
    struct cost_page page;
    void *rows; /* points to the caller's pointer */
    size_t *count;
    int64_t *total;
};

/* Text that is not there is before all other text. */
#define TEXT(after, i) (str_is_null((after).texts[i]) ? STR("") : (after).texts[i])
#define BEHIND_COST(after)                                                   \
    .before_at = list_before_at(&(after)), .after_provider = TEXT(after, 0), \
    .after_service = TEXT(after, 1), .after_currency = TEXT(after, 2),       \
    .after_account = TEXT(after, 3), .after_batch_id = (after).id
#define BEHIND_EXCEPTION(after)                                                 \
    .before_at = list_before_at(&(after)), .after_external_id = TEXT(after, 0), \
    .after_provider = TEXT(after, 1), .after_service = TEXT(after, 2),          \
    .after_currency = TEXT(after, 3)
#define BEHIND_IMPORT(after) .before_at = list_before_at(&(after)), .before_id = (after).id

static enum err read_customer(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct reading *r = arg;
    struct customer_row customer;
    struct customer_cost_count_row counted;
    bool found = false;
    TRY(customer_find(ctx, tx, r->external_customer_id, false, &customer));
    *r->total = LIST_UNCOUNTED;
    if (!r->page.after.is_set) {
        TRY(customer_cost_count(tx,
                                &(struct customer_cost_count_in){.customer_id = customer.id,
                                                                 .period_from = r->period_start_at},
                                &counted, &found));
        *r->total = counted.total;
    }
    return customer_cost_page(tx,
                              &(struct customer_cost_page_in){.customer_id = customer.id,
                                                              .period_from = r->period_start_at,
                                                              BEHIND_COST(r->page.after),
                                                              .limit = r->page.limit,
                                                              .offset = r->page.offset},
                              r->rows, r->count);
}

// NOLINTBEGIN(readability-non-const-parameter): written through struct reading
enum err cost_of_customer_list(struct ctx *ctx, struct str external_customer_id,
                               int64_t period_start_at, struct cost_page page,
                               struct customer_cost_row **rows, size_t *count, int64_t *total)
{
    struct reading r = {external_customer_id, period_start_at, page, rows, count, total};
    return tx_run(ctx, TX_READ, read_customer, &r);
}

/* The three lists differ in their queries only. */
#define COST_LIST(function, query, row_type, BEHIND)                                     \
    static enum err read_##query(struct ctx *ctx, struct tx *tx, void *arg)              \
    {                                                                                    \
        struct reading *r = arg;                                                         \
        struct query##_count_row counted;                                                \
        bool found = false;                                                              \
        (void)ctx;                                                                       \
        *r->total = LIST_UNCOUNTED;                                                      \
        if (!r->page.after.is_set) {                                                     \
            TRY(query##_count(tx, &counted, &found));                                    \
            *r->total = counted.total;                                                   \
        }                                                                                \
        return query##_page(tx,                                                          \
                            &(struct query##_page_in){BEHIND(r->page.after),             \
                                                      .limit = r->page.limit,            \
                                                      .offset = r->page.offset},         \
                            r->rows, r->count);                                          \
    }                                                                                    \
    enum err function(struct ctx *ctx, struct cost_page page, struct row_type **rows,    \
                      size_t *count, int64_t *total)                                     \
    {                                                                                    \
        struct reading r = {.page = page, .rows = rows, .count = count, .total = total}; \
        return tx_run(ctx, TX_READ, read_##query, &r);                                   \
    }

COST_LIST(cost_unassigned_list, cost_unassigned, cost_unassigned_page_row, BEHIND_COST)
COST_LIST(cost_exception_list, cost_exception, cost_exception_page_row, BEHIND_EXCEPTION)
COST_LIST(cost_import_list, cost_import, cost_import_row, BEHIND_IMPORT)
// NOLINTEND(readability-non-const-parameter)
