#include "app/fee_derive.h"
#include "app/invoice_load.h"
#include "app/verify_parts.h"
#include "core/invoicing.h"
#include "store/sql/fee.h"
#include "store/sql/invoice.h"
#include "store/sql/payment.h"
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

void verify_fee(struct verifier *v, struct str name, const struct fee_row *fee,
                const struct fee_row *derived)
{
    struct arena *arena = v->ctx->arena;
    if (fee->amount_minor != derived->amount_minor ||
        !decimal_eq(fee->precise_amount, derived->precise_amount))
        verify_found(
            v, "invoice %.*s: fee %.*s (%.*s) is %lld (%.*s), derived again it is %lld (%.*s)",
            STR_ARG(name), STR_ARG(uuid_text(arena, fee->id)), STR_ARG(fee->item_name),
            (long long)fee->amount_minor, STR_ARG(decimal_text(arena, fee->precise_amount)),
            (long long)derived->amount_minor,
            STR_ARG(decimal_text(arena, derived->precise_amount)));
    else if (!decimal_eq(fee->units, derived->units) || fee->event_count != derived->event_count)
        verify_found(v,
                     "invoice %.*s: fee %.*s (%.*s) has %.*s units of %lld events, derived again "
                     "%.*s of %lld",
                     STR_ARG(name), STR_ARG(uuid_text(arena, fee->id)), STR_ARG(fee->item_name),
                     STR_ARG(decimal_text(arena, fee->units)), (long long)fee->event_count,
                     STR_ARG(decimal_text(arena, derived->units)), (long long)derived->event_count);
    else if (!str_eq(fee->grouped_by, derived->grouped_by) ||
             !str_eq(fee->presentation_breakdowns, derived->presentation_breakdowns))
        verify_found(v, "invoice %.*s: fee %.*s (%.*s) tells other groups than its events",
                     STR_ARG(name), STR_ARG(uuid_text(arena, fee->id)), STR_ARG(fee->item_name));
}

void verify_fee_stray(struct verifier *v, struct str name, const struct fee_row *fee)
{
    verify_found(v, "invoice %.*s: fee %.*s (%.*s) bills nothing that was there", STR_ARG(name),
                 STR_ARG(uuid_text(v->ctx->arena, fee->id)), STR_ARG(fee->item_name));
}

static void compare_fee(struct stored *s, const struct fee_row *derived, bool must_be_there)
{
    size_t index = 0;
    const struct fee_row *fee = find_fee(s, derived->once_key, &index);
    if (fee != NULL) {
        s->derived[index] = true;
        verify_fee(s->v, name_of(s), fee, derived);
    } else if (must_be_there) {
        verify_found(s->v, "invoice %.*s: a fee for %.*s of %lld is missing", STR_ARG(name_of(s)),
                     STR_ARG(derived->item_name), (long long)derived->amount_minor);
    }
}

static void compare_derived(void *arg, const struct fee_derived *derived)
{
    compare_fee(arg, derived->fee, derived->must_be_there);
}

static enum err check_fees(struct stored *s)
{
    struct verifier *v = s->v;
    TRY(fee_derive(&(struct fee_derivation){
        .ctx = v->ctx,
        .tx = v->tx,
        .invoice = s->row,
        .fees = s->fees,
        .fee_count = s->fee_count,
        .without_advance = true,
        .visit = compare_derived,
        .arg = s,
    }));
    for (size_t i = 0; i < s->fee_count; i++) {
        v->result->fees++;
        if (!s->derived[i] && !s->fees[i].pay_in_advance &&
            !str_eq(s->fees[i].fee_type, STR("resale")))
            verify_fee_stray(v, name_of(s), &s->fees[i]);
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
    TRY(invoice_is_gathered(row) ? invoice_add_up(s->v->ctx->arena, lines, s->fee_count, &totals)
                                 : invoice_total(s->v->ctx->arena, lines, s->fee_count, &totals));
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
    if (invoice_is_gathered(s->row)) /* its fees were paid */
        paid += s->row->total_amount_minor;
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
