/* customer_due.h - what one customer has to pay, which of its payments are under way, and what it
 * was billed. */
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

/* Of finalized invoices. */
struct customer_billed {
    struct customer_billed_list_row *days; /* with tax, by currency and day of issue */
    size_t day_count;
    struct customer_billed_last_row *newest; /* one in each currency; before tax */
    size_t newest_count;
};

/* Days from from_day to before to_day; the newest are of any time. */
MUST_CHECK enum err customer_billed_get(struct ctx *ctx, struct uuid customer_id, int32_t from_day,
                                        int32_t to_day, struct customer_billed *billed);

#endif
