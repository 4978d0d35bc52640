#include "app/billing_range.h"

#include "app/advance_bill.h"
#include "app/advance_fee.h"
#include "app/advance_gather.h"
#include "app/billing_catalog.h"
#include "app/billing_invoice.h"
#include "app/billing_period.h"
#include "app/billing_writes.h"
#include "app/cost_due.h"
#include "app/invoice_final.h"
#include "app/late_usage.h"
#include "app/subscription.h"
#include "app/subscription_change.h"
#include "app/subscription_due.h"
#include "app/subscription_next.h"
#include "app/usage_move.h"
#include "app/usage_range.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/advance.h"
#include "store/sql/due.h"
#include "store/sql/instance.h"
#include "store/sql/late.h"
#include "store/sql/subscription.h"

#define AHEAD_DAYS_MAX 32 /* usage of longer periods is read for each subscription by itself */

/* The customers of the range, with what was read for all of them together. */
struct step {
    struct ctx *ctx;
    struct tx *tx;
    const struct billing_range *range;
    struct customer_row *customers;
    size_t customer_count;
    struct subscription_row *subscriptions; /* due ones, in order of customer; as the others */
    size_t subscription_count, subscription_next;
    struct invoice_row *drafts;
    size_t draft_count, draft_next;
    struct customer_cost_period_row *costs; /* open ones, due or not */
    size_t cost_count, cost_next;
    struct late_customer_of_range_row *lates; /* who has late usage */
    size_t late_count, late_next;
    struct advance_event_row *advances; /* events that are due, of charges in advance */
    size_t advance_count, advance_next;
    struct gather_customer_of_range_row *paids; /* who has paid fees that stand alone */
    size_t paid_count, paid_next;
    struct billing_catalog catalog;
    struct usage_range usage;
    struct billing_writes writes;
    struct billing_counts *counts;
};

/* One customer's part of it. */
struct part {
    struct step *step;
    const struct customer_row *customer;
    struct customer_terms terms;
    const struct subscription_row *subscriptions;
    size_t subscription_count;
    const struct invoice_row *drafts;
    size_t draft_count;
    const struct customer_cost_period_row *costs;
    size_t cost_count;
    const struct late_customer_of_range_row *lates; /* one, or none */
    size_t late_count;
    const struct advance_event_row *advances;
    size_t advance_count;
    const struct gather_customer_of_range_row *paids; /* one, or none */
    size_t paid_count;
    struct invoice_item *over; /* whose period of usage is over, or who */
    size_t over_count;
    struct invoice_item *renewed; /* with stocks that are carried into a new period */
    size_t renewed_count;
    bool has_ended;   /* a subscription of it */
    bool has_changed; /* one went on with another plan: notes of its events have moved */
    bool was_missed;  /* all of it was done by itself */
    struct billing_invoices invoices;
};

/* ---- subscriptions --------------------------------------------------------------------------- */

static struct billing_terms terms_of(const struct part *part, const struct invoice_item *item)
{
    return (struct billing_terms){
        .subscription = &item->subscription,
        .plan = &item->plan.version,
        .zone = part->terms.zone,
    };
}

static void set_due(const struct part *part, struct invoice_item *item)
{
    subscription_due_of(&item->plan.version, part->terms.zone, part->step->range->at,
                        &item->subscription);
}

/* Where there are paid fees that stand alone. */
static void note_over(struct part *part, const struct invoice_item *item)
{
    if (part->paid_count == 0 || item->period.charges_to_at == TIME_NONE)
        return;
    if (part->over == NULL)
        part->over =
            ARENA_ARRAY(part->step->ctx->arena, part->subscription_count, struct invoice_item);
    part->over[part->over_count++] = *item;
}

static enum err end(struct part *part, struct invoice_item *item)
{
    struct step *step = part->step;
    struct subscription_row *row = &item->subscription;
    struct billing_terms terms = terms_of(part, item);
    row->status = STR("terminated");
    row->terminated_at = step->range->at;
    part->has_ended = true;
    TRY(late_usage_end(step->tx, row->customer_id, row->id));
    billing_period_of(&terms, BILLING_ENDING, step->range->at, &item->period);
    note_over(part, item);
    set_due(part, item);
    TRY(subscription_change(step->ctx, step->tx, "subscription.terminate", row));
    if (str_eq(row->on_termination_invoice, STR("skip")))
        return ERR_NONE;
    return billing_invoices_add(step->ctx, &part->invoices, item);
}

