/* payment_settle.h - what a gateway says of a payment, and what follows from it.
 *
 * There is one way in, payment_settle, whoever brings the news: a webhook, the customer's return,
 * the look-ups of the reconciliation.  It runs in one transaction under the customer's lock and
 * does the same whatever comes first, twice, late or never; the rules are core/payment/progress.h.
 * On success: the payment, the invoice's paid amount and status, the posting in the books, the
 * receipt's number and its mail, the audit entry.
 *
 * Money that arrived is always booked, as what the gateway says that it got: what the invoice does
 * not need (it was paid meanwhile, voided, or is less) becomes the customer's unapplied credit, and
 * staff find it in the list of payment exceptions. */
#ifndef APP_PAYMENT_SETTLE_H
#define APP_PAYMENT_SETTLE_H

#include "app/ctx.h"
#include "app/payment.h"
#include "connectors/gateway.h"

#include <stdatomic.h>

/* What happened to a webhook's notice. */
enum payment_news {
    PAYMENT_NEWS_KNOWN,   /* seen before; nothing changed */
    PAYMENT_NEWS_SETTLED, /* the payment took a step */
    PAYMENT_NEWS_LATE,    /* says nothing new: the payment is further */
    PAYMENT_NEWS_DOUBTED, /* amount or currency are not the payment's: it is looked up instead */
    PAYMENT_NEWS_STRANGE  /* about no payment of ours */
};

/* A webhook of gateway `code`: verified, read, and each notice settled with the event noted as
 * seen, in one transaction each; whatever fails is sent again by the gateway.  *changed: how many
 * took effect.  ERR_NOT_FOUND: no such gateway; ERR_UNAUTHORIZED, ERR_MALFORMED as
 * connectors/gateway.h, with nothing changed. */
MUST_CHECK enum err payment_webhook(struct ctx *ctx, struct str code,
                                    const struct gateway_webhook *webhook, int64_t *changed);

/* Asks the gateway and books what it says; a payment that is settled is left as it is.  Where the
 * gateway can't be asked, an open payment becomes `unknown`, and the next look-up is put off: no
 * error.  ERR_NOT_FOUND: no such payment.  Not within tx_run_joined (asserted). */
MUST_CHECK enum err payment_refresh(struct ctx *ctx, struct uuid payment_id,
                                    struct payment_view *view);

/* Looks up all payments whose time has come by the clock, oldest first, each on its own; those that
 * can't be are put off, growing from a minute to a day.  *count: how many were asked about.  What
 * goes wrong with one leaves the others; the error of the first such is returned at the end.
 *   stop  ends it before the next payment; NULL: to the end */
MUST_CHECK enum err payment_reconcile(struct ctx *ctx, const atomic_bool *stop, int64_t *count);

/* ---- for staff ---- */

/* Newest first: exceptions that nobody has resolved yet, or all. */
struct payment_exception_filter {
    bool with_resolved;
    struct uuid customer_id; /* nil: any */
    int64_t limit, offset;
};
struct payment_exception_view {
    struct payment_exception_row row;
    struct str external_customer_id;
    struct str invoice_number;
};
MUST_CHECK enum err payment_exception_list(struct ctx *ctx,
                                           const struct payment_exception_filter *filter,
                                           struct payment_exception_view **views, size_t *count,
                                           int64_t *total);
/* Takes it off the list; what is booked stays.  ERR_NOT_FOUND. */
MUST_CHECK enum err payment_exception_resolve(struct ctx *ctx, struct uuid id,
                                              struct payment_exception_view *view);

#endif
