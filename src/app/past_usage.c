#include "app/past_usage.h"

#include "app/customer.h"
#include "base/assert.h"
#include "base/none.h"
#include "store/sql/catalog.h"
#include "store/sql/fee.h"
#include "store/sql/invoice.h"
#include "store/sql/subscription.h"
#include "store/sql/usage_reads.h"

#include <stdlib.h>

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

static struct past_amounts no_amounts(void)
{
    return (struct past_amounts){.units = DECIMAL_ZERO, .total_units = DECIMAL_ZERO};
}

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
    **charge = (struct past_charge){.row = row, .whole.amounts = no_amounts()};
    group_set_init(&(*charge)->group_numbers, l->ctx->arena);
    TRY(billable_metric_load(l->tx, &(struct billable_metric_load_in){.id = fee->metric_id},
                             &(*charge)->metric, &found));
    ASSERT(found);
    return ERR_NONE;
}

static enum err load_filter(const struct listing *l, const struct fee_row *fee,
                            struct charge_filter_row *row)
{
    bool found = true;
    *row = (struct charge_filter_row){.id = UUID_NIL,
                                      .lineage_id = UUID_NIL,
                                      .match_values = STR_NULL,
                                      .invoice_display_name = STR_NULL};
    if (!uuid_is_nil(fee->charge_filter_id))
        TRY(charge_filter_load(l->tx, &(struct charge_filter_load_in){.id = fee->charge_filter_id},
                               row, &found));
    ASSERT(found);
    return ERR_NONE;
}

static struct past_filter *find_filter(struct arena *arena, const struct charge_filter_row *row,
                                       struct past_whole *whole)
{
    for (size_t i = 0; i < whole->filter_count; i++) {
        if (uuid_eq(whole->filters[i].row.lineage_id, row->lineage_id))
            return &whole->filters[i];
    }
    whole->filters = arena_grow(arena, whole->filters, whole->filter_count, &whole->filter_capacity,
                                sizeof *whole->filters);
    struct past_filter *filter = &whole->filters[whole->filter_count++];
    *filter = (struct past_filter){.row = *row, .amounts = no_amounts()};
    return filter;
}

static struct past_group *find_group(struct arena *arena, struct str grouped_by,
                                     struct past_charge *charge)
{
    size_t number = group_set_number(&charge->group_numbers, 0, grouped_by);
    if (number == charge->group_count) {
        charge->groups = arena_grow(arena, charge->groups, charge->group_count,
                                    &charge->group_capacity, sizeof *charge->groups);
        charge->groups[charge->group_count++] =
            (struct past_group){.grouped_by = grouped_by, .whole.amounts = no_amounts()};
    }
    return &charge->groups[number];
}

static enum err add_to(struct arena *arena, const struct fee_row *fee,
                       const struct charge_filter_row *filter, struct past_whole *whole)
{
    TRY(add_amounts(fee, &whole->amounts));
    return add_amounts(fee, &find_filter(arena, filter, whole)->amounts);
}

static enum err add_fee(const struct listing *l, const struct fee_row *fee,
                        struct past_period *period)
{
    struct arena *arena = l->ctx->arena;
    struct past_charge *charge = NULL;
    struct charge_filter_row filter;
    TRY(find_charge(l, fee, period, &charge));
    TRY(load_filter(l, fee, &filter));
    TRY(add_to(arena, fee, &filter, &charge->whole));
    if (!str_is_null(fee->grouped_by))
        TRY(add_to(arena, fee, &filter, &find_group(arena, fee->grouped_by, charge)->whole));
    TRY(add_up(fee->amount_minor, &period->amount_minor));
    return add_up(fee->taxes_amount_minor, &period->taxes_minor);
}

/* Where the charge has no filters all of it is in one, which says nothing more. */
static void drop_lone(struct past_whole *whole)
{
    if (whole->filter_count == 1 && uuid_is_nil(whole->filters[0].row.id))
        whole->filter_count = 0;
}

static int compare_groups(const void *a, const void *b)
{
    return str_cmp(((const struct past_group *)a)->grouped_by,
                   ((const struct past_group *)b)->grouped_by);
}

/* A group of a charge with filters keeps the one of what none takes, as the charge does. */
static void end_charge(struct past_charge *charge)
{
    drop_lone(&charge->whole);
    for (size_t i = 0; charge->whole.filter_count == 0 && i < charge->group_count; i++)
        charge->groups[i].whole.filter_count = 0;
    if (charge->group_count > 1)
        qsort(charge->groups, charge->group_count, sizeof *charge->groups, compare_groups);
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
        end_charge(&period->charges[i]);
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
