#include "app/subscription_next.h"

#include "app/billing.h"
#include "app/billing_period.h"
#include "app/billing_step.h"
#include "app/customer_terms.h"
#include "app/late_usage.h"
#include "app/metric_rule.h"
#include "app/plan_change.h"
#include "app/subscription_change.h"
#include "app/subscription_due.h"
#include "app/usage_move.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "core/recurring.h"
#include "store/sql/catalog.h"
#include "store/sql/subscription.h"

/* ---- finding --------------------------------------------------------------------------------- */

enum err subscription_next_find(struct tx *tx, const struct subscription_row *row,
                                struct subscription_row *next, bool *found)
{
    return subscription_waiting(tx,
                                &(struct subscription_waiting_in){
                                    .customer_id = row->customer_id,
                                    .external_id = row->external_id,
                                    .previous_id = row->id,
                                },
                                next, found);
}

enum err subscription_next_view(struct tx *tx, const struct subscription_row *row,
                                struct subscription_neighbours *neighbours)
{
    struct subscription_followers_row *rows = NULL;
    struct subscription_plan_code_row previous;
    size_t count = 0;
    bool found = false;
    *neighbours = (struct subscription_neighbours){STR_NULL, STR_NULL, DAY_NONE};
    if (!uuid_is_nil(row->previous_id)) {
        TRY(subscription_plan_code(tx,
                                   &(struct subscription_plan_code_in){
                                       .customer_id = row->customer_id, .id = row->previous_id},
                                   &previous, &found));
        ASSERT(found);
        neighbours->previous_plan_code = previous.plan_code;
    }
    TRY(subscription_followers(tx,
                               &(struct subscription_followers_in){
                                   .customer_id = row->customer_id,
                                   .external_id = row->external_id,
                                   .previous_id = row->id,
                               },
                               &rows, &count));
    if (count == 0)
        return ERR_NONE;
    neighbours->next_plan_code = rows[0].plan_code;
    if (str_eq(rows[0].status, STR("pending")))
        neighbours->takes_over_day = rows[0].takes_over_day;
    return ERR_NONE;
}

enum err subscription_next_cancel(struct ctx *ctx, struct tx *tx,
                                  const struct subscription_row *row, int64_t at)
{
    struct subscription_row next;
    bool found = false;
    TRY(subscription_next_find(tx, row, &next, &found));
    return found ? subscription_end(ctx, tx, &next, at, next.on_termination_invoice) : ERR_NONE;
}

enum err subscription_next_catch_up(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                    struct str external_id)
{
    struct subscription_row *rows = NULL;
    struct billing_counts counts = {0};
    size_t count = 0;
    bool is_due = false;
    TRY(subscription_by_external_list(tx,
                                      &(struct subscription_by_external_list_in){
                                          .customer_id = customer_id, .external_id = external_id},
                                      &rows, &count));
    for (size_t i = 0; i < count; i++)
        is_due |= str_eq(rows[i].status, STR("pending")) && rows[i].takes_over_day != DAY_NONE &&
                  rows[i].next_due_at <= ctx_now(ctx);
    return is_due ? billing_step(ctx, tx, customer_id, ctx_now(ctx), &counts) : ERR_NONE;
}

/* ---- asking ---------------------------------------------------------------------------------- */

struct asking {
    struct ctx *ctx;
    struct tx *tx;
    const struct subscription_input *input;
    const struct subscription_row *running;
    struct plan_view plan; /* that it runs on */
    const struct zone *zone;
    bool is_cheaper; /* than it; it waits */
    int64_t takes_over_at;
    struct subscription_row row; /* that is asked for */
};

static void bad_time(const struct asking *a, const char *field, int64_t at, const char *expected)
{
    struct arena *arena = a->ctx->arena;
    fault_field(a->ctx->fault, str_of(field), "invalid_date", time_text(arena, at), "%s %.*s",
                expected, STR_ARG(time_text(arena, a->takes_over_at)));
}

static bool has_own_terms(const struct plan_override *override)
{
    return override != NULL &&
           (plan_override_copies(override) || override->change.input.fixed_charge_count > 0);
}

static void stays(const struct asking *a, const char *field, struct str value)
{
    fault_field(a->ctx->fault, str_of(field), "value_is_invalid", value,
                "nothing: the subscription stays on its plan as it is, PUT changes it");
}

