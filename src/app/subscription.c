#include "app/subscription.h"

#include "app/audit.h"
#include "app/billing.h"
#include "app/billing_period.h"
#include "app/billing_step.h"
#include "app/customer.h"
#include "app/subscription_change.h"
#include "app/subscription_due.h"
#include "app/subscription_next.h"
#include "app/subscription_plan.h"
#include "app/usage.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/subscription.h"

/* ---- reading --------------------------------------------------------------------------------- */

enum err subscription_view_load(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                                const struct subscription_row *row, struct subscription_view *view)
{
    *view = (struct subscription_view){
        .row = *row,
        .customer = *customer,
        .period_from_at = TIME_NONE,
        .period_to_at = TIME_NONE,
    };
    int64_t at = row->terminated_at == TIME_NONE ? ctx_now(ctx) : row->terminated_at;
    TRY(plan_in_force(ctx, tx, row->plan_version_id, at, false, &view->plan));
    TRY(subscription_next_view(tx, row, &view->neighbours));
    if (!str_eq(row->status, STR("active")))
        return ERR_NONE;
    struct customer_terms terms;
    TRY(customer_terms_load(ctx, tx, customer, &terms));
    struct billing_terms billing = {
        .subscription = &view->row, .plan = &view->plan.version, .zone = terms.zone};
    struct period period = billing_plan_period(&billing, zone_day(terms.zone, ctx_now(ctx)));
    int64_t from_at = zone_day_start(terms.zone, period.start_day);
    view->period_from_at = from_at > row->started_at ? from_at : row->started_at;
    view->period_to_at = zone_day_start(terms.zone, period.end_day);
    return ERR_NONE;
}

/* The newest with the external id that has the status; found says whether there is one. */
static enum err find(struct tx *tx, struct uuid customer_id, struct str external_id,
                     struct str status, struct subscription_row *row, bool *found)
{
    struct subscription_row *rows = NULL;
    size_t count = 0;
    *found = false;
    TRY(subscription_by_external_list(tx,
                                      &(struct subscription_by_external_list_in){
                                          .customer_id = customer_id, .external_id = external_id},
                                      &rows, &count));
    for (size_t i = 0; i < count && !*found; i++) {
        if (str_eq(rows[i].status, status)) {
            *row = rows[i];
            *found = true;
        }
    }
    return ERR_NONE;
}

struct subscription_getting {
    struct str external_id;
    struct str status;
    struct subscription_view *view;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct subscription_getting *getting = arg;
    struct subscription_owner_row owner;
    struct subscription_row row;
    struct customer_row customer;
    bool found = false;
    TRY(subscription_owner(tx, &(struct subscription_owner_in){.external_id = getting->external_id},
                           &owner, &found));
    if (found)
        TRY(find(tx, owner.customer_id, getting->external_id, getting->status, &row, &found));
    if (!found)
        return fail_not_found(ctx, "subscription", getting->external_id);
    TRY(customer_load(tx, &(struct customer_load_in){.id = owner.customer_id}, &customer, &found));
    ASSERT(found);
    return subscription_view_load(ctx, tx, &customer, &row, getting->view);
}

enum err subscription_get(struct ctx *ctx, struct str external_id, struct str status,
                          struct subscription_view *view)
{
    struct subscription_getting getting = {
        .external_id = external_id,
        .status = str_is_null(status) ? STR("active") : status,
        .view = view,
    };
    return tx_run(ctx, TX_READ, get, &getting);
}

