#include "app/current_usage.h"

#include "app/advance_usage.h"
#include "app/billing_period.h"
#include "app/charge_limits.h"
#include "app/customer.h"
#include "app/fee_explanation.h"
#include "app/invoice_taxes.h"
#include "app/metric_rule.h"
#include "app/rating.h"
#include "base/none.h"
#include "store/sql/subscription.h"

#include <stdlib.h>

struct usage_getting {
    struct str external_customer_id;
    struct str external_subscription_id;
    const struct usage_choice *choice;
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

static void set_period(struct ctx *ctx, bool is_full, struct current_usage_view *view,
                       struct invoice_item *item)
{
    const struct zone *zone = view->build.terms.zone;
    struct billing_terms terms = {
        .subscription = &item->subscription, .plan = &item->plan.version, .zone = zone};
    struct period period = billing_usage_period(&terms, zone_day(zone, ctx_now(ctx)));
    view->from_at = item->subscription.started_at;
    if (!is_full)
        view->from_at = later(zone_day_start(zone, period.start_day), view->from_at);
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

/* ---- adding up ------------------------------------------------------------------------------- */

static struct fee_row no_fee(struct str currency)
{
    return (struct fee_row){
        .currency = currency,
        .units = DECIMAL_ZERO,
        .total_units = DECIMAL_NONE,
        .unit_amount = DECIMAL_ZERO,
        .precise_amount = DECIMAL_ZERO,
        .explanation = STR("[]"),
        .grouped_by = STR_NULL,
        .presentation_breakdowns = STR_NULL,
    };
}

/* *fee, of what was before, and one more; *is_first: there is nothing before. */
static enum err add_fee(struct arena *arena, const struct fee_row *more, bool *is_first,
                        struct fee_row *fee)
{
    if (*is_first) {
        *is_first = false;
        *fee = *more;
        return ERR_NONE;
    }
    struct decimal level = decimal_is_none(more->total_units) ? more->units : more->total_units;
    struct decimal all = decimal_is_none(fee->total_units) ? fee->units : fee->total_units;
    TRY(decimal_add(all, level, &fee->total_units));
    TRY(decimal_add(fee->units, more->units, &fee->units));
    TRY(decimal_add(fee->precise_amount, more->precise_amount, &fee->precise_amount));
    fee->event_count += more->event_count;
    fee->explanation = fee_explanation_join(arena, fee->explanation, more->explanation);
    if (str_is_null(fee->presentation_breakdowns))
        fee->presentation_breakdowns = more->presentation_breakdowns;
    else if (!str_is_null(more->presentation_breakdowns))
        fee->presentation_breakdowns = fee_explanation_join(arena, fee->presentation_breakdowns,
                                                            more->presentation_breakdowns);
    return __builtin_add_overflow(fee->amount_minor, more->amount_minor, &fee->amount_minor)
               ? ERR_OVERFLOW
               : ERR_NONE;
}

size_t usage_group_end(const struct usage_of_charge *usage, size_t first)
{
    size_t end = first + 1;
    while (end < usage->slice_count && str_eq(usage->slices[end].group, usage->slices[first].group))
        end++;
    return end;
}

bool usage_is_divided(const struct usage_of_charge *usage)
{
    return usage->slice_count > 0 && !str_is_null(usage->slices[usage->slice_count - 1].group);
}

enum err usage_slices_total(struct arena *arena, const struct usage_of_slice *slices, size_t count,
                            struct fee_row *fee)
{
    bool is_first = true;
    for (size_t i = 0; i < count; i++)
        TRY(add_fee(arena, &slices[i].fee, &is_first, fee));
    return ERR_NONE;
}

/* *priced has its slices, in order of the parts. */
static enum err add_up(struct arena *arena, struct str currency, struct usage_of_charge *priced)
{
    size_t part_count = charge_part_count(priced->charge);
    size_t at = 0;
    bool is_first = true;
    priced->fee = no_fee(currency);
    priced->parts = ARENA_ARRAY(arena, part_count, struct fee_row);
    for (size_t part = 0; part < part_count; part++) {
        bool is_first_of_part = true;
        priced->parts[part] = no_fee(currency);
        for (; at < priced->slice_count && priced->slices[at].part == part; at++)
            TRY(add_fee(arena, &priced->slices[at].fee, &is_first_of_part, &priced->parts[part]));
        if (!is_first_of_part)
            TRY(add_fee(arena, &priced->parts[part], &is_first, &priced->fee));
    }
    return ERR_NONE;
}

/* ---- what is chosen -------------------------------------------------------------------------- */

static bool is_chosen(const struct usage_choice *choice, const struct charge_view *charge)
{
    return (uuid_is_nil(choice->charge_id) || uuid_eq(choice->charge_id, charge->row.id) ||
            uuid_eq(choice->charge_id, charge->row.lineage_id)) &&
           (str_is_null(choice->charge_code) || str_eq(choice->charge_code, charge->row.code)) &&
           (str_is_null(choice->metric_code) || str_eq(choice->metric_code, charge->metric.code));
}

/* Whether the charge has parts that are divided by what is chosen. */
static bool may_have_chosen(struct arena *arena, const struct usage_choice *choice,
                            const struct charge_view *charge)
{
    for (size_t part = 0; part < charge_part_count(charge); part++) {
        struct charge model = charge_part_model(arena, charge, part);
        size_t found = 0;
        for (size_t i = 0; i < choice->group_count; i++)
            found += group_keys_have(&model.group_keys, choice->groups[i].key) ? 1 : 0;
        if (found == choice->group_count)
            return true;
    }
    return false;
}

/* Whether the group is among what is chosen; then *left is what tells it from the others of it. */
static bool choose_group(struct arena *arena, const struct usage_choice *choice, struct str group,
                         struct str *left)
{
    struct str *keys = ARENA_ARRAY(arena, choice->group_count, struct str);
    *left = group;
    if (choice->group_count == 0)
        return true;
    if (str_is_null(group))
        return false;
    for (size_t i = 0; i < choice->group_count; i++) {
        const struct usage_chosen_group *wanted = &choice->groups[i];
        bool has = false;
        struct str value = group_value(arena, group, wanted->key, &has);
        keys[i] = wanted->key;
        if (!has || (wanted->value.len == 0 ? !str_is_null(value)
                                            : str_is_null(value) || !str_eq(value, wanted->value)))
            return false;
    }
    *left = group_without(arena, group, keys, choice->group_count);
    if (str_eq(*left, STR("{}")))
        *left = STR_NULL;
    return true;
}

static enum err refuse_full(struct ctx *ctx, const char *expected)
{
    fault_field(ctx->fault, STR("full_usage"), "full_usage_not_allowed", STR("true"), "%s",
                expected);
    return fail(ctx, ERR_NOT_ALLOWED, "full usage is of %s", expected);
}

/* Those of the keys by which a group is chosen. */
static struct group_keys chosen_keys(struct arena *arena, const struct usage_choice *choice,
                                     const struct group_keys *keys)
{
    struct str *chosen = ARENA_ARRAY(arena, choice->group_count, struct str);
    size_t count = 0;
    for (size_t i = 0; i < choice->group_count; i++) {
        if (group_keys_have(keys, choice->groups[i].key))
            chosen[count++] = choice->groups[i].key;
    }
    return (struct group_keys){chosen, count};
}

/* The charge as if nothing divided it but what is chosen. */
static const struct charge_view *undivided(struct arena *arena, const struct usage_choice *choice,
                                           const struct charge_view *charge)
{
    struct charge_view *plain = ARENA_NEW(arena, struct charge_view);
    *plain = *charge;
    plain->filters = ARENA_ARRAY(arena, charge->filter_count, struct charge_filter_row);
    for (size_t part = 0; part < charge_part_count(charge); part++) {
        struct charge model = charge_part_model(arena, charge, part);
        model.group_keys = chosen_keys(arena, choice, &model.group_keys);
        struct str properties = charge_properties_text(arena, &model);
        if (part == charge->filter_count) {
            plain->row.properties = properties;
            continue;
        }
        plain->filters[part] = charge->filters[part];
        plain->filters[part].properties = properties;
    }
    return plain;
}

/* What is bounded for a period is not for all of them, and what depends on its days can't be said
 * of all. */
static enum err make_full(struct ctx *ctx, struct charge_view *charge)
{
    bool by_days = charge->row.prorated ||
                   aggregation_of(charge->metric.aggregation_type) == AGGREGATION_WEIGHTED;
    charge->row.min_amount_minor = charge->row.max_amount_minor = 0;
    return by_days ? refuse_full(ctx, "charges that do not depend on the length of the period: not "
                                      "prorated, and no weighted sum")
                   : ERR_NONE;
}

static enum err as_chosen(struct ctx *ctx, const struct usage_choice *choice,
                          const struct charge_view **charge)
{
    struct charge_view *chosen = ARENA_NEW(ctx->arena, struct charge_view);
    if (choice->skips_groups)
        *charge = undivided(ctx->arena, choice, *charge);
    *chosen = **charge;
    chosen->shown_only = choice->shown;
    *charge = chosen;
    return choice->is_full ? make_full(ctx, chosen) : ERR_NONE;
}

/* ---- all of a subscription ------------------------------------------------------------------- */

static int compare_slices(const void *a, const void *b)
{
    const struct usage_of_slice *x = a;
    const struct usage_of_slice *y = b;
    int order = str_is_null(y->group) - str_is_null(x->group); /* those of none first */
    if (order == 0 && !str_is_null(x->group))
        order = str_cmp(x->group, y->group);
    if (order == 0)
        order = x->part < y->part ? -1 : x->part > y->part;
    return order;
}

static enum err end_slices(struct arena *arena, const struct invoice_item *item,
                           struct usage_of_charge *priced)
{
    TRY(add_up(arena, item->plan.version.currency, priced));
    if (priced->slice_count > 1)
        qsort(priced->slices, priced->slice_count, sizeof *priced->slices, compare_slices);
    return ERR_NONE;
}

static enum err price_slices(struct ctx *ctx, struct current_usage_view *view,
                             const struct usage_choice *choice, const struct invoice_item *item,
                             const struct usage_slices *slices, struct usage_of_charge *priced)
{
    const struct charge_view *charge = priced->charge;
    struct charge_limits limits = {0};
    priced->slices = ARENA_ARRAY(ctx->arena, slices->count, struct usage_of_slice);
    for (size_t i = 0; i < slices->count; i++) {
        const struct usage_slice *slice = &slices->items[i];
        struct usage_of_slice *to = &priced->slices[priced->slice_count];
        struct fee_row true_up; /* only on the bill: what is missing now may be used yet */
        *to = (struct usage_of_slice){.part = slice->part};
        TRY(rating_charge_fee(ctx->arena, item, charge, slice, INT_NONE, &to->fee));
        TRY(charge_limits_apply(ctx->arena, item, view->build.zone, charge, i + 1 == slices->count,
                                &limits, &to->fee, &true_up));
        if (slice->is_idle || !choose_group(ctx->arena, choice, slice->group, &to->group))
            continue;
        priced->slice_count++;
        invoice_build_add_charge(ctx->arena, &view->build, &to->fee, &item->plan, charge);
    }
    return end_slices(ctx->arena, item, priced);
}

struct projection current_usage_days(const struct current_usage_view *view)
{
    const struct zone *zone = view->build.terms.zone;
    int64_t from_day = zone_day(zone, view->from_at);
    int64_t end_day = zone_day(zone, view->to_at);
    int64_t today = zone_day(zone, view->build.row.billing_at);
    return (struct projection){today - from_day + 1, end_day - from_day};
}

static enum err project(struct arena *arena, const struct current_usage_view *view,
                        const struct charge_view *charge, struct usage_slices *slices)
{
    struct usage_rule rule = metric_rule_of(arena, &charge->metric).usage;
    for (size_t i = 0; i < slices->count; i++) {
        struct usage_slice *slice = &slices->items[i];
        struct charge model = charge_part_model(arena, charge, slice->part);
        TRY(usage_project(arena, &rule, current_usage_days(view), charge_cell_count(&model) > 0,
                          &slice->usage));
    }
    return ERR_NONE;
}

/* In advance: what was paid, and how much there is now. */
static enum err price_advance(struct ctx *ctx, struct tx *tx, struct current_usage_view *view,
                              const struct usage_choice *choice, const struct invoice_item *item,
                              struct usage_of_charge *priced)
{
    const struct charge_view *charge = priced->charge;
    struct advance_period period = {.item = item, .charge = charge, .zone = view->build.zone};
    struct advance_slices slices;
    TRY(advance_find_renewal(tx, &period));
    struct projection days = current_usage_days(view);
    TRY(advance_usage_make(ctx, tx, &period, choice->projects ? &days : NULL, &slices));
    priced->slices = ARENA_ARRAY(ctx->arena, slices.count, struct usage_of_slice);
    for (size_t i = 0; i < slices.count; i++) {
        struct usage_of_slice *to = &priced->slices[priced->slice_count];
        *to = (struct usage_of_slice){.fee = slices.items[i].fee, .part = slices.items[i].part};
        if (!choose_group(ctx->arena, choice, slices.items[i].fee.grouped_by, &to->group))
            continue;
        priced->slice_count++;
        invoice_build_add_charge(ctx->arena, &view->build, &to->fee, &item->plan, charge);
    }
    return end_slices(ctx->arena, item, priced);
}

static enum err price_arrears(struct ctx *ctx, struct tx *tx, struct current_usage_view *view,
                              const struct usage_choice *choice, const struct invoice_item *item,
                              struct usage_of_charge *priced)
{
    struct usage_slices slices;
    TRY(rating_usage(ctx, tx, item, &view->build, priced->charge, &slices));
    if (choice->projects)
        TRY(project(ctx->arena, view, priced->charge, &slices));
    return price_slices(ctx, view, choice, item, &slices, priced);
}

static enum err price_charge(struct ctx *ctx, struct tx *tx, struct current_usage_view *view,
                             const struct usage_choice *choice, const struct invoice_item *item,
                             const struct charge_view *charge)
{
    struct usage_of_charge *priced = &view->charges[view->count++];
    TRY(as_chosen(ctx, choice, &charge));
    *priced = (struct usage_of_charge){.charge = charge};
    enum err err = charge->row.pay_in_advance ? price_advance(ctx, tx, view, choice, item, priced)
                                              : price_arrears(ctx, tx, view, choice, item, priced);
    if (err == ERR_OVERFLOW && !fault_is_set(ctx->fault))
        return fail(ctx, err, "charge %.*s: the amount is too large", STR_ARG(charge->row.code));
    return err;
}

static enum err price_charges(struct ctx *ctx, struct tx *tx, struct current_usage_view *view,
                              const struct usage_choice *choice, const struct invoice_item *item)
{
    bool found = false;
    if (choice->is_full && uuid_is_nil(choice->charge_id) && str_is_null(choice->charge_code) &&
        str_is_null(choice->metric_code) && choice->group_count == 0)
        return refuse_full(ctx, "one charge, metric or group (filter_by_charge_id, "
                                "filter_by_charge_code, filter_by_metric_code, filter_by_group)");
    view->charges = ARENA_ARRAY(ctx->arena, item->plan.charge_count, struct usage_of_charge);
    for (size_t i = 0; i < item->plan.charge_count; i++) {
        const struct charge_view *charge = &item->plan.charges[i];
        if (!is_chosen(choice, charge))
            continue;
        found = true;
        if (may_have_chosen(ctx->arena, choice, charge))
            TRY(price_charge(ctx, tx, view, choice, item, charge));
    }
    if (!found && !str_is_null(choice->metric_code))
        return fail_not_found(ctx, "billable_metric", choice->metric_code);
    if (!found && !str_is_null(choice->charge_code))
        return fail_not_found(ctx, "charge", choice->charge_code);
    if (!found && !uuid_is_nil(choice->charge_id))
        return fail_not_found(ctx, "charge", uuid_text(ctx->arena, choice->charge_id));
    if (view->count > 0)
        qsort(view->charges, view->count, sizeof *view->charges, compare_charges);
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
    set_period(ctx, getting->choice->is_full, view, item);
    TRY(price_charges(ctx, tx, view, getting->choice, item));
    return invoice_tax(ctx, tx, &view->build);
}

enum err current_usage_choose(struct ctx *ctx, struct str external_customer_id,
                              struct str external_subscription_id,
                              const struct usage_choice *choice, struct current_usage_view *view)
{
    struct usage_getting getting = {external_customer_id, external_subscription_id, choice, view};
    return tx_run(ctx, TX_READ, get, &getting);
}

enum err current_usage_get(struct ctx *ctx, struct str external_customer_id,
                           struct str external_subscription_id, struct current_usage_view *view)
{
    static const struct usage_choice all = {0};
    return current_usage_choose(ctx, external_customer_id, external_subscription_id, &all, view);
}

enum err current_usage_read(struct ctx *ctx, struct tx *tx, struct str external_customer_id,
                            struct str external_subscription_id, bool projects,
                            struct current_usage_view *view)
{
    struct usage_choice choice = {.projects = projects};
    struct usage_getting getting = {external_customer_id, external_subscription_id, &choice, view};
    return get(ctx, tx, &getting);
}
