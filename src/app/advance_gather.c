#include "app/advance_gather.h"

#include "app/audit.h"
#include "app/billing_period.h"
#include "app/invoice_build.h"
#include "app/invoice_final.h"
#include "app/invoice_load.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "core/invoicing.h"
#include "store/sql/advance.h"
#include "store/sql/fee.h"
#include "store/sql/invoice.h"
#include "store/sql/subscription.h"

struct paid_fee {
    const struct gather_fee_list_row *row;
    struct fee_tax_row *taxes;
    size_t tax_count;
    bool is_taken;
};

/* One invoice. */
struct gathered {
    struct ctx *ctx;
    struct tx *tx;
    const struct gathering *gathering;
    struct invoice_row row;
    struct paid_fee **fees;
    size_t fee_count;
    struct invoice_totals totals;
};

/* ---- which fees go together ------------------------------------------------------------------ */

static bool has_other_rate(const struct paid_fee *a, const struct paid_fee *b)
{
    for (size_t i = 0; i < a->tax_count; i++) {
        for (size_t j = 0; j < b->tax_count; j++) {
            if (uuid_eq(a->taxes[i].tax_id, b->taxes[j].tax_id) &&
                !decimal_eq(a->taxes[i].rate, b->taxes[j].rate))
                return true;
        }
    }
    return false;
}

static bool belongs(const struct gathered *g, const struct paid_fee *fee)
{
    const struct gather_fee_list_row *first = g->fees[0]->row;
    if (!str_eq(fee->row->currency, first->currency) ||
        !uuid_eq(fee->row->billing_entity_id, first->billing_entity_id))
        return false;
    for (size_t i = 0; i < g->fee_count; i++) {
        if (has_other_rate(g->fees[i], fee))
            return false;
    }
    return true;
}

/* Those that go with the first that nobody took. */
static void choose(struct gathered *g, struct paid_fee *fees, size_t count)
{
    g->fees = ARENA_ARRAY(g->ctx->arena, count, struct paid_fee *);
    g->fee_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (fees[i].is_taken || (g->fee_count > 0 && !belongs(g, &fees[i])))
            continue;
        fees[i].is_taken = true;
        g->fees[g->fee_count++] = &fees[i];
    }
}

/* ---- the invoice ----------------------------------------------------------------------------- */

static enum err add_up(struct gathered *g)
{
    struct arena *arena = g->ctx->arena;
    struct invoice_line *lines = ARENA_ARRAY(arena, g->fee_count, struct invoice_line);
    for (size_t i = 0; i < g->fee_count; i++) {
        const struct paid_fee *fee = g->fees[i];
        struct applied_tax *taxes = ARENA_ARRAY(arena, fee->tax_count, struct applied_tax);
        for (size_t j = 0; j < fee->tax_count; j++)
            taxes[j] = (struct applied_tax){fee->taxes[j].tax_id, fee->taxes[j].rate};
        lines[i] = (struct invoice_line){
            .net_minor = fee->row->amount_minor, .taxes = taxes, .tax_count = fee->tax_count};
    }
    enum err err = invoice_add_up(arena, lines, g->fee_count, &g->totals);
    if (err != ERR_NONE)
        return fail(g->ctx, err, "the totals of an invoice of customer %.*s are too large",
                    STR_ARG(g->gathering->customer->external_id));
    return ERR_NONE;
}

static enum err make_row(struct gathered *g)
{
    const struct gathering *gathering = g->gathering;
    const struct gather_fee_list_row *first = g->fees[0]->row;
    struct invoice_build build;
    TRY(invoice_build_new(g->ctx, gathering->customer, gathering->terms, first->currency,
                          gathering->billing_at, &build));
    invoice_build_complete(&build);
    g->row = build.row;
    g->row.invoice_type = STR("advance_charges");
    g->row.billing_entity_id = first->billing_entity_id;
    g->row.fees_amount_minor = g->totals.fees_minor;
    g->row.taxes_amount_minor = g->totals.taxes_minor;
    g->row.total_amount_minor = g->totals.total_minor;
    return ERR_NONE;
}