struct subscription_listing {
    const struct subscription_filter *filter;
    struct subscription_view *views;
    size_t count;
    int64_t total;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct subscription_listing *listing = arg;
    const struct subscription_filter *filter = listing->filter;
    struct subscription_page_in in = {
        .with_pending = filter->pending,
        .with_active = filter->active,
        .with_terminated = filter->terminated,
        .with_canceled = filter->canceled,
        .before_at = INT64_MAX,
        .before_id = filter->after_id,
        .limit = filter->limit,
        .offset = filter->offset,
    };
    struct subscription_row *rows = NULL;
    struct subscription_count_row counted;
    struct customer_row customer;
    bool found = false;
    if (!str_is_null(filter->external_customer_id)) {
        TRY(customer_find(ctx, tx, filter->external_customer_id, false, &customer));
        in.wanted_customer_id = customer.id;
    }
    if (!str_is_null(filter->plan_code)) {
        struct plan_row plan;
        TRY(plan_by_code(tx, &(struct plan_by_code_in){.code = filter->plan_code}, &plan, &found));
        if (!found)
            return fail_not_found(ctx, "plan", filter->plan_code);
        in.wanted_plan_id = plan.id;
    }
    listing->total = LIST_UNCOUNTED;
    if (!uuid_is_nil(filter->after_id)) {
        struct subscription_row before;
        TRY(subscription_by_id(tx, &(struct subscription_by_id_in){.id = filter->after_id}, &before,
                               &found));
        if (!found)
            return fail_cursor(ctx, filter->after_id);
        in.before_at = before.created_at;
    } else {
        TRY(subscription_count(tx,
                               &(struct subscription_count_in){
                                   .wanted_customer_id = in.wanted_customer_id,
                                   .wanted_plan_id = in.wanted_plan_id,
                                   .with_pending = in.with_pending,
                                   .with_active = in.with_active,
                                   .with_terminated = in.with_terminated,
                                   .with_canceled = in.with_canceled,
                               },
                               &counted, &found));
        listing->total = counted.total;
    }
    TRY(subscription_page(tx, &in, &rows, &listing->count));
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct subscription_view);
    for (size_t i = 0; i < listing->count; i++) {
        TRY(customer_load(tx, &(struct customer_load_in){.id = rows[i].customer_id}, &customer,
                          &found));
        ASSERT(found);
        TRY(subscription_view_load(ctx, tx, &customer, &rows[i], &listing->views[i]));
    }
    return ERR_NONE;
}

enum err subscription_list(struct ctx *ctx, const struct subscription_filter *filter,
                           struct subscription_view **views, size_t *count, int64_t *total)
{
    struct subscription_listing listing = {.filter = filter};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}

/* ---- creating -------------------------------------------------------------------------------- */

struct subscription_creating {
    const struct subscription_input *input;
    struct subscription_view *view;
};

/* Whose the external id is: nobody's, this customer's, or free again.  *runs: one of the customer's
 * runs under it. */
static enum err take_external_id(struct ctx *ctx, struct tx *tx,
                                 const struct subscription_input *input,
                                 const struct customer_row *customer,
                                 struct subscription_row *running, bool *runs)
{
    struct subscription_owner_row owner;
    bool found = false;
    *runs = false;
    TRY(subscription_owner(tx, &(struct subscription_owner_in){.external_id = input->external_id},
                           &owner, &found));
    if (!found)
        return subscription_key_insert(
            tx, &(struct subscription_key_row){.external_id = input->external_id,
                                               .customer_id = customer->id});
    if (!uuid_eq(owner.customer_id, customer->id)) {
        struct customer_row holder;
        TRY(customer_load(tx, &(struct customer_load_in){.id = owner.customer_id}, &holder,
                          &found));
        ASSERT(found);
        if (holder.deleted_at != TIME_NONE)
            return subscription_key_move(
                tx,
                &(struct subscription_key_move_in){.customer_id = customer->id,
                                                   .external_id = input->external_id},
                NULL);
        fault_field(ctx->fault, STR("external_id"), "value_already_exist", input->external_id,
                    "an external id that is not another customer's");
        return ERR_NONE;
    }
    TRY(find(tx, customer->id, input->external_id, STR("active"), running, runs));
    if (!*runs)
        return ERR_NONE;
    struct billing_counts counts = {0};
    TRY(billing_step(ctx, tx, customer->id, ctx_now(ctx), &counts));
    return find(tx, customer->id, input->external_id, STR("active"), running, runs);
}

