#include "app/invoice_taxes.h"

#include "app/billing_catalog.h"
#include "base/assert.h"
#include "core/invoicing.h"

/* Gives the fees that have none of their own the customer's or the entity's. */
static enum err choose(struct ctx *ctx, struct tx *tx, struct invoice_build *build)
{
    struct billing_catalog of_its_own = {0};
    struct billing_catalog *catalog = build->catalog != NULL ? build->catalog : &of_its_own;
    struct tax_list list;
    bool needed = false;
    for (size_t i = 0; i < build->fee_count; i++)
        needed |= build->fees[i].tax_count == 0;
    if (!needed)
        return ERR_NONE;
    TRY(billing_catalog_taxes(ctx, tx, catalog, build->customer.id, build->row.billing_entity_id,
                              &list));
    for (size_t i = 0; i < build->fee_count; i++) {
        struct invoice_fee *fee = &build->fees[i];
        if (fee->tax_count == 0) {
            fee->taxes = list.taxes;
            fee->tax_count = list.count;
        }
    }
    return ERR_NONE;
}

static void fill_line(struct arena *arena, const struct invoice_fee *fee, struct invoice_line *line)
{
    struct applied_tax *taxes = ARENA_ARRAY(arena, fee->tax_count, struct applied_tax);
    for (size_t i = 0; i < fee->tax_count; i++)
        taxes[i] = (struct applied_tax){.tax_id = fee->taxes[i].id, .rate = fee->taxes[i].rate};
    *line = (struct invoice_line){
        .net_minor = fee->row.amount_minor,
        .taxes = taxes,
        .tax_count = fee->tax_count,
    };
}

static void take_line(struct arena *arena, const struct invoice_line *line, struct invoice_fee *fee,
                      struct invoice_build *build)
{
    fee->row.tax_rate = line->tax_rate;
    fee->row.taxes_amount_minor = line->taxes_minor;
    fee->row.taxes_precise_amount = line->taxes_precise_minor;
    for (size_t i = 0; i < fee->tax_count; i++) {
        build->fee_taxes = arena_grow(arena, build->fee_taxes, build->fee_tax_count,
                                      &build->fee_tax_capacity, sizeof *build->fee_taxes);
        build->fee_taxes[build->fee_tax_count++] = (struct fee_tax_row){
            .customer_id = build->row.customer_id,
            .invoice_id = build->row.id,
            .fee_id = fee->row.id,
            .tax_id = fee->taxes[i].id,
            .code = fee->taxes[i].code,
            .name = fee->taxes[i].name,
            .rate = fee->taxes[i].rate,
            .amount_minor = line->tax_minor[i],
        };
    }
}

static const struct tax_row *find_tax(const struct invoice_build *build, struct uuid tax_id)
{
    for (size_t i = 0; i < build->fee_count; i++) {
        for (size_t j = 0; j < build->fees[i].tax_count; j++) {
            if (uuid_eq(build->fees[i].taxes[j].id, tax_id))
                return &build->fees[i].taxes[j];
        }
    }
    return NULL;
}

static void take_totals(struct arena *arena, const struct invoice_totals *totals,
                        struct invoice_build *build)
{
    build->row.fees_amount_minor = totals->fees_minor;
    build->row.taxes_amount_minor = totals->taxes_minor;
    build->row.total_amount_minor = totals->total_minor;
    for (size_t i = 0; i < totals->tax_count; i++) {
        const struct tax_row *tax = find_tax(build, totals->taxes[i].tax_id);
        ASSERT(tax != NULL);
        build->taxes = arena_grow(arena, build->taxes, build->tax_count, &build->tax_capacity,
                                  sizeof *build->taxes);
        build->taxes[build->tax_count++] = (struct invoice_tax_row){
            .customer_id = build->row.customer_id,
            .invoice_id = build->row.id,
            .tax_id = tax->id,
            .code = tax->code,
            .name = tax->name,
            .rate = tax->rate,
            .fees_amount_minor = totals->taxes[i].base_minor,
            .amount_minor = totals->taxes[i].tax_minor,
        };
    }
}

enum err invoice_tax(struct ctx *ctx, struct tx *tx, struct invoice_build *build)
{
    struct invoice_totals totals;
    TRY(choose(ctx, tx, build));
    struct invoice_line *lines = ARENA_ARRAY(ctx->arena, build->fee_count, struct invoice_line);
    for (size_t i = 0; i < build->fee_count; i++)
        fill_line(ctx->arena, &build->fees[i], &lines[i]);
    enum err err = invoice_total(ctx->arena, lines, build->fee_count, &totals);
    if (err != ERR_NONE)
        return fail(ctx, err, "the totals of an invoice of customer %.*s are too large",
                    STR_ARG(build->customer.external_id));
    for (size_t i = 0; i < build->fee_count; i++)
        take_line(ctx->arena, &lines[i], &build->fees[i], build);
    take_totals(ctx->arena, &totals, build);
    return ERR_NONE;
}
