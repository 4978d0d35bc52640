#include "app/billing_writes.h"

#include "app/audit_many.h"
#include "app/invoice_load.h"
#include "app/late_usage.h"
#include "store/sql/due.h"
#include "store/sql/fee.h"
#include "store/sql/invoice.h"

#define APPEND(arena, writes, list, item)                                                \
    do {                                                                                 \
        (writes)->list = arena_grow((arena), (writes)->list, (writes)->list##_count,     \
                                    &(writes)->list##_capacity, sizeof *(writes)->list); \
        (writes)->list[(writes)->list##_count++] = (item);                               \
    } while (0)

void billing_writes_subscription(struct arena *arena, struct billing_writes *writes,
                                 const struct subscription_row *row)
{
    struct subscription_put_in put = {
        .customer_id = row->customer_id,
        .id = row->id,
        .external_id = row->external_id,
        .name = row->name,
        .plan_version_id = row->plan_version_id,
        .fixed_version_id = row->fixed_version_id,
        .status = row->status,
        .billing_time = row->billing_time,
        .subscription_at = row->subscription_at,
        .started_at = row->started_at,
        .ending_at = row->ending_at,
        .terminated_at = row->terminated_at,
        .on_termination_invoice = row->on_termination_invoice,
        .billed_until_at = row->billed_until_at,
        .billed_until_day = row->billed_until_day,
        .next_due_at = row->next_due_at,
        .created_at = row->created_at,
        .updated_at = row->updated_at,
    };
    APPEND(arena, writes, subscriptions, put);
}

static void append_content(struct arena *arena, struct billing_writes *writes,
                           const struct invoice_build *build)
{
    for (size_t i = 0; i < build->fee_count; i++)
        APPEND(arena, writes, fees, build->fees[i].row);
    for (size_t i = 0; i < build->fee_tax_count; i++)
        APPEND(arena, writes, fee_taxes, build->fee_taxes[i]);
    for (size_t i = 0; i < build->tax_count; i++)
        APPEND(arena, writes, taxes, build->taxes[i]);
}

void billing_writes_late(struct arena *arena, struct billing_writes *writes,
                         const struct late_taken *late)
{
    if (late->note_count > 0)
        APPEND(arena, writes, late, *late);
}

/* What is written with an invoice that is made; NULL: it is complete, and issued will have one. */
static const char *action_of(const struct invoice_row *row)
{
    if (str_eq(row->status, STR("draft")))
        return "invoice.draft";
    if (row->is_holder)
        return "fee.create";
    return row->skipped ? "invoice.skip" : NULL;
}

void billing_writes_invoice(struct arena *arena, struct billing_writes *writes,
                            const struct invoice_build *build)
{
    const struct invoice_row *row = &build->row;
    const char *action = action_of(row);
    APPEND(arena, writes, invoices, *row);
    for (size_t i = 0; i < build->item_count; i++)
        APPEND(arena, writes, periods, invoice_period_row(build, i));
    append_content(arena, writes, build);
    if (action != NULL) {
        struct audit audit = {
            .chain_id = row->customer_id,
            .action = action,
            .object_id = row->is_holder ? build->fees[0].row.id : row->id,
            .after = invoice_audit_text(arena, row),
        };
        APPEND(arena, writes, audits, audit);
    }
    if (!str_eq(row->status, STR("draft")))
        billing_writes_late(arena, writes, &build->late);
    if (!str_eq(row->status, STR("draft")) && !build->has_no_vendor_cost) {
        struct cost_fees_query query = invoice_cost_query(build);
        APPEND(arena, writes, settled_costs, query);
    }
}

void billing_writes_completed(struct arena *arena, struct billing_writes *writes,
                              const struct invoice_row *draft, const struct invoice_row *row)
{
    struct audit audit = {
        .chain_id = row->customer_id,
        .action = row->skipped ? "invoice.skip" : "invoice.complete",
        .object_id = row->id,
        .before = invoice_audit_text(arena, draft),
        .after = invoice_audit_text(arena, row),
    };
    APPEND(arena, writes, audits, audit);
}

enum err billing_writes_flush(struct ctx *ctx, struct tx *tx, struct billing_writes *writes)
{
    struct billing_writes w = *writes;
    *writes = (struct billing_writes){0};
    TRY(subscription_put(tx, w.subscriptions, w.subscriptions_count));
    TRY(invoice_insert_many(tx, w.invoices, w.invoices_count));
    TRY(invoice_subscription_insert_many(tx, w.periods, w.periods_count));
    TRY(fee_insert_many(tx, w.fees, w.fees_count));
    TRY(fee_tax_insert_many(tx, w.fee_taxes, w.fee_taxes_count));
    TRY(invoice_tax_insert_many(tx, w.taxes, w.taxes_count));
    for (size_t i = 0; i < w.late_count; i++)
        TRY(late_usage_settle(tx, &w.late[i]));
    for (size_t i = 0; i < w.settled_costs_count; i++)
        TRY(cost_fees_billed(ctx, tx, &w.settled_costs[i]));
    return audit_add_many(ctx, tx, w.audits, w.audits_count);
}
