#include "app/charge_limits.h"
#include "app/customer_terms.h"
#include "app/invoice_build.h"
#include "app/late_fee.h"
#include "app/rating.h"
#include "app/usage.h"
#include "app/usage_cells.h"
#include "app/verify_parts.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "core/invoicing.h"
#include "store/sql/customer.h"
#include "store/sql/fee.h"
#include "store/sql/invoice.h"
#include "store/sql/late.h"
#include "store/sql/payment.h"
#include "store/sql/subscription.h"
#include "store/sql/verify.h"

/* One invoice as it stands in the store. */
struct stored {
    struct verifier *v;
    const struct invoice_row *row;
    struct fee_row *fees;
    size_t fee_count;
    bool *derived; /* for each fee: found again */
    struct fee_tax_row *fee_taxes;
    size_t fee_tax_count;
    struct invoice_tax_row *taxes;
    size_t tax_count;
};

static struct str name_of(const struct stored *s)
{
    return str_is_null(s->row->number) ? uuid_text(s->v->ctx->arena, s->row->id) : s->row->number;
}

static struct fee_row *find_fee(const struct stored *s, struct str once_key, size_t *index)
{
    for (size_t i = 0; i < s->fee_count; i++) {
        if (str_eq(s->fees[i].once_key, once_key)) {
            *index = i;
            return &s->fees[i];
        }
    }
    return NULL;
}

/* ---- fees ------------------------------------------------------------------------------------ */

static void compare_fee(struct stored *s, const struct fee_row *derived, bool must_be_there)
{
    struct arena *arena = s->v->ctx->arena;
    size_t index = 0;
    const struct fee_row *fee = find_fee(s, derived->once_key, &index);
    if (fee == NULL) {
        if (must_be_there)
            verify_found(s->v, "invoice %.*s: a fee for %.*s of %lld is missing",
                         STR_ARG(name_of(s)), STR_ARG(derived->item_name),
                         (long long)derived->amount_minor);
        return;
    }
    s->derived[index] = true;
    if (fee->amount_minor != derived->amount_minor ||
        !decimal_eq(fee->precise_amount, derived->precise_amount))
        verify_found(
            s->v, "invoice %.*s: fee %.*s (%.*s) is %lld (%.*s), derived again it is %lld (%.*s)",
            STR_ARG(name_of(s)), STR_ARG(uuid_text(arena, fee->id)), STR_ARG(fee->item_name),
            (long long)fee->amount_minor, STR_ARG(decimal_text(arena, fee->precise_amount)),
            (long long)derived->amount_minor,
            STR_ARG(decimal_text(arena, derived->precise_amount)));
    else if (!decimal_eq(fee->units, derived->units) || fee->event_count != derived->event_count)
        verify_found(s->v,
                     "invoice %.*s: fee %.*s (%.*s) has %.*s units of %lld events, derived again "
                     "%.*s of %lld",
                     STR_ARG(name_of(s)), STR_ARG(uuid_text(arena, fee->id)),
                     STR_ARG(fee->item_name), STR_ARG(decimal_text(arena, fee->units)),
                     (long long)fee->event_count, STR_ARG(decimal_text(arena, derived->units)),
                     (long long)derived->event_count);
}

/* From the raw events of commits up to `seq`. */
static enum err price(const struct stored *s, const struct invoice_item *item,
                      const struct charge_view *charge, const struct zone *zone, int64_t seq,
                      struct fee_row *fee)
{
    struct usage usage;
    struct usage_query query = rating_query(item, zone, zone, charge->metric.id);
    TRY(usage_of_events(s->v->tx, s->v->ctx->arena, &query,
                        rating_needs_events(s->v->ctx->arena, charge), seq, &usage));
    TRY(usage_cells_read(s->v->ctx, s->v->tx, &query, zone, charge, seq, &usage));
    return rating_charge_fee(s->v->ctx->arena, item, charge, &usage, seq, fee);
}

static enum err derive_charge(struct stored *s, const struct invoice_item *item,
                              const struct charge_view *charge, const struct zone *zone)
{
    struct fee_row fee;
    struct fee_row true_up;
    int64_t seq = item->period.usage_seq;
    TRY(price(s, item, charge, zone, seq, &fee));
    TRY(charge_limits_apply(s->v->ctx->arena, item, zone, charge, &fee, &true_up));
    /* Where no fee tells up to which commit usage counted, later events are no proof of one. */
    compare_fee(s, &fee, rating_charge_counts(&fee, &true_up) && seq != INT_NONE);
    if (!str_is_null(true_up.once_key))
        compare_fee(s, &true_up, true_up.amount_minor > 0 && seq != INT_NONE);
    return ERR_NONE;
}

static enum err derive_item(struct stored *s, const struct invoice_item *item,
                            const struct zone *zone)
{
    if (item->period.from_at != TIME_NONE) {
        struct fee_row fee;
        TRY(rating_plan_fee(s->v->ctx->arena, item, zone, &fee));
        compare_fee(s, &fee, true);
    }
    if (item->period.charges_from_at == TIME_NONE)
        return ERR_NONE;
    for (size_t i = 0; i < item->plan.charge_count; i++)
        TRY(derive_charge(s, item, &item->plan.charges[i], zone));
    return ERR_NONE;
}

