#include "app/payment_settle.h"

#include "app/audit.h"
#include "app/invoice_load.h"
#include "app/ledger_post.h"
#include "app/mail.h"
#include "app/payment_settle_private.h"
#include "app/webhook.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "base/zone.h"
#include "core/payment/progress.h"
#include "store/sql/catalog.h"
#include "store/sql/instance.h"
#include "store/sql/payment.h"

#define RECEIPT_BYTES_MAX 512
/* A checkout that the gateway does not know so long after we asked for it was never made: no call
 * of ours takes nearly so long. */
#define NEVER_STARTED_US TIME_HOUR

/* ---- a payment and what it pays -------------------------------------------------------------- */

enum err payment_find(struct ctx *ctx, struct tx *tx, struct uuid customer_id, struct uuid id,
                      struct payment_row *row)
{
    bool found = false;
    TRY(payment_load(tx, &(struct payment_load_in){.id = id}, row, &found));
    if (!found || (!uuid_is_nil(customer_id) && !uuid_eq(row->customer_id, customer_id)))
        return fail_not_found(ctx, "payment", uuid_text(ctx->arena, id));
    return ERR_NONE;
}

enum err payment_work_lock(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                           struct uuid payment_id, struct payment_work *work)
{
    bool found = false;
    work->is_due = false;
    TRY(payment_find(ctx, tx, customer_id, payment_id, &work->payment));
    TRY(invoice_lock(ctx, tx, work->payment.invoice_id, &work->customer, &work->invoice));
    TRY(payment_of_customer(
        tx, &(struct payment_of_customer_in){.customer_id = work->customer.id, .id = payment_id},
        &work->payment, &found)); /* as it is now that nobody else changes it */
    ASSERT(found);
    return ERR_NONE;
}

struct payment_view payment_work_view(const struct payment_work *work)
{
    return (struct payment_view){
        .row = work->payment,
        .external_customer_id = work->customer.external_id,
        .invoice_number = work->invoice.number,
    };
}

enum err payment_work_save(struct ctx *ctx, struct tx *tx, const char *action,
                           const struct payment_row *before, struct payment_work *work)
{
    struct payment_row *row = &work->payment;
    row->updated_at = ctx_now(ctx);
    TRY(payment_update(tx,
                       &(struct payment_update_in){
                           .customer_id = row->customer_id,
                           .id = row->id,
                           .amount_minor = row->amount_minor,
                           .currency = row->currency,
                           .status = row->status,
                           .paid_at = row->paid_at,
                           .unapplied_minor = row->unapplied_minor,
                           .receipt_number = row->receipt_number,
                           .gateway_payment_id = row->gateway_payment_id,
                           .redirect_url = row->redirect_url,
                           .failure_code = row->failure_code,
                           .lookup_at = row->lookup_at,
                           .lookup_count = row->lookup_count,
                           .updated_at = row->updated_at,
                       },
                       NULL));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = row->customer_id,
                         .action = action,
                         .object_id = row->id,
                         .before = payment_row_json(ctx->arena, before),
                         .after = payment_row_json(ctx->arena, row),
                     });
}

/* The payment's entry says why; endpoints are told of the invoice as well. */
static enum err tell_status(struct ctx *ctx, struct tx *tx, const struct invoice_row *invoice)
{
    return webhook_note(ctx, tx,
                        &(struct audit){.chain_id = invoice->customer_id,
                                        .action = "invoice.payment_status",
                                        .object_id = invoice->id},
                        1);
}

enum err payment_apply(struct ctx *ctx, struct tx *tx, struct invoice_row *invoice,
                       int64_t amount_minor)
{
    ASSERT(amount_minor > 0);
    invoice->paid_amount_minor += amount_minor;
    ASSERT(invoice->paid_amount_minor <= invoice->total_amount_minor);
    invoice->updated_at = ctx_now(ctx);
    if (invoice->paid_amount_minor == invoice->total_amount_minor) {
        invoice->payment_status = STR("succeeded");
        invoice->payment_overdue = false;
        invoice->overdue_at = TIME_NONE;
        TRY(tell_status(ctx, tx, invoice));
    }
    TRY(payment_hasten(ctx, tx, invoice));
    return invoice_save(tx, invoice);
}

