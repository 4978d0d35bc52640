#include "app/subscription_units.h"

#include "app/audit.h"
#include "app/billing.h"
#include "app/billing_period.h"
#include "app/customer_terms.h"
#include "app/plan.h"
#include "base/assert.h"
#include "base/json_write.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/customer.h"
#include "store/sql/fixed.h"
#include "store/sql/subscription.h"

/* ---- finding --------------------------------------------------------------------------------- */

enum err subscription_running_find(struct ctx *ctx, struct tx *tx, struct str external_id,
                                   struct str status, bool lock, struct subscription_row *row)
{
    struct subscription_owner_row owner;
    struct subscription_row *rows = NULL;
    struct customer_row customer;
    size_t count = 0;
    bool found = false;
    struct str wanted = str_is_null(status) ? STR("active") : status;
    TRY(subscription_owner(tx, &(struct subscription_owner_in){.external_id = external_id}, &owner,
                           &found));
    if (!found)
        return fail_not_found(ctx, "subscription", external_id);
    if (lock)
        TRY(customer_lock(tx, &(struct customer_lock_in){.id = owner.customer_id}, &customer,
                          &found));
    TRY(subscription_by_external_list(
        tx,
        &(struct subscription_by_external_list_in){.customer_id = owner.customer_id,
                                                   .external_id = external_id},
        &rows, &count));
    for (size_t i = 0; i < count; i++) {
        bool runs = str_eq(rows[i].status, STR("active")) || str_eq(rows[i].status, STR("pending"));
        if (!runs || !str_eq(rows[i].status, wanted))
            continue;
        *row = rows[i];
        return ERR_NONE;
    }
    return fail_not_found(ctx, "subscription", external_id);
}

/* The plan's fixed charges now, with the subscription's units. */
static enum err load_charges(struct ctx *ctx, struct tx *tx, const struct subscription_row *row,
                             struct plan_view *plan, struct fixed_units_row **own,
                             size_t *own_count)
{
    TRY(plan_in_force(ctx, tx, row->plan_version_id, ctx_now(ctx), false, plan));
    TRY(fixed_units_list(
        tx,
        &(struct fixed_units_list_in){.customer_id = row->customer_id, .subscription_id = row->id},
        own, own_count));
    for (size_t i = 0; i < plan->fixed_charge_count; i++) {
        struct fixed_charge_row *charge = &plan->fixed_charges[i].row;
        for (size_t j = 0; j < *own_count; j++) {
            if (uuid_eq((*own)[j].lineage_id, charge->lineage_id))
                charge->units = (*own)[j].units; /* the newest stands last */
        }
    }
    return ERR_NONE;
}

enum err subscription_plan_load(struct ctx *ctx, struct tx *tx, const struct subscription_row *row,
                                struct plan_view *plan)
{
    struct fixed_units_row *own = NULL;
    size_t own_count = 0;
    return load_charges(ctx, tx, row, plan, &own, &own_count);
}

/* ---- setting --------------------------------------------------------------------------------- */

struct setting {
    struct ctx *ctx;
    struct tx *tx;
    const struct subscription_row *row;
    struct plan_view plan;
    struct fixed_units_row *own;
    size_t own_count;
    struct uuid change_id;
    struct period period; /* of fixed charges, that holds now */
    int64_t at;           /* since when what is changed at once holds */
    bool bills;           /* something paid in advance changed at once */
};

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A change at once is behind what the period began with, and behind the change before, the plan's
 * too. */
static enum err begin(struct setting *s)
{
    struct customer_row customer;
    struct customer_terms terms;
    bool found = false;
    TRY(customer_load(s->tx, &(struct customer_load_in){.id = s->row->customer_id}, &customer,
                      &found));
    ASSERT(found);
    TRY(customer_terms_load(s->ctx, s->tx, &customer, &terms));
    TRY(load_charges(s->ctx, s->tx, s->row, &s->plan, &s->own, &s->own_count));
    struct billing_terms billing = {
        .subscription = s->row, .plan = &s->plan.version, .zone = terms.zone};
    int64_t now = ctx_now(s->ctx);
    s->change_id = ctx_new_id(s->ctx);
    s->period = billing_fixed_period(&billing, zone_day(terms.zone, now));
    s->at = later(now, zone_day_start(terms.zone, s->period.start_day) + 1);
    s->at = later(s->at, s->plan.version.effective_at + 1);
    if (s->row->started_at != TIME_NONE)
        s->at = later(s->at, s->row->started_at + 1);
    for (size_t i = 0; i < s->own_count; i++) {
        if (s->own[i].from_at != TIME_NONE)
            s->at = later(s->at, s->own[i].from_at + 1);
    }
    return ERR_NONE;
}