/* One that waits for its start keeps its plan. */
static enum err check_waiting(struct ctx *ctx, struct tx *tx,
                              const struct subscription_input *input,
                              const struct customer_row *customer,
                              const struct plan_version_row *version)
{
    struct subscription_row waiting;
    struct plan_row plan;
    bool found = false;
    TRY(find(tx, customer->id, input->external_id, STR("pending"), &waiting, &found));
    if (!found)
        return ERR_NONE;
    TRY(plan_of_version(tx,
                        &(struct plan_of_version_in){.plan_version_id = waiting.plan_version_id},
                        &plan, &found));
    ASSERT(found);
    if (uuid_eq(plan_catalogue_id(&plan), version->plan_id)) {
        fault_field(ctx->fault, STR("external_id"), "value_already_exist", input->external_id,
                    "an external id that no running subscription has");
        return ERR_NONE;
    }
    return fail(ctx, ERR_NOT_SUPPORTED,
                "plan_code %.*s: the subscription %.*s waits for its start on another plan, which "
                "can't be changed yet; cancel it first",
                STR_ARG(input->plan_code), STR_ARG(input->external_id));
}

static void check_dates(struct ctx *ctx, const struct subscription_row *row)
{
    static const int64_t latest = (int64_t)7258118400 * TIME_SECOND; /* 2200-01-01 */
    if (row->subscription_at < 0 || row->subscription_at >= latest)
        fault_field(ctx->fault, STR("subscription_at"), "value_is_out_of_range",
                    time_text(ctx->arena, row->subscription_at), "a time from 1970 to 2199");
    if (row->ending_at == TIME_NONE)
        return;
    bool follows = row->takes_over_day != DAY_NONE && str_eq(row->status, STR("pending"));
    int64_t start_at = follows ? row->next_due_at : row->subscription_at;
    if (row->ending_at >= latest || row->ending_at <= start_at || row->ending_at < ctx_now(ctx))
        fault_field(ctx->fault, STR("ending_at"), "invalid_date",
                    time_text(ctx->arena, row->ending_at),
                    "a time in the future, after %.*s, before 2200",
                    STR_ARG(follows ? time_text(ctx->arena, start_at) : STR("subscription_at")));
}

/* Periods of 18 months or 14 days begin on no day of the calendar. */
static struct str billing_time_of(struct ctx *ctx, const struct subscription_input *input,
                                  const struct plan_version_row *version)
{
    struct interval interval;
    bool known = interval_parse(version->billing_interval, &interval);
    ASSERT(known);
    bool has_calendar = interval_has_calendar(interval);
    if (str_is_null(input->billing_time))
        return has_calendar ? STR("calendar") : STR("anniversary");
    if (!has_calendar && str_eq(input->billing_time, STR("calendar")))
        fault_field(ctx->fault, STR("billing_time"), "value_is_invalid", input->billing_time,
                    "anniversary: the plan's periods of %.*s begin on no day of the calendar",
                    STR_ARG(version->billing_interval));
    return input->billing_time;
}

static enum err find_plan(struct ctx *ctx, struct tx *tx, struct str code,
                          struct plan_version_row *version)
{
    struct plan_row plan;
    bool found = false;
    TRY(plan_lock_code(ctx, tx, code, &plan));
    TRY(plan_version_for_new(
        tx, &(struct plan_version_for_new_in){.plan_id = plan.id, .at = ctx_now(ctx)}, version,
        &found));
    ASSERT(found);
    return ERR_NONE;
}

/* A customer is billed in one currency: its own, or that of its first plan. */
static enum err check_currency(struct ctx *ctx, struct tx *tx, struct customer_row *customer,
                               struct str currency)
{
    if (str_is_null(customer->currency)) {
        customer->currency = currency;
        return customer_set_currency(
            tx, &(struct customer_set_currency_in){.currency = currency, .id = customer->id}, NULL);
    }
    if (!str_eq(customer->currency, currency))
        fault_field(ctx->fault, STR("currency"), "currencies_does_not_match", currency,
                    "a plan in %.*s, the customer's currency", STR_ARG(customer->currency));
    return ERR_NONE;
}

