#include "app/current_usage.h"

#include "app/billing_period.h"
#include "app/charge_limits.h"
#include "app/customer.h"
#include "app/fee_explanation.h"
#include "app/invoice_taxes.h"
#include "app/rating.h"
#include "base/none.h"
#include "store/sql/subscription.h"

#include <stdlib.h>

struct usage_getting {
    struct str external_customer_id;
    struct str external_subscription_id;
    struct current_usage_view *view;
};

static enum err find_running(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                             struct str external_id, struct subscription_row *row)
{
    struct subscription_row *rows = NULL;
    size_t count = 0;
    TRY(subscription_by_external_list(tx,
                                      &(struct subscription_by_external_list_in){
                                          .customer_id = customer_id, .external_id = external_id},
                                      &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (str_eq(rows[i].status, STR("active"))) {
            *row = rows[i];
            return ERR_NONE;
        }
    }
    return fail_not_found(ctx, "subscription", external_id);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void set_period(struct ctx *ctx, struct current_usage_view *view, struct invoice_item *item)
{
    const struct zone *zone = view->build.terms.zone;
    struct billing_terms terms = {
        .subscription = &item->subscription, .plan = &item->plan.version, .zone = zone};
    struct period period = billing_usage_period(&terms, zone_day(zone, ctx_now(ctx)));
    view->from_at = later(zone_day_start(zone, period.start_day), item->subscription.started_at);
    view->to_at = zone_day_start(zone, period.end_day);
    view->issuing_day = period.end_day;
    item->period.charges_from_at = view->from_at;
    item->period.charges_to_at = view->to_at;
}

static int compare_charges(const void *a, const void *b)
{
    const struct usage_of_charge *x = a;
    const struct usage_of_charge *y = b;
    int order = str_cmp(x->charge->metric.name, y->charge->metric.name);
    return order != 0 ? order : (int)(x->charge->row.position - y->charge->row.position);
}

/* *fee, of the parts before, and one more. */
static enum err add_part(struct arena *arena, const struct fee_row *part, struct fee_row *fee)
{
    struct decimal level = decimal_is_none(part->total_units) ? part->units : part->total_units;
    struct decimal all = decimal_is_none(fee->total_units) ? fee->units : fee->total_units;
    TRY(decimal_add(all, level, &fee->total_units));
    TRY(decimal_add(fee->units, part->units, &fee->units));
    TRY(decimal_add(fee->precise_amount, part->precise_amount, &fee->precise_amount));
    fee->event_count += part->event_count;
    fee->explanation = fee_explanation_join(arena, fee->explanation, part->explanation);
    return __builtin_add_overflow(fee->amount_minor, part->amount_minor, &fee->amount_minor)
               ? ERR_OVERFLOW
               : ERR_NONE;
}

static enum err price_parts(struct ctx *ctx, struct current_usage_view *view,
                            const struct invoice_item *item, const struct usage *usages,
                            struct usage_of_charge *priced)
{
    const struct charge_view *charge = priced->charge;
    struct charge_limits limits = {0};
    for (size_t i = 0; i < charge_part_count(charge); i++) {
        struct fee_row *part = &priced->parts[i];
        struct fee_row true_up; /* only on the bill: what is missing now may be used yet */
        TRY(rating_charge_fee(ctx->arena, item, charge, i, &usages[i], INT_NONE, part));
        TRY(charge_limits_apply(ctx->arena, item, view->build.zone, charge, i, &limits, part,
                                &true_up));
        if (i == 0)
            priced->fee = *part;
        else
            TRY(add_part(ctx->arena, part, &priced->fee));
        invoice_build_add(ctx->arena, &view->build, part, charge->taxes, charge->tax_count);
    }
    return ERR_NONE;
}

static enum err price_charge(struct ctx *ctx, struct tx *tx, struct current_usage_view *view,
                             const struct invoice_item *item, const struct charge_view *charge)
{
    size_t count = charge_part_count(charge);
    struct usage *usages = ARENA_ARRAY(ctx->arena, count, struct usage);
    struct usage_of_charge *priced = &view->charges[view->count++];
    TRY(rating_usage(ctx, tx, item, &view->build, charge, usages));
    priced->charge = charge;
    priced->parts = ARENA_ARRAY(ctx->arena, count, struct fee_row);
    enum err err = price_parts(ctx, view, item, usages, priced);
    if (err != ERR_NONE)
        return fail(ctx, err, "charge %.*s: the amount is too large", STR_ARG(charge->row.code));
    return ERR_NONE;
}

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct usage_getting *getting = arg;
    struct current_usage_view *view = getting->view;
    struct customer_row customer;
    struct customer_terms terms;
    struct invoice_item *item = ARENA_NEW(ctx->arena, struct invoice_item);
    *view = (struct current_usage_view){0};
    TRY(customer_find(ctx, tx, getting->external_customer_id, false, &customer));
    TRY(find_running(ctx, tx, customer.id, getting->external_subscription_id, &item->subscription));
    TRY(plan_in_force(ctx, tx, item->subscription.plan_version_id, ctx_now(ctx), false,
                      &item->plan));
    TRY(customer_terms_load(ctx, tx, &customer, &terms));
    TRY(invoice_build_new(ctx, &customer, &terms, item->plan.version.currency, ctx_now(ctx),
                          &view->build));
    view->build.items = item;
    view->build.item_count = 1;
    set_period(ctx, view, item);
    view->charges = ARENA_ARRAY(ctx->arena, item->plan.charge_count, struct usage_of_charge);
    for (size_t i = 0; i < item->plan.charge_count; i++)
        TRY(price_charge(ctx, tx, view, item, &item->plan.charges[i]));
    if (view->count > 0)
        qsort(view->charges, view->count, sizeof *view->charges, compare_charges);
    return invoice_tax(ctx, tx, &view->build);
}

enum err current_usage_get(struct ctx *ctx, struct str external_customer_id,
                           struct str external_subscription_id, struct current_usage_view *view)
{
    struct usage_getting getting = {external_customer_id, external_subscription_id, view};
    return tx_run(ctx, TX_READ, get, &getting);
}