/* The running plan was asked for: what waits goes, all else stays. */
static enum err stay(const struct asking *a)
{
    const struct subscription_input *input = a->input;
    struct fault *fault = a->ctx->fault;
    struct subscription_row next;
    bool waits = false;
    TRY(subscription_next_find(a->tx, a->running, &next, &waits));
    if (!waits)
        fault_field(fault, STR("external_id"), "value_already_exist", input->external_id,
                    "an external id that no running subscription has, or another plan for it");
    if (waits && has_own_terms(input->override))
        stays(a, "plan_overrides", STR_NULL);
    if (waits && !str_is_null(input->name) && !str_eq(input->name, a->running->name))
        stays(a, "name", input->name);
    if (waits && input->ending_at != TIME_NONE && input->ending_at != a->running->ending_at)
        stays(a, "ending_at", time_text(a->ctx->arena, input->ending_at));
    TRY(fault_check(fault));
    return subscription_next_cancel(a->ctx, a->tx, a->running, ctx_now(a->ctx));
}

/* Periods go on from the same anchor, by the calendar only where the new plan has such periods. */
static void set_billing_time(struct asking *a, const struct plan_version_row *version)
{
    struct interval interval;
    bool known = interval_parse(version->billing_interval, &interval);
    ASSERT(known);
    struct str sent = a->input->billing_time;
    a->row.billing_time =
        interval_has_calendar(interval) ? a->running->billing_time : STR("anniversary");
    if (!str_is_null(sent) && !str_eq(sent, a->row.billing_time))
        fault_field(a->ctx->fault, STR("billing_time"), "value_is_invalid", sent,
                    "%.*s, by which the subscription goes on", STR_ARG(a->row.billing_time));
}

static void check_times(struct asking *a)
{
    const struct subscription_input *input = a->input;
    const struct subscription_row *running = a->running;
    if (input->subscription_at != TIME_NONE && input->subscription_at != a->takes_over_at &&
        input->subscription_at != running->subscription_at)
        bad_time(a, "subscription_at", input->subscription_at, "no time, or that of the change,");
    if (running->ending_at != TIME_NONE &&
        subscription_end_due_at(a->zone, running) <= a->takes_over_at)
        bad_time(a, "ending_at", running->ending_at,
                 "a subscription that goes on after the change at");
    else if (a->row.ending_at != TIME_NONE && a->row.ending_at <= a->takes_over_at)
        bad_time(a, "ending_at", a->row.ending_at, "a time after the change at");
}

/* By the price of a year, as it was agreed. */
static void tell_direction(struct asking *a, const struct plan_version_row *version)
{
    const struct plan_override *override = a->input->override;
    int64_t yearly_minor = version->yearly_minor;
    struct interval interval;
    bool known = interval_parse(version->billing_interval, &interval);
    ASSERT(known);
    if (override != NULL && (override->change.sent & PLAN_AMOUNT) != 0) {
        enum err err =
            recurring_year(interval, override->change.input.amount_minor, 1, &yearly_minor);
        if (err == ERR_OVERFLOW)
            fault_field(a->ctx->fault, STR("plan_overrides.amount_cents"), "value_is_out_of_range",
                        STR_NULL, "a price whose year fits 64 bits");
    }
    a->is_cheaper = yearly_minor < a->plan.version.yearly_minor;
}

/* A dearer one, or one as dear, begins now; a cheaper one on the day after the running period of
 * the plan. */
static enum err begin(struct asking *a, const struct customer_row *customer,
                      const struct plan_version_row *version)
{
    const struct subscription_input *input = a->input;
    const struct subscription_row *running = a->running;
    struct customer_terms terms;
    int64_t now = ctx_now(a->ctx);
    TRY(customer_terms_load(a->ctx, a->tx, customer, &terms));
    tell_direction(a, version);
    struct billing_terms billing = {
        .subscription = running, .plan = &a->plan.version, .zone = terms.zone};
    int32_t day = billing_plan_period(&billing, zone_day(terms.zone, now)).end_day;
    a->zone = terms.zone;
    a->takes_over_at = a->is_cheaper ? zone_day_start(terms.zone, day) : now;
    a->row = (struct subscription_row){
        .customer_id = running->customer_id,
        .id = ctx_new_id(a->ctx),
        .external_id = running->external_id,
        .name = str_is_null(input->name) ? running->name : input->name,
        .status = a->is_cheaper ? STR("pending") : STR("active"),
        .subscription_at = running->subscription_at,
        .started_at = a->is_cheaper ? TIME_NONE : now,
        .ending_at = input->ending_at == TIME_NONE ? running->ending_at : input->ending_at,
        .terminated_at = TIME_NONE,
        .on_termination_invoice = STR("generate"),
        .billed_until_at = TIME_NONE,
        .billed_until_day = DAY_NONE,
        .next_due_at = TIME_NONE,
        .previous_id = running->id,
        .takes_over_day = a->is_cheaper ? day : DAY_NONE,
        .created_at = now,
        .updated_at = now,
    };
    set_billing_time(a, version);
    check_times(a);
    return ERR_NONE;
}

