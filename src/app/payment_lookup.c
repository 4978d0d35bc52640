/* payment_lookup.c - asking the gateway what became of payments. */
#include "app/invoice_load.h"
#include "app/payment_checkout.h"
#include "app/payment_settle.h"
#include "app/payment_settle_private.h"
#include "base/assert.h"
#include "base/log.h"
#include "base/time.h"
#include "core/payment/progress.h"
#include "store/sql/payment.h"

#define LOOKUPS_AT_ONCE 50

struct finding {
    struct uuid customer_id; /* nil: any */
    struct uuid id;
    struct payment_work work;
    struct payment_view view;
};

static enum err find(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct finding *finding = arg;
    struct payment_work *work = &finding->work;
    TRY(payment_find(ctx, tx, finding->customer_id, finding->id, &work->payment));
    TRY(invoice_find(ctx, tx, work->payment.invoice_id, &work->customer, &work->invoice));
    finding->view = payment_work_view(work);
    return ERR_NONE;
}

/* ---- the gateway's answer -------------------------------------------------------------------- */

struct answering {
    const struct payment_row *row;
    const struct gateway_payment *said; /* NULL: no answer */
    bool is_due;
    struct payment_view *view;
};

static enum err answer(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct answering *answering = arg;
    struct payment_work work;
    enum payment_news news;
    TRY(payment_work_lock(ctx, tx, answering->row->customer_id, answering->row->id, &work));
    /* Not one that became due since: its answer may be another. */
    work.is_due = answering->is_due && work.payment.lookup_at == answering->row->lookup_at;
    TRY(payment_settle(ctx, tx, &work, PAYMENT_ASKED, answering->said, &news));
    *answering->view = payment_work_view(&work);
    return ERR_NONE;
}

/* From what is stored alone, so that each try says the same. */
static struct gateway_checkout checkout_of(struct ctx *ctx, const struct payment_work *work)
{
    const struct payment_row *row = &work->payment;
    return (struct gateway_checkout){
        .reference = row->gateway_reference,
        .amount_minor = row->amount_minor,
        .currency = row->currency,
        .description = arena_fmt(ctx->arena, "Invoice %.*s", STR_ARG(work->invoice.number)),
        .return_url = row->return_url,
        .locale = row->checkout_locale,
    };
}

static enum err ask(struct ctx *ctx, enum payment_question question,
                    const struct payment_work *work, struct gateway_payment *said)
{
    const struct payment_row *row = &work->payment;
    struct str reference = row->gateway_reference;
    struct gateway *gateway = gateways_find(&ctx->app->gateways, row->gateway_code);
    if (gateway == NULL)
        return fail(ctx, ERR_GATEWAY, "the gateway %.*s is not set up any more",
                    STR_ARG(row->gateway_code));
    if (question == PAYMENT_FIND)
        return gateway->driver->find(gateway, ctx->arena, ctx->fault, reference, said);
    if (question == PAYMENT_CHECKOUT) {
        struct gateway_checkout checkout = checkout_of(ctx, work);
        return gateway->driver->checkout(gateway, ctx->arena, ctx->fault, &checkout, said);
    }
    TRY(gateway->driver->cancel(gateway, ctx->arena, ctx->fault, reference, said));
    /* Never made: then nobody has the page's address, and it is over as well. */
    if (said->status == GATEWAY_NONE && str_is_null(row->gateway_payment_id))
        said->status = GATEWAY_CANCELED;
    return ERR_NONE;
}

enum err payment_ask(struct ctx *ctx, enum payment_question question,
                     const struct payment_work *work, struct gateway_payment *said, enum err *asked,
                     struct payment_view *view)
{
    ASSERT(ctx->tx == NULL);
    ASSERT(!str_is_null(work->payment.gateway_reference));
    *said = (struct gateway_payment){.status = GATEWAY_NONE};
    *asked = ask(ctx, question, work, said);
    if (*asked != ERR_NONE && *asked != ERR_GATEWAY)
        return *asked;
    struct answering answering = {.row = &work->payment,
                                  .said = *asked == ERR_NONE ? said : NULL,
                                  .is_due = work->is_due,
                                  .view = view};
    if (*asked == ERR_NONE)
        return tx_run(ctx, TX_WRITE, answer, &answering);
    /* The words of what went wrong stay, unless the note of it fails as well. */
    struct fault fault;
    struct ctx own = *ctx;
    fault_init(&fault, ctx->arena);
    own.fault = &fault;
    enum err err = tx_run(&own, TX_WRITE, answer, &answering);
    if (err != ERR_NONE)
        *ctx->fault = fault;
    return err;
}

