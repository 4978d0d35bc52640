#include "app/past_usage.h"

#include "app/customer.h"
#include "base/assert.h"
#include "base/none.h"
#include "store/sql/catalog.h"
#include "store/sql/fee.h"
#include "store/sql/invoice.h"
#include "store/sql/subscription.h"
#include "store/sql/usage_reads.h"

struct listing {
    struct ctx *ctx;
    struct tx *tx;
    const struct past_usage_query *query;
    struct uuid customer_id;
    struct uuid metric_id; /* nil: any */
    struct past_period *periods;
    size_t count;
    int64_t total;
};

static enum err add_up(int64_t more, int64_t *sum)
{
    return __builtin_add_overflow(*sum, more, sum) ? ERR_OVERFLOW : ERR_NONE;
}

static enum err add_amounts(const struct fee_row *fee, struct past_amounts *amounts)
{
    struct decimal level = decimal_is_none(fee->total_units) ? fee->units : fee->total_units;
    TRY(add_up(fee->amount_minor, &amounts->amount_minor));
    if (fee->is_true_up)
        return ERR_NONE;
    TRY(decimal_add(amounts->units, fee->units, &amounts->units));
    TRY(decimal_add(amounts->total_units, level, &amounts->total_units));
    return add_up(fee->event_count, &amounts->event_count);
}

static const struct past_amounts no_amounts = {.event_count = 0};

/* A charge is the same in all versions of its plan. */
static enum err find_charge(const struct listing *l, const struct fee_row *fee,
                            struct past_period *period, struct past_charge **charge)
{
    struct charge_row row;
    bool found = false;
    TRY(charge_load(l->tx, &(struct charge_load_in){.id = fee->charge_id}, &row, &found));
    ASSERT(found);
    for (size_t i = 0; i < period->charge_count; i++) {
        *charge = &period->charges[i];
        if (uuid_eq((*charge)->row.lineage_id, row.lineage_id))
            return ERR_NONE;
    }
    period->charges = arena_grow(l->ctx->arena, period->charges, period->charge_count,
                                 &period->charge_capacity, sizeof *period->charges);
    *charge = &period->charges[period->charge_count++];
    **charge = (struct past_charge){.row = row, .amounts = no_amounts};
    (*charge)->amounts.units = (*charge)->amounts.total_units = DECIMAL_ZERO;
    TRY(billable_metric_load(l->tx, &(struct billable_metric_load_in){.id = fee->metric_id},
                             &(*charge)->metric, &found));
    ASSERT(found);
    return ERR_NONE;
}

static enum err find_filter(const struct listing *l, const struct fee_row *fee,
                            struct past_charge *charge, struct past_filter **filter)
{
    struct charge_filter_row row = {.id = UUID_NIL,
                                    .lineage_id = UUID_NIL,
                                    .match_values = STR_NULL,
                                    .invoice_display_name = STR_NULL};
    bool found = true;
    if (!uuid_is_nil(fee->charge_filter_id))
        TRY(charge_filter_load(l->tx, &(struct charge_filter_load_in){.id = fee->charge_filter_id},
                               &row, &found));
    ASSERT(found);
    for (size_t i = 0; i < charge->filter_count; i++) {
        *filter = &charge->filters[i];
        if (uuid_eq((*filter)->row.lineage_id, row.lineage_id))
            return ERR_NONE;
    }
    charge->filters = arena_grow(l->ctx->arena, charge->filters, charge->filter_count,
                                 &charge->filter_capacity, sizeof *charge->filters);
    *filter = &charge->filters[charge->filter_count++];
    **filter = (struct past_filter){.row = row, .amounts = no_amounts};
    (*filter)->amounts.units = (*filter)->amounts.total_units = DECIMAL_ZERO;
    return ERR_NONE;
}

static enum err add_fee(const struct listing *l, const struct fee_row *fee,
                        struct past_period *period)
{
    struct past_charge *charge = NULL;
    struct past_filter *filter = NULL;
    TRY(find_charge(l, fee, period, &charge));
    TRY(find_filter(l, fee, charge, &filter));
    TRY(add_amounts(fee, &charge->amounts));
    TRY(add_amounts(fee, &filter->amounts));
    TRY(add_up(fee->amount_minor, &period->amount_minor));
    return add_up(fee->taxes_amount_minor, &period->taxes_minor);
}

