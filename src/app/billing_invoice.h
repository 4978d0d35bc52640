/* billing_invoice.h - the invoices of one customer and instant: one for each currency. */
#ifndef APP_BILLING_INVOICE_H
#define APP_BILLING_INVOICE_H

#include "app/billing_step.h"
#include "app/invoice_build.h"

struct billing_invoices {
    const struct customer_row *customer;
    const struct customer_terms *terms;
    int64_t billing_at;
    struct invoice_build *builds;
    size_t count, capacity;
};

void billing_invoices_begin(struct billing_invoices *invoices, const struct customer_row *customer,
                            const struct customer_terms *terms, int64_t billing_at);
/* There is to be an invoice in this currency, should it have any fee. */
MUST_CHECK enum err billing_invoices_need(struct ctx *ctx, struct billing_invoices *invoices,
                                          struct str currency);
/* A subscription with its periods, on the invoice of its plan's currency. */
MUST_CHECK enum err billing_invoices_add(struct ctx *ctx, struct billing_invoices *invoices,
                                         const struct invoice_item *item);
/* Computes and writes them: drafts, or complete and without number. */
MUST_CHECK enum err billing_invoices_write(struct ctx *ctx, struct tx *tx,
                                           struct billing_invoices *invoices,
                                           struct billing_counts *counts);

#endif
