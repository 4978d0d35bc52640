/* numbering.h - the numbers of invoices, without gaps.
 *
 * Two series run beside each other, whichever of them the billing entity shows, so that it may
 * change between them: one for each customer and billing entity, and one for each billing entity.
 *   per_customer        PREFIX-CCC-NNN     customer's number, its nth invoice of this entity
 *   per_billing_entity  PREFIX-YYYYMM-NNN  month in which it became final (invoice.finalize_at) in
 *                                          the entity's zone; NNN is never reset and starts after
 *                                          the invoices made so far
 * Partners' invoices are their own (self-billed): always the first form, not counted in the
 * second series. */
#ifndef APP_NUMBERING_H
#define APP_NUMBERING_H

#include "app/ctx.h"
#include "store/sql/rows.h"

struct numbering_item {
    const struct customer_row *customer;
    struct invoice_row *invoice; /* complete, of `entity` */
};

/* Gives the invoices their number and sequential_id (the customer's nth invoice of this entity),
 * in the order of the items; writes only the series, which stay locked until the transaction
 * ends. */
MUST_CHECK enum err numbering_give(struct ctx *ctx, struct tx *tx,
                                   const struct billing_entity_row *entity,
                                   const struct numbering_item *items, size_t count);

#endif
