/* invoice_final.h - an invoice becomes final, in two steps.
 *
 * First it is complete: its content is settled and will not change any more.  Then, in a short
 * transaction of its billing entity, it gets its number, and with it its posting in the books and
 * its entry in the audit; so numbers have no gaps, and the customers' work need not wait for each
 * other. */
#ifndef APP_INVOICE_FINAL_H
#define APP_INVOICE_FINAL_H

#include "app/ctx.h"
#include "app/invoice_build.h"
#include "store/sql/rows.h"

/* What was computed is settled, as of build->row.finalize_at: the invoice is complete, or skipped
 * when its fees add up to 0 and the customer's policy is not to issue such.  Writes nothing. */
void invoice_decide(struct invoice_build *build);

/* The same for a draft that is in the store, written. */
MUST_CHECK enum err invoice_settle(struct ctx *ctx, struct tx *tx, struct invoice_build *build);

/* Gives a complete invoice its number and writes it.  The customer is locked; its billing entity
 * is locked here. */
MUST_CHECK enum err invoice_issue(struct ctx *ctx, struct tx *tx,
                                  const struct customer_row *customer, struct invoice_row *invoice);

/* Issues the complete invoices of all billing entities, in order of issuing day, customer and
 * creation.
 *   until_at  those that became final at or before it
 *   count     how many were issued is added to it */
MUST_CHECK enum err invoice_issue_all(struct ctx *ctx, int64_t until_at, int64_t *count);

#endif
