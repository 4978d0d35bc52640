#include "app/late_usage.h"

#include "app/billing_period.h"
#include "app/charge_limits.h"
#include "app/late_fee.h"
#include "app/rating.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/instance.h"
#include "store/sql/late.h"
#include "store/sql/subscription.h"

#define PERIODS_BACK 2 /* before the one that is billed */

/* One subscription of the invoice. */
struct late {
    struct ctx *ctx;
    struct tx *tx;
    struct invoice_build *build;
    const struct invoice_item *item;
    struct late_usage_row *notes;
    size_t note_count;
    bool *waits; /* for each note: it is not settled with this invoice */
    struct usage_period_list_row *periods;
    size_t period_count;
    int64_t back_to_at; /* a period that ended by then is too old */
    bool is_recurring;  /* the metric whose notes are looked at */
};

/* ---- what is late ---------------------------------------------------------------------------- */

/* What changes a stock changes all periods that follow. */
static bool touches(const struct late *late, const struct late_usage_row *note,
                    const struct usage_period_list_row *period)
{
    return note->first_at < period->charges_to_at &&
           (late->is_recurring || period->charges_from_at <= note->last_at);
}

/* Whether the period's bill counted all of it. */
static bool is_counted(const struct late_usage_row *note,
                       const struct usage_period_list_row *period)
{
    return period->usage_seq != INT_NONE && period->usage_seq >= note->seq;
}

static bool is_closed(const struct usage_period_list_row *period)
{
    return !str_eq(period->invoice_status, STR("draft"));
}

/* Up to here all is billed, or never will be. */
static int64_t reached_at(const struct late *late)
{
    const struct subscription_row *row = &late->item->subscription;
    if (str_eq(row->status, STR("terminated")))
        return INT64_MAX;
    return row->billed_until_at;
}

/* The start of the second period before the one that the invoice bills; of one that has ended, the
 * one whose last day is the eve. */
static int64_t back_to_at(const struct late *late)
{
    const struct invoice_item *item = late->item;
    const struct zone *zone = late->build->terms.zone;
    struct billing_terms terms = {
        .subscription = &item->subscription, .plan = &item->plan.version, .zone = zone};
    bool has_charges = item->period.charges_from_at != TIME_NONE;
    int32_t day = has_charges ? zone_day(zone, item->period.charges_from_at)
                              : zone_day(zone, late->build->row.billing_at) - 1;
    struct period period = billing_usage_period(&terms, day);
    for (int i = 0; i < PERIODS_BACK; i++)
        period = billing_usage_period(&terms, period.start_day - 1);
    return zone_day_start(zone, period.start_day);
}

/* ---- a charge of a closed period ------------------------------------------------------------- */

/* One exception for all slices of a charge. */
static enum err except(struct late *late, const struct invoice_item *old,
                       const struct charge_view *charge, const struct fee_row *fee,
                       const char *reason)
{
    struct late_taken *taken = &late->build->late;
    int64_t now = ctx_now(late->ctx);
    if (taken->exception_count > 0) {
        struct late_exception_put_in *last = &taken->exceptions[taken->exception_count - 1];
        if (uuid_eq(last->subscription_id, old->subscription.id) &&
            uuid_eq(last->charge_id, charge->row.id) && last->from_at == fee->from_at) {
            last->event_count += fee->event_count;
            if (__builtin_add_overflow(last->amount_minor, fee->amount_minor, &last->amount_minor))
                return ERR_OVERFLOW;
            return decimal_add(last->units, fee->units, &last->units);
        }
    }
    taken->exceptions = arena_grow(late->ctx->arena, taken->exceptions, taken->exception_count,
                                   &taken->exception_capacity, sizeof *taken->exceptions);
    taken->exceptions[taken->exception_count++] = (struct late_exception_put_in){
        .customer_id = old->subscription.customer_id,
        .subscription_id = old->subscription.id,
        .charge_id = charge->row.id,
        .from_at = fee->from_at,
        .to_at = fee->to_at,
        .id = ctx_new_id(late->ctx),
        .metric_id = charge->metric.id,
        .reason = str_of(reason),
        .event_count = fee->event_count,
        .units = fee->units,
        .amount_minor = fee->amount_minor,
        .currency = fee->currency,
        .event_seq = fee->event_seq,
        .created_at = now,
        .updated_at = now,
    };
    return ERR_NONE;
}

