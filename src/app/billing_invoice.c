#include "app/billing_invoice.h"

#include "app/audit.h"
#include "app/invoice_final.h"
#include "app/invoice_load.h"

#include <string.h>

void billing_invoices_begin(struct billing_invoices *invoices, const struct customer_row *customer,
                            const struct customer_terms *terms, int64_t billing_at)
{
    *invoices =
        (struct billing_invoices){.customer = customer, .terms = terms, .billing_at = billing_at};
}

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
    return invoice_build_new(ctx, invoices->customer, invoices->terms, currency,
                             invoices->billing_at, *build);
}

enum err billing_invoices_need(struct ctx *ctx, struct billing_invoices *invoices,
                               struct str currency)
{
    struct invoice_build *build = NULL;
    return find_or_make(ctx, invoices, currency, &build);
}

enum err billing_invoices_add(struct ctx *ctx, struct billing_invoices *invoices,
                              const struct invoice_item *item)
{
    struct invoice_build *build = NULL;
    TRY(find_or_make(ctx, invoices, item->plan.version.currency, &build));
    struct invoice_item *items =
        ARENA_ARRAY(ctx->arena, build->item_count + 1, struct invoice_item);
    if (build->item_count > 0)
        memcpy(items, build->items, build->item_count * sizeof *items);
    items[build->item_count++] = *item;
    build->items = items;
    return ERR_NONE;
}

static enum err write_one(struct ctx *ctx, struct tx *tx, struct invoice_build *build,
                          struct billing_counts *counts)
{
    TRY(invoice_compute(ctx, tx, build));
    if (build->item_count == 0 && build->fee_count == 0)
        return ERR_NONE;
    TRY(invoice_write_new(tx, build));
    counts->made++;
    if (!str_eq(build->row.status, STR("draft"))) {
        TRY(invoice_settle(ctx, tx, build));
        counts->complete += !build->row.skipped;
        return ERR_NONE;
    }
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = build->row.customer_id,
                         .action = "invoice.draft",
                         .object_id = build->row.id,
                         .after = invoice_audit_text(ctx->arena, &build->row),
                     });
}

enum err billing_invoices_write(struct ctx *ctx, struct tx *tx, struct billing_invoices *invoices,
                                struct billing_counts *counts)
{
    for (size_t i = 0; i < invoices->count; i++)
        TRY(write_one(ctx, tx, &invoices->builds[i], counts));
    return ERR_NONE;
}
