#include "app/billing_step.h"

#include "app/billing_invoice.h"
#include "app/billing_period.h"
#include "app/invoice_final.h"
#include "app/subscription.h"
#include "app/subscription_change.h"
#include "app/subscription_due.h"
#include "app/usage.h"
#include "base/assert.h"
#include "base/time.h"
#include "store/sql/customer.h"
#include "store/sql/due.h"
#include "store/sql/subscription.h"

struct step {
    struct ctx *ctx;
    struct tx *tx;
    struct customer_row customer;
    struct customer_terms terms;
    int64_t at; /* the instant that is being done */
    struct billing_invoices invoices;
    struct billing_counts *counts;
};

static struct billing_terms terms_of(const struct step *step, const struct invoice_item *item)
{
    return (struct billing_terms){
        .subscription = &item->subscription,
        .plan = &item->plan.version,
        .zone = step->terms.zone,
    };
}

static void set_due(const struct step *step, struct invoice_item *item)
{
    subscription_due_of(&item->plan.version, step->terms.zone, step->at, &item->subscription);
}

static enum err start(struct step *step, struct invoice_item *item)
{
    struct subscription_row *row = &item->subscription;
    row->status = STR("active");
    TRY(subscription_start_at(step->ctx, step->tx, row, &row->started_at));
    set_due(step, item);
    TRY(usage_adopt_unmatched(step->ctx, step->tx, row->customer_id, row->external_id));
    TRY(subscription_change(step->ctx, step->tx, "subscription.start", row));
    if (!item->plan.version.pay_in_advance)
        return ERR_NONE;
    struct billing_terms terms = terms_of(step, item);
    billing_period_of(&terms, BILLING_STARTING, step->at, &item->period);
    return billing_invoices_add(step->ctx, &step->invoices, item);
}

static enum err end(struct step *step, struct invoice_item *item)
{
    struct subscription_row *row = &item->subscription;
    struct billing_terms terms = terms_of(step, item);
    row->status = STR("terminated");
    row->terminated_at = step->at;
    billing_period_of(&terms, BILLING_ENDING, step->at, &item->period);
    set_due(step, item);
    TRY(subscription_change(step->ctx, step->tx, "subscription.terminate", row));
    if (str_eq(row->on_termination_invoice, STR("skip")))
        return ERR_NONE;
    return billing_invoices_add(step->ctx, &step->invoices, item);
}

static enum err renew(struct step *step, struct invoice_item *item)
{
    struct subscription_row *row = &item->subscription;
    struct billing_terms terms = terms_of(step, item);
    billing_period_of(&terms, BILLING_PERIODIC, step->at, &item->period);
    row->billed_until_day = billing_next_day(&terms);
    row->billed_until_at = item->period.charges_to_at;
    set_due(step, item);
    TRY(subscription_save(step->ctx, step->tx, row));
    return billing_invoices_add(step->ctx, &step->invoices, item);
}

/* Whether the end that was known beforehand has come. */
static bool ends(const struct step *step, const struct subscription_row *row)
{
    return row->ending_at != TIME_NONE &&
           subscription_end_due_at(step->terms.zone, row) <= step->at;
}

static enum err do_subscription(struct step *step, const struct subscription_row *row)
{
    struct invoice_item item = {.subscription = *row};
    TRY(plan_version_view_load(step->ctx, step->tx, row->plan_version_id, &item.plan));
    set_due(step, &item);
    if (item.subscription.next_due_at > step->at) /* terms have changed since it was set */
        return subscription_save(step->ctx, step->tx, &item.subscription);
    if (str_eq(row->status, STR("pending")))
        return start(step, &item);
    ASSERT(str_eq(row->status, STR("active")));
    return ends(step, row) ? end(step, &item) : renew(step, &item);
}

static enum err do_drafts(struct step *step)
{
    struct invoice_row *rows = NULL;
    size_t count = 0;
    TRY(due_draft_list(
        step->tx,
        &(struct due_draft_list_in){.customer_id = step->customer.id, .until_at = step->at}, &rows,
        &count));
    for (size_t i = 0; i < count; i++) {
        struct invoice_build build;
        TRY(invoice_build_load(step->ctx, step->tx, &step->customer, &rows[i], &build));
        TRY(invoice_compute(step->ctx, step->tx, &build));
        TRY(invoice_write_again(step->ctx, step->tx, &build));
        TRY(invoice_settle(step->ctx, step->tx, &build));
        step->counts->complete += !build.row.skipped;
    }
    return ERR_NONE;
}

/* Vendor cost is taken up by whatever invoice of the customer's currency there is, or by one of
 * its own. */
static enum err do_cost(struct step *step)
{
    struct due_cost_period_count_row due;
    bool found = false;
    TRY(due_cost_period_count(
        step->tx,
        &(struct due_cost_period_count_in){.customer_id = step->customer.id, .until_at = step->at},
        &due, &found));
    ASSERT(found);
    if (due.total == 0)
        return ERR_NONE;
    TRY(billing_invoices_need(step->ctx, &step->invoices, step->terms.currency));
    return due_cost_taken(
        step->tx,
        &(struct due_cost_taken_in){.customer_id = step->customer.id, .until_at = step->at}, NULL);
}

/* Drafts first: what they take up does not stand on the new invoice again. */
static enum err do_instant(struct step *step)
{
    struct subscription_row *rows = NULL;
    size_t count = 0;
    billing_invoices_begin(&step->invoices, &step->customer, &step->terms, step->at);
    TRY(do_drafts(step));
    TRY(due_subscription_list(
        step->tx,
        &(struct due_subscription_list_in){.customer_id = step->customer.id, .until_at = step->at},
        &rows, &count));
    for (size_t i = 0; i < count; i++)
        TRY(do_subscription(step, &rows[i]));
    TRY(do_cost(step));
    return billing_invoices_write(step->ctx, step->tx, &step->invoices, step->counts);
}

enum err billing_step(struct ctx *ctx, struct tx *tx, struct uuid customer_id, int64_t until_at,
                      struct billing_counts *counts)
{
    struct step step = {.ctx = ctx, .tx = tx, .at = TIME_NONE, .counts = counts};
    bool found = false;
    TRY(customer_lock(tx, &(struct customer_lock_in){.id = customer_id}, &step.customer, &found));
    ASSERT(found);
    TRY(customer_terms_load(ctx, tx, &step.customer, &step.terms));
    for (;;) {
        struct due_of_customer_row due;
        TRY(due_of_customer(
            tx, &(struct due_of_customer_in){.customer_id = customer_id, .until_at = until_at},
            &due, &found));
        if (!found || due.due_at == TIME_NONE)
            return ERR_NONE;
        /* What is done is due later or never; so each round is later than the one before. */
        ASSERT(due.due_at > step.at || step.at == TIME_NONE);
        step.at = due.due_at;
        TRY(do_instant(&step));
    }
}
