/* invoice_load.h - finding an invoice by its id, and writing it back. */
#ifndef APP_INVOICE_LOAD_H
#define APP_INVOICE_LOAD_H

#include "app/ctx.h"
#include "store/sql/rows.h"

/* Begins a write that concerns an invoice: its customer, held until the transaction ends, and the
 * row as it is then.  ERR_NOT_FOUND: none that is shown (complete or skipped ones are not). */
MUST_CHECK enum err invoice_lock(struct ctx *ctx, struct tx *tx, struct uuid id,
                                 struct customer_row *customer, struct invoice_row *invoice);
/* The same for reading. */
MUST_CHECK enum err invoice_find(struct ctx *ctx, struct tx *tx, struct uuid id,
                                 struct customer_row *customer, struct invoice_row *invoice);

/* Writes all that can change of an invoice. */
/* Whether it gathers fees that were paid before (app/advance_gather.h). */
bool invoice_is_gathered(const struct invoice_row *invoice);
MUST_CHECK enum err invoice_save(struct tx *tx, const struct invoice_row *invoice);

/* The invoice as the audit keeps it. */
struct str invoice_audit_text(struct arena *arena, const struct invoice_row *invoice);

/* Whose rows a list is of that may be filtered by customer and invoice: the customer of the
 * external id, or else of the invoice; nil for everybody's.  *found: false where there is no such
 * one. */
MUST_CHECK enum err invoice_filter_customer(struct tx *tx, struct str external_customer_id,
                                            struct uuid invoice_id, struct uuid *customer_id,
                                            bool *found);

/* What an invoice and its customer are called; both must exist. */
MUST_CHECK enum err invoice_names_load(struct tx *tx, struct uuid customer_id,
                                       struct uuid invoice_id, struct str *external_customer_id,
                                       struct str *number);

#endif
