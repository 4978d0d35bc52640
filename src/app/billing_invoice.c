#include "app/billing_invoice.h"

#include "app/invoice_final.h"
#include "base/time.h"

#include <string.h>

static enum err find_or_make(struct ctx *ctx, struct billing_invoices *invoices,
                             struct str currency, struct invoice_build **build)
{
    for (size_t i = 0; i < invoices->count; i++) {
        *build = &invoices->builds[i];
        if (str_eq((*build)->row.currency, currency))
            return ERR_NONE;
    }
    invoices->builds = arena_grow(ctx->arena, invoices->builds, invoices->count,
                                  &invoices->capacity, sizeof *invoices->builds);
    *build = &invoices->builds[invoices->count++];
    TRY(invoice_build_new(ctx, invoices->customer, invoices->terms, currency, invoices->billing_at,
                          *build));
    (*build)->catalog = invoices->catalog;
    (*build)->usage = invoices->usage;
    (*build)->has_no_vendor_cost = invoices->has_no_vendor_cost;
    (*build)->has_no_late_usage = invoices->has_no_late_usage;
    return ERR_NONE;
}

enum err billing_invoices_need(struct ctx *ctx, struct billing_invoices *invoices,
                               struct str currency)
{
    struct invoice_build *build = NULL;
    return find_or_make(ctx, invoices, currency, &build);
}

/* Periods of fixed charges that the plan does not have; at an end that bills some, but none of
 * usage, that of usage, too. */
static void trim_period(struct invoice_item *item)
{
    struct invoice_subscription_row *period = &item->period;
    if (!fixed_charges_any(item->plan.fixed_charges, item->plan.fixed_charge_count, false))
        period->fixed_from_at = period->fixed_to_at = TIME_NONE;
    if (!fixed_charges_any(item->advance_plan.fixed_charges, item->advance_plan.fixed_charge_count,
                           true))
        period->advance_from_at = period->advance_to_at = TIME_NONE;
    if (period->fixed_from_at == TIME_NONE && period->units_at == TIME_NONE)
        period->fixed_version_id = UUID_NIL;
    bool is_end = str_eq(period->invoicing_reason, STR("subscription_terminating"));
    if (is_end && period->fixed_from_at != TIME_NONE && item->plan.charge_count == 0)
        period->charges_from_at = period->charges_to_at = TIME_NONE;
}

enum err billing_invoices_add(struct ctx *ctx, struct billing_invoices *invoices,
                              const struct invoice_item *item)
{
    struct invoice_build *build = NULL;
    TRY(find_or_make(ctx, invoices, item->plan.version.currency, &build));
    if (item->period.units_at != TIME_NONE)
        invoice_build_complete(build);
    struct invoice_item *items =
        ARENA_ARRAY(ctx->arena, build->item_count + 1, struct invoice_item);
    if (build->item_count > 0)
        memcpy(items, build->items, build->item_count * sizeof *items);
    items[build->item_count] = *item;
    trim_period(&items[build->item_count++]);
    build->items = items;
    return ERR_NONE;
}

/* A change of units is no period. */
static bool has_period_of(const struct invoice_subscription_row *row)
{
    return row->from_at != TIME_NONE || row->charges_from_at != TIME_NONE ||
           row->fixed_from_at != TIME_NONE ||
           (row->advance_from_at != TIME_NONE && row->units_at == TIME_NONE);
}

/* Nothing is billed of it: vendor cost that came to nothing, late usage that changed no price. */
static bool is_empty(const struct invoice_build *build)
{
    bool has_period = false;
    for (size_t i = 0; i < build->item_count; i++)
        has_period |= has_period_of(&build->items[i].period);
    return !has_period && build->fee_count == 0;
}

enum err billing_invoices_compute(struct ctx *ctx, struct tx *tx, struct billing_invoices *invoices,
                                  struct billing_writes *writes, struct billing_counts *counts)
{
    size_t kept = 0;
    for (size_t i = 0; i < invoices->count; i++) {
        struct invoice_build *build = &invoices->builds[kept];
        *build = invoices->builds[i];
        TRY(invoice_compute(ctx, tx, build));
        if (is_empty(build)) {
            billing_writes_late(ctx->arena, writes, &build->late);
            continue;
        }
        kept++;
        bool is_draft = str_eq(build->row.status, STR("draft"));
        if (!is_draft)
            invoice_decide(build);
        billing_writes_invoice(ctx->arena, writes, build);
        counts->made++;
        counts->complete += !is_draft && !build->row.skipped;
    }
    invoices->count = kept;
    return ERR_NONE;
}
