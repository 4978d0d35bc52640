/* customer_terms.h - what holds for a customer: its own settings, or else its billing entity's. */
#ifndef APP_CUSTOMER_TERMS_H
#define APP_CUSTOMER_TERMS_H

#include "app/ctx.h"
#include "base/zone.h"
#include "store/sql/rows.h"

struct customer_terms {
    struct billing_entity_row entity;
    const struct zone *zone;
    int64_t grace_days;
    int64_t payment_term_days;
    bool finalize_zero_amount; /* an invoice whose fees add up to 0 is issued all the same */
    struct str currency;       /* the customer's, or the entity's default */
};

MUST_CHECK enum err customer_terms_load(struct ctx *ctx, struct tx *tx,
                                        const struct customer_row *customer,
                                        struct customer_terms *terms);

/* The same where the customer's billing entity is at hand. */
MUST_CHECK enum err customer_terms_of(struct ctx *ctx, const struct customer_row *customer,
                                      const struct billing_entity_row *entity,
                                      struct customer_terms *terms);

#endif
