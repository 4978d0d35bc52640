#include "app/late_read.h"

#include "app/audit.h"
#include "base/assert.h"
#include "store/sql/customer.h"

struct listing {
    const struct late_query *query;
    struct late_exception_page_row *rows;
    size_t count;
    int64_t total;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *l = arg;
    struct late_exception_count_row counted;
    bool found = false;
    (void)ctx;
    TRY(late_exception_count(
        tx, &(struct late_exception_count_in){.wanted_customer = l->query->external_customer_id},
        &counted, &found));
    l->total = counted.total;
    return late_exception_page(
        tx,
        &(struct late_exception_page_in){.wanted_customer = l->query->external_customer_id,
                                         .limit = l->query->limit,
                                         .offset = l->query->offset},
        &l->rows, &l->count);
}

enum err late_exception_list(struct ctx *ctx, const struct late_query *query,
                             struct late_exception_page_row **rows, size_t *count, int64_t *total)
{
    struct listing listing = {.query = query};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *rows = listing.rows;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}

static enum err load(struct ctx *ctx, struct tx *tx, struct uuid id, struct late_exception_row *row)
{
    bool found = false;
    TRY(late_exception_load(tx, &(struct late_exception_load_in){.id = id}, row, &found));
    if (!found)
        return fail_not_found(ctx, "late_usage", uuid_text(ctx->arena, id));
    return ERR_NONE;
}

static enum err dismiss(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct uuid *id = arg;
    struct late_exception_row row;
    struct customer_row customer;
    bool found = false;
    TRY(load(ctx, tx, *id, &row));
    TRY(customer_lock(tx, &(struct customer_lock_in){.id = row.customer_id}, &customer, &found));
    ASSERT(found);
    TRY(load(ctx, tx, *id, &row)); /* as it is now that nobody else changes it */
    TRY(late_exception_delete(
        tx, &(struct late_exception_delete_in){.customer_id = row.customer_id, .id = row.id},
        NULL));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = row.customer_id,
                         .action = "late_usage.dismiss",
                         .object_id = row.id,
                         .before = late_exception_row_json(ctx->arena, &row),
                     });
}

enum err late_exception_dismiss(struct ctx *ctx, struct uuid id)
{
    return tx_run(ctx, TX_WRITE, dismiss, &id);
}
