#include "app/advance_bill.h"

#include "app/advance_fee.h"
#include "app/billing_catalog.h"
#include "app/billing_period.h"
#include "app/invoice_final.h"
#include "app/rating.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/advance.h"
#include "store/sql/catalog.h"
#include "store/sql/subscription.h"

/* ---- one fee --------------------------------------------------------------------------------- */

static void make_holder(struct invoice_build *build)
{
    struct invoice_row *row = &build->row;
    row->is_holder = row->skipped = true;
    row->status = STR("finalized");
    row->finalized_at = row->finalize_at;
    row->finalize_at = TIME_NONE;
}

static enum err bill_fee(struct ctx *ctx, struct tx *tx, const struct advance_billing *b,
                         const struct invoice_item *item, const struct charge_view *charge,
                         const struct fee_row *row)
{
    struct invoice_build build;
    struct invoice_item *items = ARENA_NEW(ctx->arena, struct invoice_item);
    TRY(invoice_build_new(ctx, b->customer, b->terms, item->plan.version.currency, b->billing_at,
                          &build));
    invoice_build_complete(&build);
    build.catalog = b->catalog;
    build.has_no_vendor_cost = build.has_no_late_usage = true; /* it takes up nothing else */
    build.given = (struct given_fee){row, &item->plan, charge};
    *items = *item;
    items->fee_plan = items->advance_plan = item->plan;
    items->period.invoicing_reason = STR("in_advance_charge");
    items->period.billing_at = b->billing_at;
    billing_no_period(&items->period);
    items->period.fixed_version_id = UUID_NIL;
    build.items = items;
    build.item_count = charge->row.is_invoiceable ? 1 : 0;
    TRY(invoice_compute(ctx, tx, &build));
    if (charge->row.is_invoiceable)
        invoice_decide(&build);
    else
        make_holder(&build);
    billing_writes_invoice(ctx->arena, b->writes, &build);
    b->counts->made += charge->row.is_invoiceable;
    b->counts->complete += !build.row.skipped;
    return ERR_NONE;
}

/* ---- events ---------------------------------------------------------------------------------- */

/* Notes of one subscription, metric and period. */
struct batch {
    struct ctx *ctx;
    struct tx *tx;
    const struct advance_billing *b;
    struct invoice_item item;
    struct uuid metric_id;
    const struct uuid *events;
    const int64_t *seqs; /* their ingest commits */
    size_t count;
};

static enum err bill_charge(struct batch *batch, const struct charge_view *charge)
{
    struct arena *arena = batch->ctx->arena;
    struct advance_period period = {
        .item = &batch->item, .charge = charge, .zone = batch->b->terms->zone};
    struct advance_fees fees = {
        .events = batch->events,
        .count = batch->count,
        .fees = ARENA_ARRAY(arena, batch->count, struct fee_row),
        .found = ARENA_ARRAY(arena, batch->count, bool),
    };
    TRY(advance_find_renewal(batch->tx, &period));
    TRY(rating_too_large(batch->ctx, advance_fees_make(batch->ctx, batch->tx, &period, &fees),
                         &batch->item));
    for (size_t i = 0; i < fees.count; i++) {
        if (fees.found[i])
            TRY(bill_fee(batch->ctx, batch->tx, batch->b, &batch->item, charge, &fees.fees[i]));
    }
    return ERR_NONE;
}

/* The plan's version that the period was billed by, or else the one that holds. */
static enum err find_plan(struct batch *batch)
{
    struct ctx *ctx = batch->ctx;
    const struct subscription_row *row = &batch->item.subscription;
    struct period_of_usage_row billed;
    bool found = false;
    TRY(period_of_usage(batch->tx,
                        &(struct period_of_usage_in){
                            .customer_id = row->customer_id,
                            .subscription_id = row->id,
                            .from_at = batch->item.period.charges_from_at,
                        },
                        &billed, &found));
    if (found)
        return plan_version_view_load(ctx, batch->tx, billed.usage_version_id, &batch->item.plan);
    return ERR_NONE;
}

/* No charge was there for those that arrived after a commit: that is kept, as a fee would be. */
static enum err pass(struct batch *batch, int64_t after_seq)
{
    const struct invoice_item *item = &batch->item;
    struct advance_passed_add_in passed = {
        .customer_id = item->subscription.customer_id,
        .subscription_id = item->subscription.id,
        .metric_id = batch->metric_id,
        .from_at = item->period.charges_from_at,
        .to_at = item->period.charges_to_at,
        .plan_version_id = item->plan.version.id,
        .first_seq = INT64_MAX,
        .last_seq = INT64_MIN,
    };
    for (size_t i = 0; i < batch->count; i++) {
        int64_t seq = batch->seqs[i];
        if (seq <= after_seq)
            continue;
        passed.first_seq = seq < passed.first_seq ? seq : passed.first_seq;
        passed.last_seq = seq > passed.last_seq ? seq : passed.last_seq;
        passed.event_count++;
    }
    return passed.event_count == 0 ? ERR_NONE : advance_passed_add(batch->tx, &passed, NULL);
}

