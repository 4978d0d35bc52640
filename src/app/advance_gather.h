/* advance_gather.h - fees that stand alone and were paid are gathered on an invoice.
 *
 * Of charges that say so (charge.regroup_paid_fees).  When a usage period of a subscription ends,
 * or the subscription, what was paid by then of all subscriptions of its external id comes onto an
 * invoice of advance_charges: final at once, paid in full, its taxes the sum of its fees' taxes.
 * What is not paid yet, or of a period that goes on, waits for a later one; where none is to come,
 * it is gathered when it is paid.  A fee moves to the invoice from what held it, which goes; so it
 * is gathered once. */
#ifndef APP_ADVANCE_GATHER_H
#define APP_ADVANCE_GATHER_H

#include "app/ctx.h"
#include "app/customer_terms.h"
#include "store/sql/rows.h"

struct gathering {
    const struct customer_row *customer; /* locked */
    const struct customer_terms *terms;
    struct str external_id;
    int64_t from_at, to_at; /* the period that ends; what the invoice names */
    bool is_end;            /* of the subscription: periods that go on are not waited for */
    int64_t billing_at;
    struct invoice_row *made; /* complete, without number yet */
    size_t count, capacity;
};

/* One invoice for each currency and seller; and one more where a tax has changed its rate between
 * fees.  Fees of 0 in all wait until there is something.  ERR_OVERFLOW. */
MUST_CHECK enum err advance_gather(struct ctx *ctx, struct tx *tx, struct gathering *gathering);
/* Likewise, each numbered and issued at once: within a call, not by the billing run. */
MUST_CHECK enum err advance_gather_issue(struct ctx *ctx, struct tx *tx,
                                         struct gathering *gathering);

#endif