static enum err put_units(struct ctx *ctx, struct tx *tx, const struct subscription_row *row,
                          bool begins, const struct plan_override *override)
{
    size_t count = 0;
    if (override == NULL)
        return ERR_NONE;
    struct units_input *units = plan_override_units(ctx->arena, override, &count);
    return subscription_units_put(ctx, tx, row, begins, units, count);
}

static struct str currency_of(const struct plan_override *override,
                              const struct plan_version_row *version)
{
    bool has_own = override != NULL && (override->change.sent & PLAN_CURRENCY) != 0;
    return has_own ? override->change.input.currency : version->currency;
}

enum err subscription_make(struct ctx *ctx, struct tx *tx, const struct plan_override *override,
                           struct plan_version_row *version, struct subscription_row *row)
{
    if (override != NULL && plan_override_copies(override))
        TRY(plan_copy_start(ctx, tx, row->id, override, version));
    TRY(fault_check(ctx->fault));
    row->plan_version_id = row->fixed_version_id = version->id;
    TRY(subscription_due_set(ctx, tx, row));
    TRY(subscription_insert(tx, row));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = row->customer_id,
                      .action = "subscription.create",
                      .object_id = row->id,
                      .after = subscription_row_json(ctx->arena, row),
                  }));
    return put_units(ctx, tx, row, true, override);
}

/* Where none runs under the external id. */
static enum err create_new(struct ctx *ctx, struct tx *tx, const struct subscription_input *input,
                           const struct customer_row *customer, struct plan_version_row *version,
                           struct subscription_row *row)
{
    int64_t now = ctx_now(ctx);
    *row = (struct subscription_row){
        .customer_id = customer->id,
        .id = ctx_new_id(ctx),
        .external_id = input->external_id,
        .name = input->name,
        .billing_time = billing_time_of(ctx, input, version),
        .subscription_at = input->subscription_at == TIME_NONE ? now : input->subscription_at,
        .started_at = TIME_NONE,
        .ending_at = input->ending_at,
        .terminated_at = TIME_NONE,
        .on_termination_invoice = STR("generate"),
        .billed_until_at = TIME_NONE,
        .billed_until_day = DAY_NONE,
        .next_due_at = TIME_NONE,
        .takes_over_day = DAY_NONE,
        .created_at = now,
        .updated_at = now,
    };
    bool starts = row->subscription_at <= now;
    row->status = starts ? STR("active") : STR("pending");
    if (starts)
        TRY(subscription_start_at(ctx, tx, row, &row->started_at));
    check_dates(ctx, row);
    TRY(check_waiting(ctx, tx, input, customer, version));
    TRY(subscription_make(ctx, tx, input->override, version, row));
    TRY(usage_adopt_unmatched(ctx, tx, customer->id, row->external_id));
    return starts ? billing_subscription_started(ctx, tx, customer->id, row->id) : ERR_NONE;
}

static enum err create(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct subscription_creating *creating = arg;
    const struct subscription_input *input = creating->input;
    struct customer_row customer;
    struct plan_version_row version = {0};
    struct subscription_row row;
    bool runs = false;
    bool found = false;
    TRY(customer_find(ctx, tx, input->external_customer_id, true, &customer));
    TRY(find_plan(ctx, tx, input->plan_code, &version));
    TRY(check_currency(ctx, tx, &customer, currency_of(input->override, &version)));
    TRY(take_external_id(ctx, tx, input, &customer, &row, &runs));
    TRY(runs ? subscription_next_ask(ctx, tx, input, &customer, &row, &version)
             : create_new(ctx, tx, input, &customer, &version, &row));
    TRY(subscription_load(tx,
                          &(struct subscription_load_in){.customer_id = customer.id, .id = row.id},
                          &row, &found));
    ASSERT(found);
    return subscription_view_load(ctx, tx, &customer, &row, creating->view);
}

enum err subscription_create(struct ctx *ctx, const struct subscription_input *input,
                             struct subscription_view *view)
{
    struct subscription_creating creating = {.input = input, .view = view};
    return tx_run(ctx, TX_WRITE, create, &creating);
}