/* The batch's events, in the period that its item says.
 *   is_own  it is the one in which they happened; else one into which they are carried, but for
 *           those that came after it was renewed */
static enum err bill_period(struct batch *batch, bool is_own)
{
    struct plan_view in_force = batch->item.plan;
    int64_t renewal_seq = INT_NONE;
    bool is_charged = false;
    TRY(find_plan(batch));
    for (size_t i = 0; i < batch->item.plan.charge_count; i++) {
        const struct charge_view *charge = &batch->item.plan.charges[i];
        if (!charge->row.pay_in_advance || !uuid_eq(charge->metric.id, batch->metric_id))
            continue;
        TRY(bill_charge(batch, charge));
        is_charged = true;
    }
    if (!is_charged && !is_own)
        TRY(advance_renewal_of(batch->tx, &batch->item, &renewal_seq));
    if (!is_charged && (is_own || renewal_seq != INT_NONE))
        TRY(pass(batch, is_own ? INT64_MIN : renewal_seq));
    batch->item.plan = in_force;
    return ERR_NONE;
}

/* The item's period and those of its subscription that have begun since; `is_own` as bill_period of
 * the first one. */
static enum err bill_periods_since(struct batch *batch, bool is_own)
{
    const struct zone *zone = batch->b->terms->zone;
    int64_t begun_at = batch->item.subscription.billed_until_at;
    for (;; is_own = false) {
        int64_t end_at = batch->item.period.charges_to_at;
        TRY(bill_period(batch, is_own));
        if (end_at > begun_at)
            return ERR_NONE;
        advance_period_at(zone, end_at, &batch->item);
        ASSERT(batch->item.period.charges_to_at > end_at);
    }
}

/* To the first period of the subscription that goes on with the stock; *found: there is one. */
static enum err go_on(struct batch *batch, bool *found)
{
    struct subscription_row *row = &batch->item.subscription;
    const struct plan_view *plan = NULL;
    TRY(subscription_follower(batch->tx,
                              &(struct subscription_follower_in){.customer_id = row->customer_id,
                                                                 .external_id = row->external_id,
                                                                 .previous_id = row->id},
                              row, found));
    if (!*found)
        return ERR_NONE;
    TRY(billing_catalog_plan(batch->ctx, batch->tx, batch->b->catalog, row->plan_version_id,
                             batch->b->billing_at, false, &plan));
    batch->item.plan = *plan;
    advance_period_at(batch->b->terms->zone, row->started_at, &batch->item);
    return ERR_NONE;
}

/* A stock that changes late changes each period that has begun since, too. */
static enum err bill_stock(struct batch *batch)
{
    bool goes_on = true;
    for (bool is_own = true; goes_on; is_own = false) {
        TRY(bill_periods_since(batch, is_own));
        TRY(go_on(batch, &goes_on));
    }
    return ERR_NONE;
}

/* A metric that the plan has no more may have been charged for in a period before. */
static enum err has_recurring(struct batch *batch, bool *is_recurring)
{
    const struct plan_view *plan = &batch->item.plan;
    struct billable_metric_row metric;
    bool found = false;
    for (size_t i = 0; i < plan->charge_count; i++) {
        if (uuid_eq(plan->charges[i].metric.id, batch->metric_id)) {
            *is_recurring = plan->charges[i].metric.is_recurring;
            return ERR_NONE;
        }
    }
    TRY(billable_metric_load(batch->tx, &(struct billable_metric_load_in){.id = batch->metric_id},
                             &metric, &found));
    *is_recurring = found && metric.is_recurring;
    return ERR_NONE;
}

static enum err put_off(struct tx *tx, const struct advance_event_row *note, int64_t due_at)
{
    return advance_event_put_off(tx,
                                 &(struct advance_event_put_off_in){
                                     .due_at = due_at,
                                     .customer_id = note->customer_id,
                                     .subscription_id = note->subscription_id,
                                     .seq = note->seq,
                                     .usage_event_id = note->usage_event_id,
                                 },
                                 NULL);
}

static enum err note_done(struct tx *tx, const struct advance_event_row *note)
{
    return advance_event_done(tx,
                              &(struct advance_event_done_in){
                                  .customer_id = note->customer_id,
                                  .subscription_id = note->subscription_id,
                                  .seq = note->seq,
                                  .usage_event_id = note->usage_event_id,
                              },
                              NULL);
}

