/* fee_explain.h - why a fee is what it is: computed again from the facts, step by step.
 *
 * The facts are the raw events up to the ingest commit that the fee counts, the catalogue as it
 * was, the vendor's cost rows as they were, and what earlier fees billed; what the fee keeps of its
 * own calculation is not among them.  The steps are those of app/fee_explanation.h, from the events
 * to the amount.  Writes nothing. */
#ifndef APP_FEE_EXPLAIN_H
#define APP_FEE_EXPLAIN_H

#include "app/ctx.h"
#include "app/invoice.h"
#include "app/plan.h"

#include <stdbool.h>

/* One of the fee's taxes. */
struct explained_tax {
    const struct fee_tax_row *row;
    const char *source;   /* "charge", "fixed_charge", "add_on", "plan", "customer",
                           * "billing_entity"; NULL: none of them has it any more */
    int64_t amount_minor; /* on the amount as recomputed */
    struct str steps;     /* JSON: one step */
};

struct explained_fee {
    struct fee_view fee;
    struct invoice_row invoice;
    bool matches; /* amount and taxes come out to the cent */
    /* What it was made from; without it nothing is there that the fee could be of. */
    bool is_derived;
    struct fee_row derived;         /* no ids, no taxes */
    struct str steps;               /* JSON; the last one's result is the amount as recomputed */
    struct plan_view plan;          /* where there is a subscription: the version that prices it */
    struct charge_view charge;      /* of a charge */
    struct fixed_charge_view fixed; /* of a fixed charge */
    size_t part;                    /* of the charge (app/charge_filter.h) */
    struct resale_rule_row rule;    /* of vendor cost */
    struct explained_tax *taxes;    /* also where it is not derived: on the amount that stands */
    size_t tax_count;
};

/* ERR_NOT_FOUND: no fee that is shown. */
MUST_CHECK enum err fee_explain(struct ctx *ctx, struct uuid id, struct explained_fee *explained);
/* All fees of an invoice, by its number.  ERR_NOT_FOUND. */
MUST_CHECK enum err invoice_explain(struct ctx *ctx, struct str number,
                                    struct explained_fee **explained, size_t *count);

#endif