/* More usage may cost just what was missing to the minimum: both are shown, or neither where the
 * sum of both is an exception. */
static enum err add_corrections(struct late *late, const struct invoice_item *old,
                                const struct charge_view *charge, struct fee_row *fee,
                                const struct fee_row *true_up)
{
    struct invoice_build *build = late->build;
    bool is_other_currency = !str_eq(fee->currency, build->row.currency);
    if (is_other_currency || old->period.charges_to_at <= late->back_to_at) {
        if (__builtin_add_overflow(fee->amount_minor, true_up->amount_minor, &fee->amount_minor))
            return ERR_OVERFLOW;
        if (fee->amount_minor != 0)
            return except(late, old, charge, fee,
                          is_other_currency ? "currency_differs" : "too_old");
        return ERR_NONE;
    }
    if (fee->amount_minor != 0)
        invoice_build_add_charge(late->ctx->arena, build, fee, &old->plan, charge);
    if (true_up->amount_minor != 0)
        invoice_build_add_charge(late->ctx->arena, build, true_up, &old->plan, charge);
    return ERR_NONE;
}

/* A slice of the charge, whose fee for all usage as of now is *fee.  *left: a draft bears
 * corrections of it, and will bear this one. */
static enum err correct_slice(struct late *late, const struct invoice_item *old,
                              const struct charge_view *charge, bool is_last,
                              struct charge_limits *limits, struct fee_row *fee, bool *left)
{
    struct invoice_build *build = late->build;
    struct late_billed billed;
    struct late_billed topped_up = {0};
    struct fee_row true_up;
    TRY(late_fee_billed(late->ctx, late->tx, fee->customer_id, fee->once_key, build->row.id,
                        INT_NONE, &billed));
    TRY(charge_limits_apply(late->ctx->arena, old, build->zone, charge, is_last, limits, fee,
                            &true_up));
    if (!str_is_null(true_up.once_key))
        TRY(late_fee_billed(late->ctx, late->tx, fee->customer_id, true_up.once_key, build->row.id,
                            INT_NONE, &topped_up));
    if (billed.is_open || topped_up.is_open) {
        *left = true;
        return ERR_NONE;
    }
    TRY(late_fee_correct(late->ctx->arena, &billed, fee));
    if (!str_is_null(true_up.once_key))
        TRY(late_fee_correct(late->ctx->arena, &topped_up, &true_up));
    return add_corrections(late, old, charge, fee, &true_up);
}

static enum err correct(struct late *late, const struct invoice_item *old,
                        const struct charge_view *charge, bool *left)
{
    struct charge_limits limits = {0};
    struct late_taken *taken = &late->build->late;
    size_t exceptions_before = taken->exception_count;
    struct fee_row *fees = NULL;
    size_t count = 0;
    TRY(rating_late_fees(late->ctx, late->tx, old, late->build, charge, &fees, &count));
    for (size_t i = 0; i < count; i++)
        TRY(correct_slice(late, old, charge, i + 1 == count, &limits, &fees[i], left));
    /* What one slice costs more may be what another, or the true-up, costs less. */
    if (taken->exception_count > exceptions_before &&
        taken->exceptions[taken->exception_count - 1].amount_minor == 0)
        taken->exception_count--;
    return ERR_NONE;
}

static enum err correct_metric(struct late *late, const struct usage_period_list_row *period,
                               struct uuid metric_id, bool *left)
{
    struct invoice_item old = {
        .subscription = late->item->subscription,
        .period = {.charges_from_at = period->charges_from_at,
                   .charges_to_at = period->charges_to_at,
                   .usage_seq = INT_NONE},
    };
    TRY(plan_version_view_load(late->ctx, late->tx, period->usage_version_id, &old.plan));
    for (size_t i = 0; i < old.plan.charge_count; i++) {
        if (uuid_eq(old.plan.charges[i].metric.id, metric_id) &&
            !old.plan.charges[i].row.pay_in_advance) /* billed when it came */
            TRY(correct(late, &old, &old.plan.charges[i], left));
    }
    return ERR_NONE;
}

