/* verify.h - proves the books: derives again what was billed, and says what does not fit.
 *
 * Everything is read in one transaction, from one state:
 *   events    each is as it arrived (a digest is kept with its key), none is missing or added; the
 *             running totals are those of the events
 *   invoices  each fee is derived again from raw events, cost rows and the plan as it was; taxes,
 *             totals and what was paid follow from the fees; each event of a charge in advance has
 *             its fee, or waits for it, or came when no charge was there
 *   ledger    each posting is balanced, and is what its invoice or payment makes
 *   audit     each chain is whole; each anchor follows the one before, is signed, and what it fixed
 *             is still there (by app.audit_trust: whose signatures count)
 * Writes nothing. */
#ifndef APP_VERIFY_H
#define APP_VERIFY_H

#include "app/ctx.h"

#include <stdint.h>

struct verify_result {
    int64_t events, totals, invoices, fees, payments, postings, audit_entries;
    int64_t anchors, signed_anchors;
    int64_t findings;
};

/* Goes through everything; `found` is called with a line for each thing that is wrong.
 * ERR_NONE also with findings. */
MUST_CHECK enum err verify_books(struct ctx *ctx, void (*found)(void *arg, struct str line),
                                 void *arg, struct verify_result *result);

#endif
