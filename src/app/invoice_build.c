#include "app/invoice_build.h"

#include "app/invoice_load.h"
#include "app/invoice_taxes.h"
#include "app/late_usage.h"
#include "app/rating.h"
#include "app/rating_fixed.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/catalog.h"
#include "store/sql/fee.h"
#include "store/sql/invoice.h"
#include "store/sql/late.h"
#include "store/sql/subscription.h"

void invoice_set_issuing_day(const struct zone *zone, int32_t issuing_day, struct invoice_row *row)
{
    row->issuing_day = issuing_day;
    row->payment_due_day = issuing_day + (int32_t)row->payment_term_days;
    row->overdue_at = zone_day_start(zone, row->payment_due_day + 1);
}

enum err invoice_build_new(struct ctx *ctx, const struct customer_row *customer,
                           const struct customer_terms *terms, struct str currency,
                           int64_t billing_at, struct invoice_build *build)
{
    int64_t now = ctx_now(ctx);
    int32_t issuing_day = zone_day(terms->zone, billing_at) + (int32_t)terms->grace_days;
    bool is_draft = terms->grace_days > 0;
    *build = (struct invoice_build){
        .customer = *customer,
        .terms = *terms,
        .zone = terms->zone,
        .row =
            {
                .customer_id = customer->id,
                .id = ctx_new_id(ctx),
                .billing_entity_id = terms->entity.id,
                .status = is_draft ? STR("draft") : STR("complete"),
                .sequential_id = INT_NONE,
                .currency = currency,
                .invoice_type = STR("subscription"),
                .timezone = zone_name(terms->zone),
                .billing_at = billing_at,
                .payment_term_days = terms->payment_term_days,
                .finalize_at = is_draft ? zone_day_start(terms->zone, issuing_day) : billing_at,
                .payment_status = STR("pending"),
                .finalized_at = TIME_NONE,
                .voided_at = TIME_NONE,
                .stale_at = TIME_NONE,
                .created_at = now,
                .updated_at = now,
            },
    };
    invoice_set_issuing_day(terms->zone, issuing_day, &build->row);
    build->row.overdue_at = TIME_NONE; /* until it is final */
    return ERR_NONE;
}

void invoice_build_complete(struct invoice_build *build)
{
    struct invoice_row *row = &build->row;
    row->status = STR("complete");
    row->finalize_at = row->billing_at;
    invoice_set_issuing_day(build->zone, zone_day(build->zone, row->billing_at), row);
    row->overdue_at = TIME_NONE;
}

static enum err load_item(struct ctx *ctx, struct tx *tx,
                          const struct invoice_subscription_row *period, struct invoice_item *item)
{
    bool found = false;
    item->period = *period;
    TRY(subscription_load(tx,
                          &(struct subscription_load_in){.customer_id = period->customer_id,
                                                         .id = period->subscription_id},
                          &item->subscription, &found));
    ASSERT(found);
    TRY(plan_version_view_load(ctx, tx, period->usage_version_id, &item->plan));
    item->fee_plan = item->advance_plan = item->plan;
    if (!uuid_eq(period->plan_version_id, period->usage_version_id))
        TRY(plan_version_view_load(ctx, tx, period->plan_version_id, &item->fee_plan));
    if (uuid_is_nil(period->advance_version_id) ||
        uuid_eq(period->advance_version_id, period->usage_version_id))
        return ERR_NONE;
    return plan_version_view_load(ctx, tx, period->advance_version_id, &item->advance_plan);
}

enum err invoice_build_load(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                            const struct invoice_row *row, struct invoice_build *build)
{
    struct invoice_subscription_row *periods = NULL;
    *build = (struct invoice_build){.customer = *customer, .row = *row};
    TRY(customer_terms_load(ctx, tx, customer, &build->terms));
    enum err err = zone_find(row->timezone, &build->zone);
    ASSERT(err == ERR_NONE);
    if (!uuid_eq(build->terms.entity.id, row->billing_entity_id)) {
        bool found = false; /* the customer has moved since */
        TRY(billing_entity_load(tx, &(struct billing_entity_load_in){.id = row->billing_entity_id},
                                &build->terms.entity, &found));
        ASSERT(found);
    }
    TRY(invoice_subscription_list(tx,
                                  &(struct invoice_subscription_list_in){
                                      .customer_id = row->customer_id, .invoice_id = row->id},
                                  &periods, &build->item_count));
    build->items = ARENA_ARRAY(ctx->arena, build->item_count, struct invoice_item);
    for (size_t i = 0; i < build->item_count; i++)
        TRY(load_item(ctx, tx, &periods[i], &build->items[i]));
    return ERR_NONE;
}

void invoice_build_add(struct arena *arena, struct invoice_build *build, const struct fee_row *fee,
                       const struct tax_row *taxes, size_t tax_count)
{
    build->fees =
        arena_grow(arena, build->fees, build->fee_count, &build->fee_capacity, sizeof *build->fees);
    struct invoice_fee *added = &build->fees[build->fee_count];
    *added = (struct invoice_fee){.row = *fee, .taxes = taxes, .tax_count = tax_count};
    added->row.customer_id = build->row.customer_id;
    added->row.invoice_id = build->row.id;
    added->row.position = (int64_t)build->fee_count;
    added->row.currency = build->row.currency;
    build->fee_count++;
}