static bool is_named(const struct invoice_subscription_row *periods, size_t count, struct uuid id)
{
    for (size_t i = 0; i < count; i++) {
        if (uuid_eq(periods[i].subscription_id, id))
            return true;
    }
    return false;
}

/* Each subscription of a fee, with the period that ends. */
static enum err write_periods(const struct gathered *g)
{
    const struct gathering *gathering = g->gathering;
    struct invoice_subscription_row *periods =
        ARENA_ARRAY(g->ctx->arena, g->fee_count, struct invoice_subscription_row);
    size_t count = 0;
    for (size_t i = 0; i < g->fee_count; i++) {
        struct uuid id = g->fees[i]->row->subscription_id;
        struct subscription_row subscription;
        bool found = false;
        if (is_named(periods, count, id))
            continue;
        TRY(subscription_load(
            g->tx, &(struct subscription_load_in){.customer_id = g->row.customer_id, .id = id},
            &subscription, &found));
        ASSERT(found);
        struct invoice_subscription_row *period = &periods[count];
        *period = (struct invoice_subscription_row){
            .customer_id = g->row.customer_id,
            .invoice_id = g->row.id,
            .subscription_id = id,
            .invoicing_reason = STR("in_advance_charge_periodic"),
            .billing_at = gathering->billing_at,
            .plan_version_id = subscription.plan_version_id,
            .usage_version_id = subscription.plan_version_id,
            .position = (int64_t)count++,
        };
        billing_no_period(period);
        period->named_from_at = gathering->from_at;
        period->named_to_at = gathering->to_at;
    }
    return invoice_subscription_insert_many(g->tx, periods, count);
}

static const struct fee_tax_row *find_tax(const struct gathered *g, struct uuid tax_id)
{
    for (size_t i = 0; i < g->fee_count; i++) {
        for (size_t j = 0; j < g->fees[i]->tax_count; j++) {
            if (uuid_eq(g->fees[i]->taxes[j].tax_id, tax_id))
                return &g->fees[i]->taxes[j];
        }
    }
    return NULL;
}

static enum err write_taxes(const struct gathered *g)
{
    const struct invoice_totals *totals = &g->totals;
    struct invoice_tax_row *taxes =
        ARENA_ARRAY(g->ctx->arena, totals->tax_count, struct invoice_tax_row);
    for (size_t i = 0; i < totals->tax_count; i++) {
        const struct fee_tax_row *tax = find_tax(g, totals->taxes[i].tax_id);
        ASSERT(tax != NULL);
        taxes[i] = (struct invoice_tax_row){
            .customer_id = g->row.customer_id,
            .invoice_id = g->row.id,
            .tax_id = tax->tax_id,
            .code = tax->code,
            .name = tax->name,
            .rate = tax->rate,
            .fees_amount_minor = totals->taxes[i].base_minor,
            .amount_minor = totals->taxes[i].tax_minor,
        };
    }
    return invoice_tax_insert_many(g->tx, taxes, totals->tax_count);
}

/* Its taxes hang on it, and it on what holds it. */
static enum err move_fee(const struct gathered *g, size_t position)
{
    const struct paid_fee *fee = g->fees[position];
    struct uuid customer_id = g->row.customer_id;
    struct uuid holder_id = fee->row->invoice_id;
    TRY(fee_tax_clear(
        g->tx, &(struct fee_tax_clear_in){.customer_id = customer_id, .invoice_id = holder_id},
        NULL));
    TRY(gather_fee_move(g->tx,
                        &(struct gather_fee_move_in){
                            .to_invoice_id = g->row.id,
                            .position = (int64_t)position,
                            .period_timezone = fee->row->timezone,
                            .customer_id = customer_id,
                            .invoice_id = holder_id,
                            .id = fee->row->id,
                        },
                        NULL));
    for (size_t i = 0; i < fee->tax_count; i++)
        fee->taxes[i].invoice_id = g->row.id;
    TRY(fee_tax_insert_many(g->tx, fee->taxes, fee->tax_count));
    TRY(invoice_tax_clear(
        g->tx, &(struct invoice_tax_clear_in){.customer_id = customer_id, .invoice_id = holder_id},
        NULL));
    return gather_holder_delete(
        g->tx, &(struct gather_holder_delete_in){.customer_id = customer_id, .id = holder_id},
        NULL);
}