enum err payment_hasten(struct ctx *ctx, struct tx *tx, const struct invoice_row *invoice)
{
    return payment_look_soon(tx,
                             &(struct payment_look_soon_in){.customer_id = invoice->customer_id,
                                                            .invoice_id = invoice->id,
                                                            .lookup_at = ctx_now(ctx)},
                             NULL);
}

bool payment_is_needed(const struct payment_row *row, const struct invoice_row *invoice)
{
    return str_eq(invoice->status, STR("finalized")) &&
           !str_eq(invoice->payment_status, STR("succeeded")) &&
           str_eq(invoice->currency, row->currency) &&
           invoice->total_amount_minor - invoice->paid_amount_minor == row->amount_minor;
}

/* ---- what the gateway says, in our words ----------------------------------------------------- */

static bool is_final(enum gateway_status status)
{
    return status == GATEWAY_SUCCEEDED || status == GATEWAY_FAILED || status == GATEWAY_EXPIRED ||
           status == GATEWAY_CANCELED;
}

/* Of a payment that the gateway does not know: was it ever made there? */
static enum payment_word word_of_none(struct ctx *ctx, const struct payment_row *row)
{
    if (!str_is_null(row->gateway_payment_id))
        return PAYMENT_SAID_NOTHING; /* it did know it: its own trouble, which it may mend */
    return ctx_now(ctx) - row->created_at >= NEVER_STARTED_US ? PAYMENT_SAID_FAILED
                                                              : PAYMENT_SAID_OPEN;
}

static enum payment_word word_of(struct ctx *ctx, const struct payment_row *row,
                                 const struct gateway_payment *said)
{
    if (said == NULL)
        return PAYMENT_SAID_NOTHING;
    switch (said->status) {
    case GATEWAY_NONE:
        return word_of_none(ctx, row);
    case GATEWAY_OPEN:
        return PAYMENT_SAID_OPEN;
    case GATEWAY_PROCESSING:
        return PAYMENT_SAID_PROCESSING;
    case GATEWAY_SUCCEEDED:
        return PAYMENT_SAID_SUCCEEDED;
    case GATEWAY_FAILED:
    case GATEWAY_EXPIRED:
    case GATEWAY_CANCELED:
        return PAYMENT_SAID_FAILED;
    }
    ASSERT(false); /* a status that is none */
    return PAYMENT_SAID_NOTHING;
}

static struct str failure_of(const struct gateway_payment *said)
{
    switch (said->status) {
    case GATEWAY_EXPIRED:
        return STR("expired");
    case GATEWAY_CANCELED:
        return STR("canceled");
    case GATEWAY_NONE:
        return STR("never_started");
    case GATEWAY_FAILED:
    case GATEWAY_OPEN:
    case GATEWAY_PROCESSING:
    case GATEWAY_SUCCEEDED:
        break;
    }
    return str_is_null(said->decline_code) ? STR("generic_decline") : said->decline_code;
}

static bool is_as_asked(const struct payment_row *row, const struct gateway_payment *said)
{
    return said->amount_minor == row->amount_minor && str_eq(said->currency, row->currency) &&
           (str_is_null(row->gateway_payment_id) ||
            str_eq(said->gateway_id, row->gateway_payment_id));
}

/* ---- money came ------------------------------------------------------------------------------ */

enum err payment_give_receipt(struct ctx *ctx, struct tx *tx, const struct invoice_row *invoice,
                              struct payment_row *row)
{
    struct billing_entity_row entity;
    struct number_next_row number;
    struct buf text;
    bool found = false;
    TRY(billing_entity_load(tx, &(struct billing_entity_load_in){.id = invoice->billing_entity_id},
                            &entity, &found));
    ASSERT(found);
    TRY(number_next(tx, &(struct number_next_in){.scope_id = entity.id, .series = STR("receipt")},
                    &number, &found));
    ASSERT(found);
    buf_init(&text, ctx->arena, RECEIPT_BYTES_MAX);
    buf_add(&text, entity.document_number_prefix);
    buf_add(&text, STR("-R-"));
    buf_int_padded(&text, number.last_number, 3);
    ASSERT(buf_ok(&text));
    row->receipt_number = buf_str(&text);
    return ERR_NONE;
}

