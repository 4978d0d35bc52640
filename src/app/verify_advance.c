#include "app/verify_advance.h"

#include "app/advance_fee.h"
#include "app/usage.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "base/zone.h"
#include "store/sql/advance.h"
#include "store/sql/catalog.h"
#include "store/sql/subscription.h"

#include <stdlib.h>

/* Local days and those of UTC may be one apart. */
#define DAYS_APART 1
#define FEES_FIRST 64

struct check {
    struct verifier *v;
    struct arena arena; /* of the customer */
    struct uuid customer_id;
    const struct zone *zone;
    struct advance_billed *fees; /* in order of subscription and metric */
    size_t fee_count, fee_capacity;
    size_t next; /* the first of what was not looked at yet */
};

struct arrived {
    struct uuid id;
    int64_t seq, occurred_at;
    bool is_carried; /* it came while a subscription ran that this one follows */
};

/* One subscription's usage of a metric. */
struct usage_check {
    struct check *check;
    struct advance_account account;
    struct advance_plans plans;
    struct arrived *events;
    size_t event_count, event_capacity;
    const struct verify_advance_fee_each_row **billed; /* fees of events, by event */
    size_t billed_count;
    struct advance_event_row *notes; /* by event */
    size_t note_count;
    struct advance_passed_row *passed;
    int64_t *met; /* for each: how many of its events are there */
    size_t passed_count;
};

/* ---- what the account's files share ---------------------------------------------------------- */

enum err advance_account_plan(const struct advance_account *account, struct uuid version_id,
                              const struct plan_view **plan)
{
    struct advance_plans *plans = account->plans;
    struct verifier *v = account->v;
    for (size_t i = 0; i < plans->count; i++) {
        if (uuid_eq(plans->views[i]->version.id, version_id)) {
            *plan = plans->views[i];
            return ERR_NONE;
        }
    }
    struct plan_view *view = ARENA_NEW(v->ctx->arena, struct plan_view);
    TRY(plan_version_view_load(v->ctx, v->tx, version_id, view));
    plans->views = arena_grow(v->ctx->arena, plans->views, plans->count, &plans->capacity,
                              sizeof *plans->views);
    plans->views[plans->count++] = view;
    *plan = view;
    return ERR_NONE;
}

bool advance_account_has(const struct advance_account *account, const struct charge_view *charge)
{
    return charge->row.pay_in_advance && uuid_eq(charge->metric.id, account->metric.id);
}

struct str advance_billed_name(struct arena *arena, const struct advance_billed *fee)
{
    return str_is_null(fee->row.number) ? uuid_text(arena, fee->row.invoice_id) : fee->row.number;
}

/* ---- a customer ------------------------------------------------------------------------------ */

static enum err keep_fee(void *arg, const struct verify_advance_fee_each_row *row)
{
    struct check *check = arg;
    struct advance_billed fee = {.row = *row};
    fee.row.number = arena_str(&check->arena, row->number);
    fee.row.timezone = arena_str(&check->arena, row->timezone);
    fee.row.once_key = arena_str(&check->arena, row->once_key);
    fee.row.item_name = arena_str(&check->arena, row->item_name);
    fee.row.grouped_by = arena_str(&check->arena, row->grouped_by);
    fee.row.presentation_breakdowns = arena_str(&check->arena, row->presentation_breakdowns);
    check->fees = arena_grow(&check->arena, check->fees, check->fee_count, &check->fee_capacity,
                             sizeof *check->fees);
    check->fees[check->fee_count++] = fee;
    return ERR_NONE;
}

