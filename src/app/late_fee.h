/* late_fee.h - the fee that corrects a billed period of a charge.
 *
 * The period is priced again as a whole, with all its usage as of now; what its fee and the
 * corrections before billed is taken off, rounded amounts from a rounded amount.  So tiers and
 * minimums come out as if nothing had been late, and all fees of a period together are its price to
 * the cent.  Corrections of one period are counted: the number ends the once_key. */
#ifndef APP_LATE_FEE_H
#define APP_LATE_FEE_H

#include "app/ctx.h"
#include "base/decimal.h"
#include "store/sql/rows.h"

/* What has billed the period so far. */
struct late_billed {
    int64_t revision; /* of the newest correction; 0: there is none */
    int64_t fee_count;
    int64_t event_count;
    int64_t amount_minor;
    struct decimal units;
    bool is_open; /* a draft bears a correction: what is late goes there, not elsewhere */
};

/* Fees of the charge's period, by the once_key of its first fee.
 *   invoice_id     the invoice being made: its own fees do not count; nil: all count
 *   until_revision corrections with a higher number do not count; INT_NONE: all count
 * ERR_OVERFLOW. */
MUST_CHECK enum err late_fee_billed(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                    struct str once_key, struct uuid invoice_id,
                                    int64_t until_revision, struct late_billed *billed);

/* Makes of the price of the whole period (rating_charge_fee) the correction that follows. */
MUST_CHECK enum err late_fee_correct(struct arena *arena, const struct late_billed *billed,
                                     struct fee_row *fee);

/* The number of a correction, by its key and that of the period's first fee; 0: it is that. */
int64_t late_fee_revision(struct str once_key, struct str first_key);

#endif
