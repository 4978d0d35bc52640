#include "app/invoice_final.h"

#include "app/audit_many.h"
#include "app/invoice_load.h"
#include "app/late_usage.h"
#include "app/ledger_post.h"
#include "app/mail.h"
#include "app/numbering.h"
#include "base/assert.h"
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
    TRY(late_usage_settle(tx, &build->late));
    return cost_fees_billed(ctx, tx, &query);
}

/* ---- numbers, books and audit ---------------------------------------------------------------- */

/* Invoices that are issued together, of one billing entity. */
struct issue {
    const struct billing_entity_row *entity;
    struct numbering_item *items;
    size_t count;
    struct complete_fee_sum_list_row *fees; /* of all their customers' complete invoices */
    size_t fee_count;
    struct invoice_tax_row *taxes;
    size_t tax_count;
};

/* What the invoices are made of, read while they are still complete. */
static enum err read_parts(struct tx *tx, struct issue *issue, struct uuid first_id,
                           struct uuid last_id)
{
    TRY(complete_fee_sum_list(
        tx,
        &(struct complete_fee_sum_list_in){
            .first_id = first_id, .last_id = last_id, .billing_entity_id = issue->entity->id},
        &issue->fees, &issue->fee_count));
    return complete_tax_list(tx,
                             &(struct complete_tax_list_in){.first_id = first_id,
                                                            .last_id = last_id,
                                                            .billing_entity_id = issue->entity->id},
                             &issue->taxes, &issue->tax_count);
}

static int compare(struct uuid customer_id, struct uuid invoice_id,
                   const struct invoice_row *invoice)
{
    int order = uuid_cmp(customer_id, invoice->customer_id);
    return order != 0 ? order : uuid_cmp(invoice_id, invoice->id);
}

/* Both lists are in order of customer and invoice: where an invoice's rows begin. */
#define FIRST_OF(list, list_count, invoice, first)                                               \
    do {                                                                                         \
        size_t low_ = 0;                                                                         \
        size_t high_ = (list_count);                                                             \
        while (low_ < high_) {                                                                   \
            size_t middle_ = low_ + (high_ - low_) / 2;                                          \
            if (compare((list)[middle_].customer_id, (list)[middle_].invoice_id, (invoice)) < 0) \
                low_ = middle_ + 1;                                                              \
            else                                                                                 \
                high_ = middle_;                                                                 \
        }                                                                                        \
        *(first) = low_;                                                                         \
    } while (0)

static enum err post(struct ctx *ctx, const struct issue *issue, const struct invoice_row *invoice,
                     struct ledger_batch *batch)
{
    size_t fee = 0;
    size_t tax = 0;
    size_t count = 0;
    FIRST_OF(issue->fees, issue->fee_count, invoice, &fee);
    FIRST_OF(issue->taxes, issue->tax_count, invoice, &tax);
    size_t fee_end = fee;
    size_t tax_end = tax;
    while (fee_end < issue->fee_count &&
           compare(issue->fees[fee_end].customer_id, issue->fees[fee_end].invoice_id, invoice) == 0)
        fee_end++;
    while (tax_end < issue->tax_count && compare(issue->taxes[tax_end].customer_id,
                                                 issue->taxes[tax_end].invoice_id, invoice) == 0)
        tax_end++;
    struct ledger_part *parts =
        ARENA_ARRAY(ctx->arena, fee_end - fee + (tax_end - tax), struct ledger_part);
    for (; fee < fee_end; fee++)
        parts[count++] =
            (struct ledger_part){.account = ledger_income_account(issue->fees[fee].fee_type),
                                 .amount_minor = issue->fees[fee].amount_minor};
    for (; tax < tax_end; tax++)
        parts[count++] =
            (struct ledger_part){.account = ledger_tax_account(ctx->arena, issue->taxes[tax].code),
                                 .amount_minor = issue->taxes[tax].amount_minor};
    return ledger_batch_invoice(ctx, batch, invoice, parts, count);
}

static void make_final(struct ctx *ctx, struct invoice_row *invoice)
{
    const struct zone *zone = NULL;
    enum err err = zone_find(invoice->timezone, &zone);
    ASSERT(err == ERR_NONE); /* it was found when the invoice was made */
    invoice->status = STR("finalized");
    invoice->finalized_at = invoice->finalize_at;
    invoice->finalize_at = TIME_NONE;
    invoice->updated_at = ctx_now(ctx);
    invoice_set_issuing_day(zone, invoice->issuing_day, invoice);
    if (invoice_is_gathered(invoice)) /* its fees were paid before */
        invoice->paid_amount_minor = invoice->total_amount_minor;
    if (invoice->total_amount_minor <= invoice->paid_amount_minor) { /* nothing to pay */
        invoice->payment_status = STR("succeeded");
        invoice->overdue_at = TIME_NONE;
    }
}

static struct invoice_put_in put_of(const struct invoice_row *row)
{
    return (struct invoice_put_in){
        .customer_id = row->customer_id,
        .id = row->id,
        .billing_entity_id = row->billing_entity_id,
        .status = row->status,
        .number = row->number,
        .sequential_id = row->sequential_id,
        .currency = row->currency,
        .timezone = row->timezone,
        .billing_at = row->billing_at,
        .issuing_day = row->issuing_day,
        .payment_term_days = row->payment_term_days,
        .payment_due_day = row->payment_due_day,
        .finalize_at = row->finalize_at,
        .overdue_at = row->overdue_at,
        .fees_amount_minor = row->fees_amount_minor,
        .taxes_amount_minor = row->taxes_amount_minor,
        .total_amount_minor = row->total_amount_minor,
        .paid_amount_minor = row->paid_amount_minor,
        .payment_status = row->payment_status,
        .payment_overdue = row->payment_overdue,
        .skipped = row->skipped,
        .finalized_at = row->finalized_at,
        .voided_at = row->voided_at,
        .created_at = row->created_at,
        .updated_at = row->updated_at,
    };
}

