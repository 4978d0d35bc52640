#include "app/rating.h"

#include "app/advance_fee.h"
#include "app/billing_period.h"
#include "app/charge_limits.h"
#include "app/fee_explanation.h"
#include "app/metric_rule.h"
#include "app/usage_cells.h"
#include "app/usage_explain.h"
#include "app/usage_range.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/json_write.h"
#include "base/none.h"
#include "base/time.h"
#include "core/pricing/charge.h"
#include "core/proration.h"
#include "store/sql/instance.h"

#define KEY_HASH_BYTES        16
#define KEY_BYTES_MAX         ((size_t)64)
#define EXPLANATION_BYTES_MAX ((size_t)4 << 20) /* a step of each of 1000 cells fits twice */
#define SHARES_BYTES_MAX      ((size_t)256 << 20)
#define UNIT_DECIMALS         15
#define SEQ_TRIES_MAX         20

static const struct currency *currency_of(const struct invoice_item *item)
{
    const struct currency *currency = currency_find(item->plan.version.currency);
    ASSERT(currency != NULL);
    return currency;
}

/* How the quantity came about, where there is something to say, then the price of it. */
static struct str explain(struct arena *arena, const struct usage_steps *quantity,
                          const struct price *price)
{
    struct fee_steps steps;
    fee_steps_begin(&steps, arena, EXPLANATION_BYTES_MAX);
    for (size_t i = 0; i < quantity->count; i++) {
        const struct usage_step *step = &quantity->steps[i];
        fee_step_add(&steps, step->text, step->inputs, "quantity", step->result);
    }
    for (size_t i = 0; i < price->step_count; i++) {
        const struct price_step *step = &price->steps[i];
        fee_step_add(&steps, price_step_text(arena, step), price_step_inputs(arena, step), NULL,
                     step->result);
    }
    struct str text = fee_steps_end(&steps);
    ASSERT(!str_is_null(text));
    return text;
}

struct fee_row rating_fee_begin(const struct invoice_item *item, struct str type, int64_t from_at,
                                int64_t to_at)
{
    return (struct fee_row){
        .customer_id = item->subscription.customer_id,
        .fee_type = type,
        .subscription_id = item->subscription.id,
        .plan_version_id = item->plan.version.id,
        .from_at = from_at,
        .to_at = to_at,
        .total_units = DECIMAL_NONE,
        .event_seq = INT_NONE,
        .currency = item->plan.version.currency,
        .tax_rate = DECIMAL_ZERO,
        .taxes_precise_amount = DECIMAL_ZERO,
        .vendor_cost = DECIMAL_NONE,
        .succeeded_at = TIME_NONE,
        .failed_at = TIME_NONE,
        .refunded_at = TIME_NONE,
    };
}

enum err rating_set_price(const struct currency *currency, struct decimal price,
                          struct fee_row *fee)
{
    struct money amount;
    TRY(money_round(price, currency, ROUND_HALF_UP, &amount));
    fee->precise_amount = price;
    fee->amount_minor = amount.minor;
    fee->unit_amount = DECIMAL_ZERO;
    if (decimal_is_zero(fee->units))
        return ERR_NONE;
    return decimal_div(price, fee->units, UNIT_DECIMALS, ROUND_HALF_UP, &fee->unit_amount);
}

/* ---- the plan's own fee ---------------------------------------------------------------------- */

static struct str explain_plan(struct arena *arena, const struct invoice_item *item,
                               const struct prorated *share)
{
    struct money whole = {item->fee_plan.version.amount_minor, currency_of(item)};
    bool is_whole = share->days == share->days_of_period;
    struct fee_steps steps;
    fee_steps_begin(&steps, arena, 4096);
    fee_step_begin(
        &steps,
        is_whole ? STR("the whole period")
                 : arena_fmt(arena, "%d of %d days", (int)share->days, (int)share->days_of_period),
        "round(amount * days / days_of_period, 15)");
    fee_step_input(&steps, "amount", money_major(whole));
    fee_step_input(&steps, "days", decimal_of(share->days));
    fee_step_input(&steps, "days_of_period", decimal_of(share->days_of_period));
    fee_step_end(&steps, NULL, share->precise);
    return fee_steps_end(&steps);
}