/* ---- corrections of periods billed before ------------------------------------------------------
 */

/* The period that a correction corrects, as it was billed on another invoice. */
static enum err find_corrected(const struct stored *s, const struct fee_row *fee,
                               struct invoice_item *item, bool *found)
{
    struct usage_period_list_row *periods = NULL;
    size_t count = 0;
    TRY(subscription_load(
        s->v->tx,
        &(struct subscription_load_in){.customer_id = fee->customer_id, .id = fee->subscription_id},
        &item->subscription, found));
    ASSERT(*found);
    TRY(usage_period_list(s->v->tx,
                          &(struct usage_period_list_in){.customer_id = fee->customer_id,
                                                         .subscription_id = fee->subscription_id},
                          &periods, &count));
    *found = false;
    for (size_t i = 0; i < count && !*found; i++) {
        if (periods[i].charges_from_at != fee->from_at || periods[i].charges_to_at != fee->to_at ||
            uuid_eq(periods[i].invoice_id, s->row->id))
            continue;
        item->period.charges_from_at = periods[i].charges_from_at;
        item->period.charges_to_at = periods[i].charges_to_at;
        TRY(plan_version_view_load(s->v->ctx, s->v->tx, periods[i].usage_version_id, &item->plan));
        *found = true;
    }
    return ERR_NONE;
}

static enum err derive_correction(struct stored *s, const struct fee_row *fee,
                                  const struct zone *zone)
{
    struct invoice_item item = {0};
    bool found = false;
    TRY(find_corrected(s, fee, &item, &found));
    for (size_t i = 0; found && i < item.plan.charge_count; i++) {
        const struct charge_view *charge = &item.plan.charges[i];
        struct late_billed billed;
        struct fee_row derived;
        struct fee_row true_up;
        if (!uuid_eq(charge->row.id, fee->charge_id))
            continue;
        TRY(price(s, &item, charge, zone, fee->event_seq, &derived));
        TRY(charge_limits_apply(s->v->ctx->arena, &item, zone, charge, &derived, &true_up));
        if (fee->is_true_up)
            derived = true_up;
        if (fee->once_key.len <= derived.once_key.len)
            continue;
        TRY(late_fee_billed(s->v->ctx, s->v->tx, fee->customer_id, derived.once_key,
                            (struct uuid){0},
                            late_fee_revision(fee->once_key, derived.once_key) - 1, &billed));
        TRY(late_fee_correct(s->v->ctx->arena, &billed, &derived));
        compare_fee(s, &derived, true);
    }
    return ERR_NONE;
}

static enum err derive_corrections(struct stored *s, const struct zone *zone)
{
    for (size_t i = 0; i < s->fee_count; i++) {
        if (s->fees[i].is_correction && str_eq(s->fees[i].fee_type, STR("charge")))
            TRY(derive_correction(s, &s->fees[i], zone));
    }
    return ERR_NONE;
}

static enum err check_fees(struct stored *s)
{
    struct verifier *v = s->v;
    struct invoice_build build;
    struct customer_row customer;
    const struct zone *zone = NULL;
    bool found = false;
    TRY(customer_load(v->tx, &(struct customer_load_in){.id = s->row->customer_id}, &customer,
                      &found));
    ASSERT(found);
    TRY(zone_find(s->row->timezone, &zone));
    TRY(invoice_build_load(v->ctx, v->tx, &customer, s->row, &build));
    for (size_t i = 0; i < build.item_count; i++)
        TRY(derive_item(s, &build.items[i], zone));
    TRY(derive_corrections(s, zone));
    for (size_t i = 0; i < s->fee_count; i++) {
        v->result->fees++;
        if (!s->derived[i] && !str_eq(s->fees[i].fee_type, STR("resale")))
            verify_found(v, "invoice %.*s: fee %.*s (%.*s) bills nothing that was there",
                         STR_ARG(name_of(s)), STR_ARG(uuid_text(v->ctx->arena, s->fees[i].id)),
                         STR_ARG(s->fees[i].item_name));
    }
    return verify_resale_fees(v, s->row, s->fees, s->fee_count);
}

/* ---- taxes, totals, payments ----------------------------------------------------------------- */

static struct invoice_line line_of(struct stored *s, const struct fee_row *fee)
{
    struct applied_tax *taxes = ARENA_ARRAY(s->v->ctx->arena, s->fee_tax_count, struct applied_tax);
    struct invoice_line line = {.net_minor = fee->amount_minor, .taxes = taxes};
    for (size_t i = 0; i < s->fee_tax_count; i++) {
        if (uuid_eq(s->fee_taxes[i].fee_id, fee->id))
            taxes[line.tax_count++] =
                (struct applied_tax){s->fee_taxes[i].tax_id, s->fee_taxes[i].rate};
    }
    return line;
}

