/* billing_writes.h - what billing writes for many customers, gathered and written together. */
#ifndef APP_BILLING_WRITES_H
#define APP_BILLING_WRITES_H

#include "app/audit.h"
#include "app/cost_fees.h"
#include "app/invoice_build.h"

struct subscription_put_in;

struct billing_writes {
    struct subscription_put_in *subscriptions;
    size_t subscriptions_count, subscriptions_capacity;
    struct invoice_row *invoices;
    size_t invoices_count, invoices_capacity;
    struct invoice_subscription_row *periods;
    size_t periods_count, periods_capacity;
    struct fee_row *fees;
    size_t fees_count, fees_capacity;
    struct fee_tax_row *fee_taxes;
    size_t fee_taxes_count, fee_taxes_capacity;
    struct invoice_tax_row *taxes;
    size_t taxes_count, taxes_capacity;
    struct audit *audits;
    size_t audits_count, audits_capacity;
    struct cost_fees_query *settled_costs; /* of invoices whose vendor cost is billed now */
    size_t settled_costs_count, settled_costs_capacity;
    struct late_taken *late; /* of invoices whose late usage is billed now */
    size_t late_count, late_capacity;
};

/* A subscription that is in the store already. */
void billing_writes_subscription(struct arena *arena, struct billing_writes *writes,
                                 const struct subscription_row *row);
/* A new invoice, computed and, unless a draft, decided (app/invoice_final.h). */
void billing_writes_invoice(struct arena *arena, struct billing_writes *writes,
                            const struct invoice_build *build);
/* What has come late was looked at, and nothing is left to bill of it. */
void billing_writes_late(struct arena *arena, struct billing_writes *writes,
                         const struct late_taken *late);
/* A draft that has been written as complete, or is skipped. */
void billing_writes_completed(struct arena *arena, struct billing_writes *writes,
                              const struct invoice_row *draft, const struct invoice_row *row);

/* Writes all and begins anew. */
MUST_CHECK enum err billing_writes_flush(struct ctx *ctx, struct tx *tx,
                                         struct billing_writes *writes);

#endif
