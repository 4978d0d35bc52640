/* verify_parts.h - between the files of verify: what is checked, and how a finding is told. */
#ifndef APP_VERIFY_PARTS_H
#define APP_VERIFY_PARTS_H

#include "app/verify.h"
#include "store/sql/rows.h"

struct verifier {
    struct ctx *ctx;
    struct tx *tx;
    struct verify_result *result;
    void (*found)(void *arg, struct str line);
    void *arg;
};

/* Tells a finding; a printf format. */
void verify_found(struct verifier *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

MUST_CHECK enum err verify_events(struct verifier *v);
/* The totals by what events say of a metric's filters, where they are what bills are made from. */
MUST_CHECK enum err verify_segments(struct verifier *v);
/* Those under one external id follow each other, and events are of the one in whose time they lie.
 */
MUST_CHECK enum err verify_subscriptions(struct verifier *v);
/* All fees but those of charges in advance (verify_advance), with taxes, totals and payments. */
MUST_CHECK enum err verify_invoices(struct verifier *v);
/* Charges in advance: each fee comes out again, and no event is without one that had to have it. */
MUST_CHECK enum err verify_advance(struct verifier *v);
/* Numbers are given once and without gaps. */
MUST_CHECK enum err verify_numbers(struct verifier *v);
MUST_CHECK enum err verify_ledger(struct verifier *v);
MUST_CHECK enum err verify_audit(struct verifier *v);
MUST_CHECK enum err verify_anchors(struct verifier *v);

/* What of a fee differs from the one that was derived again.
 *   name  of its invoice */
void verify_fee(struct verifier *v, struct str name, const struct fee_row *fee,
                const struct fee_row *derived);
void verify_fee_stray(struct verifier *v, struct str name, const struct fee_row *fee);

/* One invoice's fees of vendor cost, against the raw cost rows. */
MUST_CHECK enum err verify_resale_fees(struct verifier *v, const struct invoice_row *invoice,
                                       const struct fee_row *fees, size_t count);
/* One invoice's postings. */
MUST_CHECK enum err verify_invoice_postings(struct verifier *v, const struct invoice_row *invoice,
                                            const struct fee_row *fees, size_t fee_count,
                                            const struct invoice_tax_row *taxes, size_t tax_count);

#endif
