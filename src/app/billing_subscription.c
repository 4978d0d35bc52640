/* billing_subscription.c - what is billed within the call that starts, ends or changes. */
#include "app/billing.h"

#include "app/advance_gather.h"
#include "app/audit.h"
#include "app/billing_catalog.h"
#include "app/billing_invoice.h"
#include "app/billing_period.h"
#include "app/cost_due.h"
#include "app/invoice_final.h"
#include "app/invoice_load.h"
#include "app/late_usage.h"
#include "app/subscription_change.h"
#include "app/subscription_due.h"
#include "base/assert.h"
#include "base/time.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/fixed.h"
#include "store/sql/invoice.h"
#include "store/sql/subscription.h"

/* The subscription and all that its billing depends on. */
struct billed {
    struct customer_row customer;
    struct customer_terms terms;
    struct invoice_item item;
};

/* `at` TIME_NONE: as it is now, or was at its end. */
static enum err load(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                     struct uuid subscription_id, int64_t at, struct billed *billed)
{
    bool found = false;
    *billed = (struct billed){0};
    TRY(customer_lock(tx, &(struct customer_lock_in){.id = customer_id}, &billed->customer,
                      &found));
    ASSERT(found);
    TRY(customer_terms_load(ctx, tx, &billed->customer, &billed->terms));
    TRY(subscription_load(
        tx, &(struct subscription_load_in){.customer_id = customer_id, .id = subscription_id},
        &billed->item.subscription, &found));
    ASSERT(found);
    const struct subscription_row *row = &billed->item.subscription;
    if (at == TIME_NONE)
        at = row->terminated_at == TIME_NONE ? ctx_now(ctx) : row->terminated_at;
    TRY(plan_in_force(ctx, tx, row->plan_version_id, at, false, &billed->item.plan));
    billed->item.fee_plan = billed->item.advance_plan = billed->item.plan;
    return ERR_NONE;
}

/* Whatever of the customer is complete is issued in the same transaction. */
static enum err issue(struct ctx *ctx, struct tx *tx, const struct billing_invoices *invoices)
{
    for (size_t i = 0; i < invoices->count; i++) {
        struct invoice_row *row = &invoices->builds[i].row;
        if (str_eq(row->status, STR("complete")))
            TRY(invoice_issue(ctx, tx, invoices->customer, row));
    }
    return ERR_NONE;
}

static struct billing_terms terms_of(const struct billed *billed)
{
    return (struct billing_terms){
        .subscription = &billed->item.subscription,
        .plan = &billed->item.plan.version,
        .zone = billed->terms.zone,
    };
}

/* What was paid of fees that stand alone. */
static enum err gather(struct ctx *ctx, struct tx *tx, const struct billed *billed,
                       enum billing_reason reason)
{
    const struct subscription_row *row = &billed->item.subscription;
    struct billing_terms terms = terms_of(billed);
    struct invoice_subscription_row period = {.subscription_id = row->id};
    billing_period_of(&terms, reason, row->terminated_at, &period);
    struct gathering gathering = {
        .customer = &billed->customer,
        .terms = &billed->terms,
        .external_id = row->external_id,
        .from_at = period.charges_from_at,
        .to_at = period.charges_to_at,
        .is_end = true,
        .billing_at = row->terminated_at,
    };
    return advance_gather_issue(ctx, tx, &gathering);
}

/* The periods that its item says, and another one (NULL: none); `issues`: else numbered by the
 * billing run, in order. */
static enum err bill_items(struct ctx *ctx, struct tx *tx, struct billed *billed,
                           const struct invoice_item *other, int64_t billing_at, bool issues)
{
    struct billing_catalog catalog = {0};
    struct billing_invoices invoices = {
        .catalog = &catalog,
        .customer = &billed->customer,
        .terms = &billed->terms,
        .billing_at = billing_at,
        /* A change of units takes up nothing else. */
        .has_no_vendor_cost = billed->item.period.units_at != TIME_NONE,
        .has_no_late_usage = billed->item.period.units_at != TIME_NONE,
    };
    struct billing_writes writes = {0};
    struct billing_counts counts = {0};
    TRY(billing_invoices_add(ctx, &invoices, &billed->item));
    if (other != NULL)
        TRY(billing_invoices_add(ctx, &invoices, other));
    TRY(billing_invoices_compute(ctx, tx, &invoices, &writes, &counts));
    TRY(billing_writes_flush(ctx, tx, &writes));
    return issues ? issue(ctx, tx, &invoices) : ERR_NONE;
}

