#include "app/customer_due.h"

struct getting {
    struct uuid customer_id;
    struct customer_due *due;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct getting *getting = arg;
    struct customer_due *due = getting->due;
    (void)ctx;
    TRY(customer_due_list(tx, &(struct customer_due_list_in){getting->customer_id},
                          &due->currencies, &due->currency_count));
    return customer_payments_open(tx, &(struct customer_payments_open_in){getting->customer_id},
                                  &due->payments, &due->payment_count);
}

enum err customer_due_get(struct ctx *ctx, struct uuid customer_id, struct customer_due *due)
{
    return tx_run(ctx, TX_READ, get, &(struct getting){customer_id, due});
}