/* What is carried into the new period is paid as of now; what comes later by itself. */
static enum err note_renewal(struct part *part, struct invoice_item *item)
{
    struct step *step = part->step;
    struct ingest_seq_newest_row newest;
    bool found = false;
    if (!advance_renews_any(&item->advance_plan))
        return ERR_NONE;
    TRY(ingest_seq_newest(step->tx, &newest, &found));
    ASSERT(found);
    item->period.renewal_seq = newest.ingest_seq;
    if (part->renewed == NULL)
        part->renewed =
            ARENA_ARRAY(step->ctx->arena, part->subscription_count, struct invoice_item);
    part->renewed[part->renewed_count++] = *item;
    return ERR_NONE;
}

/* The one that it follows runs up to here; *ran: it had not ended before. */
static enum err end_previous(struct part *part, const struct subscription_row *row, bool *ran)
{
    struct step *step = part->step;
    struct invoice_item item = {0};
    const struct plan_view *plan = NULL;
    bool found = false;
    TRY(subscription_load(
        step->tx,
        &(struct subscription_load_in){.customer_id = row->customer_id, .id = row->previous_id},
        &item.subscription, &found));
    ASSERT(found);
    *ran = str_eq(item.subscription.status, STR("active"));
    if (!*ran)
        return ERR_NONE;
    TRY(billing_catalog_plan(step->ctx, step->tx, &step->catalog, item.subscription.plan_version_id,
                             step->range->at, false, &plan));
    item.plan = item.fee_plan = item.advance_plan = *plan;
    part->has_changed = true;
    return end(part, &item);
}

static enum err start(struct part *part, struct invoice_item *item)
{
    struct step *step = part->step;
    struct subscription_row *row = &item->subscription;
    bool follows = !uuid_is_nil(row->previous_id);
    bool ran = false;
    if (follows)
        TRY(end_previous(part, row, &ran));
    if (follows && !ran)
        return ERR_NONE; /* canceled with it */
    row->status = STR("active");
    row->fixed_version_id = item->plan.version.id;
    TRY(subscription_start_at(step->ctx, step->tx, row, &row->started_at));
    set_due(part, item);
    TRY(subscription_change(step->ctx, step->tx, "subscription.start", row));
    if (follows)
        TRY(usage_move(step->ctx, step->tx, row->previous_id, row, part->terms.zone));
    /* Now that it is known to run: what came while it waited. */
    TRY(usage_adopt_unmatched(step->ctx, step->tx, row->customer_id, row->external_id));
    bool renews = follows && advance_renews_any(&item->advance_plan);
    if (!plan_is_paid_ahead(&item->plan) && !renews)
        return ERR_NONE;
    struct billing_terms terms = terms_of(part, item);
    billing_period_of(&terms, BILLING_STARTING, step->range->at, &item->period);
    if (follows)
        TRY(note_renewal(part, item));
    return billing_invoices_add(step->ctx, &part->invoices, item);
}

static void put(struct step *step, struct subscription_row *row)
{
    row->updated_at = ctx_now(step->ctx);
    billing_writes_subscription(step->ctx->arena, &step->writes, row);
}

/* The version that holds from here on; where a period of the plan begins, one that waited for that
 * may take over, and what is paid in advance is already of it. */
static enum err take_version(struct part *part, struct invoice_item *item)
{
    struct step *step = part->step;
    struct billing_terms terms = terms_of(part, item);
    int32_t day = billing_next_day(&terms);
    const struct plan_view *plan = NULL;
    bool is_renewal = billing_plan_period(&terms, day).start_day == day;
    TRY(billing_catalog_plan(step->ctx, step->tx, &step->catalog,
                             item->subscription.plan_version_id, step->range->at, is_renewal,
                             &plan));
    item->subscription.plan_version_id = plan->version.id;
    if (is_renewal && item->plan.version.pay_in_advance)
        item->fee_plan = *plan;
    item->advance_plan = *plan;
    if (billing_fixed_period(&terms, day).start_day == day)
        item->subscription.fixed_version_id = plan->version.id;
    return ERR_NONE;
}

static enum err renew(struct part *part, struct invoice_item *item)
{
    struct step *step = part->step;
    struct subscription_row *row = &item->subscription;
    struct billing_terms terms = terms_of(part, item);
    billing_period_of(&terms, BILLING_PERIODIC, step->range->at, &item->period);
    TRY(take_version(part, item));
    row->billed_until_day = billing_next_day(&terms);
    if (item->period.charges_to_at != TIME_NONE)
        row->billed_until_at = item->period.charges_to_at;
    set_due(part, item);
    put(step, row);
    if (item->period.charges_to_at != TIME_NONE)
        TRY(note_renewal(part, item));
    note_over(part, item);
    return billing_invoices_add(step->ctx, &part->invoices, item);
}