/* Where the charge has no filters all of it is in one, which says nothing more. */
static void drop_lone(struct past_charge *charge)
{
    if (charge->filter_count == 1 && uuid_is_nil(charge->filters[0].row.id))
        charge->filter_count = 0;
}

static enum err load_period(const struct listing *l, const struct invoice_subscription_row *row,
                            struct past_period *period)
{
    struct subscription_row subscription;
    struct fee_row *fees = NULL;
    size_t count = 0;
    bool found = false;
    *period = (struct past_period){.row = *row};
    TRY(subscription_load(
        l->tx,
        &(struct subscription_load_in){.customer_id = l->customer_id, .id = row->subscription_id},
        &subscription, &found));
    ASSERT(found);
    period->ended_at = subscription.terminated_at;
    TRY(invoice_load(
        l->tx, &(struct invoice_load_in){.customer_id = l->customer_id, .id = row->invoice_id},
        &period->invoice, &found));
    ASSERT(found);
    TRY(past_usage_fees(l->tx,
                        &(struct past_usage_fees_in){.customer_id = l->customer_id,
                                                     .subscription_id = row->subscription_id,
                                                     .from_at = row->charges_from_at,
                                                     .wanted_metric_id = l->metric_id},
                        &fees, &count));
    for (size_t i = 0; i < count; i++)
        TRY(add_fee(l, &fees[i], period));
    for (size_t i = 0; i < period->charge_count; i++)
        drop_lone(&period->charges[i]);
    return ERR_NONE;
}

static enum err find_subscription(const struct listing *l)
{
    struct subscription_row *rows = NULL;
    size_t count = 0;
    struct str id = l->query->external_subscription_id;
    TRY(subscription_by_external_list(l->tx,
                                      &(struct subscription_by_external_list_in){
                                          .customer_id = l->customer_id, .external_id = id},
                                      &rows, &count));
    return count > 0 ? ERR_NONE : fail_not_found(l->ctx, "subscription", id);
}

static enum err find_metric(struct listing *l)
{
    struct billable_metric_row metric;
    struct str code = l->query->metric_code;
    bool found = false;
    l->metric_id = UUID_NIL;
    if (str_is_null(code))
        return ERR_NONE;
    TRY(billable_metric_by_code(l->tx, &(struct billable_metric_by_code_in){.code = code}, &metric,
                                &found));
    if (!found)
        return fail_not_found(l->ctx, "billable_metric", code);
    l->metric_id = metric.id;
    return ERR_NONE;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *l = arg;
    const struct past_usage_query *query = l->query;
    struct customer_row customer;
    struct past_usage_count_row counted;
    struct invoice_subscription_row *rows = NULL;
    bool found = false;
    l->ctx = ctx;
    l->tx = tx;
    l->count = 0;
    TRY(customer_find(ctx, tx, query->external_customer_id, false, &customer));
    l->customer_id = customer.id;
    TRY(find_subscription(l));
    TRY(find_metric(l));
    TRY(past_usage_count(
        tx,
        &(struct past_usage_count_in){.customer_id = customer.id,
                                      .external_id = query->external_subscription_id},
        &counted, &found));
    l->total = counted.total;
    if (query->periods_max != INT_NONE)
        l->total = least(l->total, query->periods_max);
    if (query->offset >= l->total)
        return ERR_NONE;
    TRY(past_usage_periods(
        tx,
        &(struct past_usage_periods_in){.customer_id = customer.id,
                                        .external_id = query->external_subscription_id,
                                        .limit = least(query->limit, l->total - query->offset),
                                        .offset = query->offset},
        &rows, &l->count));
    l->periods = ARENA_ARRAY(ctx->arena, l->count, struct past_period);
    for (size_t i = 0; i < l->count; i++)
        TRY(load_period(l, &rows[i], &l->periods[i]));
    return ERR_NONE;
}

enum err past_usage_list(struct ctx *ctx, const struct past_usage_query *query,
                         struct past_period **periods, size_t *count, int64_t *total)
{
    struct listing listing = {.query = query};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *periods = listing.periods;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}
