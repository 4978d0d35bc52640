/* invoice_build.h - an invoice while it is computed: made new, or a draft made again.
 *
 * What may stand on an invoice comes from a list of fee sources (invoice_build.c), each a function
 * that looks at the invoice and adds its fees: the plan's own, usage, late usage, vendor cost, what
 * was paid in advance.
 * Computing does not write, but for the exceptions that vendor cost notes; so a draft can be
 * computed as often as one likes and comes out the same from the same facts. */
#ifndef APP_INVOICE_BUILD_H
#define APP_INVOICE_BUILD_H

#include "app/cost_fees.h"
#include "app/ctx.h"
#include "app/customer_terms.h"
#include "app/plan.h"
#include "store/sql/late.h"
#include "store/sql/rows.h"

struct billing_catalog; /* app/billing_catalog.h */
struct usage_range;     /* app/usage_range.h */

/* A subscription on the invoice.  Where another version of the plan takes over with the period
 * that begins, the fee paid in advance is of that version, the usage that ends still of the old. */
struct invoice_item {
    struct subscription_row subscription;
    struct plan_view plan;         /* the version that prices usage, and by which periods run */
    struct plan_view fee_plan;     /* the version of the plan's own fee; mostly the same */
    struct plan_view advance_plan; /* the version of the fixed charges paid in advance; likewise */
    struct invoice_subscription_row period;
};

/* What an invoice takes up of usage that came late (app/late_usage.h). */
struct late_taken {
    struct late_usage_row *notes; /* settled with it */
    size_t note_count, note_capacity;
    struct late_exception_put_in *exceptions;
    size_t exception_count, exception_capacity;
};

/* A fee with the taxes that its charge or plan names; none: those of customer or entity. */
struct invoice_fee {
    struct fee_row row;
    const struct tax_row *taxes;
    size_t tax_count;
};

/* A charge's fee that is known already. */
struct given_fee {
    const struct fee_row *row; /* NULL: none is */
    const struct plan_view *plan;
    const struct charge_view *charge;
};

struct invoice_build {
    /* What was read ahead for many; NULL and false where it was not. */
    struct billing_catalog *catalog;
    const struct usage_range *usage;
    bool has_no_vendor_cost; /* known to have none that is open */
    bool has_no_late_usage;  /* known to have none */
    struct given_fee given;  /* app/advance_bill.h */
    struct customer_row customer;
    struct customer_terms terms;
    const struct zone *zone; /* whose days it has: the customer's when it was made */
    struct invoice_row row;
    struct invoice_item *items;
    size_t item_count;
    struct invoice_fee *fees;
    size_t fee_count, fee_capacity;
    struct late_taken late;
    struct fee_tax_row *fee_taxes;
    size_t fee_tax_count, fee_tax_capacity;
    struct invoice_tax_row *taxes;
    size_t tax_count, tax_capacity;
};

/* A new invoice without items: to be issued on the local day of `billing_at` after the grace
 * period; a draft when there is one, else complete. */
MUST_CHECK enum err invoice_build_new(struct ctx *ctx, const struct customer_row *customer,
                                      const struct customer_terms *terms, struct str currency,
                                      int64_t billing_at, struct invoice_build *build);

/* A new one that has no grace period, whatever the customer's terms say. */
void invoice_build_complete(struct invoice_build *build);

/* An invoice that is in the store, with its items. */
MUST_CHECK enum err invoice_build_load(struct ctx *ctx, struct tx *tx,
                                       const struct customer_row *customer,
                                       const struct invoice_row *row, struct invoice_build *build);

/* Room for the fees of a source. */
void invoice_build_add(struct arena *arena, struct invoice_build *build, const struct fee_row *fee,
                       const struct tax_row *taxes, size_t tax_count);
/* A fee of a charge, with its taxes or else the plan's. */
void invoice_build_add_charge(struct arena *arena, struct invoice_build *build,
                              const struct fee_row *fee, const struct plan_view *plan,
                              const struct charge_view *charge);

/* All fees, taxes and totals, from what is known now.  ERR_OVERFLOW: an amount beyond 64 bits. */
MUST_CHECK enum err invoice_compute(struct ctx *ctx, struct tx *tx, struct invoice_build *build);

/* Puts a draft's new content in place of the old. */
MUST_CHECK enum err invoice_write_again(struct ctx *ctx, struct tx *tx,
                                        const struct invoice_build *build);

/* The row of its nth subscription's periods, as it is written. */
struct invoice_subscription_row invoice_period_row(const struct invoice_build *build, size_t index);
/* What its vendor cost is asked by. */
struct cost_fees_query invoice_cost_query(const struct invoice_build *build);

/* The days and instants that follow from the issuing day: payment due day and, where something
 * is left to pay, overdue_at. */
void invoice_set_issuing_day(const struct zone *zone, int32_t issuing_day, struct invoice_row *row);

#endif
