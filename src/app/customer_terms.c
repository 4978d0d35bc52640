#include "app/customer_terms.h"

#include "base/assert.h"
#include "base/none.h"
#include "store/sql/catalog.h"

static int64_t own_or(int64_t own, int64_t entitys)
{
    return own == INT_NONE ? entitys : own;
}

enum err customer_terms_load(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                             struct customer_terms *terms)
{
    bool found = false;
    TRY(billing_entity_load(tx,
                            &(struct billing_entity_load_in){.id = customer->billing_entity_id},
                            &terms->entity, &found));
    ASSERT(found);
    struct str zone = str_is_null(customer->timezone) ? terms->entity.timezone : customer->timezone;
    enum err err = zone_find(zone, &terms->zone);
    if (err != ERR_NONE)
        return fail(ctx, err, "time zone %.*s is not in this system's tzdata", STR_ARG(zone));
    terms->grace_days = own_or(customer->grace_days, terms->entity.grace_days);
    terms->payment_term_days =
        own_or(customer->payment_term_days, terms->entity.payment_term_days);
    terms->finalize_zero_amount = str_eq(customer->zero_amount_policy, STR("inherit"))
                                      ? terms->entity.finalize_zero_amount
                                      : str_eq(customer->zero_amount_policy, STR("finalize"));
    terms->currency =
        str_is_null(customer->currency) ? terms->entity.default_currency : customer->currency;
    return ERR_NONE;
}
