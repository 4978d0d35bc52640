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

struct getting_billed {
    struct uuid customer_id;
    int32_t from_day, to_day;
    struct customer_billed *billed;
};

static enum err get_billed(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct getting_billed *getting = arg;
    struct customer_billed *billed = getting->billed;
    (void)ctx;
    TRY(customer_billed_list(tx,
                             &(struct customer_billed_list_in){.customer_id = getting->customer_id,
                                                               .from_day = getting->from_day,
                                                               .to_day = getting->to_day},
                             &billed->days, &billed->day_count));
    return customer_billed_last(tx, &(struct customer_billed_last_in){getting->customer_id},
                                &billed->newest, &billed->newest_count);
}

enum err customer_billed_get(struct ctx *ctx, struct uuid customer_id, int32_t from_day,
                             int32_t to_day, struct customer_billed *billed)
{
    return tx_run(ctx, TX_READ, get_billed,
                  &(struct getting_billed){customer_id, from_day, to_day, billed});
}
