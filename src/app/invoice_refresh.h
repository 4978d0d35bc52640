/* invoice_refresh.h - drafts computed again: on demand, or because what they depend on changed. */
#ifndef APP_INVOICE_REFRESH_H
#define APP_INVOICE_REFRESH_H

#include "app/ctx.h"
#include "app/invoice_build.h"

/* Within a transaction: a draft's content made anew from what is known now, written in place of the
 * old; the row keeps its id. */
MUST_CHECK enum err invoice_recompute(struct ctx *ctx, struct tx *tx,
                                      const struct customer_row *customer,
                                      const struct invoice_row *row, struct invoice_build *build);

/* Within a transaction: one draft, with its audit entry "invoice.refresh"; the row is the new one
 * afterwards. */
MUST_CHECK enum err invoice_refresh_draft(struct ctx *ctx, struct tx *tx,
                                          const struct customer_row *customer,
                                          struct invoice_row *row);

/* Within a transaction: all drafts of a customer. */
MUST_CHECK enum err invoice_refresh_drafts(struct ctx *ctx, struct tx *tx,
                                           const struct customer_row *customer);

/* The drafts marked stale, each in a transaction of its own; one that can't be computed is logged
 * and stays for the next time. */
MUST_CHECK enum err invoice_refresh_stale(struct ctx *ctx);

#endif
