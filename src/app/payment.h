/* payment.h - payments that were made outside and are written down here. */
#ifndef APP_PAYMENT_H
#define APP_PAYMENT_H

#include "app/ctx.h"
#include "app/list.h"
#include "store/sql/rows.h"

struct payment_input {
    struct uuid invoice_id;
    int64_t amount_minor; /* 1 up to what is due */
    struct str reference; /* STR_NULL: none */
    int64_t paid_at;      /* not later than now; TIME_NONE: now */
    /* Only if as much is paid as whoever asks was shown; so a form sent twice pays once. */
    bool is_as_shown;
    int64_t shown_paid_minor;
};

struct payment_view {
    struct payment_row row;
    struct str external_customer_id;
    struct str invoice_number;
};

/* Pays an invoice, in part or in full; in full, it is settled (payment status succeeded, not
 * overdue).  ERR_NOT_FOUND: no such invoice.  ERR_INVALID: a bad field, more than is due, or an
 * invoice that is not finalized.  ERR_CONFLICT: more or less is paid than was shown. */
MUST_CHECK enum err payment_create(struct ctx *ctx, const struct payment_input *input,
                                   struct payment_view *view);
/* ERR_NOT_FOUND. */
MUST_CHECK enum err payment_get(struct ctx *ctx, struct uuid id, struct payment_view *view);

struct payment_filter {
    struct str external_customer_id;  /* STR_NULL: any */
    struct uuid invoice_id;           /* nil: any */
    int64_t paid_from_at, paid_to_at; /* inclusive; TIME_NONE: open */
    struct uuid after_id;             /* nil, or the payment behind which the list begins */
    int64_t limit, offset;
};

/* Newest first; *total as app/list.h.  ERR_INVALID: no such after_id. */
MUST_CHECK enum err payment_list(struct ctx *ctx, const struct payment_filter *filter,
                                 struct payment_view **views, size_t *count, int64_t *total);

#endif