enum err rating_plan_fee(struct arena *arena, const struct invoice_item *item,
                         const struct zone *zone, struct fee_row *fee)
{
    const struct plan_version_row *version = &item->fee_plan.version;
    struct billing_terms terms = {
        .subscription = &item->subscription, .plan = version, .zone = zone};
    struct prorated share;
    ASSERT(item->period.from_at != TIME_NONE);
    struct period used = {zone_day(zone, item->period.from_at), zone_day(zone, item->period.to_at)};
    TRY(proration_share((struct money){version->amount_minor, currency_of(item)},
                        proration_of(version->proration),
                        billing_plan_period(&terms, used.start_day), used, &share));
    struct str id = uuid_text(arena, item->subscription.id);
    struct str day = day_text(arena, used.start_day);
    *fee = rating_fee_begin(item, STR("subscription"), item->period.from_at, item->period.to_at);
    fee->plan_version_id = version->id;
    fee->once_key = arena_fmt(arena, "plan:%.*s:%.*s", STR_ARG(id), STR_ARG(day));
    fee->item_code = item->fee_plan.row.code;
    fee->item_name = version->name;
    fee->units = DECIMAL_ONE;
    fee->unit_amount = share.precise;
    fee->precise_amount = share.precise;
    fee->amount_minor = share.amount.minor;
    fee->explanation = explain_plan(arena, item, &share);
    return ERR_NONE;
}

/* ---- charges --------------------------------------------------------------------------------- */

/* A group has as many bytes as its events have sent; its digest is as good as its text. */
static struct str group_key(struct arena *arena, struct str group)
{
    unsigned char digest[32];
    struct buf text;
    buf_init(&text, arena, KEY_BYTES_MAX);
    buf_char(&text, '+');
    hash_sha256(group, digest);
    buf_hex(&text, digest, KEY_HASH_BYTES);
    return buf_str(&text);
}

struct str rating_charge_key(struct arena *arena, const char *kind, const struct invoice_item *item,
                             const struct charge_view *charge,
                             const struct charge_filter_row *filter, struct str group)
{
    struct str below = STR("");
    if (filter != NULL)
        below = arena_fmt(arena, "/%.*s", STR_ARG(uuid_text(arena, filter->lineage_id)));
    struct str divided = str_is_null(group) ? STR("") : group_key(arena, group);
    return arena_fmt(arena, "%s:%.*s:%.*s%.*s%.*s:%.*s", kind,
                     STR_ARG(uuid_text(arena, item->subscription.id)),
                     STR_ARG(uuid_text(arena, charge->row.lineage_id)), STR_ARG(below),
                     STR_ARG(divided), STR_ARG(time_text(arena, item->period.charges_from_at)));
}

