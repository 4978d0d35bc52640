/* billing_catalog.h - plans, sellers and taxes, read once for many invoices.
 *
 * Lives within one transaction and its arena.  What it gives stays valid as long. */
#ifndef APP_BILLING_CATALOG_H
#define APP_BILLING_CATALOG_H

#include "app/ctx.h"
#include "app/plan.h"
#include "store/sql/rows.h"

struct billing_plan;
struct billing_seller;
struct customer_tax_of_range_row;

struct billing_catalog {
    struct billing_plan *plans;
    size_t plan_count, plan_capacity;
    struct billing_seller *sellers;
    size_t seller_count, seller_capacity;
    /* Of the customers that were read ahead. */
    struct uuid first_customer_id, last_customer_id; /* nil: none */
    struct customer_tax_of_range_row *customer_taxes;
    size_t customer_tax_count;
};

struct tax_list {
    const struct tax_row *taxes;
    size_t count;
};

/* The version that holds at a time for a subscription on the version `plan_version_id`; with
 * is_renewal, for its period that begins then (plan_in_force in app/plan.h). */
MUST_CHECK enum err billing_catalog_plan(struct ctx *ctx, struct tx *tx,
                                         struct billing_catalog *catalog,
                                         struct uuid plan_version_id, int64_t at, bool is_renewal,
                                         const struct plan_view **plan);
MUST_CHECK enum err billing_catalog_entity(struct ctx *ctx, struct tx *tx,
                                           struct billing_catalog *catalog, struct uuid id,
                                           const struct billing_entity_row **entity);

/* Reads the taxes of all customers with ids from first to last. */
MUST_CHECK enum err billing_catalog_read_taxes(struct tx *tx, struct billing_catalog *catalog,
                                               struct uuid first_customer_id,
                                               struct uuid last_customer_id);
/* What applies where neither charge nor plan names taxes: the customer's own, or the entity's. */
MUST_CHECK enum err billing_catalog_taxes(struct ctx *ctx, struct tx *tx,
                                          struct billing_catalog *catalog, struct uuid customer_id,
                                          struct uuid billing_entity_id, struct tax_list *list);

#endif