/* Nothing but usage that came late: one that has ended, with no period of its own. */
static enum err bill_late(struct part *part, struct invoice_item *item)
{
    item->period = (struct invoice_subscription_row){
        .invoicing_reason = STR("subscription_periodic"),
        .billing_at = part->step->range->at,
    };
    billing_no_period(&item->period);
    put(part->step, &item->subscription);
    return billing_invoices_add(part->step->ctx, &part->invoices, item);
}

/* Whether the end that was known beforehand has come. */
static bool ends(const struct part *part, const struct subscription_row *row)
{
    return row->ending_at != TIME_NONE &&
           subscription_end_due_at(part->terms.zone, row) <= part->step->range->at;
}

/* Whether one that starts now ends it. */
static bool is_followed(const struct part *part, const struct subscription_row *row)
{
    bool is = false;
    for (size_t i = 0; i < part->subscription_count; i++)
        is |= str_eq(part->subscriptions[i].status, STR("pending")) &&
              uuid_eq(part->subscriptions[i].previous_id, row->id);
    return is;
}

static enum err do_subscription(struct part *part, const struct subscription_row *row)
{
    struct step *step = part->step;
    struct invoice_item item = {.subscription = *row};
    const struct plan_view *plan = NULL;
    TRY(billing_catalog_plan(step->ctx, step->tx, &step->catalog, row->plan_version_id,
                             step->range->at, false, &plan));
    item.plan = item.fee_plan = item.advance_plan = *plan;
    set_due(part, &item);
    if (str_eq(row->status, STR("terminated")))
        return bill_late(part, &item);
    if (item.subscription.next_due_at > step->range->at) { /* terms have changed since */
        put(step, &item.subscription);
        return ERR_NONE;
    }
    if (str_eq(row->status, STR("pending")))
        return start(part, &item);
    ASSERT(str_eq(row->status, STR("active")));
    if (!ends(part, row))
        return is_followed(part, row) ? ERR_NONE : renew(part, &item);
    TRY(subscription_next_cancel(step->ctx, step->tx, row, step->range->at));
    return end(part, &item);
}

/* ---- drafts and vendor cost ------------------------------------------------------------------ */

static enum err do_draft(struct part *part, const struct invoice_row *row)
{
    struct step *step = part->step;
    struct invoice_build build;
    TRY(invoice_build_load(step->ctx, step->tx, part->customer, row, &build));
    build.catalog = &step->catalog;
    TRY(invoice_compute(step->ctx, step->tx, &build));
    TRY(invoice_write_again(step->ctx, step->tx, &build));
    TRY(invoice_settle(step->ctx, step->tx, &build));
    billing_writes_completed(step->ctx->arena, &step->writes, row, &build.row);
    step->counts->complete += !build.row.skipped;
    return ERR_NONE;
}

/* Vendor cost is taken up by whatever invoice of the customer's currency there is, or by one of
 * its own. */
static enum err do_cost(struct part *part)
{
    struct step *step = part->step;
    bool is_due = false;
    for (size_t i = 0; i < part->cost_count; i++)
        is_due |= part->costs[i].next_due_at != TIME_NONE &&
                  part->costs[i].next_due_at <= step->range->at;
    if (is_due)
        TRY(billing_invoices_need(step->ctx, &part->invoices, part->terms.currency));
    return due_cost_taken(
        step->tx,
        &(struct due_cost_taken_in){.customer_id = part->customer->id, .until_at = step->range->at},
        NULL);
}

/* ---- a customer ------------------------------------------------------------------------------ */

static bool is_earlier(int64_t due_at, int64_t at)
{
    return due_at != TIME_NONE && due_at < at;
}

/* Something is due from before: an instant at which this customer could not be billed. */
static bool has_missed(const struct part *part)
{
    int64_t at = part->step->range->at;
    bool missed = false;
    for (size_t i = 0; i < part->subscription_count; i++)
        missed |= is_earlier(part->subscriptions[i].next_due_at, at);
    for (size_t i = 0; i < part->draft_count; i++)
        missed |= is_earlier(part->drafts[i].finalize_at, at);
    for (size_t i = 0; i < part->cost_count; i++)
        missed |= is_earlier(part->costs[i].next_due_at, at);
    for (size_t i = 0; i < part->advance_count; i++)
        missed |= is_earlier(part->advances[i].due_at, at);
    return missed;
}

