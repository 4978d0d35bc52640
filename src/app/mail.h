/* mail.h - mails to customers: written down in the transaction of what they tell of, sent after it.
 *
 * Each goes to the customer's address as it is then; a customer without one gets none, which is
 * written down as well (app/mail_list.h shows it).  Words are the customer's language; the PDF is
 * made when the mail is sent.  The outbox (app/outbox.h) sends, with the mail's id in its
 * Message-ID, so that a repeated delivery is recognizable. */
#ifndef APP_MAIL_H
#define APP_MAIL_H

#include "app/ctx.h"
#include "store/sql/rows.h"

#define MAIL_TOPIC STR("mail")

/* The mail that brings the receipt of a payment that succeeded. */
MUST_CHECK enum err mail_queue_receipt(struct ctx *ctx, struct tx *tx,
                                       const struct customer_row *customer, struct uuid payment_id);
/* The mail with a link that signs in to the portal.
 *   email  where it goes, whatever the customer's address is
 *   url    secret, and forgotten once it was sent */
MUST_CHECK enum err mail_queue_portal_link(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                           struct str email, struct str url);

/* The mails that bring invoices, written together. */
struct mail_of_invoice {
    const struct customer_row *customer;
    struct uuid invoice_id;
};
MUST_CHECK enum err mail_queue_invoices(struct ctx *ctx, struct tx *tx,
                                        const struct mail_of_invoice *mails, size_t count);

#endif
