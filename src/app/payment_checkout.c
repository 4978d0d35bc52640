#include "app/payment_checkout.h"

#include "app/audit.h"
#include "app/invoice_load.h"
#include "app/payment_settle_private.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "core/payment/progress.h"
#include "store/sql/payment.h"

#define ATTEMPTS_MAX 3 /* a payment that turns out to be over makes place for the next */
#define PLACEHOLDER  "{payment_id}"

struct preparing {
    const struct payment_checkout_input *input;
    struct gateway *gateway; /* of a new payment */
    struct payment_work work;
};

/* `invoice`: what it is called. */
static enum err refuse(struct ctx *ctx, enum err err, const char *code, struct str invoice,
                       struct str words)
{
    fault_field(ctx->fault, STR("invoice"), code, invoice, "%.*s", STR_ARG(words));
    return fail(ctx, err, "%.*s", STR_ARG(words));
}

static enum err check_invoice(struct ctx *ctx, const struct preparing *preparing)
{
    const struct invoice_row *invoice = &preparing->work.invoice;
    struct uuid wanted = preparing->input->customer_id;
    if (!uuid_is_nil(wanted) && !uuid_eq(wanted, invoice->customer_id))
        return fail_not_found(ctx, "invoice", uuid_text(ctx->arena, invoice->id));
    struct str name =
        str_is_null(invoice->number) ? uuid_text(ctx->arena, invoice->id) : invoice->number;
    if (!str_eq(invoice->status, STR("finalized")))
        return refuse(ctx, ERR_NOT_ALLOWED, "invoice_not_payable", name,
                      arena_fmt(ctx->arena,
                                "invoice %.*s is %.*s; only a finalized invoice can be paid",
                                STR_ARG(name), STR_ARG(invoice->status)));
    if (invoice->total_amount_minor <= invoice->paid_amount_minor ||
        str_eq(invoice->payment_status, STR("succeeded")))
        return refuse(ctx, ERR_NOT_ALLOWED, "invoice_is_paid", name,
                      arena_fmt(ctx->arena,
                                "nothing is left to pay of invoice %.*s: its payment status is "
                                "%.*s",
                                STR_ARG(name), STR_ARG(invoice->payment_status)));
    return ERR_NONE;
}

/* The address with the payment's id in its place. */
static struct str return_url(struct ctx *ctx, struct str url, struct uuid id)
{
    struct str place = STR(PLACEHOLDER);
    for (size_t i = 0; i + place.len <= url.len; i++) {
        if (str_eq(str_slice(url, i, i + place.len), place))
            return arena_fmt(ctx->arena, "%.*s%.*s%.*s", STR_ARG(str_slice(url, 0, i)),
                             STR_ARG(uuid_text(ctx->arena, id)),
                             STR_ARG(str_slice(url, i + place.len, url.len)));
    }
    return url;
}

static enum err insert(struct ctx *ctx, struct tx *tx, struct preparing *preparing, size_t attempt)
{
    struct payment_work *work = &preparing->work;
    const struct payment_checkout_input *input = preparing->input;
    int64_t now = ctx_now(ctx);
    struct uuid id = ctx_new_id(ctx);
    work->payment = (struct payment_row){
        .customer_id = work->invoice.customer_id,
        .id = id,
        .invoice_id = work->invoice.id,
        .payment_type = STR("provider"),
        .amount_minor = work->invoice.total_amount_minor - work->invoice.paid_amount_minor,
        .currency = work->invoice.currency,
        .status = payment_status_text(PAYMENT_PENDING),
        .paid_at = TIME_NONE,
        .created_at = now,
        .gateway_code = str_of(preparing->gateway->code),
        .gateway_reference = arena_fmt(ctx->arena, "%.*s-%zu",
                                       STR_ARG(uuid_text(ctx->arena, work->invoice.id)), attempt),
        .return_url =
            str_is_null(input->return_url) ? STR_NULL : return_url(ctx, input->return_url, id),
        .checkout_locale = input->locale,
        .lookup_at = now + payment_lookup_pause_us(0),
        .updated_at = now,
    };
    ASSERT(work->payment.gateway_reference.len <= GATEWAY_REFERENCE_MAX);
    TRY(payment_insert(tx, &work->payment));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = work->payment.customer_id,
                         .action = "payment.begin",
                         .object_id = id,
                         .after = payment_row_json(ctx->arena, &work->payment),
                     });
}

