/* invoicing.h - an invoice's totals from its fees, with tax per rate.
 *
 * Tax is taken per tax on the sum of the rounded net amounts of the fees that it applies to, each
 * rounded half away from zero, then added, so that the rows shown add up (EN 16931, BR-CO-17 and
 * BT-117; Directive 2006/112/EC leaves the method to the seller).  A fee's own tax is shown beside
 * it, rounded alone; it is information, the invoice's rows are what is owed. */
#ifndef CORE_INVOICING_H
#define CORE_INVOICING_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/uuid.h"

#include <stddef.h>
#include <stdint.h>

struct applied_tax {
    struct uuid tax_id;
    struct decimal rate; /* percent */
};

struct invoice_line {
    int64_t net_minor; /* rounded once, when priced */
    const struct applied_tax *taxes;
    size_t tax_count;
    /* results */
    struct decimal tax_rate;            /* of all its taxes together */
    struct decimal taxes_precise_minor; /* net * rate, exact */
    int64_t *tax_minor;                 /* for each of its taxes, rounded */
    int64_t taxes_minor;                /* their sum */
};

struct invoice_tax_total {
    struct uuid tax_id;
    struct decimal rate;
    int64_t base_minor;
    int64_t tax_minor;
};

struct invoice_totals {
    int64_t fees_minor;
    int64_t taxes_minor;
    int64_t total_minor;
    struct invoice_tax_total *taxes; /* in order of first use */
    size_t tax_count;
};

/* Fills the lines' results and the totals.  All lines are of one currency, and a tax has one rate
 * on them all (asserted).  ERR_OVERFLOW: an amount beyond 64 bits; what is filled then means
 * nothing. */
MUST_CHECK enum err invoice_total(struct arena *arena, struct invoice_line *lines, size_t count,
                                  struct invoice_totals *totals);
/* The same where each line was final, with its taxes, before there was an invoice: the lines'
 * rounded taxes are added up. */
MUST_CHECK enum err invoice_add_up(struct arena *arena, struct invoice_line *lines, size_t count,
                                   struct invoice_totals *totals);

#endif
