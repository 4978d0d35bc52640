/* payment_settle_private.h - between the files of payments by gateways (payment_*.c). */
#ifndef APP_PAYMENT_SETTLE_PRIVATE_H
#define APP_PAYMENT_SETTLE_PRIVATE_H

#include "app/payment.h"
#include "app/payment_settle.h"

/* A payment with what it pays, under its customer's lock. */
struct payment_work {
    struct customer_row customer;
    struct invoice_row invoice;
    struct payment_row payment;
    bool is_due; /* the look-up's time had come: then the next one is put off */
};

/* Begins a write that concerns a payment.  ERR_NOT_FOUND: no such payment. */
MUST_CHECK enum err payment_work_lock(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                      struct uuid payment_id, struct payment_work *work);
/* Finds a payment by its id; of `customer_id` if that is not nil.  ERR_NOT_FOUND. */
MUST_CHECK enum err payment_find(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                 struct uuid id, struct payment_row *row);
struct payment_view payment_work_view(const struct payment_work *work);
/* Writes `work->payment` over `before`, with its audit entry. */
MUST_CHECK enum err payment_work_save(struct ctx *ctx, struct tx *tx, const char *action,
                                      const struct payment_row *before, struct payment_work *work);

/* Gives a payment that succeeded its receipt's number, PREFIX-R-NNN: a series without gaps for each
 * billing entity. */
MUST_CHECK enum err payment_give_receipt(struct ctx *ctx, struct tx *tx,
                                         const struct invoice_row *invoice,
                                         struct payment_row *row);

/* The invoice takes `amount_minor`, at most what is due; paid in full, it is settled, whatever was
 * said about it before.  What its open pages ask for is not due any more: payment_hasten. */
MUST_CHECK enum err payment_apply(struct ctx *ctx, struct tx *tx, struct invoice_row *invoice,
                                  int64_t amount_minor);

/* The invoice needs less money than it did: pages that are still open for it are closed soon, by
 * the look-up of their payments. */
MUST_CHECK enum err payment_hasten(struct ctx *ctx, struct tx *tx,
                                   const struct invoice_row *invoice);
/* Whether the invoice still needs what the payment asks for, no more and no less. */
bool payment_is_needed(const struct payment_row *row, const struct invoice_row *invoice);

/* Who says it. */
enum payment_source {
    PAYMENT_TOLD, /* a notice: what differs from what we know is looked up, not believed */
    PAYMENT_ASKED /* the gateway's own answer: it holds */
};

/* The one way in: what the gateway says, or NULL when it gave no answer.  *news: KNOWN where it
 * changes nothing. */
MUST_CHECK enum err payment_settle(struct ctx *ctx, struct tx *tx, struct payment_work *work,
                                   enum payment_source source, const struct gateway_payment *said,
                                   enum payment_news *news);

/* What a gateway is asked. */
enum payment_question {
    PAYMENT_FIND,    /* how it is */
    PAYMENT_CLOSE,   /* the same, and to close its page, since the invoice doesn't need it */
    PAYMENT_CHECKOUT /* to make its page */
};

/* Asks the gateway about a payment and settles what it says; outside of any transaction.
 *   said   the answer; GATEWAY_NONE where there was none
 *   asked  ERR_GATEWAY where there was none, with the words in the fault; else ERR_NONE
 *   view   the payment afterwards */
MUST_CHECK enum err payment_ask(struct ctx *ctx, enum payment_question question,
                                const struct payment_work *work, struct gateway_payment *said,
                                enum err *asked, struct payment_view *view);

#endif
