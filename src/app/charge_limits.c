#include "app/charge_limits.h"

#include "app/billing_period.h"
#include "app/fee_explanation.h"
#include "app/rating.h"
#include "base/assert.h"
#include "core/currency.h"
#include "core/proration.h"

#define STEPS_BYTES_MAX ((size_t)4096)
#define UNIT_DECIMALS   15

struct limiting {
    struct arena *arena;
    const struct invoice_item *item;
    const struct currency *currency;
    struct str proration;
    struct period period; /* the whole one */
    struct period used;
};

/* The days of the usage that is billed, within those of the period to which they belong. */
static struct limiting begin(struct arena *arena, const struct invoice_item *item,
                             const struct zone *zone)
{
    struct billing_terms terms = {
        .subscription = &item->subscription, .plan = &item->plan.version, .zone = zone};
    int32_t first = zone_day(zone, item->period.charges_from_at);
    int32_t end = zone_day(zone, item->period.charges_to_at);
    if (zone_day_start(zone, end) < item->period.charges_to_at)
        end++; /* a day that was begun counts */
    struct period period = billing_usage_period(&terms, first);
    if (end > period.end_day)
        end = period.end_day;
    return (struct limiting){
        .arena = arena,
        .item = item,
        .currency = currency_find(item->plan.version.currency),
        .proration = item->plan.version.proration,
        .period = period,
        .used = {first, end < first ? first : end},
    };
}

static enum err share_of(const struct limiting *l, int64_t minor, struct prorated *share)
{
    ASSERT(l->currency != NULL);
    return proration_share((struct money){minor, l->currency}, proration_of(l->proration),
                           l->period, l->used, share);
}

/* "minimum of 10 for 25 of 28 days", and the numbers behind it; what `op` needs besides may
 * follow. */
static void begin_limit(struct fee_steps *steps, const struct limiting *l, const char *word,
                        const char *op, int64_t minor, const struct prorated *share)
{
    struct decimal whole = money_major((struct money){minor, l->currency});
    struct str amount = decimal_text(l->arena, whole);
    bool is_whole = share->days == share->days_of_period;
    fee_step_begin(steps,
                   is_whole
                       ? arena_fmt(l->arena, "%s of %.*s", word, STR_ARG(amount))
                       : arena_fmt(l->arena, "%s of %.*s for %d of %d days", word, STR_ARG(amount),
                                   (int)share->days, (int)share->days_of_period),
                   op);
    fee_step_input(steps, "amount", whole);
    fee_step_input(steps, "days", decimal_of(share->days));
    fee_step_input(steps, "days_of_period", decimal_of(share->days_of_period));
    fee_step_input(steps, "decimals", decimal_of(l->currency->digits));
}

static enum err lower(const struct limiting *l, int64_t max_minor, int64_t before_minor,
                      struct fee_row *fee)
{
    struct prorated share;
    struct decimal change;
    struct fee_steps steps;
    TRY(share_of(l, max_minor, &share));
    /* What is left of it; in advance more may have been billed before the maximum was lowered. */
    struct money left = {share.amount.minor - before_minor, l->currency};
    if (left.minor < 0)
        left.minor = 0;
    struct decimal most = money_major(left);
    if (decimal_cmp(fee->precise_amount, most) <= 0)
        return ERR_NONE;
    TRY(decimal_sub(most, fee->precise_amount, &change));
    fee_steps_begin(&steps, l->arena, STEPS_BYTES_MAX);
    begin_limit(&steps, l, "lowered to the maximum",
                before_minor == 0
                    ? "round(amount * days / days_of_period, decimals) - subtotal"
                    : "max(round(amount * days / days_of_period, decimals) - other_lines, 0) - "
                      "subtotal",
                max_minor, &share);
    if (before_minor != 0)
        fee_step_input(&steps, "other_lines",
                       money_major((struct money){before_minor, l->currency}));
    fee_step_input(&steps, "subtotal", fee->precise_amount);
    fee_step_end(&steps, NULL, change);
    fee->explanation = fee_explanation_join(l->arena, fee->explanation, fee_steps_end(&steps));
    fee->precise_amount = most;
    fee->amount_minor = left.minor;
    if (decimal_is_zero(fee->units))
        return ERR_NONE;
    return decimal_div(most, fee->units, UNIT_DECIMALS, ROUND_HALF_UP, &fee->unit_amount);
}

static enum err fill_up(const struct limiting *l, const struct charge_view *charge,
                        int64_t used_minor, const struct fee_row *fee, struct fee_row *true_up)
{
    struct money used = {used_minor, l->currency};
    int64_t min_minor = charge->row.min_amount_minor;
    struct prorated share;
    struct fee_steps steps;
    TRY(share_of(l, min_minor, &share));
    struct money missing = {0, l->currency};
    if (share.amount.minor > used.minor)
        TRY(money_sub(share.amount, used, &missing));
    fee_steps_begin(&steps, l->arena, STEPS_BYTES_MAX);
    begin_limit(&steps, l, "minimum", "round(amount * days / days_of_period, decimals)", min_minor,
                &share);
    fee_step_end(&steps, NULL, money_major(share.amount));
    fee_step_begin(&steps, STR("less the fee for usage, down to 0"),
                   "max(subtotal - usage_amount, 0) - subtotal");
    fee_step_input(&steps, "usage_amount", money_major(used));
    fee_step_input(&steps, "subtotal", money_major(share.amount));
    fee_step_end(&steps, NULL,
                 money_major((struct money){missing.minor - share.amount.minor, l->currency}));
    *true_up = *fee;
    true_up->once_key = rating_charge_key(l->arena, "minimum", l->item, charge, NULL, STR_NULL);
    true_up->grouped_by = STR_NULL;
    true_up->presentation_breakdowns = STR_NULL;
    true_up->is_true_up = true;
    true_up->units = missing.minor > 0 ? DECIMAL_ONE : DECIMAL_ZERO;
    true_up->total_units = DECIMAL_NONE;
    true_up->event_count = 0;
    true_up->unit_amount = money_major(missing);
    true_up->precise_amount = money_major(missing);
    true_up->amount_minor = missing.minor;
    true_up->explanation = fee_steps_end(&steps);
    return ERR_NONE;
}

enum err charge_limits_apply(struct arena *arena, const struct invoice_item *item,
                             const struct zone *zone, const struct charge_view *charge,
                             bool is_last, struct charge_limits *limits, struct fee_row *fee,
                             struct fee_row *true_up)
{
    int64_t min_minor = charge->row.min_amount_minor;
    int64_t max_minor = charge->row.max_amount_minor;
    *true_up = (struct fee_row){.once_key = STR_NULL};
    if (min_minor == 0 && max_minor == 0)
        return ERR_NONE;
    struct limiting l = begin(arena, item, zone);
    if (max_minor > 0)
        TRY(lower(&l, max_minor, limits->amount_minor, fee));
    if (__builtin_add_overflow(limits->amount_minor, fee->amount_minor, &limits->amount_minor))
        return ERR_OVERFLOW;
    if (min_minor == 0 || !is_last)
        return ERR_NONE;
    return fill_up(&l, charge, limits->amount_minor, fee, true_up);
}