enum err subscription_start_at(struct ctx *ctx, struct tx *tx, const struct subscription_row *row,
                               int64_t *started_at)
{
    struct subscription_row *earlier = NULL;
    size_t count = 0;
    (void)ctx;
    *started_at = row->subscription_at;
    TRY(subscription_by_external_list(
        tx,
        &(struct subscription_by_external_list_in){.customer_id = row->customer_id,
                                                   .external_id = row->external_id},
        &earlier, &count));
    for (size_t i = 0; i < count; i++) {
        if (str_eq(earlier[i].status, STR("terminated")) && earlier[i].terminated_at > *started_at)
            *started_at = earlier[i].terminated_at;
    }
    return ERR_NONE;
}

/* ---- ending ---------------------------------------------------------------------------------- */

struct subscription_ending {
    struct str external_id;
    struct str status;
    struct str invoice;
    bool wants_credit_note;
    struct subscription_view *view;
};

enum err subscription_end(struct ctx *ctx, struct tx *tx, struct subscription_row *row, int64_t at,
                          struct str invoice)
{
    bool active = str_eq(row->status, STR("active"));
    if (active)
        TRY(subscription_next_cancel(ctx, tx, row, at));
    row->status = active ? STR("terminated") : STR("canceled");
    row->terminated_at = at;
    row->on_termination_invoice = invoice;
    row->next_due_at = TIME_NONE;
    TRY(subscription_change(ctx, tx, active ? "subscription.terminate" : "subscription.cancel",
                            row));
    return active ? billing_subscription_terminated(ctx, tx, row->customer_id, row->id) : ERR_NONE;
}

static enum err check_credit_note(struct ctx *ctx, struct tx *tx,
                                  const struct subscription_row *row)
{
    struct plan_view plan;
    TRY(plan_in_force(ctx, tx, row->plan_version_id, ctx_now(ctx), false, &plan));
    if (!plan.version.pay_in_advance || str_eq(row->status, STR("pending")))
        return ERR_NONE;
    return fail(ctx, ERR_NOT_SUPPORTED,
                "on_termination_credit_note: credit notes are not supported yet; leave it out or "
                "say skip");
}

static enum err end(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct subscription_ending *ending = arg;
    struct subscription_owner_row owner;
    struct subscription_row row = {0};
    struct customer_row customer;
    bool found = false;
    TRY(subscription_owner(tx, &(struct subscription_owner_in){.external_id = ending->external_id},
                           &owner, &found));
    if (!found)
        return fail_not_found(ctx, "subscription", ending->external_id);
    TRY(customer_lock(tx, &(struct customer_lock_in){.id = owner.customer_id}, &customer, &found));
    TRY(subscription_next_catch_up(ctx, tx, owner.customer_id, ending->external_id));
    TRY(find(tx, owner.customer_id, ending->external_id, ending->status, &row, &found));
    if (!found || str_is_null(row.status) || str_eq(row.status, STR("terminated")) ||
        str_eq(row.status, STR("canceled")))
        return fail_not_found(ctx, "subscription", ending->external_id);
    if (ending->wants_credit_note)
        TRY(check_credit_note(ctx, tx, &row));
    TRY(subscription_end(ctx, tx, &row, ctx_now(ctx), ending->invoice));
    TRY(subscription_load(
        tx, &(struct subscription_load_in){.customer_id = row.customer_id, .id = row.id}, &row,
        &found));
    return subscription_view_load(ctx, tx, &customer, &row, ending->view);
}

enum err subscription_terminate(struct ctx *ctx, struct str external_id, struct str wanted_status,
                                struct str invoice, bool wants_credit_note,
                                struct subscription_view *view)
{
    struct subscription_ending ending = {
        .external_id = external_id,
        .status = str_is_null(wanted_status) ? STR("active") : wanted_status,
        .invoice = str_is_null(invoice) ? STR("generate") : invoice,
        .wants_credit_note = wants_credit_note,
        .view = view,
    };
    return tx_run(ctx, TX_WRITE, end, &ending);
}

