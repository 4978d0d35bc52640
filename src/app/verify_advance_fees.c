#include "app/verify_advance.h"

#include "app/advance_fee.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "base/zone.h"
#include "store/sql/invoice.h"

#include <stdlib.h>

/* The fees of one charge and period. */
struct charge_period {
    const struct advance_account *account;
    struct invoice_item item;
    struct advance_period period;
    struct advance_billed *fees;
    size_t renewal_count; /* the first of them; the others are of events */
    size_t count;
    struct arena scratch; /* of one fee */
};

static struct fee_row row_of(const struct advance_billed *fee)
{
    const struct verify_advance_fee_each_row *row = &fee->row;
    return (struct fee_row){
        .id = row->id,
        .item_name = row->item_name,
        .amount_minor = row->amount_minor,
        .precise_amount = row->precise_amount,
        .units = row->units,
        .event_count = row->event_count,
        .grouped_by = row->grouped_by,
        .presentation_breakdowns = row->presentation_breakdowns,
    };
}

static void compare(const struct charge_period *p, struct advance_billed *fee,
                    const struct fee_row *derived)
{
    struct verifier *v = p->account->v;
    struct fee_row row = row_of(fee);
    fee->is_derived = true;
    verify_fee(v, advance_billed_name(v->ctx->arena, fee), &row, derived);
}

/* ---- events ---------------------------------------------------------------------------------- */

static int compare_event(const void *id, const void *fee)
{
    return uuid_cmp(*(const struct uuid *)id,
                    ((const struct advance_billed *)fee)->row.usage_event_id);
}

static struct advance_billed *find_event(const struct charge_period *p, struct uuid event_id)
{
    return bsearch(&event_id, p->fees + p->renewal_count, p->count - p->renewal_count,
                   sizeof *p->fees, compare_event);
}

static bool is_billed(void *arg, struct uuid event_id)
{
    return find_event(arg, event_id) != NULL;
}

static void compare_event_fee(void *arg, const struct fee_row *derived)
{
    struct charge_period *p = arg;
    struct advance_billed *fee = find_event(p, derived->usage_event_id);
    if (str_eq(fee->row.once_key, derived->once_key))
        compare(p, fee, derived);
    arena_reset(&p->scratch);
}

static enum err derive_events(struct charge_period *p)
{
    struct verifier *v = p->account->v;
    if (p->renewal_count == p->count)
        return ERR_NONE;
    TRY(advance_find_renewal(v->tx, &p->period));
    arena_init(&p->scratch);
    enum err err = advance_fees_each(v->ctx, v->tx, &p->period,
                                     &(struct advance_each){
                                         .arena = &p->scratch,
                                         .wants = is_billed,
                                         .visit = compare_event_fee,
                                         .arg = p,
                                     });
    arena_clear(&p->scratch);
    return err;
}

/* ---- stocks ---------------------------------------------------------------------------------- */

static int compare_key(const void *key, const void *fee)
{
    return str_cmp(*(const struct str *)key, ((const struct advance_billed *)fee)->row.once_key);
}

static enum err derive_renewals(struct charge_period *p, int64_t renewal_seq)
{
    struct verifier *v = p->account->v;
    struct advance_slices slices;
    p->period.renewal_seq = renewal_seq;
    TRY(advance_renewals_make(v->ctx, v->tx, &p->period, &slices));
    for (size_t i = 0; i < slices.count; i++) {
        const struct fee_row *derived = &slices.items[i].fee;
        struct advance_billed *fee = NULL;
        if (p->renewal_count > 0)
            fee = bsearch(&derived->once_key, p->fees, p->renewal_count, sizeof *p->fees,
                          compare_key);
        if (fee != NULL)
            compare(p, fee, derived);
        else
            verify_found(v,
                         "subscription %.*s: a fee for the stock of %.*s (%.*s) of %lld at %.*s is "
                         "missing",
                         STR_ARG(p->account->subscription.external_id),
                         STR_ARG(p->period.charge->row.code), STR_ARG(derived->item_name),
                         (long long)derived->amount_minor,
                         STR_ARG(time_text(v->ctx->arena, derived->from_at)));
    }
    return ERR_NONE;
}

/* ---- a charge and a period ------------------------------------------------------------------- */

