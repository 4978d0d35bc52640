/* ledger_post.h - documents become balanced postings in the books.
 *
 * In the transaction of the document itself, and once only: a unique key on (document, posting
 * type) stands behind it.  A document of amount 0 makes no posting. */
#ifndef APP_LEDGER_POST_H
#define APP_LEDGER_POST_H

#include "app/ctx.h"
#include "core/ledger.h"
#include "store/sql/rows.h"

/* Postings that are written together. */
struct ledger_batch {
    struct ledger_entry_row *rows;
    size_t count, capacity;
};

/* An invoice, receivable against what it is made of (income accounts and taxes); booked on its
 * issuing day.  ERR_OVERFLOW. */
MUST_CHECK enum err ledger_batch_invoice(struct ctx *ctx, struct ledger_batch *batch,
                                         const struct invoice_row *invoice,
                                         const struct ledger_part *parts, size_t part_count);
/* What was paid of an invoice before it was issued, by its fees: all of it, cash against
 * receivable.  ERR_OVERFLOW. */
MUST_CHECK enum err ledger_batch_gathered(struct ctx *ctx, struct ledger_batch *batch,
                                          const struct invoice_row *invoice);
MUST_CHECK enum err ledger_batch_write(struct tx *tx, const struct ledger_batch *batch);

/* The reverse of the invoice's posting, booked on `day`. */
MUST_CHECK enum err ledger_post_void(struct ctx *ctx, struct tx *tx,
                                     const struct invoice_row *invoice, int32_t day);
/* Cash against receivable and, for what the invoice did not need, the customer's credit; booked on
 * `day`. */
MUST_CHECK enum err ledger_post_payment(struct ctx *ctx, struct tx *tx,
                                        const struct payment_row *payment,
                                        const struct invoice_row *invoice, int32_t day);

#endif
