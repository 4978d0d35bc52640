/* billing_invoice.h - the invoices of one customer and instant: one for each currency. */
#ifndef APP_BILLING_INVOICE_H
#define APP_BILLING_INVOICE_H

#include "app/billing_step.h"
#include "app/billing_writes.h"
#include "app/invoice_build.h"

struct billing_invoices {
    /* Set by the caller, like those of struct invoice_build. */
    struct billing_catalog *catalog;
    const struct usage_range *usage;
    bool has_no_vendor_cost, has_no_late_usage;
    const struct customer_row *customer;
    const struct customer_terms *terms;
    int64_t billing_at;
    /* Begins empty. */
    struct invoice_build *builds;
    size_t count, capacity;
};

/* There is to be an invoice in this currency, should it have any fee. */
MUST_CHECK enum err billing_invoices_need(struct ctx *ctx, struct billing_invoices *invoices,
                                          struct str currency);
/* A subscription with its periods, on the invoice of its plan's currency. */
MUST_CHECK enum err billing_invoices_add(struct ctx *ctx, struct billing_invoices *invoices,
                                         const struct invoice_item *item);
/* Computes them, drafts or complete and without number, and hands them over to be written; what
 * has nothing to bill is dropped. */
MUST_CHECK enum err billing_invoices_compute(struct ctx *ctx, struct tx *tx,
                                             struct billing_invoices *invoices,
                                             struct billing_writes *writes,
                                             struct billing_counts *counts);

#endif