/* The invoice, and which fees came onto it. */
static struct str audit_text(const struct gathered *g)
{
    struct arena *arena = g->ctx->arena;
    struct str text = invoice_audit_text(arena, &g->row);
    struct buf buf;
    buf_init(&buf, arena, text.len + g->fee_count * 64 + 64);
    buf_add(&buf, (struct str){text.ptr, text.len - 1}); /* without its last brace */
    buf_add(&buf, STR(",\"fees\":["));
    for (size_t i = 0; i < g->fee_count; i++) {
        buf_add(&buf, i == 0 ? STR("\"") : STR(",\""));
        buf_uuid(&buf, g->fees[i]->row->id);
        buf_add(&buf, STR("\""));
    }
    buf_add(&buf, STR("]}"));
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

static enum err write(const struct gathered *g)
{
    TRY(invoice_insert_many(g->tx, &g->row, 1));
    TRY(write_periods(g));
    TRY(write_taxes(g));
    for (size_t i = 0; i < g->fee_count; i++)
        TRY(move_fee(g, i));
    return audit_add(g->ctx, g->tx,
                     &(struct audit){
                         .chain_id = g->row.customer_id,
                         .action = "invoice.gather",
                         .object_id = g->row.id,
                         .after = audit_text(g),
                     });
}

/* ---- all of them ----------------------------------------------------------------------------- */

static enum err load_taxes(struct tx *tx, struct uuid customer_id, struct paid_fee *fee)
{
    return fee_tax_list(tx,
                        &(struct fee_tax_list_in){
                            .customer_id = customer_id,
                            .invoice_id = fee->row->invoice_id,
                            .fee_id = fee->row->id,
                        },
                        &fee->taxes, &fee->tax_count);
}

enum err advance_gather(struct ctx *ctx, struct tx *tx, struct gathering *gathering)
{
    struct gather_fee_list_row *rows = NULL;
    size_t count = 0;
    TRY(gather_fee_list(tx,
                        &(struct gather_fee_list_in){
                            .customer_id = gathering->customer->id,
                            .external_id = gathering->external_id,
                            .until_at = gathering->billing_at,
                            .ended_by_at = gathering->is_end ? INT64_MAX : gathering->to_at,
                        },
                        &rows, &count));
    struct paid_fee *fees = ARENA_ARRAY(ctx->arena, count, struct paid_fee);
    for (size_t i = 0; i < count; i++) {
        fees[i].row = &rows[i];
        TRY(load_taxes(tx, gathering->customer->id, &fees[i]));
    }
    for (;;) {
        struct gathered g = {.ctx = ctx, .tx = tx, .gathering = gathering};
        choose(&g, fees, count);
        if (g.fee_count == 0)
            return ERR_NONE;
        TRY(add_up(&g));
        if (g.totals.fees_minor == 0)
            continue;
        TRY(make_row(&g));
        TRY(write(&g));
        gathering->made = arena_grow(ctx->arena, gathering->made, gathering->count,
                                     &gathering->capacity, sizeof *gathering->made);
        gathering->made[gathering->count++] = g.row;
    }
}

enum err advance_gather_issue(struct ctx *ctx, struct tx *tx, struct gathering *gathering)
{
    TRY(advance_gather(ctx, tx, gathering));
    for (size_t i = 0; i < gathering->count; i++)
        TRY(invoice_issue(ctx, tx, gathering->customer, &gathering->made[i]));
    return ERR_NONE;
}
