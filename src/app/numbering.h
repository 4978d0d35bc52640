/* numbering.h - the numbers of invoices, without gaps.
 *
 * Two series run beside each other, whichever of them the billing entity shows, so that it may
 * change between them: one for each customer and billing entity, and one for each billing entity.
 *   per_customer        PREFIX-CCC-NNN     customer's number, its nth invoice of this entity
 *   per_billing_entity  PREFIX-YYYYMM-NNN  month of `final_at` in the entity's zone; NNN is never
 *                                          reset and starts after the invoices made so far
 * Partners' invoices are their own (self-billed): always the first form, not counted in the
 * second series. */
#ifndef APP_NUMBERING_H
#define APP_NUMBERING_H

#include "app/ctx.h"
#include "store/sql/rows.h"

struct numbering {
    const struct billing_entity_row *entity;
    const struct customer_row *customer;
    int64_t final_at; /* the instant at which the invoice becomes final */
};

/* Takes the next number; both series stay locked until the transaction ends.
 *   sequential_id  the customer's nth invoice of this entity */
MUST_CHECK enum err numbering_next(struct tx *tx, const struct numbering *of, struct str *number,
                                   int64_t *sequential_id);

#endif
