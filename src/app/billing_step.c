#include "app/billing_step.h"

#include "app/billing_range.h"
#include "base/assert.h"
#include "base/time.h"
#include "store/sql/customer.h"
#include "store/sql/due.h"

enum err billing_step(struct ctx *ctx, struct tx *tx, struct uuid customer_id, int64_t until_at,
                      struct billing_counts *counts)
{
    struct customer_row customer;
    int64_t done_at = TIME_NONE;
    bool found = false;
    bool again = false;
    TRY(customer_lock(tx, &(struct customer_lock_in){.id = customer_id}, &customer, &found));
    ASSERT(found);
    for (;;) {
        struct due_of_customer_row due;
        TRY(due_of_customer(
            tx, &(struct due_of_customer_in){.customer_id = customer_id, .until_at = until_at},
            &due, &found));
        if (!found || due.due_at == TIME_NONE)
            return ERR_NONE;
        /* What is done is due later or never, but for vendor cost that nothing else takes up any
         * more once a subscription has ended: that is due at once. */
        ASSERT(due.due_at > done_at || !again || done_at == TIME_NONE);
        again = due.due_at == done_at;
        done_at = due.due_at;
        TRY(billing_range(ctx, tx,
                          &(struct billing_range){.first_customer_id = customer_id,
                                                  .last_customer_id = customer_id,
                                                  .at = due.due_at},
                          counts));
    }
}
