/* customer_due.h - what one customer has to pay, and which of its payments are under way. */
#ifndef APP_CUSTOMER_DUE_H
#define APP_CUSTOMER_DUE_H

#include "app/ctx.h"
#include "store/sql/customer_due.h"

struct customer_due {
    /* By currency; none: nothing is due.  Overdue is as the billing run has marked it. */
    struct customer_due_list_row *currencies;
    size_t currency_count;
    /* Being worked on, or their end is not known yet; newest first. */
    struct payment_row *payments;
    size_t payment_count;
};

MUST_CHECK enum err customer_due_get(struct ctx *ctx, struct uuid customer_id,
                                     struct customer_due *due);

#endif