/* ---- all of a subscription ------------------------------------------------------------------- */

/* The notes of one metric that touch a closed period and were not counted; those of `first`'s
 * metric begin with it. */
static enum err look_at(struct late *late, const struct usage_period_list_row *period, size_t first,
                        size_t end)
{
    bool is_late = false;
    bool left = false;
    for (size_t i = first; i < end; i++)
        is_late |= touches(late, &late->notes[i], period) && !is_counted(&late->notes[i], period);
    if (!is_late)
        return ERR_NONE;
    TRY(correct_metric(late, period, late->notes[first].metric_id, &left));
    for (size_t i = first; left && i < end; i++)
        late->waits[i] |= touches(late, &late->notes[i], period);
    return ERR_NONE;
}

/* Notes of what is not billed yet wait: other drafts, the time to come, what this invoice's own
 * usage does not count any more. */
static void find_waiting(struct late *late, size_t index)
{
    const struct late_usage_row *note = &late->notes[index];
    const struct invoice_subscription_row *own = &late->item->period;
    bool waits = note->last_at >= reached_at(late);
    for (size_t i = 0; i < late->period_count; i++)
        waits |= touches(late, note, &late->periods[i]) && !is_closed(&late->periods[i]);
    if (own->charges_from_at != TIME_NONE && note->first_at < own->charges_to_at &&
        (late->is_recurring || own->charges_from_at <= note->last_at))
        waits |= own->usage_seq != INT_NONE && own->usage_seq < note->seq;
    late->waits[index] = waits;
}

static enum err look_at_metric(struct late *late, size_t first, size_t end)
{
    struct billable_metric_row metric;
    bool found = false;
    TRY(billable_metric_load(late->tx,
                             &(struct billable_metric_load_in){.id = late->notes[first].metric_id},
                             &metric, &found));
    ASSERT(found); /* it is used */
    late->is_recurring = metric.is_recurring;
    for (size_t i = first; i < end; i++)
        find_waiting(late, i);
    for (size_t i = 0; i < late->period_count; i++) {
        if (is_closed(&late->periods[i]))
            TRY(look_at(late, &late->periods[i], first, end));
    }
    return ERR_NONE;
}

/* This invoice's own period is not among the others'. */
static enum err read_periods(struct late *late)
{
    size_t kept = 0;
    TRY(usage_period_list(late->tx,
                          &(struct usage_period_list_in){
                              .customer_id = late->item->subscription.customer_id,
                              .subscription_id = late->item->subscription.id,
                          },
                          &late->periods, &late->period_count));
    for (size_t i = 0; i < late->period_count; i++) {
        if (!uuid_eq(late->periods[i].invoice_id, late->build->row.id))
            late->periods[kept++] = late->periods[i];
    }
    late->period_count = kept;
    return ERR_NONE;
}

static void take_settled(struct late *late)
{
    struct late_taken *taken = &late->build->late;
    for (size_t i = 0; i < late->note_count; i++) {
        if (late->waits[i])
            continue;
        taken->notes = arena_grow(late->ctx->arena, taken->notes, taken->note_count,
                                  &taken->note_capacity, sizeof *taken->notes);
        taken->notes[taken->note_count++] = late->notes[i];
    }
}

static enum err add_item(struct ctx *ctx, struct tx *tx, struct invoice_build *build,
                         const struct invoice_item *item)
{
    struct late late = {.ctx = ctx, .tx = tx, .build = build, .item = item};
    TRY(late_usage_of_subscription(tx,
                                   &(struct late_usage_of_subscription_in){
                                       .customer_id = item->subscription.customer_id,
                                       .subscription_id = item->subscription.id,
                                   },
                                   &late.notes, &late.note_count));
    if (late.note_count == 0)
        return ERR_NONE;
    TRY(read_periods(&late));
    late.waits = ARENA_ARRAY(ctx->arena, late.note_count, bool);
    late.back_to_at = back_to_at(&late);
    for (size_t first = 0; first < late.note_count;) {
        size_t end = first + 1;
        while (end < late.note_count &&
               uuid_eq(late.notes[first].metric_id, late.notes[end].metric_id))
            end++;
        TRY(look_at_metric(&late, first, end));
        first = end;
    }
    take_settled(&late);
    return ERR_NONE;
}