/* Takes the first one's metric and period, and of the list what belongs to them; *waits: the period
 * has not begun, and they wait for it. */
static enum err take_first(struct batch *batch, struct advance_event_row *notes, size_t *count,
                           bool *waits)
{
    struct uuid *events = ARENA_ARRAY(batch->ctx->arena, *count, struct uuid);
    int64_t *seqs = ARENA_ARRAY(batch->ctx->arena, *count, int64_t);
    size_t kept = 0;
    advance_period_at(batch->b->terms->zone, notes[0].occurred_at, &batch->item);
    int64_t from_at = batch->item.period.charges_from_at;
    int64_t to_at = batch->item.period.charges_to_at;
    *waits = from_at > batch->b->billing_at;
    batch->metric_id = notes[0].metric_id;
    batch->events = events;
    batch->seqs = seqs;
    batch->count = 0;
    for (size_t i = 0; i < *count; i++) {
        if (!uuid_eq(notes[i].metric_id, batch->metric_id) || notes[i].occurred_at < from_at ||
            notes[i].occurred_at >= to_at) {
            notes[kept++] = notes[i];
            continue;
        }
        events[batch->count] = notes[i].usage_event_id;
        seqs[batch->count++] = notes[i].seq;
        TRY(*waits ? put_off(batch->tx, &notes[i], from_at) : note_done(batch->tx, &notes[i]));
    }
    *count = kept;
    return ERR_NONE;
}

/* Of one subscription, of which there is at least one; what is taken goes from the list. */
static enum err bill_first(struct batch *batch, struct advance_event_row *notes, size_t *count)
{
    struct invoice_item item = batch->item;
    bool waits = false;
    bool is_recurring = false;
    TRY(take_first(batch, notes, count, &waits));
    if (!waits) {
        TRY(has_recurring(batch, &is_recurring));
        TRY(is_recurring ? bill_stock(batch) : bill_period(batch, true));
    }
    batch->item = item;
    return ERR_NONE;
}

static enum err bill_subscription(struct ctx *ctx, struct tx *tx, const struct advance_billing *b,
                                  const struct advance_event_row *notes, size_t count)
{
    struct batch batch = {.ctx = ctx, .tx = tx, .b = b};
    struct advance_event_row *left = ARENA_ARRAY(ctx->arena, count, struct advance_event_row);
    const struct plan_view *plan = NULL;
    bool found = false;
    TRY(subscription_load(tx,
                          &(struct subscription_load_in){.customer_id = b->customer->id,
                                                         .id = notes[0].subscription_id},
                          &batch.item.subscription, &found));
    ASSERT(found);
    TRY(billing_catalog_plan(ctx, tx, b->catalog, batch.item.subscription.plan_version_id,
                             b->billing_at, false, &plan));
    batch.item.plan = *plan;
    for (size_t i = 0; i < count; i++)
        left[i] = notes[i];
    while (count > 0)
        TRY(bill_first(&batch, left, &count));
    return ERR_NONE;
}

enum err advance_bill_events(struct ctx *ctx, struct tx *tx, const struct advance_billing *billing,
                             const struct advance_event_row *notes, size_t count)
{
    for (size_t first = 0; first < count;) {
        size_t end = first + 1;
        while (end < count && uuid_eq(notes[first].subscription_id, notes[end].subscription_id))
            end++;
        TRY(bill_subscription(ctx, tx, billing, &notes[first], end - first));
        first = end;
    }
    return ERR_NONE;
}

/* ---- renewals -------------------------------------------------------------------------------- */

enum err advance_bill_renewals(struct ctx *ctx, struct tx *tx,
                               const struct advance_billing *billing,
                               const struct invoice_item *item)
{
    struct invoice_item next = advance_next_item(billing->terms->zone, item);
    for (size_t i = 0; i < next.plan.charge_count; i++) {
        const struct charge_view *charge = &next.plan.charges[i];
        struct advance_slices slices;
        struct advance_period period = {
            .item = &next,
            .charge = charge,
            .zone = billing->terms->zone,
            .renewal_seq = item->period.renewal_seq,
        };
        if (!advance_renews(charge) || charge->row.is_invoiceable)
            continue;
        TRY(rating_too_large(ctx, advance_renewals_make(ctx, tx, &period, &slices), &next));
        for (size_t j = 0; j < slices.count; j++)
            TRY(bill_fee(ctx, tx, billing, &next, charge, &slices.items[j].fee));
    }
    return ERR_NONE;
}