/* Drafts first: what they take up does not stand on the new invoice again. */
static enum err do_part(struct part *part)
{
    struct step *step = part->step;
    part->invoices = (struct billing_invoices){
        .catalog = &step->catalog,
        .usage = &step->usage,
        .has_no_vendor_cost = part->cost_count == 0,
        .has_no_late_usage = part->late_count == 0,
        .customer = part->customer,
        .terms = &part->terms,
        .billing_at = step->range->at,
    };
    for (size_t i = 0; i < part->draft_count; i++)
        TRY(do_draft(part, &part->drafts[i]));
    for (size_t i = 0; i < part->subscription_count; i++)
        TRY(do_subscription(part, &part->subscriptions[i]));
    if (part->cost_count > 0)
        TRY(do_cost(part));
    return billing_invoices_compute(step->ctx, step->tx, &part->invoices, &step->writes,
                                    step->counts);
}

/* Again, after some have moved to another subscription. */
static enum err read_advances(struct part *part)
{
    struct advance_event_row *rows = NULL;
    TRY(advance_event_of_range(part->step->tx,
                               &(struct advance_event_of_range_in){
                                   .first_id = part->customer->id,
                                   .last_id = part->customer->id,
                                   .until_at = part->step->range->at,
                               },
                               &rows, &part->advance_count));
    part->advances = rows;
    return ERR_NONE;
}

/* Charges in advance; once what is due besides has been written: events are billed by it. */
static enum err do_advance(struct part *part)
{
    struct step *step = part->step;
    struct advance_billing billing = {
        .customer = part->customer,
        .terms = &part->terms,
        .catalog = &step->catalog,
        .billing_at = step->range->at,
        .writes = &step->writes,
        .counts = step->counts,
    };
    if (part->has_changed)
        TRY(read_advances(part));
    for (size_t i = 0; i < part->renewed_count; i++)
        TRY(advance_bill_renewals(step->ctx, step->tx, &billing, &part->renewed[i]));
    return advance_bill_events(step->ctx, step->tx, &billing, part->advances, part->advance_count);
}

static enum err do_gather(struct part *part)
{
    struct step *step = part->step;
    for (size_t i = 0; i < part->over_count; i++) {
        const struct invoice_item *item = &part->over[i];
        struct gathering gathering = {
            .customer = part->customer,
            .terms = &part->terms,
            .external_id = item->subscription.external_id,
            .from_at = item->period.charges_from_at,
            .to_at = item->period.charges_to_at,
            .is_end = str_eq(item->subscription.status, STR("terminated")),
            .billing_at = step->range->at,
        };
        TRY(advance_gather(step->ctx, step->tx, &gathering));
        step->counts->made += (int64_t)gathering.count;
        step->counts->complete += (int64_t)gathering.count;
    }
    return ERR_NONE;
}

/* The rows of one customer, out of all in order of customer; those of customers that are not
 * locked are passed over. */