static enum err bill(struct ctx *ctx, struct tx *tx, struct billed *billed,
                     enum billing_reason reason, int64_t billing_at)
{
    struct billing_terms terms = terms_of(billed);
    billing_period_of(&terms, reason, billing_at, &billed->item.period);
    return bill_items(ctx, tx, billed, NULL, billing_at, true);
}

enum err billing_subscription_started(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                      struct uuid subscription_id)
{
    struct billed billed;
    TRY(load(ctx, tx, customer_id, subscription_id, TIME_NONE, &billed));
    ASSERT(str_eq(billed.item.subscription.status, STR("active")));
    if (!plan_is_paid_ahead(&billed.item.plan))
        return ERR_NONE;
    return bill(ctx, tx, &billed, BILLING_STARTING, ctx_now(ctx));
}

enum err billing_units_changed(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                               struct uuid subscription_id, struct uuid change_id, int64_t at,
                               bool issues)
{
    struct billed billed;
    struct units_billed_row invoice;
    bool found = false;
    TRY(load(ctx, tx, customer_id, subscription_id, at, &billed));
    TRY(units_billed(tx,
                     &(struct units_billed_in){.customer_id = customer_id,
                                               .subscription_id = subscription_id,
                                               .units_change_id = change_id},
                     &invoice, &found));
    /* Not begun by then, or its period was billed with the new units. */
    const struct subscription_row *row = &billed.item.subscription;
    if (found || !str_eq(row->status, STR("active")) || row->started_at > at)
        return ERR_NONE;
    struct billing_terms terms = terms_of(&billed);
    billing_units_period_of(&terms, at, &billed.item.period);
    billed.item.period.units_change_id = change_id;
    return bill_items(ctx, tx, &billed, NULL, at, issues);
}

/* Billing days that were missed come first, each with its own invoice; so the subscription goes on
 * for a moment.  *ended: its known end was among them, and it is billed already. */
static enum err catch_up(struct ctx *ctx, struct tx *tx, struct billed *billed, bool *ended)
{
    struct subscription_row *row = &billed->item.subscription;
    struct subscription_row ending = *row;
    struct billing_counts counts = {0};
    *ended = false;
    row->status = STR("active");
    row->terminated_at = TIME_NONE;
    subscription_due_of(&billed->item.plan.version, billed->terms.zone, ctx_now(ctx), row);
    if (row->next_due_at > ending.terminated_at) {
        *row = ending;
        return ERR_NONE;
    }
    TRY(subscription_save(ctx, tx, row));
    TRY(billing_step(ctx, tx, row->customer_id, ending.terminated_at, &counts));
    TRY(load(ctx, tx, ending.customer_id, ending.id, TIME_NONE, billed));
    *ended = !str_eq(row->status, STR("active"));
    if (*ended)
        return ERR_NONE;
    row->status = ending.status;
    row->terminated_at = ending.terminated_at;
    row->next_due_at = TIME_NONE;
    return subscription_save(ctx, tx, row);
}

enum err billing_subscription_terminated(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                         struct uuid subscription_id)
{
    struct billed billed;
    bool ended = false;
    TRY(load(ctx, tx, customer_id, subscription_id, TIME_NONE, &billed));
    ASSERT(billed.item.subscription.terminated_at != TIME_NONE);
    TRY(catch_up(ctx, tx, &billed, &ended));
    TRY(late_usage_end(tx, customer_id, subscription_id));
    if (!ended && !str_eq(billed.item.subscription.on_termination_invoice, STR("skip")))
        TRY(bill(ctx, tx, &billed, BILLING_TERMINATING, billed.item.subscription.terminated_at));
    if (!ended)
        TRY(gather(ctx, tx, &billed, BILLING_TERMINATING));
    /* Where nothing will take up vendor cost any more, it falls due by itself. */
    return cost_due_refresh(ctx, tx, &billed.customer);
}

enum err billing_subscription_changed(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                      struct uuid ended_id, struct uuid started_id)
{
    struct billed ended;
    struct billed started;
    TRY(load(ctx, tx, customer_id, ended_id, TIME_NONE, &ended));
    TRY(load(ctx, tx, customer_id, started_id, TIME_NONE, &started));
    struct billing_terms terms = terms_of(&ended);
    billing_period_of(&terms, BILLING_CHANGING, ctx_now(ctx), &ended.item.period);
    bool is_ahead = plan_is_paid_ahead(&started.item.plan);
    terms = terms_of(&started);
    if (is_ahead)
        billing_period_of(&terms, BILLING_STARTING, ctx_now(ctx), &started.item.period);
    TRY(bill_items(ctx, tx, &ended, is_ahead ? &started.item : NULL, ctx_now(ctx), true));
    return gather(ctx, tx, &ended, BILLING_CHANGING);
}

