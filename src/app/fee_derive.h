/* fee_derive.h - an invoice's fees, made again from the facts: raw events up to the ingest commit
 * that was counted, and the catalogue as it was.
 *
 * What billow verify compares with the fees that stand there, and what an explanation shows.  A
 * kind of fee that is new is derived here, with the same function that makes it (app/rating.h).
 * Not those of vendor cost: app/cost_derive.h. */
#ifndef APP_FEE_DERIVE_H
#define APP_FEE_DERIVE_H

#include "app/ctx.h"
#include "app/invoice_build.h"
#include "core/metering/usage.h"
#include "store/sql/rows.h"

struct fee_derived {
    const struct fee_row *fee; /* without id and taxes; its once_key tells which one it is */
    bool must_be_there;        /* not only of events that may have come later */
    const struct invoice_item *item;
    const struct charge_view *charge;      /* NULL: the plan's own fee, or that of a fixed charge */
    const struct fixed_charge_view *fixed; /* NULL: no fixed charge's */
    size_t part;                           /* of the charge (app/charge_filter.h) */
    const struct usage *usage;             /* NULL: none was looked at */
};

struct fee_derivation {
    struct ctx *ctx;
    struct tx *tx;
    const struct invoice_row *invoice;
    const struct fee_row *fees; /* of the invoice, as they stand: corrections are derived from
                                 * their keys */
    size_t fee_count;
    const struct fee_row *only; /* NULL: all; else what can't be this one may be left out */
    bool without_advance;       /* fees that pay_in_advance says are left out */
    void (*visit)(void *arg, const struct fee_derived *derived);
    void *arg;
};

/* Visits each, whether it stands there or not. */
MUST_CHECK enum err fee_derive(const struct fee_derivation *d);

#endif
