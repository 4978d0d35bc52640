/* billing_range.h - what is due for many customers at one instant, done in one transaction.
 *
 * All that falls due for a customer is gathered in one invoice per currency.  Most of it is read
 * and written for all customers of the range together, so that a large run is limited by work and
 * not by waiting. */
#ifndef APP_BILLING_RANGE_H
#define APP_BILLING_RANGE_H

#include "app/billing_step.h"

struct billing_range {
    struct uuid first_customer_id, last_customer_id; /* in order of id, both included */
    int64_t at;
};

/* Locks the customers for whom something is due at `at` and does it: starts, billing days, ends,
 * vendor cost, drafts whose grace period is over.  Complete invoices wait for invoice_issue_all. */
MUST_CHECK enum err billing_range(struct ctx *ctx, struct tx *tx, const struct billing_range *range,
                                  struct billing_counts *counts);

#endif
