/* advance_bill.h - bills charges that are paid in advance: an invoice for each fee, at once and
 * without grace period; or, where the charge is not invoiceable, a fee that stands alone.
 *
 * Due work is the note that the ingest wrote with the event (advance_event); the fee and the end of
 * the note are one transaction, and the fee's once_key names the event, so it is billed exactly
 * once whatever dies in between.  A fee that stands alone has a row of an invoice behind it that is
 * never issued (invoice.is_holder): its currency, zone, taxes and payment status. */
#ifndef APP_ADVANCE_BILL_H
#define APP_ADVANCE_BILL_H

#include "app/billing_step.h"
#include "app/billing_writes.h"
#include "app/invoice_build.h"

struct advance_billing {
    const struct customer_row *customer; /* locked */
    const struct customer_terms *terms;
    struct billing_catalog *catalog;
    int64_t billing_at;
    struct billing_writes *writes;
    struct billing_counts *counts;
};

/* Notes of one customer, in order of subscription and arrival; after what is due for it has been
 * written. */
MUST_CHECK enum err advance_bill_events(struct ctx *ctx, struct tx *tx,
                                        const struct advance_billing *billing,
                                        const struct advance_event_row *notes, size_t count);

/* A subscription whose usage period ends with the item's period: what is carried into the next of
 * charges that are not invoiceable. */
MUST_CHECK enum err advance_bill_renewals(struct ctx *ctx, struct tx *tx,
                                          const struct advance_billing *billing,
                                          const struct invoice_item *item);

#endif
