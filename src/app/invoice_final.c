#include "app/invoice_final.h"

#include "app/audit.h"
#include "app/cost_fees.h"
#include "app/invoice_load.h"
#include "app/ledger_post.h"
#include "app/numbering.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/due.h"

#define ISSUE_AT_ONCE 200 /* invoices of one transaction */

void invoice_decide(struct invoice_build *build)
{
    struct invoice_row *row = &build->row;
    ASSERT(row->finalize_at != TIME_NONE);
    row->status = STR("complete");
    if (row->fees_amount_minor == 0 && !build->terms.finalize_zero_amount) {
        row->status = STR("finalized");
        row->skipped = true;
        row->finalized_at = row->finalize_at;
        row->finalize_at = TIME_NONE;
    }
}

enum err invoice_settle(struct ctx *ctx, struct tx *tx, struct invoice_build *build)
{
    struct cost_fees_query query = invoice_cost_query(build);
    invoice_decide(build);
    TRY(invoice_save(tx, &build->row));
    return cost_fees_billed(ctx, tx, &query);
}

enum err invoice_issue(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                       const struct billing_entity_row *entity, struct invoice_row *invoice)
{
    const struct zone *zone = NULL;
    ASSERT(str_eq(invoice->status, STR("complete")));
    TRY(zone_find(invoice->timezone, &zone));
    TRY(numbering_next(tx,
                       &(struct numbering){
                           .entity = entity,
                           .customer = customer,
                           .final_at = invoice->finalize_at,
                       },
                       &invoice->number, &invoice->sequential_id));
    invoice->status = STR("finalized");
    invoice->finalized_at = invoice->finalize_at;
    invoice->finalize_at = TIME_NONE;
    invoice->updated_at = ctx_now(ctx);
    invoice_set_issuing_day(zone, invoice->issuing_day, invoice);
    if (invoice->total_amount_minor <= 0) { /* nothing to pay */
        invoice->payment_status = STR("succeeded");
        invoice->overdue_at = TIME_NONE;
    }
    TRY(invoice_save(tx, invoice));
    TRY(ledger_post_invoice(ctx, tx, invoice));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = invoice->customer_id,
                         .action = "invoice.finalize",
                         .object_id = invoice->id,
                         .after = invoice_audit_text(ctx->arena, invoice),
                     });
}

/* ---- all that are complete --------------------------------------------------------------------
 */

struct issuing {
    struct uuid entity_id;
    int64_t until_at;
    size_t found; /* complete invoices seen */
    size_t issued;
};

/* Locks the customers of the invoices, in order of id: whoever needs customers and numbers takes
 * them in this order, so nobody waits in a circle. */
static enum err lock_customers(struct ctx *ctx, struct tx *tx, const struct invoice_row *invoices,
                               size_t count, struct customer_row **customers, size_t *locked)
{
    struct uuid *ids = ARENA_ARRAY(ctx->arena, count, struct uuid);
    size_t unique = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = unique;
        while (at > 0 && uuid_cmp(ids[at - 1], invoices[i].customer_id) > 0)
            at--;
        if (at > 0 && uuid_eq(ids[at - 1], invoices[i].customer_id))
            continue;
        for (size_t j = unique; j > at; j--)
            ids[j] = ids[j - 1];
        ids[at] = invoices[i].customer_id;
        unique++;
    }
    *customers = ARENA_ARRAY(ctx->arena, unique, struct customer_row);
    for (size_t i = 0; i < unique; i++) {
        bool found = false;
        TRY(customer_lock(tx, &(struct customer_lock_in){.id = ids[i]}, &(*customers)[i], &found));
        ASSERT(found);
    }
    *locked = unique;
    return ERR_NONE;
}

static const struct customer_row *find_customer(const struct customer_row *customers, size_t count,
                                                struct uuid id)
{
    for (size_t i = 0; i < count; i++) {
        if (uuid_eq(customers[i].id, id))
            return &customers[i];
    }
    return NULL;
}

static enum err issue_some(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct issuing *issuing = arg;
    struct due_number_list_in in = {.billing_entity_id = issuing->entity_id,
                                    .until_at = issuing->until_at,
                                    .limit = ISSUE_AT_ONCE};
    struct invoice_row *invoices = NULL;
    struct customer_row *customers = NULL;
    struct billing_entity_row entity;
    size_t count = 0;
    size_t customer_count = 0;
    bool found = false;
    issuing->issued = 0;
    TRY(due_number_list(tx, &in, &invoices, &issuing->found));
    if (issuing->found == 0)
        return ERR_NONE;
    TRY(lock_customers(ctx, tx, invoices, issuing->found, &customers, &customer_count));
    TRY(billing_entity_lock(tx, &(struct billing_entity_lock_in){.id = issuing->entity_id}, &entity,
                            &found));
    ASSERT(found);
    TRY(due_number_list(tx, &in, &invoices, &count)); /* another process may have been faster */
    for (size_t i = 0; i < count; i++) {
        const struct customer_row *customer =
            find_customer(customers, customer_count, invoices[i].customer_id);
        if (customer == NULL)
            continue; /* complete since the customers were locked: in the next transaction */
        TRY(invoice_issue(ctx, tx, customer, &entity, &invoices[i]));
        issuing->issued++;
    }
    return ERR_NONE;
}

static enum err list_entities(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct {
        struct billing_entity_row *rows;
        size_t count;
    } *entities = arg;
    (void)ctx;
    return billing_entity_list(tx, &entities->rows, &entities->count);
}

enum err invoice_issue_all(struct ctx *ctx, int64_t until_at, int64_t *count)
{
    struct {
        struct billing_entity_row *rows;
        size_t count;
    } entities = {0};
    TRY(tx_run(ctx, TX_READ, list_entities, &entities));
    for (size_t i = 0; i < entities.count; i++) {
        struct issuing issuing = {.entity_id = entities.rows[i].id, .until_at = until_at};
        do {
            struct arena_mark mark = arena_mark(ctx->arena);
            TRY(tx_run(ctx, TX_WRITE, issue_some, &issuing));
            arena_return(ctx->arena, mark);
            *count += (int64_t)issuing.issued;
        } while (issuing.found > 0);
    }
    return ERR_NONE;
}
