/* mail_private.h - between the files of mails (mail*.c). */
#ifndef APP_MAIL_PRIVATE_H
#define APP_MAIL_PRIVATE_H

#include "app/ctx.h"
#include "store/sql/rows.h"

/* A mail to be queued; without an address it is one that is not sent. */
struct mail_row mail_new(const struct ctx *ctx, struct uuid customer_id, struct str type,
                         struct str address);
/* Writes it down, and has it sent if it has an address. */
MUST_CHECK enum err mail_queue(struct ctx *ctx, struct tx *tx, struct mail_row *row);

/* The invoice that a mail tells of and, of a receipt, the payment.  *found: false, and *invoice as
 * it was, where there is none. */
MUST_CHECK enum err mail_find_invoice(struct tx *tx, const struct mail_row *row,
                                      struct payment_row *payment, struct invoice_row *invoice,
                                      bool *found);

#endif
