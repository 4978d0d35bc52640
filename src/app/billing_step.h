/* billing_step.h - what is due for one customer, instant by instant.
 *
 * Missed instants are made up for in their order, each with its own invoices, dated as it should
 * have been. */
#ifndef APP_BILLING_STEP_H
#define APP_BILLING_STEP_H

#include "app/ctx.h"

struct billing_counts {
    int64_t made;     /* invoices written */
    int64_t complete; /* settled: they wait for their number */
};

/* Locks the customer and does all that is due for it at or before `until_at`: starts, billing
 * days, ends, vendor cost, drafts whose grace period is over.  Nothing due: nothing is changed.
 * Complete invoices wait for invoice_issue_all. */
MUST_CHECK enum err billing_step(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                 int64_t until_at, struct billing_counts *counts);

#endif