static enum err note_exception(struct ctx *ctx, struct tx *tx, const struct payment_work *work,
                               const struct payment_row *asked)
{
    const struct payment_row *row = &work->payment;
    struct payment_exception_row exception = {
        .customer_id = row->customer_id,
        .id = ctx_new_id(ctx),
        .payment_id = row->id,
        .invoice_id = row->invoice_id,
        .reason = STR("overpaid"),
        .amount_minor = row->unapplied_minor,
        .currency = row->currency,
        .created_at = ctx_now(ctx),
        .resolved_at = TIME_NONE,
    };
    if (!str_eq(row->currency, asked->currency))
        exception.reason = STR("currency_differs");
    else if (row->amount_minor != asked->amount_minor)
        exception.reason = STR("amount_differs");
    else if (!str_eq(work->invoice.status, STR("finalized")))
        exception.reason = STR("invoice_voided");
    exception.detail = arena_fmt(
        ctx->arena,
        "%lld %.*s (minor units) arrived for invoice %.*s, %lld %.*s were asked for; %lld "
        "are the customer's credit",
        (long long)row->amount_minor, STR_ARG(row->currency), STR_ARG(work->invoice.number),
        (long long)asked->amount_minor, STR_ARG(asked->currency), (long long)row->unapplied_minor);
    return payment_exception_insert(tx, &exception);
}

/* When it was paid: as the gateway says, unless its clock differs from ours (a test clock). */
static int64_t paid_at(struct ctx *ctx, const struct payment_row *row, int64_t said_at)
{
    int64_t now = ctx_now(ctx);
    return said_at >= row->created_at && said_at <= now ? said_at : now;
}

static enum err book(struct ctx *ctx, struct tx *tx, struct payment_work *work,
                     const struct gateway_payment *said)
{
    struct payment_row before = work->payment;
    struct payment_row *row = &work->payment;
    struct invoice_row *invoice = &work->invoice;
    const struct zone *zone = NULL;
    bool needs_it =
        str_eq(invoice->status, STR("finalized")) && str_eq(invoice->currency, said->currency);
    int64_t due = needs_it ? invoice->total_amount_minor - invoice->paid_amount_minor : 0;
    int64_t applied = payment_applied(said->amount_minor, due);
    row->status = payment_status_text(PAYMENT_SUCCEEDED);
    row->amount_minor = said->amount_minor;
    row->currency = said->currency;
    row->unapplied_minor = said->amount_minor - applied;
    row->gateway_payment_id = said->gateway_id;
    row->failure_code = STR_NULL;
    row->paid_at = paid_at(ctx, row, said->at);
    row->lookup_at = TIME_NONE;
    TRY(payment_give_receipt(ctx, tx, invoice, row));
    if (applied > 0)
        TRY(payment_apply(ctx, tx, invoice, applied));
    TRY(zone_find(invoice->timezone, &zone));
    TRY(payment_work_save(ctx, tx, "payment.succeed", &before, work));
    TRY(ledger_post_payment(ctx, tx, row, invoice, zone_day(zone, row->paid_at)));
    if (row->unapplied_minor > 0 || row->amount_minor != before.amount_minor)
        TRY(note_exception(ctx, tx, work, &before));
    return mail_queue_receipt(ctx, tx, &work->customer, row->id);
}

/* ---- other news ------------------------------------------------------------------------------ */

/* A card was declined: so says the invoice, until money comes.  That nobody paid in time says
 * nothing. */
static enum err mark_declined(struct ctx *ctx, struct tx *tx, struct invoice_row *invoice)
{
    if (!str_eq(invoice->status, STR("finalized")) ||
        !str_eq(invoice->payment_status, STR("pending")))
        return ERR_NONE;
    invoice->payment_status = STR("failed");
    invoice->updated_at = ctx_now(ctx);
    TRY(tell_status(ctx, tx, invoice));
    return invoice_save(tx, invoice);
}

static void plan_lookup(struct ctx *ctx, struct payment_row *row)
{
    row->lookup_at = ctx_now(ctx) + payment_lookup_pause_us(row->lookup_count);
}