static struct str audit_text(struct arena *arena, const struct fixed_charge_row *charge,
                             struct decimal units)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, arena, 4096);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    json_str(&out, "fixed_charge", charge->code);
    json_decimal(&out, "units", units);
    json_object_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

/* `begins` within the call: it has not begun, and they hold from its start. */
static enum err write(struct setting *s, const struct fixed_charge_view *charge,
                      const struct units_input *input, bool begins)
{
    struct fixed_units_row row = {
        .customer_id = s->row->customer_id,
        .subscription_id = s->row->id,
        .id = ctx_new_id(s->ctx),
        .change_id = s->change_id,
        .lineage_id = charge->row.lineage_id,
        .units = input->units,
        .from_at = begins ? 0 : s->at,
        .from_day = DAY_NONE,
        .created_at = ctx_now(s->ctx),
    };
    if (!begins && !input->at_once) {
        row.from_at = TIME_NONE;
        row.from_day = s->period.end_day;
    }
    s->bills |= !begins && input->at_once && charge->row.pay_in_advance;
    TRY(fixed_units_insert(s->tx, &row));
    return audit_add(s->ctx, s->tx,
                     &(struct audit){
                         .chain_id = s->row->customer_id,
                         .action = "subscription.units",
                         .object_id = s->row->id,
                         .before = audit_text(s->ctx->arena, &charge->row, charge->row.units),
                         .after = audit_text(s->ctx->arena, &charge->row, input->units),
                     });
}

static struct fixed_charge_view *find_charge(const struct setting *s,
                                             const struct units_input *input)
{
    for (size_t i = 0; i < s->plan.fixed_charge_count; i++) {
        struct fixed_charge_view *charge = &s->plan.fixed_charges[i];
        if (uuid_is_nil(input->lineage_id) ? str_eq(charge->row.code, input->code)
                                           : uuid_eq(charge->row.lineage_id, input->lineage_id))
            return charge;
    }
    return NULL;
}

static enum err bill(const struct setting *s)
{
    if (!s->bills)
        return ERR_NONE;
    return billing_units_changed(s->ctx, s->tx, s->row->customer_id, s->row->id, s->change_id,
                                 s->at, true);
}

static void check(const struct setting *s, const struct units_input *input)
{
    struct arena *arena = s->ctx->arena;
    struct fault *fault = s->ctx->fault;
    if (find_charge(s, input) == NULL)
        fault_field(
            fault, arena_fmt(arena, "%.*s.id", STR_ARG(input->path)), "fixed_charge_not_found",
            uuid_is_nil(input->lineage_id) ? input->code : uuid_text(arena, input->lineage_id),
            "the id of a fixed charge of the plan");
    else if (!input->has_units)
        fault_field(fault, arena_fmt(arena, "%.*s.units", STR_ARG(input->path)),
                    "value_is_mandatory", STR_NULL, "a number of units");
}

enum err subscription_units_put(struct ctx *ctx, struct tx *tx, const struct subscription_row *row,
                                bool begins, const struct units_input *inputs, size_t count)
{
    struct setting s = {.ctx = ctx, .tx = tx, .row = row};
    if (count == 0)
        return ERR_NONE;
    TRY(begin(&s));
    for (size_t i = 0; i < count; i++)
        check(&s, &inputs[i]);
    TRY(fault_check(ctx->fault));
    for (size_t i = 0; i < count; i++)
        TRY(write(&s, find_charge(&s, &inputs[i]), &inputs[i], begins));
    return bill(&s);
}