struct str rating_shares_text(struct arena *arena, const struct usage_share *shares, size_t count)
{
    struct buf buf;
    struct json_writer out;
    if (count == 0)
        return STR_NULL;
    buf_init(&buf, arena, SHARES_BYTES_MAX);
    json_writer_init(&out, &buf);
    json_array(&out, NULL);
    for (size_t i = 0; i < count; i++) {
        json_object(&out, NULL);
        json_raw(&out, "presentation_by", shares[i].group);
        json_decimal(&out, "units", shares[i].units);
        json_object_end(&out);
    }
    json_array_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

static enum err price_slice(struct arena *arena, const struct invoice_item *item,
                            const struct charge_view *charge, const struct usage_slice *slice,
                            struct price *price)
{
    static const struct price_form idle = {"nothing was used by this group", {NULL}, "0"};
    struct charge model = charge_part_model(arena, charge, slice->part);
    struct charge_use use = {
        .units = slice->usage.quantity,
        .event_count = slice->usage.total.event_count,
        .values = slice->usage.values,
        .value_count = slice->usage.value_count,
    };
    if (slice->is_idle) {
        *price = (struct price){.amount = DECIMAL_ZERO};
        return price_add_step(arena, price,
                              &(struct price_step){.form = &idle, .result = DECIMAL_ZERO});
    }
    TRY(decimal_scale(slice->usage.total.cents, -currency_of(item)->digits, &use.own_amount));
    return charge_price(arena, &model, &use, price);
}

enum err rating_charge_fee(struct arena *arena, const struct invoice_item *item,
                           const struct charge_view *charge, const struct usage_slice *slice,
                           int64_t event_seq, struct fee_row *fee)
{
    const struct charge_filter_row *filter = charge_part_filter(charge, slice->part);
    const struct usage *usage = &slice->usage;
    struct metric_rule rule = metric_rule_of(arena, &charge->metric);
    struct usage_steps steps = usage_explain(arena, &rule.usage, usage);
    struct price price;
    ASSERT(item->period.charges_from_at != TIME_NONE);
    TRY(price_slice(arena, item, charge, slice, &price));
    *fee = rating_fee_begin(item, STR("charge"), item->period.charges_from_at,
                            item->period.charges_to_at);
    fee->once_key = rating_charge_key(arena, "charge", item, charge, filter, slice->group);
    fee->charge_id = charge->row.id;
    fee->charge_filter_id = filter == NULL ? UUID_NIL : filter->id;
    fee->grouped_by = slice->group;
    fee->presentation_breakdowns = rating_shares_text(arena, slice->shares, slice->share_count);
    fee->metric_id = charge->metric.id;
    fee->item_code = charge->metric.code;
    fee->item_name = charge->metric.name;
    fee->units = usage->quantity;
    fee->event_count = usage->total.event_count;
    fee->event_seq = event_seq;
    if (rule.usage.aggregation == AGGREGATION_WEIGHTED)
        fee->total_units = usage->level;
    fee->explanation = explain(arena, &steps, &price);
    return rating_set_price(currency_of(item), price.amount, fee);
}

/* Those of the keys that are wanted; NULL: all. */
static struct group_keys keep_keys(struct arena *arena, struct group_keys keys,
                                   const struct group_keys *wanted)
{
    struct str *kept = ARENA_ARRAY(arena, keys.count, struct str);
    size_t count = 0;
    if (wanted == NULL)
        return keys;
    for (size_t i = 0; i < keys.count; i++) {
        if (group_keys_have(wanted, keys.keys[i]))
            kept[count++] = keys.keys[i];
    }
    return (struct group_keys){kept, count};
}

/* How the parts of a charge are divided; NULL: none is.  A filter's prices may say by which
 * properties its units are shown apart; else those of the charge do. */
static const struct usage_division *divisions_of(struct arena *arena,
                                                 const struct charge_view *charge)
{
    size_t count = charge_part_count(charge);
    struct usage_division *divisions = ARENA_ARRAY(arena, count, struct usage_division);
    struct charge rest = charge_part_model(arena, charge, count - 1);
    bool is_divided = false;
    for (size_t i = 0; i < count; i++) {
        struct charge model = charge_part_model(arena, charge, i);
        divisions[i].groups = model.group_keys;
        divisions[i].shown =
            keep_keys(arena, model.shown_keys.count > 0 ? model.shown_keys : rest.shown_keys,
                      charge->shown_only);
        is_divided |= divisions[i].groups.count > 0 || divisions[i].shown.count > 0;
    }
    return is_divided ? divisions : NULL;
}

bool rating_needs_events(struct arena *arena, const struct charge_view *charge)
{
    if (aggregation_needs_events(aggregation_of(charge->metric.aggregation_type)))
        return true;
    for (size_t i = 0; i < charge_part_count(charge); i++) {
        struct charge model = charge_part_model(arena, charge, i);
        if (charge_needs_events(&model) || model.group_keys.count > 0 || model.shown_keys.count > 0)
            return true;
    }
    return false;
}

bool rating_charge_counts(const struct fee_row *fee, const struct fee_row *true_up)
{
    return fee->event_count > 0 || fee->amount_minor != 0 || true_up->amount_minor > 0;
}

/* ---- all of a subscription ------------------------------------------------------------------- */

static enum err newest_seq(struct tx *tx, int64_t *seq)
{
    struct ingest_seq_newest_row row;
    bool found = false;
    TRY(ingest_seq_newest(tx, &row, &found));
    ASSERT(found);
    *seq = row.ingest_seq;
    return ERR_NONE;
}

struct usage_query rating_query(struct arena *arena, const struct invoice_item *item,
                                const struct zone *day_zone, const struct zone *period_zone,
                                const struct charge_view *charge)
{
    struct filter_set *filters = NULL;
    struct billing_terms terms = {
        .subscription = &item->subscription, .plan = &item->plan.version, .zone = period_zone};
    int64_t from_at = item->period.charges_from_at;
    int64_t to_at = item->period.charges_to_at;
    /* A zone that changed since has moved the period's ends, and its middle not out of it. */
    struct period whole =
        billing_usage_period(&terms, zone_day(period_zone, from_at + (to_at - from_at) / 2));
    if (charge->filter_count > 0) {
        filters = ARENA_NEW(arena, struct filter_set);
        *filters = charge_filter_set(arena, charge);
    }
    return (struct usage_query){
        .customer_id = item->subscription.customer_id,
        .subscription_id = item->subscription.id,
        .metric_id = charge->metric.id,
        .zone = day_zone,
        .started_at = item->subscription.started_at,
        .previous_id = item->subscription.previous_id,
        .span = {from_at, to_at, zone_day_start(period_zone, whole.start_day),
                 zone_day_start(period_zone, whole.end_day)},
        .filters = filters,
        .divisions = divisions_of(arena, charge),
        .proration = item->plan.version.proration,
    };
}

static struct usage_query query_of(struct arena *arena, const struct invoice_item *item,
                                   const struct invoice_build *build,
                                   const struct charge_view *charge)
{
    return rating_query(arena, item, build->terms.zone, build->zone, charge);
}

/* What running totals say of a charge's metric, for each part; NULL where they are not asked. */
struct totals {
    struct usage_total *totals;
    struct decimal *carried; /* 0 unless the metric is recurring */
};

static struct totals new_totals(struct arena *arena, size_t part_count)
{
    struct totals totals = {ARENA_ARRAY(arena, part_count, struct usage_total),
                            ARENA_ARRAY(arena, part_count, struct decimal)};
    for (size_t i = 0; i < part_count; i++)
        totals.carried[i] = DECIMAL_ZERO;
    return totals;
}

/* From what was read ahead for many; false when that is not enough: what is carried in lies before
 * it, and filters need more than the day's total.  What needs events is read by itself. */
static enum err take_usage(struct arena *arena, const struct invoice_build *build,
                           const struct invoice_item *item, struct totals *totals, bool *taken)
{
    const struct plan_view *plan = &item->plan;
    *taken = false;
    for (size_t i = 0; build->usage != NULL && i < plan->charge_count; i++) {
        const struct charge_view *charge = &plan->charges[i];
        if (charge->row.pay_in_advance)
            continue;
        if (charge->metric.is_recurring || charge->filter_count > 0)
            return ERR_NONE;
        struct usage_query query = query_of(arena, item, build, charge);
        if (!usage_range_covers(build->usage, &query))
            return ERR_NONE;
    }
    for (size_t i = 0; build->usage != NULL && i < plan->charge_count; i++) {
        if (plan->charges[i].row.pay_in_advance)
            continue;
        struct usage_query query = query_of(arena, item, build, &plan->charges[i]);
        totals[i] = new_totals(arena, 1);
        TRY(usage_range_total(build->usage, &query, &totals[i].totals[0]));
        *taken = true;
    }
    return ERR_NONE;
}

static enum err read_totals(struct ctx *ctx, struct tx *tx, const struct usage_query *query,
                            const struct charge_view *charge, struct totals *totals)
{
    *totals = (struct totals){0};
    if (rating_needs_events(ctx->arena, charge))
        return ERR_NONE;
    *totals = new_totals(ctx->arena, charge_part_count(charge));
    TRY(usage_total(tx, query, totals->totals));
    return charge->metric.is_recurring ? usage_carried(tx, query, totals->carried) : ERR_NONE;
}

/* Two charges that read the same totals. */
static bool is_alike(struct arena *arena, const struct charge_view *a, const struct charge_view *b)
{
    return uuid_eq(a->metric.id, b->metric.id) && a->filter_count == 0 && b->filter_count == 0 &&
           !a->row.pay_in_advance && rating_needs_events(arena, a) == rating_needs_events(arena, b);
}

/* The usage of each charge's metric; charges of one metric share it. */
static enum err read_usage(struct ctx *ctx, struct tx *tx, const struct invoice_item *item,
                           const struct invoice_build *build, struct totals *totals)
{
    const struct plan_view *plan = &item->plan;
    for (size_t i = 0; i < plan->charge_count; i++) {
        const struct charge_view *charge = &plan->charges[i];
        size_t same = 0;
        if (charge->row.pay_in_advance)
            continue;
        while (same < i && !is_alike(ctx->arena, &plan->charges[same], charge))
            same++;
        if (same < i) {
            totals[i] = totals[same];
            continue;
        }
        struct usage_query query = query_of(ctx->arena, item, build, charge);
        TRY(read_totals(ctx, tx, &query, charge, &totals[i]));
    }
    return ERR_NONE;
}

/* Prices per event need each event's value. */
static bool keeps_values(struct arena *arena, const struct charge_view *charge)
{
    for (size_t i = 0; i < charge_part_count(charge); i++) {
        struct charge model = charge_part_model(arena, charge, i);
        if (charge_needs_events(&model) && charge_cell_count(&model) == 0 && !model.prorated)
            return true;
    }
    return false;
}

/* From totals where they do, else from the events of commits up to `seq`. */
static enum err usage_of_charge(struct ctx *ctx, struct tx *tx, const struct usage_query *query,
                                const struct charge_view *charge, const struct totals *totals,
                                int64_t seq, struct usage_slices *slices)
{
    struct metric_rule rule = metric_rule_of(ctx->arena, &charge->metric);
    size_t count = charge_part_count(charge);
    struct usage *usages = ARENA_ARRAY(ctx->arena, count, struct usage);
    if (rating_needs_events(ctx->arena, charge))
        return usage_of_events(tx, ctx->arena, query, keeps_values(ctx->arena, charge), seq,
                               slices);
    ASSERT(totals->totals != NULL && totals->carried != NULL);
    for (size_t i = 0; i < count; i++)
        TRY(usage_of_totals(&rule.usage, &query->span, totals->carried[i], &totals->totals[i],
                            &usages[i]));
    *slices = usage_slices_of_parts(ctx->arena, usages, count);
    return ERR_NONE;
}

enum err rating_usage(struct ctx *ctx, struct tx *tx, const struct invoice_item *item,
                      const struct invoice_build *build, const struct charge_view *charge,
                      struct usage_slices *slices)
{
    struct usage_query query = query_of(ctx->arena, item, build, charge);
    struct totals totals;
    TRY(read_totals(ctx, tx, &query, charge, &totals));
    TRY(usage_of_charge(ctx, tx, &query, charge, &totals, INT_NONE, slices));
    return usage_cells_read(ctx, tx, &query, build->zone, charge, INT_NONE, slices);
}

static enum err too_busy(struct ctx *ctx)
{
    return fail(ctx, ERR_BUSY, "events come in faster than usage can be read");
}

/* The usage and the ingest commit up to which it counts.  A transaction that writes may see a
 * commit appear between two reads (PostgreSQL's READ COMMITTED); then it reads again. */
static enum err read_usage_at(struct ctx *ctx, struct tx *tx, const struct invoice_item *item,
                              const struct invoice_build *build, struct totals *totals,
                              int64_t *seq)
{
    ASSERT(item->plan.charge_count > 0);
    for (int try = 0; try < SEQ_TRIES_MAX; try++) {
        int64_t after = 0;
        TRY(newest_seq(tx, seq));
        TRY(read_usage(ctx, tx, item, build, totals));
        TRY(newest_seq(tx, &after));
        if (after == *seq)
            return ERR_NONE;
    }
    return too_busy(ctx);
}

enum err rating_too_large(struct ctx *ctx, enum err err, const struct invoice_item *item)
{
    if (err != ERR_OVERFLOW)
        return err;
    return fail(ctx, err, "a fee of subscription %.*s is too large",
                STR_ARG(item->subscription.external_id));
}

enum err rating_charge_add(struct ctx *ctx, const struct invoice_item *item,
                           struct invoice_build *build, const struct charge_view *charge,
                           const struct usage_slices *slices, int64_t event_seq)
{
    struct charge_limits limits = {0};
    for (size_t i = 0; i < slices->count; i++) {
        struct fee_row fee;
        struct fee_row true_up;
        TRY(rating_charge_fee(ctx->arena, item, charge, &slices->items[i], event_seq, &fee));
        TRY(charge_limits_apply(ctx->arena, item, build->zone, charge, i + 1 == slices->count,
                                &limits, &fee, &true_up));
        if (rating_charge_counts(&fee, &true_up))
            invoice_build_add_charge(ctx->arena, build, &fee, &item->plan, charge);
        if (true_up.amount_minor > 0)
            invoice_build_add_charge(ctx->arena, build, &true_up, &item->plan, charge);
    }
    return ERR_NONE;
}

static enum err add_charges(struct ctx *ctx, struct tx *tx, struct invoice_item *item,
                            struct invoice_build *build)
{
    const struct plan_view *plan = &item->plan;
    struct totals *totals = ARENA_ARRAY(ctx->arena, plan->charge_count, struct totals);
    int64_t seq = 0;
    bool taken = false;
    if (plan->charge_count == 0)
        return ERR_NONE;
    /* Totals are kept by the days of the customer's zone as it is now. */
    TRY(take_usage(ctx->arena, build, item, totals, &taken));
    if (taken)
        seq = build->usage->event_seq;
    else
        TRY(read_usage_at(ctx, tx, item, build, totals, &seq));
    item->period.usage_seq = seq;
    for (size_t i = 0; i < plan->charge_count; i++) {
        const struct charge_view *charge = &plan->charges[i];
        if (charge->row.pay_in_advance) /* billed event by event */
            continue;
        struct usage_query query = query_of(ctx->arena, item, build, charge);
        struct usage_slices slices;
        enum err err = usage_of_charge(ctx, tx, &query, charge, &totals[i], seq, &slices);
        if (err == ERR_NONE)
            err = usage_cells_read(ctx, tx, &query, build->zone, charge, seq, &slices);
        if (err == ERR_NONE)
            err = rating_charge_add(ctx, item, build, charge, &slices, seq);
        if (err != ERR_NONE)
            return rating_too_large(ctx, err, item);
    }
    return ERR_NONE;
}

/* Stocks that are carried into the period that begins, of charges in advance. */
static enum err add_renewals(struct ctx *ctx, struct tx *tx, struct invoice_item *item,
                             struct invoice_build *build)
{
    struct invoice_item next = advance_next_item(build->zone, item);
    for (size_t i = 0; i < next.plan.charge_count; i++) {
        const struct charge_view *charge = &next.plan.charges[i];
        struct advance_slices slices;
        struct advance_period period = {&next, charge, build->zone, item->period.renewal_seq};
        if (!advance_renews(charge) || !charge->row.is_invoiceable)
            continue;
        TRY(advance_renewals_make(ctx, tx, &period, &slices));
        for (size_t j = 0; j < slices.count; j++)
            invoice_build_add_charge(ctx->arena, build, &slices.items[j].fee, &next.plan, charge);
    }
    return ERR_NONE;
}

enum err rating_late_fees(struct ctx *ctx, struct tx *tx, const struct invoice_item *item,
                          const struct invoice_build *build, const struct charge_view *charge,
                          struct fee_row **fees, size_t *count)
{
    for (int try = 0; try < SEQ_TRIES_MAX; try++) {
        struct usage_slices slices;
        int64_t seq = 0;
        int64_t after = 0;
        TRY(newest_seq(tx, &seq));
        TRY(rating_usage(ctx, tx, item, build, charge, &slices));
        TRY(newest_seq(tx, &after));
        if (after != seq)
            continue;
        *count = slices.count;
        *fees = ARENA_ARRAY(ctx->arena, slices.count, struct fee_row);
        for (size_t i = 0; i < slices.count; i++)
            TRY(rating_charge_fee(ctx->arena, item, charge, &slices.items[i], seq, &(*fees)[i]));
        return ERR_NONE;
    }
    return too_busy(ctx);
}

enum err rating_add(struct ctx *ctx, struct tx *tx, struct invoice_item *item,
                    struct invoice_build *build)
{
    if (item->period.from_at != TIME_NONE) {
        struct fee_row fee;
        enum err err = rating_plan_fee(ctx->arena, item, build->zone, &fee);
        if (err != ERR_NONE)
            return rating_too_large(ctx, err, item);
        invoice_build_add(ctx->arena, build, &fee, item->fee_plan.taxes, item->fee_plan.tax_count);
    }
    if (item->period.charges_from_at != TIME_NONE)
        TRY(add_charges(ctx, tx, item, build));
    if (item->period.renewal_seq != INT_NONE)
        return rating_too_large(ctx, add_renewals(ctx, tx, item, build), item);
    return ERR_NONE;
}
