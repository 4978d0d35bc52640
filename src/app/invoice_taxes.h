/* invoice_taxes.h - which taxes apply to the fees of an invoice, and what they come to.
 *
 * The nearest that names taxes decides: the charge, then the plan, then the customer, then the
 * billing entity.  A tax of 0 % named nearby is how something is made free of tax. */
#ifndef APP_INVOICE_TAXES_H
#define APP_INVOICE_TAXES_H

#include "app/invoice_build.h"

/* Sets the taxes of all fees, the invoice's taxes and its totals.  ERR_OVERFLOW. */
MUST_CHECK enum err invoice_tax(struct ctx *ctx, struct tx *tx, struct invoice_build *build);

#endif