enum err late_usage_add(struct ctx *ctx, struct tx *tx, struct invoice_build *build)
{
    build->late = (struct late_taken){0};
    for (size_t i = 0; !build->has_no_late_usage && i < build->item_count; i++) {
        enum err err = add_item(ctx, tx, build, &build->items[i]);
        if (err == ERR_OVERFLOW)
            return fail(ctx, err, "a correction of subscription %.*s is too large",
                        STR_ARG(build->items[i].subscription.external_id));
        TRY(err);
    }
    return ERR_NONE;
}

/* ---- settled --------------------------------------------------------------------------------- */

enum err late_usage_settle(struct tx *tx, const struct late_taken *taken)
{
    for (size_t i = 0; i < taken->note_count; i++) {
        const struct late_usage_row *note = &taken->notes[i];
        TRY(late_usage_take(tx,
                            &(struct late_usage_take_in){.customer_id = note->customer_id,
                                                         .subscription_id = note->subscription_id,
                                                         .metric_id = note->metric_id,
                                                         .day = note->day,
                                                         .seq = note->seq},
                            NULL));
    }
    return late_exception_put(tx, taken->exceptions, taken->exception_count);
}

/* ---- ended subscriptions --------------------------------------------------------------------- */

enum err late_usage_end(struct tx *tx, struct uuid customer_id, struct uuid subscription_id)
{
    struct ingest_seq_next_row next;
    bool found = false;
    TRY(ingest_seq_next(tx, &next, &found));
    ASSERT(found);
    return late_usage_end_notes(tx,
                                &(struct late_usage_end_notes_in){
                                    .customer_id = customer_id, .subscription_id = subscription_id},
                                NULL);
}

struct ended {
    struct late_ended_list_row *rows;
    size_t count, next;
};

static enum err list_ended(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct ended *ended = arg;
    (void)ctx;
    return late_ended_list(tx, &ended->rows, &ended->count);
}

/* Where the next period would have begun after the usage came. */
static enum err make_due(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct ended *ended = arg;
    const struct late_ended_list_row *key = &ended->rows[ended->next];
    struct customer_row customer;
    struct customer_terms terms;
    struct subscription_row row;
    struct plan_view plan;
    bool found = false;
    TRY(customer_lock(tx, &(struct customer_lock_in){.id = key->customer_id}, &customer, &found));
    ASSERT(found);
    TRY(customer_terms_load(ctx, tx, &customer, &terms));
    TRY(subscription_load(
        tx,
        &(struct subscription_load_in){.customer_id = key->customer_id, .id = key->subscription_id},
        &row, &found));
    ASSERT(found);
    TRY(plan_version_view_load(ctx, tx, row.plan_version_id, &plan));
    struct billing_terms billing = {
        .subscription = &row, .plan = &plan.version, .zone = terms.zone};
    int32_t day = billing_usage_period(&billing, zone_day(terms.zone, key->noted_at)).end_day;
    return late_ended_due(tx,
                          &(struct late_ended_due_in){
                              .next_due_at = zone_day_start(terms.zone, day),
                              .customer_id = row.customer_id,
                              .id = row.id,
                          },
                          NULL);
}

enum err late_usage_due(struct ctx *ctx)
{
    struct ended ended = {0};
    TRY(tx_run(ctx, TX_READ, list_ended, &ended));
    for (; ended.next < ended.count; ended.next++) {
        struct arena_mark mark = arena_mark(ctx->arena);
        TRY(tx_run(ctx, TX_WRITE, make_due, &ended));
        arena_return(ctx->arena, mark);
    }
    return ERR_NONE;
}