static enum err move(struct ctx *ctx, struct tx *tx, struct payment_work *work,
                     const struct gateway_payment *said, enum payment_status next)
{
    struct payment_row before = work->payment;
    struct payment_row *row = &work->payment;
    row->status = payment_status_text(next);
    if (said != NULL && !str_is_null(said->gateway_id))
        row->gateway_payment_id = said->gateway_id;
    if (said != NULL && said->status == GATEWAY_OPEN && !str_is_null(said->redirect_url))
        row->redirect_url = said->redirect_url;
    if (payment_is_open(next)) {
        plan_lookup(ctx, row);
        return payment_work_save(ctx, tx, "payment.update", &before, work);
    }
    ASSERT(next == PAYMENT_FAILED && said != NULL);
    row->failure_code = failure_of(said);
    row->lookup_at = TIME_NONE;
    if (said->status == GATEWAY_FAILED)
        TRY(mark_declined(ctx, tx, &work->invoice));
    return payment_work_save(ctx, tx, "payment.fail", &before, work);
}

static enum err save_lookup(struct tx *tx, const struct payment_row *row)
{
    return payment_put_off(tx,
                           &(struct payment_put_off_in){.customer_id = row->customer_id,
                                                        .id = row->id,
                                                        .lookup_at = row->lookup_at,
                                                        .lookup_count = row->lookup_count},
                           NULL);
}

/* Of a payment that is over, and says no more than it did: it was looked up because a notice was
 * doubted, and the gateway's own answer ends that. */
static enum err stay_over(struct ctx *ctx, struct tx *tx, struct payment_work *work,
                          const struct gateway_payment *said)
{
    struct payment_row *row = &work->payment;
    if (!work->is_due)
        return ERR_NONE;
    if (said == NULL)
        plan_lookup(ctx, row);
    else
        row->lookup_at = TIME_NONE;
    return save_lookup(tx, row);
}

/* Nothing new, but the hosted page's address may be, and the next look-up is due later. */
static enum err stay(struct ctx *ctx, struct tx *tx, struct payment_work *work,
                     enum payment_source source, const struct gateway_payment *said)
{
    struct payment_row before = work->payment;
    struct payment_row *row = &work->payment;
    if (!payment_is_open(payment_status_of(row->status)))
        return stay_over(ctx, tx, work, said);
    plan_lookup(ctx, row);
    if (source == PAYMENT_ASKED && said != NULL && said->status == GATEWAY_OPEN &&
        (str_is_null(row->gateway_payment_id) || !str_eq(row->redirect_url, said->redirect_url))) {
        row->gateway_payment_id = said->gateway_id;
        row->redirect_url = said->redirect_url;
        return payment_work_save(ctx, tx, "payment.update", &before, work);
    }
    return work->is_due ? save_lookup(tx, row) : ERR_NONE;
}

static enum err doubt(struct ctx *ctx, struct tx *tx, struct payment_row *row)
{
    row->lookup_at = ctx_now(ctx);
    return save_lookup(tx, row);
}

enum err payment_settle(struct ctx *ctx, struct tx *tx, struct payment_work *work,
                        enum payment_source source, const struct gateway_payment *said,
                        enum payment_news *news)
{
    enum payment_status status = payment_status_of(work->payment.status);
    enum payment_status next = status;
    enum payment_word word = word_of(ctx, &work->payment, said);
    enum payment_step step = payment_progress(status, word, &next);
    work->payment.lookup_count += work->is_due;
    *news = PAYMENT_NEWS_KNOWN;
    if (source == PAYMENT_TOLD && (step == PAYMENT_MOVES || step == PAYMENT_SETTLES) &&
        !is_as_asked(&work->payment, said)) {
        *news = PAYMENT_NEWS_DOUBTED;
        return doubt(ctx, tx, &work->payment);
    }
    switch (step) {
    case PAYMENT_LATE:
        *news = PAYMENT_NEWS_LATE;
        return stay_over(ctx, tx, work, said);
    case PAYMENT_STAYS:
        return stay(ctx, tx, work, source, said);
    case PAYMENT_MOVES:
        *news = PAYMENT_NEWS_SETTLED;
        return move(ctx, tx, work, said, next);
    case PAYMENT_SETTLES:
        ASSERT(said != NULL && is_final(said->status) && said->amount_minor > 0);
        *news = PAYMENT_NEWS_SETTLED;
        return book(ctx, tx, work, said);
    }
    ASSERT(false); /* a step that is none */
    return ERR_STORE;
}