static int compare_int(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_fees(const void *a, const void *b)
{
    const struct verify_advance_fee_each_row *x = &((const struct advance_billed *)a)->row;
    const struct verify_advance_fee_each_row *y = &((const struct advance_billed *)b)->row;
    int order = uuid_cmp(x->subscription_id, y->subscription_id);
    order = order != 0 ? order : uuid_cmp(x->metric_id, y->metric_id);
    order = order != 0 ? order : uuid_cmp(x->charge_id, y->charge_id);
    order = order != 0 ? order : compare_int(x->from_at, y->from_at);
    order = order != 0 ? order : compare_int(x->to_at, y->to_at);
    order = order != 0 ? order : str_cmp(x->timezone, y->timezone);
    order = order != 0 ? order : uuid_cmp(x->usage_event_id, y->usage_event_id);
    return order != 0 ? order : str_cmp(x->once_key, y->once_key);
}

static enum err begin_customer(struct check *check, struct uuid customer_id)
{
    struct verifier *v = check->v;
    arena_reset(&check->arena);
    check->customer_id = customer_id;
    check->fees = ARENA_ARRAY(&check->arena, FEES_FIRST, struct advance_billed);
    check->fee_capacity = FEES_FIRST;
    check->fee_count = check->next = 0;
    TRY(usage_zone_of(v->ctx, v->tx, customer_id, &check->zone));
    TRY(verify_advance_fee_each(
        v->tx, &(struct verify_advance_fee_each_in){.customer_id = customer_id}, keep_fee, check));
    if (check->fee_count > 0)
        qsort(check->fees, check->fee_count, sizeof *check->fees, compare_fees);
    return ERR_NONE;
}

/* ---- a subscription's usage ------------------------------------------------------------------ */

static int compare_usage(const struct verify_advance_fee_each_row *fee,
                         const struct verify_advance_each_row *usage)
{
    int order = uuid_cmp(fee->subscription_id, usage->subscription_id);
    return order != 0 ? order : uuid_cmp(fee->metric_id, usage->metric_id);
}

/* Usages come in the order of the fees; what is passed over has no usage. */
static void take_fees(struct check *check, const struct verify_advance_each_row *usage,
                      struct advance_account *account)
{
    while (check->next < check->fee_count &&
           compare_usage(&check->fees[check->next].row, usage) < 0)
        check->next++;
    account->fees = check->fees + check->next;
    while (check->next < check->fee_count &&
           compare_usage(&check->fees[check->next].row, usage) == 0) {
        check->next++;
        account->fee_count++;
    }
}

/* As a period finds its renewal (advance_renewal_of): the first one. */
static enum err load_renewals(struct advance_account *account)
{
    size_t count = 0;
    size_t kept = 0;
    if (!account->metric.is_recurring)
        return ERR_NONE;
    TRY(verify_renewal_list(account->v->tx,
                            &(struct verify_renewal_list_in){
                                .customer_id = account->subscription.customer_id,
                                .subscription_id = account->subscription.id,
                            },
                            &account->renewals, &count));
    for (size_t i = 0; i < count; i++) {
        if (account->renewals[i].charges_to_at == TIME_NONE)
            account->renewals[i].charges_to_at = account->subscription.started_at;
        if (kept == 0 ||
            account->renewals[kept - 1].charges_to_at != account->renewals[i].charges_to_at)
            account->renewals[kept++] = account->renewals[i];
    }
    account->renewal_count = kept;
    return ERR_NONE;
}

static int compare_billed(const void *a, const void *b)
{
    const struct verify_advance_fee_each_row *x =
        *(const struct verify_advance_fee_each_row *const *)a;
    const struct verify_advance_fee_each_row *y =
        *(const struct verify_advance_fee_each_row *const *)b;
    int order = uuid_cmp(x->usage_event_id, y->usage_event_id);
    return order != 0 ? order : compare_int(x->from_at, y->from_at);
}

static void index_billed(struct usage_check *u)
{
    const struct advance_account *account = &u->account;
    u->billed = ARENA_ARRAY(account->v->ctx->arena, account->fee_count,
                            const struct verify_advance_fee_each_row *);
    for (size_t i = 0; i < account->fee_count; i++) {
        if (!uuid_is_nil(account->fees[i].row.usage_event_id))
            u->billed[u->billed_count++] = &account->fees[i].row;
    }
    if (u->billed_count > 0)
        qsort(u->billed, u->billed_count, sizeof *u->billed, compare_billed);
}

static enum err keep_event(void *arg, const struct event_row *row)
{
    struct usage_check *u = arg;
    u->events = arena_grow(u->account.v->ctx->arena, u->events, u->event_count, &u->event_capacity,
                           sizeof *u->events);
    u->events[u->event_count++] =
        (struct arrived){row->id, row->seq, row->occurred_at,
                         !uuid_eq(row->subscription_id, u->account.subscription.id)};
    return ERR_NONE;
}

static enum err load_events(struct usage_check *u, const struct verify_advance_each_row *usage)
{
    int64_t from_at = instant_of_day((int32_t)usage->first_day - DAYS_APART);
    struct usage_query query = {
        .customer_id = usage->customer_id,
        .subscription_id = usage->subscription_id,
        .metric_id = usage->metric_id,
        .started_at = from_at,
        .previous_id = u->account.subscription.previous_id,
    };
    return usage_each_event_carried(
        u->account.v->tx, &query, u->account.metric.is_recurring, from_at,
        instant_of_day((int32_t)usage->last_day + 1 + DAYS_APART), keep_event, u);
}

static enum err load_traces(struct usage_check *u, const struct verify_advance_each_row *usage)
{
    struct tx *tx = u->account.v->tx;
    TRY(verify_advance_note_list(tx,
                                 &(struct verify_advance_note_list_in){
                                     .customer_id = usage->customer_id,
                                     .metric_id = usage->metric_id,
                                 },
                                 &u->notes, &u->note_count));
    TRY(verify_advance_passed_list(tx,
                                   &(struct verify_advance_passed_list_in){
                                       .customer_id = usage->customer_id,
                                       .subscription_id = usage->subscription_id,
                                       .metric_id = usage->metric_id,
                                   },
                                   &u->passed, &u->passed_count));
    u->met = ARENA_ARRAY(u->account.v->ctx->arena, u->passed_count, int64_t);
    index_billed(u);
    return ERR_NONE;
}

/* All of them beforehand: they stay, whatever is read after them is given back. */
static enum err load_plans(struct usage_check *u)
{
    const struct advance_account *account = &u->account;
    const struct plan_view *plan = NULL;
    for (size_t i = 0; i < account->fee_count; i++)
        TRY(advance_account_plan(account, account->fees[i].row.plan_version_id, &plan));
    for (size_t i = 0; i < account->renewal_count; i++)
        TRY(advance_account_plan(account, account->renewals[i].advance_version_id, &plan));
    return ERR_NONE;
}

static enum err load(struct usage_check *u, const struct verify_advance_each_row *usage)
{
    struct tx *tx = u->account.v->tx;
    bool found = false;
    TRY(subscription_load(tx,
                          &(struct subscription_load_in){.customer_id = usage->customer_id,
                                                         .id = usage->subscription_id},
                          &u->account.subscription, &found));
    ASSERT(found);
    TRY(billable_metric_load(tx, &(struct billable_metric_load_in){.id = usage->metric_id},
                             &u->account.metric, &found));
    ASSERT(found);
    take_fees(u->check, usage, &u->account);
    TRY(load_renewals(&u->account));
    return load_plans(u);
}

/* ---- what became of each event --------------------------------------------------------------- */

static int compare_note(const void *id, const void *note)
{
    return uuid_cmp(*(const struct uuid *)id,
                    ((const struct advance_event_row *)note)->usage_event_id);
}

static bool waits(const struct usage_check *u, struct uuid event_id)
{
    return u->note_count > 0 &&
           bsearch(&event_id, u->notes, u->note_count, sizeof *u->notes, compare_note) != NULL;
}

/* The fees of an event: from *first on. */
static size_t fees_of(const struct usage_check *u, struct uuid event_id, size_t *first)
{
    size_t low = 0;
    size_t high = u->billed_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (uuid_cmp(u->billed[middle]->usage_event_id, event_id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (high < u->billed_count && uuid_eq(u->billed[high]->usage_event_id, event_id))
        high++;
    return high - low;
}

/* A period in which an event has to have left something: its own, or one that its stock is carried
 * into. */
struct place {
    const struct arrived *event;
    bool is_own;
    int64_t from_at; /* of the other */
};

static bool is_in(const struct place *place, int64_t from_at, int64_t to_at)
{
    if (!place->is_own)
        return from_at == place->from_at;
    return place->event->occurred_at >= from_at && place->event->occurred_at < to_at;
}

/* It was counted as one for which no charge was there. */
static bool was_passed(struct usage_check *u, const struct place *place)
{
    int64_t seq = place->event->seq;
    for (size_t i = 0; i < u->passed_count; i++) {
        const struct advance_passed_row *passed = &u->passed[i];
        if (seq >= passed->first_seq && seq <= passed->last_seq &&
            is_in(place, passed->from_at, passed->to_at)) {
            u->met[i]++;
            return true;
        }
    }
    return false;
}

/* The version that billed its period, or holds now; and the period. */
static enum err find_version(struct usage_check *u, const struct place *place,
                             const struct plan_view **plan, struct invoice_item *item)
{
    const struct advance_account *account = &u->account;
    struct verifier *v = account->v;
    const struct subscription_row *row = &account->subscription;
    struct period_of_usage_row billed;
    bool found = false;
    struct plan_view *view = ARENA_NEW(v->ctx->arena, struct plan_view);
    TRY(plan_in_force(v->ctx, v->tx, row->plan_version_id, ctx_now(v->ctx), false, view));
    *plan = view;
    *item = (struct invoice_item){.subscription = *row, .plan = *view};
    advance_period_at(u->check->zone, place->is_own ? place->event->occurred_at : place->from_at,
                      item);
    for (size_t i = 0; i < account->fee_count; i++) {
        const struct verify_advance_fee_each_row *fee = &account->fees[i].row;
        if (is_in(place, fee->from_at, fee->to_at)) {
            item->period.charges_from_at = fee->from_at;
            item->period.charges_to_at = fee->to_at;
            return advance_account_plan(account, fee->plan_version_id, plan);
        }
    }
    TRY(period_of_usage(v->tx,
                        &(struct period_of_usage_in){
                            .customer_id = row->customer_id,
                            .subscription_id = row->id,
                            .from_at = item->period.charges_from_at,
                        },
                        &billed, &found));
    return found ? advance_account_plan(account, billed.usage_version_id, plan) : ERR_NONE;
}

static void tell_missing(struct usage_check *u, const struct arrived *event, struct str code,
                         int64_t from_at, int64_t to_at)
{
    struct verifier *v = u->account.v;
    struct arena *arena = v->ctx->arena;
    verify_found(v,
                 "event %.*s of %.*s, subscription %.*s: charge %.*s has no fee of it for the "
                 "period from %.*s to %.*s, and none is to come",
                 STR_ARG(uuid_text(arena, event->id)), STR_ARG(u->account.metric.code),
                 STR_ARG(u->account.subscription.external_id), STR_ARG(code),
                 STR_ARG(time_text(arena, from_at)), STR_ARG(time_text(arena, to_at)));
}

static enum err tell_lost(struct usage_check *u, const struct place *place)
{
    const struct plan_view *plan = NULL;
    struct invoice_item item;
    bool told = false;
    TRY(find_version(u, place, &plan, &item));
    for (size_t i = 0; i < plan->charge_count; i++) {
        const struct charge_view *charge = &plan->charges[i];
        if (!advance_account_has(&u->account, charge))
            continue;
        tell_missing(u, place->event, charge->row.code, item.period.charges_from_at,
                     item.period.charges_to_at);
        told = true;
    }
    if (!told)
        tell_missing(u, place->event, STR("in advance"), item.period.charges_from_at,
                     item.period.charges_to_at);
    return ERR_NONE;
}

/* Each charge of the version that billed it has its fee.  Nothing was noted before a plan charged
 * for the metric in advance. */
static enum err check_charges(struct usage_check *u, const struct place *place, size_t first,
                              size_t count)
{
    const struct verify_advance_fee_each_row *const *fees = &u->billed[first];
    const struct verify_advance_fee_each_row *one = NULL;
    const struct plan_view *plan = NULL;
    for (size_t i = 0; i < count && one == NULL; i++) {
        if (is_in(place, fees[i]->from_at, fees[i]->to_at))
            one = fees[i];
    }
    if (one == NULL)
        return was_passed(u, place) || place->event->seq <= u->account.metric.paid_ahead_seq
                   ? ERR_NONE
                   : tell_lost(u, place);
    TRY(advance_account_plan(&u->account, one->plan_version_id, &plan));
    for (size_t i = 0; i < plan->charge_count; i++) {
        const struct charge_view *charge = &plan->charges[i];
        bool has_fee = false;
        if (!advance_account_has(&u->account, charge))
            continue;
        for (size_t j = 0; j < count; j++)
            has_fee |= uuid_eq(fees[j]->charge_id, charge->row.id) &&
                       is_in(place, fees[j]->from_at, fees[j]->to_at);
        if (!has_fee)
            tell_missing(u, place->event, charge->row.code, one->from_at, one->to_at);
    }
    return ERR_NONE;
}

/* A period that began by another zone's days is not told apart from the one before. */
static bool is_whole(const struct usage_check *u, int64_t from_at)
{
    struct plan_view *const *views = u->plans.views;
    struct invoice_item item = {.subscription = u->account.subscription};
    for (size_t i = 0; i < u->plans.count; i++) {
        item.plan = *views[i];
        advance_period_at(u->check->zone, from_at, &item);
        if (item.period.charges_from_at == from_at)
            return true;
    }
    return false;
}

static enum err check_event(struct usage_check *u, const struct arrived *event)
{
    size_t first = 0;
    size_t count = fees_of(u, event->id, &first);
    if (waits(u, event->id))
        return ERR_NONE;
    if (!event->is_carried)
        TRY(check_charges(u, &(struct place){.event = event, .is_own = true}, first, count));
    for (size_t i = 0; i < u->account.renewal_count; i++) {
        const struct invoice_subscription_row *renewal = &u->account.renewals[i];
        struct place place = {.event = event, .from_at = renewal->charges_to_at};
        if (event->occurred_at < place.from_at && event->seq > renewal->renewal_seq &&
            is_whole(u, place.from_at))
            TRY(check_charges(u, &place, first, count));
    }
    return ERR_NONE;
}

/* ---- what was passed over -------------------------------------------------------------------- */

static enum err check_passed(struct usage_check *u)
{
    struct verifier *v = u->account.v;
    for (size_t i = 0; i < u->passed_count; i++) {
        const struct advance_passed_row *passed = &u->passed[i];
        const struct plan_view *plan = NULL;
        struct str from = time_text(v->ctx->arena, passed->from_at);
        TRY(advance_account_plan(&u->account, passed->plan_version_id, &plan));
        for (size_t j = 0; j < plan->charge_count; j++) {
            if (advance_account_has(&u->account, &plan->charges[j]))
                verify_found(v,
                             "subscription %.*s: %lld events of %.*s were not billed in the period "
                             "from %.*s, though charge %.*s was there",
                             STR_ARG(u->account.subscription.external_id),
                             (long long)passed->event_count, STR_ARG(u->account.metric.code),
                             STR_ARG(from), STR_ARG(plan->charges[j].row.code));
        }
        if (u->met[i] != passed->event_count)
            verify_found(v,
                         "subscription %.*s: %lld events of %.*s came in the period from %.*s when "
                         "no charge in advance was there, but %lld have no fee",
                         STR_ARG(u->account.subscription.external_id),
                         (long long)passed->event_count, STR_ARG(u->account.metric.code),
                         STR_ARG(from), (long long)u->met[i]);
    }
    return ERR_NONE;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static enum err check_traces(struct usage_check *u, const struct verify_advance_each_row *usage)
{
    TRY(load_traces(u, usage));
    TRY(load_events(u, usage));
    for (size_t i = 0; i < u->event_count; i++)
        TRY(check_event(u, &u->events[i]));
    return check_passed(u);
}

static enum err check_usage(void *arg, const struct verify_advance_each_row *usage)
{
    struct check *check = arg;
    struct verifier *v = check->v;
    struct usage_check u = {
        .check = check,
        .account = {.v = v},
    };
    u.account.plans = &u.plans;
    struct arena_mark mark = arena_mark(v->ctx->arena);
    if (!uuid_eq(check->customer_id, usage->customer_id))
        TRY(begin_customer(check, usage->customer_id));
    TRY(load(&u, usage));
    TRY(verify_advance_fees(&u.account));
    TRY(check_traces(&u, usage));
    arena_return(v->ctx->arena, mark);
    return ERR_NONE;
}

static enum err tell_stray(void *arg, const struct fee_row *fee)
{
    struct verifier *v = arg;
    struct arena_mark mark = arena_mark(v->ctx->arena);
    verify_fee_stray(v, uuid_text(v->ctx->arena, fee->invoice_id), fee);
    arena_return(v->ctx->arena, mark);
    return ERR_NONE;
}

enum err verify_advance(struct verifier *v)
{
    struct check check = {.v = v};
    arena_init(&check.arena);
    enum err err = verify_advance_each(v->tx, check_usage, &check);
    arena_clear(&check.arena);
    TRY(err);
    return verify_advance_stray_each(v->tx, tell_stray, v);
}
