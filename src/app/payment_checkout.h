/* payment_checkout.h - an invoice paid by the customer at a gateway's hosted page.
 *
 *   payment_checkout_start   "Pay" was pressed: gives the address to send the customer to
 *   payment_checkout_return  the customer came back: what became of the payment
 * What else happens is app/payment_settle.h: webhooks, and looking up what nobody told us.
 *
 * A payment row exists before the gateway is asked, with its reference (the idempotency key), so
 * whatever dies in between, it is found again.  An invoice has at most one payment that may still
 * be paid: pressing "Pay" again leads to the same page, and a new one is begun only when the
 * gateway has said that the one before is over.
 *
 * Both call the gateway between transactions: they may not run within tx_run_joined (asserted). */
#ifndef APP_PAYMENT_CHECKOUT_H
#define APP_PAYMENT_CHECKOUT_H

#include "app/ctx.h"
#include "app/payment.h"

struct payment_checkout_input {
    struct uuid customer_id; /* whose invoice it must be; nil: any */
    struct uuid invoice_id;
    /* Where the gateway sends the customer afterwards, absolute; "{payment_id}" in it becomes the
     * payment's id.  STR_NULL: the gateway's own last page.  An open checkout keeps the one with
     * which it was made. */
    struct str return_url;
    struct str locale; /* of the hosted page: "de"; STR_NULL: the gateway decides */
};

struct payment_checkout {
    struct uuid payment_id;
    struct uuid customer_id;
    struct str redirect_url; /* at the gateway's origin: send the customer there by 303 */
    struct str gateway_code;
};

/* Begins a payment of all that is due, or finds the one that is open.
 * ERR_NOT_FOUND          no such invoice, or another customer's
 * ERR_NOT_ALLOWED        nothing to pay: not finalized, or paid ("invoice_is_paid",
 *                        "invoice_not_payable")
 * ERR_NOT_SUPPORTED      no gateway is set up ("no_payment_gateway")
 * ERR_CONFLICT           a payment of it is under way, and nobody knows yet how it ends
 *                        ("payment_in_progress")
 * ERR_GATEWAY            the gateway could not be asked; nothing was charged, try again */
MUST_CHECK enum err payment_checkout_start(struct ctx *ctx,
                                           const struct payment_checkout_input *input,
                                           struct payment_checkout *checkout);

/* The origin of the gateway that payment_checkout_start would use, for form-action of the page with
 * the button ("http://localhost:9090"); STR_NULL: no gateway is set up, so show no button. */
struct str payment_checkout_origin(const struct ctx *ctx);

/* Asks the gateway where that has not been told yet, books what came of it, and says it: view.row
 * .status is
 *   succeeded            paid
 *   failed               declined or given up (row.failure_code); a new checkout may be started
 *   pending              the customer has not paid; the same page is still open
 *   processing, unknown  not known yet; it is looked up again by itself: say so, offer no button
 * A gateway that can't be asked is no error.  ERR_NOT_FOUND: no such payment of this customer
 * (customer_id nil: of anybody). */
MUST_CHECK enum err payment_checkout_return(struct ctx *ctx, struct uuid customer_id,
                                            struct uuid payment_id, struct payment_view *view);

#endif