static enum err begin(struct charge_period *p, struct uuid version_id, struct str timezone)
{
    const struct plan_view *plan = NULL;
    struct zone const *zone = NULL;
    TRY(advance_account_plan(p->account, version_id, &plan));
    TRY(zone_find(timezone, &zone));
    p->item = (struct invoice_item){
        .subscription = p->account->subscription,
        .plan = *plan,
        .fee_plan = *plan,
        .advance_plan = *plan,
    };
    p->period = (struct advance_period){.item = &p->item, .zone = zone, .renewal_seq = INT_NONE};
    return ERR_NONE;
}

/* Its period and its prices are the fees' own. */
static enum err derive_fees(struct charge_period *p)
{
    const struct verify_advance_fee_each_row *first = &p->fees[0].row;
    TRY(begin(p, first->plan_version_id, first->timezone));
    p->item.period.charges_from_at = first->from_at;
    p->item.period.charges_to_at = first->to_at;
    for (size_t i = 0; i < p->item.plan.charge_count; i++) {
        p->period.charge = &p->item.plan.charges[i];
        if (!uuid_eq(p->period.charge->row.id, first->charge_id) ||
            !advance_account_has(p->account, p->period.charge))
            continue;
        if (p->renewal_count > 0 && advance_renews(p->period.charge))
            TRY(derive_renewals(p, first->event_seq));
        return derive_events(p);
    }
    return ERR_NONE;
}

static bool is_same(const struct verify_advance_fee_each_row *a,
                    const struct verify_advance_fee_each_row *b)
{
    return uuid_eq(a->charge_id, b->charge_id) && a->from_at == b->from_at &&
           a->to_at == b->to_at && str_eq(a->timezone, b->timezone);
}

static enum err check_period(const struct advance_account *account, size_t first, size_t end)
{
    struct verifier *v = account->v;
    struct charge_period p = {
        .account = account, .fees = &account->fees[first], .count = end - first};
    while (p.renewal_count < p.count && uuid_is_nil(p.fees[p.renewal_count].row.usage_event_id))
        p.renewal_count++;
    TRY(derive_fees(&p));
    for (size_t i = 0; i < p.count; i++) {
        struct fee_row row = row_of(&p.fees[i]);
        if (!p.fees[i].is_derived)
            verify_fee_stray(v, advance_billed_name(v->ctx->arena, &p.fees[i]), &row);
    }
    return ERR_NONE;
}

/* ---- stocks of which there is no fee at all -------------------------------------------------- */

static bool has_renewal(const struct advance_account *account, struct uuid charge_id,
                        int64_t from_at)
{
    for (size_t i = 0; i < account->fee_count; i++) {
        const struct verify_advance_fee_each_row *row = &account->fees[i].row;
        if (uuid_is_nil(row->usage_event_id) && row->from_at == from_at &&
            uuid_eq(row->charge_id, charge_id))
            return true;
    }
    return false;
}

static enum err check_renewal(const struct advance_account *account,
                              const struct invoice_subscription_row *renewal)
{
    struct verifier *v = account->v;
    struct invoice_row invoice;
    bool found = false;
    struct charge_period p = {.account = account};
    TRY(invoice_load(
        v->tx,
        &(struct invoice_load_in){.customer_id = renewal->customer_id, .id = renewal->invoice_id},
        &invoice, &found));
    ASSERT(found);
    TRY(begin(&p, renewal->advance_version_id, invoice.timezone));
    advance_period_at(p.period.zone, renewal->charges_to_at, &p.item);
    for (size_t i = 0; i < p.item.plan.charge_count; i++) {
        p.period.charge = &p.item.plan.charges[i];
        if (!advance_account_has(account, p.period.charge) || !advance_renews(p.period.charge) ||
            p.period.charge->row.is_invoiceable ||
            has_renewal(account, p.period.charge->row.id, p.item.period.charges_from_at))
            continue;
        TRY(derive_renewals(&p, renewal->renewal_seq));
    }
    return ERR_NONE;
}

enum err verify_advance_fees(const struct advance_account *account)
{
    struct arena *arena = account->v->ctx->arena;
    for (size_t first = 0; first < account->fee_count;) {
        struct arena_mark mark = arena_mark(arena);
        size_t end = first + 1;
        while (end < account->fee_count &&
               is_same(&account->fees[first].row, &account->fees[end].row))
            end++;
        TRY(check_period(account, first, end));
        arena_return(arena, mark);
        first = end;
    }
    for (size_t i = 0; i < account->renewal_count; i++) {
        struct arena_mark mark = arena_mark(arena);
        TRY(check_renewal(account, &account->renewals[i]));
        arena_return(arena, mark);
    }
    return ERR_NONE;
}