static void check_tax(struct stored *s, const struct invoice_tax_total *total)
{
    for (size_t i = 0; i < s->tax_count; i++) {
        const struct invoice_tax_row *tax = &s->taxes[i];
        if (!uuid_eq(tax->tax_id, total->tax_id))
            continue;
        if (tax->fees_amount_minor != total->base_minor || tax->amount_minor != total->tax_minor)
            verify_found(s->v, "invoice %.*s: tax %.*s is %lld on %lld, derived again %lld on %lld",
                         STR_ARG(name_of(s)), STR_ARG(tax->code), (long long)tax->amount_minor,
                         (long long)tax->fees_amount_minor, (long long)total->tax_minor,
                         (long long)total->base_minor);
        return;
    }
    verify_found(s->v, "invoice %.*s: a tax of %lld is missing", STR_ARG(name_of(s)),
                 (long long)total->tax_minor);
}

static enum err check_totals(struct stored *s)
{
    struct invoice_line *lines = ARENA_ARRAY(s->v->ctx->arena, s->fee_count, struct invoice_line);
    struct invoice_totals totals;
    const struct invoice_row *row = s->row;
    for (size_t i = 0; i < s->fee_count; i++)
        lines[i] = line_of(s, &s->fees[i]);
    TRY(invoice_total(s->v->ctx->arena, lines, s->fee_count, &totals));
    for (size_t i = 0; i < totals.tax_count; i++)
        check_tax(s, &totals.taxes[i]);
    for (size_t i = 0; i < s->fee_count; i++) {
        if (s->fees[i].taxes_amount_minor != lines[i].taxes_minor)
            verify_found(s->v, "invoice %.*s: fee %.*s has %lld of tax, derived again %lld",
                         STR_ARG(name_of(s)), STR_ARG(uuid_text(s->v->ctx->arena, s->fees[i].id)),
                         (long long)s->fees[i].taxes_amount_minor, (long long)lines[i].taxes_minor);
    }
    if (row->fees_amount_minor != totals.fees_minor ||
        row->taxes_amount_minor != totals.taxes_minor ||
        row->total_amount_minor != totals.total_minor)
        verify_found(s->v,
                     "invoice %.*s: net %lld, tax %lld, total %lld; its fees make %lld, %lld, %lld",
                     STR_ARG(name_of(s)), (long long)row->fees_amount_minor,
                     (long long)row->taxes_amount_minor, (long long)row->total_amount_minor,
                     (long long)totals.fees_minor, (long long)totals.taxes_minor,
                     (long long)totals.total_minor);
    return ERR_NONE;
}

static enum err check_paid(struct stored *s)
{
    struct payment_row *payments = NULL;
    size_t count = 0;
    int64_t paid = 0;
    TRY(payment_of_invoice_list(s->v->tx,
                                &(struct payment_of_invoice_list_in){
                                    .customer_id = s->row->customer_id, .invoice_id = s->row->id},
                                &payments, &count));
    for (size_t i = 0; i < count; i++) {
        if (str_eq(payments[i].status, STR("succeeded")))
            paid += payments[i].amount_minor - payments[i].unapplied_minor;
    }
    if (paid != s->row->paid_amount_minor)
        verify_found(s->v, "invoice %.*s: %lld paid, its payments make %lld", STR_ARG(name_of(s)),
                     (long long)s->row->paid_amount_minor, (long long)paid);
    return ERR_NONE;
}

/* ---- all of an invoice ----------------------------------------------------------------------- */

static enum err load(struct stored *s)
{
    struct tx *tx = s->v->tx;
    struct uuid customer_id = s->row->customer_id;
    struct uuid invoice_id = s->row->id;
    TRY(fee_of_invoice_list(
        tx, &(struct fee_of_invoice_list_in){.customer_id = customer_id, .invoice_id = invoice_id},
        &s->fees, &s->fee_count));
    s->derived = ARENA_ARRAY(s->v->ctx->arena, s->fee_count, bool);
    TRY(fee_tax_of_invoice_list(
        tx,
        &(struct fee_tax_of_invoice_list_in){.customer_id = customer_id, .invoice_id = invoice_id},
        &s->fee_taxes, &s->fee_tax_count));
    return invoice_tax_list(
        tx, &(struct invoice_tax_list_in){.customer_id = customer_id, .invoice_id = invoice_id},
        &s->taxes, &s->tax_count);
}

static enum err check_invoice(void *arg, const struct invoice_row *row)
{
    struct verifier *v = arg;
    struct arena_mark mark = arena_mark(v->ctx->arena);
    struct stored s = {.v = v, .row = row};
    v->result->invoices++;
    TRY(load(&s));
    TRY(check_fees(&s));
    TRY(check_totals(&s));
    TRY(check_paid(&s));
    TRY(verify_invoice_postings(v, row, s.fees, s.fee_count, s.taxes, s.tax_count));
    arena_return(v->ctx->arena, mark);
    return ERR_NONE;
}

enum err verify_invoices(struct verifier *v)
{
    TRY(verify_invoice_each(v->tx, check_invoice, v));
    return verify_numbers(v);
}