/* ---- changing -------------------------------------------------------------------------------- */

struct subscription_modifying {
    const struct subscription_modification *input;
    struct subscription_view *view;
};

static bool sent(const struct subscription_modification *input, enum subscription_field field)
{
    return (input->sent & (uint64_t)field) != 0;
}

static enum err find_running(struct ctx *ctx, struct tx *tx,
                             const struct subscription_modification *input,
                             struct customer_row *customer, struct subscription_row *row)
{
    struct str status = str_is_null(input->wanted_status) ? STR("active") : input->wanted_status;
    struct subscription_owner_row owner;
    bool found = false;
    TRY(subscription_owner(tx, &(struct subscription_owner_in){.external_id = input->external_id},
                           &owner, &found));
    if (found)
        TRY(customer_lock(tx, &(struct customer_lock_in){.id = owner.customer_id}, customer,
                          &found));
    if (found && (str_eq(status, STR("active")) || str_eq(status, STR("pending")))) {
        TRY(subscription_next_catch_up(ctx, tx, owner.customer_id, input->external_id));
        TRY(find(tx, owner.customer_id, input->external_id, status, row, &found));
    } else {
        found = false;
    }
    return found ? ERR_NONE : fail_not_found(ctx, "subscription", input->external_id);
}

/* What it has otherwise than its plan. */
static enum err put_overrides(struct ctx *ctx, struct tx *tx,
                              const struct subscription_modification *input,
                              struct subscription_row *row)
{
    const struct plan_override *override = input->override;
    struct billing_counts counts = {0};
    bool found = false;
    if (override == NULL ||
        (!plan_override_copies(override) && override->change.input.fixed_charge_count == 0))
        return ERR_NONE;
    TRY(billing_step(ctx, tx, row->customer_id, ctx_now(ctx), &counts));
    TRY(subscription_load(
        tx, &(struct subscription_load_in){.customer_id = row->customer_id, .id = row->id}, row,
        &found));
    ASSERT(found);
    if (plan_override_copies(override))
        TRY(plan_copy_override(ctx, tx, row, override));
    return put_units(ctx, tx, row, str_eq(row->status, STR("pending")), override);
}

static enum err modify(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct subscription_modifying *modifying = arg;
    const struct subscription_modification *input = modifying->input;
    struct customer_row customer;
    struct subscription_row row = {0};
    TRY(find_running(ctx, tx, input, &customer, &row));
    int64_t old_start_at = row.subscription_at;
    int64_t old_ending_at = row.ending_at;
    if (sent(input, SUBSCRIPTION_NAME))
        row.name = input->name;
    if (sent(input, SUBSCRIPTION_ENDING_AT))
        row.ending_at = input->ending_at;
    if (sent(input, SUBSCRIPTION_AT) && input->subscription_at != TIME_NONE)
        row.subscription_at = input->subscription_at;
    bool follows = row.takes_over_day != DAY_NONE;
    if (row.subscription_at != old_start_at && (follows || !str_eq(row.status, STR("pending"))))
        fault_field(ctx->fault, STR("subscription_at"), "value_is_immutable",
                    time_text(ctx->arena, row.subscription_at), "%.*s: the subscription %s",
                    STR_ARG(time_text(ctx->arena, old_start_at)),
                    follows ? "goes on with another one's periods" : "has started");
    if (row.subscription_at != old_start_at || row.ending_at != old_ending_at)
        check_dates(ctx, &row);
    TRY(fault_check(ctx->fault));
    TRY(subscription_due_set(ctx, tx, &row));
    TRY(subscription_change(ctx, tx, "subscription.update", &row));
    TRY(put_overrides(ctx, tx, input, &row));
    return subscription_view_load(ctx, tx, &customer, &row, modifying->view);
}

enum err subscription_modify(struct ctx *ctx, const struct subscription_modification *input,
                             struct subscription_view *view)
{
    struct subscription_modifying modifying = {.input = input, .view = view};
    return tx_run(ctx, TX_WRITE, modify, &modifying);
}
