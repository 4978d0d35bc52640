/* ledger_post.h - documents become balanced postings in the books.
 *
 * In the transaction of the document itself, and once only: a unique key on (document, posting
 * type) stands behind it.  A document of amount 0 makes no posting. */
#ifndef APP_LEDGER_POST_H
#define APP_LEDGER_POST_H

#include "app/ctx.h"
#include "store/sql/rows.h"

/* Receivable against revenue by type of fee and tax; booked on the issuing day. */
MUST_CHECK enum err ledger_post_invoice(struct ctx *ctx, struct tx *tx,
                                        const struct invoice_row *invoice);
/* The reverse of the invoice's posting, booked on `day`. */
MUST_CHECK enum err ledger_post_void(struct ctx *ctx, struct tx *tx,
                                     const struct invoice_row *invoice, int32_t day);
/* Cash against receivable, booked on `day`. */
MUST_CHECK enum err ledger_post_payment(struct ctx *ctx, struct tx *tx,
                                        const struct payment_row *payment,
                                        const struct invoice_row *invoice, int32_t day);

#endif