/* ---- drafts that are closed ------------------------------------------------------------------ */

static enum err save_moved(struct ctx *ctx, struct tx *tx, const struct invoice_row *before,
                           const struct invoice_row *row)
{
    TRY(invoice_save(tx, row));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = row->customer_id,
                         .action = "invoice.reschedule",
                         .object_id = row->id,
                         .before = invoice_audit_text(ctx->arena, before),
                         .after = invoice_audit_text(ctx->arena, row),
                     });
}

enum err billing_drafts_close(struct ctx *ctx, struct tx *tx, struct invoice_row *drafts,
                              size_t count, int64_t at)
{
    for (size_t i = 0; i < count; i++) {
        struct invoice_row *draft = &drafts[i];
        struct invoice_row before = *draft;
        const struct zone *zone = NULL;
        if (draft->finalize_at <= at)
            continue;
        TRY(zone_find(draft->timezone, &zone));
        invoice_set_issuing_day(zone, zone_day(zone, at), draft);
        draft->overdue_at = TIME_NONE; /* until it is final */
        draft->finalize_at = at;
        draft->updated_at = ctx_now(ctx);
        TRY(save_moved(ctx, tx, &before, draft));
    }
    return ERR_NONE;
}

/* ---- changed terms --------------------------------------------------------------------------- */

/* Nothing becomes final before the change that made it so. */
static void move_draft(const struct customer_terms *terms, int64_t now, struct invoice_row *draft)
{
    const struct zone *zone = NULL;
    enum err err = zone_find(draft->timezone, &zone);
    ASSERT(err == ERR_NONE);
    int32_t day = zone_day(zone, draft->billing_at) + (int32_t)terms->grace_days;
    int32_t today = zone_day(zone, now);
    draft->payment_term_days = terms->payment_term_days;
    invoice_set_issuing_day(zone, day > today ? day : today, draft);
    draft->overdue_at = TIME_NONE;
    draft->finalize_at = day > today ? zone_day_start(zone, day) : now;
    draft->updated_at = now;
}

static enum err move_drafts(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                            const struct customer_terms *terms)
{
    struct invoice_row *drafts = NULL;
    size_t count = 0;
    TRY(invoice_draft_list(tx, &(struct invoice_draft_list_in){.customer_id = customer->id},
                           &drafts, &count));
    for (size_t i = 0; i < count; i++) {
        struct invoice_row before = drafts[i];
        move_draft(terms, ctx_now(ctx), &drafts[i]);
        if (before.issuing_day != drafts[i].issuing_day ||
            before.finalize_at != drafts[i].finalize_at ||
            before.payment_term_days != drafts[i].payment_term_days)
            TRY(save_moved(ctx, tx, &before, &drafts[i]));
    }
    return ERR_NONE;
}

/* A changed zone moves the midnights at which subscriptions fall due. */
static enum err move_due(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                         const struct customer_terms *terms)
{
    struct subscription_row *rows = NULL;
    size_t count = 0;
    TRY(subscription_of_customer_list(
        tx, &(struct subscription_of_customer_list_in){.customer_id = customer->id}, &rows,
        &count));
    for (size_t i = 0; i < count; i++) {
        struct plan_version_row plan;
        bool found = false;
        int64_t due_at = rows[i].next_due_at;
        if (due_at == TIME_NONE)
            continue;
        TRY(plan_version_load(tx, &(struct plan_version_load_in){.id = rows[i].plan_version_id},
                              &plan, &found));
        ASSERT(found);
        subscription_due_of(&plan, terms->zone, ctx_now(ctx), &rows[i]);
        if (rows[i].next_due_at != due_at)
            TRY(subscription_save(ctx, tx, &rows[i]));
    }
    return ERR_NONE;
}

enum err billing_terms_changed(struct ctx *ctx, struct tx *tx, struct uuid customer_id)
{
    struct customer_row customer;
    struct customer_terms terms;
    bool found = false;
    TRY(customer_lock(tx, &(struct customer_lock_in){.id = customer_id}, &customer, &found));
    ASSERT(found);
    TRY(customer_terms_load(ctx, tx, &customer, &terms));
    TRY(move_drafts(ctx, tx, &customer, &terms));
    return move_due(ctx, tx, &customer, &terms);
}