/* The payment that may still be paid, or a new one. */
static enum err prepare(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct preparing *preparing = arg;
    struct payment_work *work = &preparing->work;
    struct payment_row *rows = NULL;
    size_t count = 0;
    size_t attempt = 1;
    TRY(invoice_lock(ctx, tx, preparing->input->invoice_id, &work->customer, &work->invoice));
    TRY(check_invoice(ctx, preparing));
    TRY(payment_of_invoice_list(
        tx,
        &(struct payment_of_invoice_list_in){.customer_id = work->invoice.customer_id,
                                             .invoice_id = work->invoice.id},
        &rows, &count));
    for (size_t i = 0; i < count; i++) {
        attempt += !str_is_null(rows[i].gateway_code);
        if (payment_is_open(payment_status_of(rows[i].status))) {
            work->payment = rows[i];
            return ERR_NONE;
        }
    }
    return insert(ctx, tx, preparing, attempt);
}

static enum payment_question question_of(const struct payment_work *work)
{
    if (!payment_is_needed(&work->payment, &work->invoice))
        return PAYMENT_CLOSE;
    return str_is_null(work->payment.gateway_payment_id) ? PAYMENT_CHECKOUT : PAYMENT_FIND;
}

static enum err refuse_under_way(struct ctx *ctx, const struct payment_view *view)
{
    struct str id = uuid_text(ctx->arena, view->row.id);
    return refuse(ctx, ERR_CONFLICT, "payment_in_progress", view->invoice_number,
                  arena_fmt(ctx->arena,
                            "a payment of invoice %.*s is %.*s, and how it ends is not known yet: "
                            "wait for payment %.*s, or look it up",
                            STR_ARG(view->invoice_number), STR_ARG(view->row.status), STR_ARG(id)));
}

/* *is_over: the payment that was open is not any more, and another may be begun if anything is left
 * to pay. */
static enum err attempt(struct ctx *ctx, struct preparing *preparing,
                        struct payment_checkout *checkout, bool *is_over)
{
    struct gateway_payment said;
    struct payment_view view;
    enum err asked = ERR_NONE;
    *is_over = false;
    TRY(tx_run(ctx, TX_WRITE, prepare, preparing));
    TRY(payment_ask(ctx, question_of(&preparing->work), &preparing->work, &said, &asked, &view));
    if (asked != ERR_NONE)
        return asked;
    enum payment_status status = payment_status_of(view.row.status);
    if (!payment_is_open(status)) {
        *is_over = true;
        return ERR_NONE;
    }
    if (status != PAYMENT_PENDING || said.status != GATEWAY_OPEN)
        return refuse_under_way(ctx, &view);
    ASSERT(!str_is_null(said.redirect_url));
    *checkout = (struct payment_checkout){
        .payment_id = view.row.id,
        .customer_id = view.row.customer_id,
        .redirect_url = said.redirect_url,
        .gateway_code = view.row.gateway_code,
    };
    return ERR_NONE;
}

static enum err check_return_url(struct ctx *ctx, struct str url)
{
    char origin[GATEWAY_ADDRESS_BYTES];
    if (!str_is_null(url) && (url.len > GATEWAY_RETURN_URL_MAX || !gateway_origin_of(url, origin)))
        fault_field(ctx->fault, STR("return_url"), "value_is_invalid", url,
                    "an http or https address of up to %d bytes", GATEWAY_RETURN_URL_MAX);
    return fault_check(ctx->fault);
}

enum err payment_checkout_start(struct ctx *ctx, const struct payment_checkout_input *input,
                                struct payment_checkout *checkout)
{
    ASSERT(ctx->tx == NULL);
    TRY(check_return_url(ctx, input->return_url));
    if (ctx->app->gateways.count == 0)
        return refuse(ctx, ERR_NOT_SUPPORTED, "no_payment_gateway",
                      uuid_text(ctx->arena, input->invoice_id),
                      STR("no payment gateway is set up: set BILLOW_SANDBOX_GATEWAY_URL, and start "
                          "again"));
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        struct preparing preparing = {.input = input, .gateway = ctx->app->gateways.items[0]};
        bool is_over = false;
        TRY(attempt(ctx, &preparing, checkout, &is_over));
        if (!is_over)
            return ERR_NONE;
    }
    return fail(ctx, ERR_GATEWAY, "the gateway ends each payment as soon as it is begun");
}

struct str payment_checkout_origin(const struct ctx *ctx)
{
    const struct gateways *gateways = &ctx->app->gateways;
    return gateways->count == 0 ? STR_NULL : str_of(gateways->items[0]->origin);
}