#define SLICE(step, customer, list, rows, count)                                           \
    do {                                                                                   \
        while ((step)->list##_next < (step)->list##_count &&                               \
               uuid_cmp((step)->list##s[(step)->list##_next].customer_id, (customer)) < 0) \
            (step)->list##_next++;                                                         \
        *(rows) = (step)->list##s == NULL ? NULL : (step)->list##s + (step)->list##_next;  \
        *(count) = 0;                                                                      \
        while ((step)->list##_next < (step)->list##_count &&                               \
               uuid_eq((step)->list##s[(step)->list##_next].customer_id, (customer))) {    \
            (step)->list##_next++;                                                         \
            ++*(count);                                                                    \
        }                                                                                  \
    } while (0)

static enum err begin_part(struct step *step, const struct customer_row *customer,
                           struct part *part)
{
    const struct billing_entity_row *entity = NULL;
    *part = (struct part){.step = step, .customer = customer};
    SLICE(step, customer->id, subscription, &part->subscriptions, &part->subscription_count);
    SLICE(step, customer->id, draft, &part->drafts, &part->draft_count);
    SLICE(step, customer->id, cost, &part->costs, &part->cost_count);
    SLICE(step, customer->id, late, &part->lates, &part->late_count);
    SLICE(step, customer->id, advance, &part->advances, &part->advance_count);
    SLICE(step, customer->id, paid, &part->paids, &part->paid_count);
    TRY(billing_catalog_entity(step->ctx, step->tx, &step->catalog, customer->billing_entity_id,
                               &entity));
    return customer_terms_of(step->ctx, customer, entity, &part->terms);
}

/* ---- reading ahead --------------------------------------------------------------------------- */

/* The days of usage that most of the range needs: from what is billed to the instant. */
static enum err read_usage(struct step *step, const struct part *parts)
{
    int32_t first_day = INT32_MAX;
    int32_t end_day = INT32_MIN;
    for (size_t i = 0; i < step->customer_count; i++) {
        const struct part *part = &parts[i];
        int32_t today = zone_day(part->terms.zone, step->range->at);
        for (size_t j = 0; j < part->subscription_count; j++) {
            const struct subscription_row *row = &part->subscriptions[j];
            if (!str_eq(row->status, STR("active")) ||
                today - row->billed_until_day > AHEAD_DAYS_MAX)
                continue;
            if (row->billed_until_day < first_day)
                first_day = row->billed_until_day;
            if (today > end_day)
                end_day = today;
        }
    }
    return usage_range_read(step->tx, step->range->first_customer_id, step->range->last_customer_id,
                            first_day, end_day, &step->usage);
}

static enum err read_due(struct step *step)
{
    struct uuid first_id = step->range->first_customer_id;
    struct uuid last_id = step->range->last_customer_id;
    int64_t at = step->range->at;
    TRY(due_customer_lock(
        step->tx,
        &(struct due_customer_lock_in){.first_id = first_id, .last_id = last_id, .until_at = at},
        &step->customers, &step->customer_count));
    TRY(due_subscription_of_range(step->tx,
                                  &(struct due_subscription_of_range_in){
                                      .first_id = first_id, .last_id = last_id, .until_at = at},
                                  &step->subscriptions, &step->subscription_count));
    TRY(due_draft_of_range(
        step->tx,
        &(struct due_draft_of_range_in){.first_id = first_id, .last_id = last_id, .until_at = at},
        &step->drafts, &step->draft_count));
    TRY(open_cost_of_range(
        step->tx, &(struct open_cost_of_range_in){.first_id = first_id, .last_id = last_id},
        &step->costs, &step->cost_count));
    TRY(late_customer_of_range(
        step->tx, &(struct late_customer_of_range_in){.first_id = first_id, .last_id = last_id},
        &step->lates, &step->late_count));
    TRY(advance_event_of_range(step->tx,
                               &(struct advance_event_of_range_in){
                                   .first_id = first_id, .last_id = last_id, .until_at = at},
                               &step->advances, &step->advance_count));
    TRY(gather_customer_of_range(
        step->tx, &(struct gather_customer_of_range_in){.first_id = first_id, .last_id = last_id},
        &step->paids, &step->paid_count));
    return billing_catalog_read_taxes(step->tx, &step->catalog, first_id, last_id);
}

enum err billing_range(struct ctx *ctx, struct tx *tx, const struct billing_range *range,
                       struct billing_counts *counts)
{
    struct step step = {.ctx = ctx, .tx = tx, .range = range, .counts = counts};
    TRY(read_due(&step));
    struct part *parts = ARENA_ARRAY(ctx->arena, step.customer_count, struct part);
    for (size_t i = 0; i < step.customer_count; i++)
        TRY(begin_part(&step, &step.customers[i], &parts[i]));
    TRY(read_usage(&step, parts));
    for (size_t i = 0; i < step.customer_count; i++) {
        parts[i].was_missed = has_missed(&parts[i]);
        if (parts[i].was_missed)
            TRY(billing_step(ctx, tx, parts[i].customer->id, range->at, counts));
        else
            TRY(do_part(&parts[i]));
    }
    TRY(billing_writes_flush(ctx, tx, &step.writes));
    for (size_t i = 0; i < step.customer_count; i++) {
        if (!parts[i].was_missed)
            TRY(do_advance(&parts[i]));
    }
    TRY(billing_writes_flush(ctx, tx, &step.writes));
    for (size_t i = 0; i < step.customer_count; i++)
        TRY(do_gather(&parts[i]));
    /* Where nothing will take up vendor cost any more, it falls due by itself. */
    for (size_t i = 0; i < step.customer_count; i++) {
        if (parts[i].has_ended && parts[i].cost_count > 0)
            TRY(cost_due_refresh(ctx, tx, parts[i].customer));
    }
    return ERR_NONE;
}