static enum err issue_items(struct ctx *ctx, struct tx *tx, struct issue *issue)
{
    struct ledger_batch batch = {0};
    struct invoice_put_in *puts = ARENA_ARRAY(ctx->arena, issue->count, struct invoice_put_in);
    struct audit *audits = ARENA_ARRAY(ctx->arena, issue->count, struct audit);
    struct mail_of_invoice *mails = ARENA_ARRAY(ctx->arena, issue->count, struct mail_of_invoice);
    TRY(numbering_give(ctx, tx, issue->entity, issue->items, issue->count));
    for (size_t i = 0; i < issue->count; i++) {
        struct invoice_row *invoice = issue->items[i].invoice;
        ASSERT(str_eq(invoice->status, STR("complete")));
        make_final(ctx, invoice);
        TRY(post(ctx, issue, invoice, &batch));
        if (invoice_is_gathered(invoice))
            TRY(ledger_batch_gathered(ctx, &batch, invoice));
        puts[i] = put_of(invoice);
        audits[i] = (struct audit){
            .chain_id = invoice->customer_id,
            .action = "invoice.finalize",
            .object_id = invoice->id,
            .after = invoice_audit_text(ctx->arena, invoice),
        };
        mails[i] = (struct mail_of_invoice){issue->items[i].customer, invoice->id};
    }
    TRY(invoice_put(tx, puts, issue->count));
    TRY(ledger_batch_write(tx, &batch));
    TRY(mail_queue_invoices(ctx, tx, mails, issue->count));
    return audit_add_many(ctx, tx, audits, issue->count);
}

enum err invoice_issue(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                       struct invoice_row *invoice)
{
    struct billing_entity_row entity;
    bool found = false;
    struct numbering_item item = {.customer = customer, .invoice = invoice};
    struct issue issue = {.entity = &entity, .items = &item, .count = 1};
    TRY(billing_entity_lock(tx, &(struct billing_entity_lock_in){.id = invoice->billing_entity_id},
                            &entity, &found));
    ASSERT(found);
    TRY(read_parts(tx, &issue, customer->id, customer->id));
    return issue_items(ctx, tx, &issue);
}

/* ---- all that are complete ------------------------------------------------------------------- */

struct issuing {
    struct uuid entity_id;
    int64_t until_at;
    size_t found; /* complete invoices seen */
    size_t issued;
};

static const struct customer_row *find_customer(const struct customer_row *customers, size_t count,
                                                struct uuid id)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (uuid_cmp(customers[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && uuid_eq(customers[low].id, id) ? &customers[low] : NULL;
}

/* Locks the customers of the invoices, in order of id, before the entity: whoever needs both takes
 * them in this order, so nobody waits in a circle. */
static enum err lock_customers(struct tx *tx, const struct issuing *issuing,
                               const struct invoice_row *invoices,
                               struct complete_customer_lock_in *range,
                               struct customer_row **customers, size_t *count)
{
    *range = (struct complete_customer_lock_in){
        .first_id = invoices[0].customer_id,
        .last_id = invoices[0].customer_id,
        .billing_entity_id = issuing->entity_id,
    };
    for (size_t i = 1; i < issuing->found; i++) {
        if (uuid_cmp(invoices[i].customer_id, range->first_id) < 0)
            range->first_id = invoices[i].customer_id;
        if (uuid_cmp(invoices[i].customer_id, range->last_id) > 0)
            range->last_id = invoices[i].customer_id;
    }
    return complete_customer_lock(tx, range, customers, count);
}

static enum err issue_some(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct issuing *issuing = arg;
    struct due_number_list_in in = {.billing_entity_id = issuing->entity_id,
                                    .until_at = issuing->until_at,
                                    .limit = ISSUE_AT_ONCE};
    struct complete_customer_lock_in range;
    struct invoice_row *invoices = NULL;
    struct customer_row *customers = NULL;
    struct billing_entity_row entity;
    struct issue issue = {.entity = &entity};
    size_t count = 0;
    size_t customer_count = 0;
    bool found = false;
    issuing->issued = 0;
    TRY(due_number_list(tx, &in, &invoices, &issuing->found));
    if (issuing->found == 0)
        return ERR_NONE;
    TRY(lock_customers(tx, issuing, invoices, &range, &customers, &customer_count));
    TRY(billing_entity_lock(tx, &(struct billing_entity_lock_in){.id = issuing->entity_id}, &entity,
                            &found));
    ASSERT(found);
    TRY(due_number_list(tx, &in, &invoices, &count)); /* another process may have been faster */
    issue.items = ARENA_ARRAY(ctx->arena, count, struct numbering_item);
    for (size_t i = 0; i < count; i++) {
        const struct customer_row *customer =
            find_customer(customers, customer_count, invoices[i].customer_id);
        /* Complete only since the customers were locked: in the next transaction. */
        if (customer != NULL)
            issue.items[issue.count++] =
                (struct numbering_item){.customer = customer, .invoice = &invoices[i]};
    }
    if (issue.count == 0)
        return ERR_NONE;
    TRY(read_parts(tx, &issue, range.first_id, range.last_id));
    TRY(issue_items(ctx, tx, &issue));
    issuing->issued = issue.count;
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