/* Whether it waits already, just as it is asked for. */
static enum err waits_already(const struct asking *a, struct uuid plan_id, bool *waits)
{
    struct subscription_row next;
    struct plan_row plan;
    bool found = false;
    TRY(subscription_next_find(a->tx, a->running, &next, waits));
    if (!*waits)
        return ERR_NONE;
    TRY(plan_of_version(a->tx,
                        &(struct plan_of_version_in){.plan_version_id = next.plan_version_id},
                        &plan, &found));
    ASSERT(found);
    *waits = uuid_eq(plan.id, plan_id) && !has_own_terms(a->input->override) &&
             str_eq(next.name, a->row.name) && next.ending_at == a->row.ending_at;
    return ERR_NONE;
}

/* ---- at once --------------------------------------------------------------------------------- */

static enum err refuse(const struct asking *a, const char *why)
{
    return fail(a->ctx, ERR_NOT_SUPPORTED,
                "plan_code %.*s: it is as dear as %.*s or dearer and would take over at once; %s",
                STR_ARG(a->input->plan_code), STR_ARG(a->plan.row.code), why);
}

/* What was paid in advance would have to be given back; what counts by days, or is carried on,
 * would count the day of the change twice. */
static enum err check_terms(const struct asking *a)
{
    if (plan_is_paid_ahead(&a->plan))
        return refuse(a, "giving back what was paid in advance is not supported yet");
    for (size_t i = 0; i < a->plan.charge_count; i++) {
        const struct charge_view *charge = &a->plan.charges[i];
        if (charge->row.pay_in_advance)
            return refuse(a, "with charges in advance that is not supported yet");
        if (charge->metric.is_recurring)
            return refuse(a, "with charges for stocks that is not supported yet");
        if (charge->row.min_amount_minor > 0 || charge->row.max_amount_minor > 0)
            return refuse(a, "with a minimum or maximum of a charge that is not supported yet");
    }
    return ERR_NONE;
}

/* Events of now or later that came already, and may have been passed by as no charge in advance was
 * there. */
static enum err check_events(const struct asking *a)
{
    struct event_row *events = NULL;
    size_t count = 0;
    TRY(usage_since(a->tx, a->running->customer_id, a->running->id, a->takes_over_at, &events,
                    &count));
    for (size_t i = 0; i < count; i++) {
        struct metric_rule rule;
        TRY(metric_rule_load(a->tx, a->ctx->arena, events[i].metric_id, &rule));
        if (rule.is_paid_ahead)
            return refuse(a, "usage stamped now or later has come that may be charged for in "
                             "advance, with which that is not supported yet");
    }
    return ERR_NONE;
}

static enum err change_now(struct asking *a, struct plan_version_row *version)
{
    struct subscription_row ended = *a->running;
    TRY(check_terms(a));
    TRY(late_usage_end(a->tx, ended.customer_id, ended.id)); /* no event comes meanwhile */
    TRY(check_events(a));
    ended.status = STR("terminated");
    ended.terminated_at = a->takes_over_at;
    ended.next_due_at = TIME_NONE;
    TRY(subscription_change(a->ctx, a->tx, "subscription.terminate", &ended));
    TRY(subscription_make(a->ctx, a->tx, a->input->override, version, &a->row));
    TRY(usage_move(a->ctx, a->tx, ended.id, &a->row, a->zone));
    return billing_subscription_changed(a->ctx, a->tx, ended.customer_id, ended.id, a->row.id);
}

enum err subscription_next_ask(struct ctx *ctx, struct tx *tx,
                               const struct subscription_input *input,
                               const struct customer_row *customer,
                               struct subscription_row *running, struct plan_version_row *version)
{
    struct asking a = {.ctx = ctx, .tx = tx, .input = input, .running = running};
    struct uuid plan_id = version->plan_id;
    bool waits = false;
    TRY(plan_in_force(ctx, tx, running->plan_version_id, ctx_now(ctx), false, &a.plan));
    if (uuid_eq(plan_catalogue_id(&a.plan.row), plan_id))
        return stay(&a);
    TRY(begin(&a, customer, version));
    TRY(fault_check(ctx->fault));
    TRY(waits_already(&a, plan_id, &waits));
    if (waits)
        return ERR_NONE;
    TRY(subscription_next_cancel(ctx, tx, running, ctx_now(ctx)));
    if (a.is_cheaper)
        return subscription_make(ctx, tx, input->override, version, &a.row);
    TRY(change_now(&a, version));
    *running = a.row;
    return ERR_NONE;
}
