#include "app/event_estimate.h"

#include "app/advance_fee.h"
#include "app/customer_terms.h"
#include "app/event_match.h"
#include "app/event_prepare.h"
#include "app/invoice_build.h"
#include "app/plan.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/customer.h"
#include "store/sql/subscription.h"

/* ---- events that are good -------------------------------------------------------------------- */

/* As the ingest does it. */
static enum err prepare(struct ctx *ctx, const struct event_estimate *estimate,
                        struct ingest_batch *batch)
{
    struct event_input *inputs = ARENA_ARRAY(ctx->arena, estimate->count, struct event_input);
    struct metric_table table;
    for (size_t i = 0; i < estimate->count; i++) {
        inputs[i] = estimate->events[i];
        if (inputs[i].transaction_id.len == 0)
            inputs[i].transaction_id = STR("estimate");
    }
    *batch = (struct ingest_batch){
        .ctx = ctx,
        .events = inputs,
        .count = estimate->count,
        .is_list = estimate->is_list,
        .is_lenient = estimate->is_lenient,
    };
    metric_table_init(&table);
    enum err err = events_prepare(&table, batch);
    metric_table_clear(&table);
    return err;
}

/* ---- one event ------------------------------------------------------------------------------- */

struct estimating {
    struct ctx *ctx;
    struct tx *tx;
    struct event_estimate *estimate;
    const struct prepared_event *event;
    size_t index;
    struct customer_row customer;
    struct customer_terms terms;
    struct invoice_item item;
    struct event_row row; /* the event, as if it were stored */
    size_t capacity;
};

static enum err find_subscription(struct estimating *e)
{
    const struct event_input *input = e->event->input;
    struct event_matcher matcher;
    struct event_match match;
    bool found = false;
    event_matcher_init(&matcher, e->ctx->arena);
    TRY(event_match(e->ctx, e->tx, &matcher, input->external_subscription_id, e->event->occurred_at,
                    &match));
    if (!match.found)
        return fail_not_found(e->ctx, "subscription", input->external_subscription_id);
    TRY(customer_load(e->tx, &(struct customer_load_in){.id = match.customer_id}, &e->customer,
                      &found));
    ASSERT(found);
    TRY(customer_terms_load(e->ctx, e->tx, &e->customer, &e->terms));
    TRY(subscription_load(e->tx,
                          &(struct subscription_load_in){.customer_id = match.customer_id,
                                                         .id = match.subscription_id},
                          &e->item.subscription, &found));
    ASSERT(found);
    return plan_in_force(e->ctx, e->tx, e->item.subscription.plan_version_id, ctx_now(e->ctx),
                         false, &e->item.plan);
}

static struct event_row row_of(const struct estimating *e)
{
    const struct prepared_event *event = e->event;
    return (struct event_row){
        .day = day_of_instant(event->occurred_at),
        .customer_id = e->customer.id,
        .subscription_id = e->item.subscription.id,
        .metric_id = event->metric_id,
        .occurred_at = event->occurred_at,
        .id = ctx_new_id(e->ctx),
        .transaction_id = e->estimate->events[e->index].transaction_id,
        .properties = event->properties,
        .seq = INT64_MAX,
        .received_at = ctx_now(e->ctx),
        .precise_total_cents = event->cents,
    };
}

/* The fee with its taxes, as if it were invoiced now. */
static enum err add_fee(struct estimating *e, const struct charge_view *charge,
                        const struct fee_row *row)
{
    struct ctx *ctx = e->ctx;
    struct event_estimate *estimate = e->estimate;
    struct invoice_build build;
    TRY(invoice_build_new(ctx, &e->customer, &e->terms, row->currency, ctx_now(ctx), &build));
    build.has_no_vendor_cost = build.has_no_late_usage = true;
    build.given = (struct given_fee){row, &e->item.plan, charge};
    TRY(invoice_compute(ctx, e->tx, &build));
    build.row.is_holder = true; /* there is no invoice */
    estimate->fees = arena_grow(ctx->arena, estimate->fees, estimate->fee_count, &e->capacity,
                                sizeof *estimate->fees);
    struct fee_view *view = &estimate->fees[estimate->fee_count++];
    TRY(fee_view_load(e->tx, &build.fees[0].row, &e->customer, &build.row, view));
    view->taxes = build.fee_taxes;
    view->tax_count = build.fee_tax_count;
    view->row.id = UUID_NIL;
    return ERR_NONE;
}

static enum err estimate_charge(struct estimating *e, const struct charge_view *charge)
{
    struct fee_row fee;
    bool found = false;
    struct advance_period period = {.item = &e->item, .charge = charge, .zone = e->terms.zone};
    struct advance_fees fees = {
        .supposed = &e->row, .by_itself = e->estimate->by_itself, .fees = &fee, .found = &found};
    TRY(advance_find_renewal(e->tx, &period));
    enum err err = advance_fees_make(e->ctx, e->tx, &period, &fees);
    if (err == ERR_OVERFLOW)
        return fail(e->ctx, err, "charge %.*s: the amount is too large", STR_ARG(charge->row.code));
    TRY(err);
    ASSERT(found);
    return add_fee(e, charge, &fee);
}

static bool is_asked(const struct estimating *e, const struct charge_view *charge)
{
    struct str model = charge->row.charge_model;
    if (!charge->row.pay_in_advance || !uuid_eq(charge->metric.id, e->event->metric_id))
        return false;
    return !e->estimate->by_itself || str_eq(model, STR("standard")) ||
           str_eq(model, STR("percentage"));
}

static enum err estimate_event(struct estimating *e)
{
    size_t before = e->estimate->fee_count;
    struct ctx *ctx = e->ctx;
    TRY(find_subscription(e));
    e->row = row_of(e);
    advance_period_at(e->terms.zone, e->event->occurred_at, &e->item);
    for (size_t i = 0; i < e->item.plan.charge_count; i++) {
        if (is_asked(e, &e->item.plan.charges[i]))
            TRY(estimate_charge(e, &e->item.plan.charges[i]));
    }
    if (e->estimate->fee_count == before)
        fault_field(ctx->fault,
                    e->estimate->is_list ? arena_fmt(ctx->arena, "events.%zu.code", e->index)
                                         : STR("code"),
                    "does_not_match_an_instant_charge", e->event->input->code,
                    e->estimate->by_itself
                        ? "a metric that the plan charges for in advance, at a standard or a "
                          "percentage price"
                        : "a metric that the plan charges for in advance");
    return ERR_NONE;
}

struct work {
    struct event_estimate *estimate;
    const struct ingest_batch *batch;
};

static enum err run(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct work *work = arg;
    struct estimating e = {.ctx = ctx, .tx = tx, .estimate = work->estimate};
    work->estimate->fees = NULL;
    work->estimate->fee_count = 0;
    for (e.index = 0; e.index < work->batch->count; e.index++) {
        e.event = &work->batch->prepared[e.index];
        TRY(estimate_event(&e));
    }
    return fault_check(ctx->fault);
}

enum err event_estimate(struct ctx *ctx, struct event_estimate *estimate)
{
    struct ingest_batch batch;
    TRY(prepare(ctx, estimate, &batch));
    return tx_run(ctx, TX_READ, run, &(struct work){estimate, &batch});
}
