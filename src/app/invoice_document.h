/* invoice_document.h - an invoice as the document that its customer is given.
 *
 * Says in the reader's language what the invoice says: seller and buyer, the fees under their
 * subscription or provider with their arithmetic, the tax of each rate, what is due.  Drafts and
 * void invoices say that they are. */
#ifndef APP_INVOICE_DOCUMENT_H
#define APP_INVOICE_DOCUMENT_H

#include "app/ctx.h"
#include "app/invoice.h"
#include "base/buf.h"
#include "document/invoice_pdf.h"

/* The document of an invoice that was loaded with details, without the logo; texts live in the
 * arena, `locale` as long as the caller keeps it. */
void invoice_document_fill(struct arena *arena, const struct locale *locale,
                           const struct invoice_view *view, struct invoice_document *document);

/* Appends the PDF to `pdf` (document/invoice_pdf.h says what it must be).
 *   language   a BCP 47 tag; STR_NULL: the customer's, else the seller's, else English
 * ERR_NOT_FOUND: no such invoice is shown; ERR_INVALID: no such language, or too large. */
MUST_CHECK enum err invoice_pdf(struct ctx *ctx, struct uuid id, struct str language,
                                struct buf *pdf);

#endif