/* ---- one payment ----------------------------------------------------------------------------- */

static enum err look(struct ctx *ctx, struct finding *finding)
{
    struct gateway_payment said;
    enum err asked = ERR_NONE;
    bool is_needed = payment_is_needed(&finding->work.payment, &finding->work.invoice);
    TRY(payment_ask(ctx, is_needed ? PAYMENT_FIND : PAYMENT_CLOSE, &finding->work, &said, &asked,
                    &finding->view));
    if (asked != ERR_NONE) {
        log_warn("a payment could not be looked up; it is tried again",
                 LOG_STR("payment", uuid_text(ctx->arena, finding->id)),
                 LOG_STR("why", ctx->fault->message));
        fault_reset(ctx->fault);
    }
    return ERR_NONE;
}

enum err payment_refresh(struct ctx *ctx, struct uuid payment_id, struct payment_view *view)
{
    struct finding finding = {.id = payment_id};
    TRY(tx_run(ctx, TX_READ, find, &finding));
    const struct payment_row *row = &finding.work.payment;
    if (!str_is_null(row->gateway_code) && payment_status_of(row->status) != PAYMENT_SUCCEEDED)
        TRY(look(ctx, &finding));
    *view = finding.view;
    return ERR_NONE;
}

enum err payment_checkout_return(struct ctx *ctx, struct uuid customer_id, struct uuid payment_id,
                                 struct payment_view *view)
{
    struct finding finding = {.customer_id = customer_id, .id = payment_id};
    TRY(tx_run(ctx, TX_READ, find, &finding));
    const struct payment_row *row = &finding.work.payment;
    if (!str_is_null(row->gateway_code) && payment_is_open(payment_status_of(row->status)))
        TRY(look(ctx, &finding));
    *view = finding.view;
    return ERR_NONE;
}

/* ---- what is due ----------------------------------------------------------------------------- */

struct due {
    int64_t until_at, after_at;
    struct uuid after_id;
    struct payment_due_list_row *rows;
    size_t count;
};

static enum err list_due(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct due *due = arg;
    (void)ctx;
    return payment_due_list(tx,
                            &(struct payment_due_list_in){.until_at = due->until_at,
                                                          .after_at = due->after_at,
                                                          .after_id = due->after_id,
                                                          .limit = LOOKUPS_AT_ONCE},
                            &due->rows, &due->count);
}

static enum err look_at_one(struct ctx *ctx, const struct payment_due_list_row *row, int64_t now)
{
    struct finding finding = {.customer_id = row->customer_id, .id = row->id};
    TRY(tx_run(ctx, TX_READ, find, &finding));
    int64_t lookup_at = finding.work.payment.lookup_at;
    if (lookup_at == TIME_NONE || lookup_at > now)
        return ERR_NONE; /* somebody else was faster */
    finding.work.is_due = true;
    return look(ctx, &finding);
}

/* The first that went wrong, with its words; what the others took of the arena is given back. */
struct first_error {
    enum err err;
    struct fault words;
};

static bool is_to_stop(const atomic_bool *stop)
{
    return stop != NULL && atomic_load(stop);
}

static void look_at(struct ctx *ctx, const struct payment_due_list_row *row, int64_t now,
                    struct first_error *first)
{
    struct arena_mark mark = arena_mark(ctx->arena);
    enum err err = look_at_one(ctx, row, now);
    bool is_first = err != ERR_NONE && first->err == ERR_NONE;
    if (is_first)
        *first = (struct first_error){.err = err, .words = *ctx->fault};
    fault_init(ctx->fault, ctx->fault->arena);
    if (!is_first)
        arena_return(ctx->arena, mark);
}

enum err payment_reconcile(struct ctx *ctx, const atomic_bool *stop, int64_t *count)
{
    struct due due = {.until_at = ctx_now(ctx), .after_at = INT64_MIN + 1};
    struct first_error first = {.err = ERR_NONE};
    *count = 0;
    if (ctx->app->gateways.count == 0)
        return ERR_NONE;
    do {
        TRY(tx_run(ctx, TX_READ, list_due, &due));
        for (size_t i = 0; i < due.count && !is_to_stop(stop); i++) {
            look_at(ctx, &due.rows[i], due.until_at, &first);
            ++*count;
            due.after_at = due.rows[i].lookup_at;
            due.after_id = due.rows[i].id;
        }
    } while (due.count == LOOKUPS_AT_ONCE && !is_to_stop(stop));
    if (first.err != ERR_NONE)
        *ctx->fault = first.words;
    return first.err;
}
