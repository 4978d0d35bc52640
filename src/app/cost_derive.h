/* cost_derive.h - a fee of vendor cost, made again from the vendor's rows that counted when it was
 * made, of the sub-accounts that were the customer's, by the rules that there were, less what
 * earlier fees of the period charged. */
#ifndef APP_COST_DERIVE_H
#define APP_COST_DERIVE_H

#include "app/ctx.h"
#include "store/sql/rows.h"

/* Without ids and taxes.  *found: false where its rule is of no use any more. */
MUST_CHECK enum err cost_derive(struct ctx *ctx, struct tx *tx, const struct fee_row *fee,
                                struct fee_row *derived, struct resale_rule_row *rule, bool *found);

#endif
