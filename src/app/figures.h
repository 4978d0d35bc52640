/* figures.h - what a customer used, cost, was billed and paid, added up; and of several.
 *
 * Amounts count finalized invoices only (not drafts, not void ones), in minor units of the
 * customer's currency; vendor cost is in major units, exact. */
#ifndef APP_FIGURES_H
#define APP_FIGURES_H

#include "app/ctx.h"
#include "base/decimal.h"
#include "store/sql/rows.h"

struct figures_usage {
    struct str metric_code;
    struct decimal units;
    int64_t event_count;
};

struct figures_tax {
    struct str code;
    int64_t base_minor, tax_minor;
};

struct figures_account {
    struct str account;
    int64_t balance_minor; /* debit positive */
};

struct figures {
    int64_t customers;
    struct figures_usage *usage; /* of charge fees, by metric code */
    size_t usage_count, usage_capacity;
    int64_t cost_rows, generated_rows;
    struct decimal billed_cost, effective_cost, list_cost, contracted_cost;
    int64_t subscription_minor, charge_minor, resale_minor; /* net, by kind of fee */
    struct figures_tax *taxes;                              /* by code */
    size_t tax_count, tax_capacity;
    int64_t tax_minor, total_minor, paid_minor, overdue_minor;
    int64_t final_count, draft_count, paid_count, open_count, overdue_count;
    struct figures_account *accounts; /* by name */
    size_t account_count, account_capacity;
};

void figures_init(struct figures *figures);
int64_t figures_revenue_minor(const struct figures *figures);
/* Adds one to a sum.  ERR_OVERFLOW. */
MUST_CHECK enum err figures_add(struct arena *arena, struct figures *sum,
                                const struct figures *one);

/* Of one customer; *invoices are all that are shown, in order of billing. */
MUST_CHECK enum err figures_of_customer(struct ctx *ctx, struct uuid customer_id,
                                        struct figures *figures, struct invoice_row **invoices,
                                        size_t *invoice_count);

#endif