void invoice_build_add_charge(struct arena *arena, struct invoice_build *build,
                              const struct fee_row *fee, const struct plan_view *plan,
                              const struct charge_view *charge)
{
    bool has_taxes = charge->tax_count > 0;
    invoice_build_add(arena, build, fee, has_taxes ? charge->taxes : plan->taxes,
                      has_taxes ? charge->tax_count : plan->tax_count);
}

struct cost_fees_query invoice_cost_query(const struct invoice_build *build)
{
    return (struct cost_fees_query){
        .customer_id = build->row.customer_id,
        .invoice_id = build->row.id,
        .currency = build->row.currency,
        .zone = build->zone,
        .billing_at = build->row.billing_at,
    };
}

/* ---- sources of fees ------------------------------------------------------------------------- */

static enum err add_subscriptions(struct ctx *ctx, struct tx *tx, struct invoice_build *build)
{
    for (size_t i = 0; i < build->item_count; i++) {
        TRY(rating_add(ctx, tx, &build->items[i], build));
        TRY(rating_fixed_add(ctx, tx, &build->items[i], build));
    }
    return ERR_NONE;
}

static enum err add_vendor_cost(struct ctx *ctx, struct tx *tx, struct invoice_build *build)
{
    struct fee_row *fees = NULL;
    size_t count = 0;
    if (build->has_no_vendor_cost || !str_eq(build->row.currency, build->terms.currency))
        return ERR_NONE;
    struct cost_fees_query query = invoice_cost_query(build);
    TRY(cost_fees(ctx, tx, &query, &fees, &count));
    for (size_t i = 0; i < count; i++)
        invoice_build_add(ctx->arena, build, &fees[i], NULL, 0);
    return ERR_NONE;
}

static enum err add_given(struct ctx *ctx, struct tx *tx, struct invoice_build *build)
{
    (void)tx;
    const struct given_fee *given = &build->given;
    if (given->row != NULL)
        invoice_build_add_charge(ctx->arena, build, given->row, given->plan, given->charge);
    return ERR_NONE;
}

/* In the order in which their fees stand on the invoice. */
static enum err (*const sources[])(struct ctx *ctx, struct tx *tx, struct invoice_build *build) = {
    add_subscriptions,
    late_usage_add,
    add_vendor_cost,
    add_given,
};

enum err invoice_compute(struct ctx *ctx, struct tx *tx, struct invoice_build *build)
{
    build->fee_count = 0;
    build->fee_tax_count = 0;
    build->tax_count = 0;
    build->row.stale_at = TIME_NONE;
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
        TRY(sources[i](ctx, tx, build));
    int64_t now = ctx_now(ctx);
    for (size_t i = 0; i < build->fee_count; i++) {
        struct fee_row *row = &build->fees[i].row;
        row->id = ctx_new_id(ctx);
        row->created_at = now;
        if (row->is_true_up && !row->is_correction) {
            ASSERT(i > 0); /* it stands behind what it adds to */
            row->true_up_parent_fee_id = build->fees[i - 1].row.id;
        }
    }
    return invoice_tax(ctx, tx, build);
}

/* ---- writing --------------------------------------------------------------------------------- */

static enum err write_content(struct tx *tx, const struct invoice_build *build)
{
    struct fee_row *rows = ARENA_ARRAY(tx_arena(tx), build->fee_count, struct fee_row);
    for (size_t i = 0; i < build->fee_count; i++)
        rows[i] = build->fees[i].row;
    TRY(fee_insert_many(tx, rows, build->fee_count));
    TRY(fee_tax_insert_many(tx, build->fee_taxes, build->fee_tax_count));
    return invoice_tax_insert_many(tx, build->taxes, build->tax_count);
}

struct invoice_subscription_row invoice_period_row(const struct invoice_build *build, size_t index)
{
    struct invoice_subscription_row period = build->items[index].period;
    period.customer_id = build->row.customer_id;
    period.invoice_id = build->row.id;
    period.subscription_id = build->items[index].subscription.id;
    period.plan_version_id = build->items[index].fee_plan.version.id;
    period.usage_version_id = build->items[index].plan.version.id;
    bool has_advance = period.advance_from_at != TIME_NONE || period.renewal_seq != INT_NONE;
    period.advance_version_id =
        has_advance ? build->items[index].advance_plan.version.id : UUID_NIL;
    period.position = (int64_t)index;
    return period;
}

enum err invoice_write_again(struct ctx *ctx, struct tx *tx, const struct invoice_build *build)
{
    struct uuid customer_id = build->row.customer_id;
    struct uuid invoice_id = build->row.id;
    struct invoice_row row = build->row;
    TRY(fee_tax_clear(
        tx, &(struct fee_tax_clear_in){.customer_id = customer_id, .invoice_id = invoice_id},
        NULL));
    TRY(fee_clear(tx, &(struct fee_clear_in){.customer_id = customer_id, .invoice_id = invoice_id},
                  NULL));
    TRY(invoice_tax_clear(
        tx, &(struct invoice_tax_clear_in){.customer_id = customer_id, .invoice_id = invoice_id},
        NULL));
    for (size_t i = 0; i < build->item_count; i++)
        TRY(usage_period_counted(tx,
                                 &(struct usage_period_counted_in){
                                     .customer_id = customer_id,
                                     .invoice_id = invoice_id,
                                     .subscription_id = build->items[i].subscription.id,
                                     .usage_seq = build->items[i].period.usage_seq,
                                 },
                                 NULL));
    row.updated_at = ctx_now(ctx);
    TRY(invoice_save(tx, &row));
    return write_content(tx, build);
}
