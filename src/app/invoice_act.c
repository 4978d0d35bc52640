/* invoice_act.c - what is done with one invoice: finalize, refresh, void, set the payment status.
 */
#include "app/invoice.h"

#include "app/audit.h"
#include "app/invoice_build.h"
#include "app/invoice_final.h"
#include "app/invoice_load.h"
#include "app/invoice_refresh.h"
#include "app/ledger_post.h"
#include "app/payment_settle_private.h"
#include "base/none.h"
#include "base/time.h"

struct invoice_act {
    struct uuid id;
    struct str payment_status;
    struct invoice_view *view;
};

/* Wrong in this state of the invoice; the API's code is "invoice_ACTION_not_allowed"-like words of
 * the field. */
static enum err not_allowed(struct ctx *ctx, const struct invoice_row *row, const char *code,
                            const char *wanted)
{
    fault_field(ctx->fault, STR("status"), code, row->status, "%s", wanted);
    return fail(ctx, ERR_NOT_ALLOWED, "the invoice is %.*s, and must be %s", STR_ARG(row->status),
                wanted);
}

static bool is(const struct invoice_row *row, const char *status)
{
    return str_eq(row->status, str_of(status));
}

static enum err finalize(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct invoice_act *act = arg;
    struct customer_row customer;
    struct invoice_row row;
    struct invoice_build build;
    const struct zone *zone = NULL;
    TRY(invoice_lock(ctx, tx, act->id, &customer, &row));
    if (!is(&row, "draft"))
        return not_allowed(ctx, &row, "is_not_draft", "a draft");
    TRY(zone_find(row.timezone, &zone));
    row.finalize_at = ctx_now(ctx);
    invoice_set_issuing_day(zone, zone_day(zone, row.finalize_at), &row);
    row.overdue_at = TIME_NONE;
    TRY(invoice_recompute(ctx, tx, &customer, &row, &build));
    TRY(invoice_settle(ctx, tx, &build));
    if (!build.row.skipped)
        TRY(invoice_issue(ctx, tx, &customer, &build.row));
    return invoice_view_load(ctx, tx, &build.row, true, act->view);
}

enum err invoice_finalize(struct ctx *ctx, struct uuid id, struct invoice_view *view)
{
    return tx_run(ctx, TX_WRITE, finalize, &(struct invoice_act){.id = id, .view = view});
}

static enum err refresh(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct invoice_act *act = arg;
    struct customer_row customer;
    struct invoice_row row;
    TRY(invoice_lock(ctx, tx, act->id, &customer, &row));
    if (is(&row, "draft"))
        TRY(invoice_refresh_draft(ctx, tx, &customer, &row));
    return invoice_view_load(ctx, tx, &row, true, act->view);
}

enum err invoice_refresh(struct ctx *ctx, struct uuid id, struct invoice_view *view)
{
    return tx_run(ctx, TX_WRITE, refresh, &(struct invoice_act){.id = id, .view = view});
}

/* Writes the changed row, its audit entry, and shows it. */
static enum err change(struct ctx *ctx, struct tx *tx, const char *action,
                       const struct invoice_row *before, struct invoice_row *row,
                       struct invoice_view *view)
{
    row->updated_at = ctx_now(ctx);
    TRY(invoice_save(tx, row));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = row->customer_id,
                      .action = action,
                      .object_id = row->id,
                      .before = invoice_audit_text(ctx->arena, before),
                      .after = invoice_audit_text(ctx->arena, row),
                  }));
    return invoice_view_load(ctx, tx, row, true, view);
}

static enum err void_one(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct invoice_act *act = arg;
    struct customer_row customer;
    struct invoice_row row;
    const struct zone *zone = NULL;
    TRY(invoice_lock(ctx, tx, act->id, &customer, &row));
    if (!is(&row, "finalized"))
        return not_allowed(ctx, &row, "not_voidable", "finalized");
    struct invoice_row before = row;
    TRY(zone_find(row.timezone, &zone));
    row.status = STR("voided");
    row.voided_at = ctx_now(ctx);
    row.payment_overdue = false;
    row.overdue_at = TIME_NONE;
    TRY(payment_hasten(ctx, tx, &row));
    TRY(ledger_post_void(ctx, tx, &row, zone_day(zone, row.voided_at)));
    return change(ctx, tx, "invoice.void", &before, &row, act->view);
}

enum err invoice_void(struct ctx *ctx, struct uuid id, struct invoice_view *view)
{
    return tx_run(ctx, TX_WRITE, void_one, &(struct invoice_act){.id = id, .view = view});
}

static enum err fail_gathered(struct ctx *ctx, struct str status)
{
    fault_field(ctx->fault, STR("payment_status"), "payment_status_update_not_allowed", status,
                "nothing: its fees were paid before it was made");
    return fail(ctx, ERR_NOT_ALLOWED, "the invoice gathers fees that are paid");
}

static enum err set_payment_status(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct invoice_act *act = arg;
    struct customer_row customer;
    struct invoice_row row;
    const struct zone *zone = NULL;
    TRY(invoice_lock(ctx, tx, act->id, &customer, &row));
    if (!is(&row, "finalized"))
        return not_allowed(ctx, &row, "payment_status_update_not_allowed", "finalized");
    if (invoice_is_gathered(&row))
        return fail_gathered(ctx, act->payment_status);
    struct invoice_row before = row;
    TRY(zone_find(row.timezone, &zone));
    bool settled = str_eq(act->payment_status, STR("succeeded"));
    row.payment_status = act->payment_status;
    if (settled) {
        row.payment_overdue = false;
        row.overdue_at = TIME_NONE;
        TRY(payment_hasten(ctx, tx, &row));
    } else if (!row.payment_overdue) {
        row.overdue_at = zone_day_start(zone, row.payment_due_day + 1);
    }
    return change(ctx, tx, "invoice.payment_status", &before, &row, act->view);
}

enum err invoice_set_payment_status(struct ctx *ctx, struct uuid id, struct str status,
                                    struct invoice_view *view)
{
    return tx_run(ctx, TX_WRITE, set_payment_status,
                  &(struct invoice_act){.id = id, .payment_status = status, .view = view});
}
