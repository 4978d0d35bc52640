/* receipt_document.h - the receipt of a payment as the document that its customer is given.
 *
 * Says in the reader's language what was paid, when, how, and of which invoice.  It stays the same
 * for good: what is still due of the invoice is not on it. */
#ifndef APP_RECEIPT_DOCUMENT_H
#define APP_RECEIPT_DOCUMENT_H

#include "app/ctx.h"
#include "base/buf.h"
#include "document/receipt_pdf.h"
#include "store/sql/rows.h"

/* What a receipt tells of. */
struct receipt_subject {
    struct payment_row payment;
    struct invoice_row invoice;
    struct customer_row customer;
    struct billing_entity_row entity;
    struct str logo; /* the seller's; STR_NULL: none */
};

/* Texts live in the arena and as long as the locale. */
void receipt_document_fill(struct arena *arena, const struct locale *locale,
                           const struct receipt_subject *about, struct receipt_document *document);

/* Appends the PDF of a payment's receipt to `pdf` (document/receipt_pdf.h says what it must be).
 *   language   as of invoice_pdf
 * ERR_NOT_FOUND: no such payment, or one that has no receipt, because it has not succeeded. */
MUST_CHECK enum err receipt_pdf(struct ctx *ctx, struct uuid payment_id, struct str language,
                                struct buf *pdf);

#endif
