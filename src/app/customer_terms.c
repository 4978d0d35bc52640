#include "app/customer_terms.h"

#include "base/assert.h"
#include "base/none.h"
#include "store/sql/catalog.h"

static int64_t own_or(int64_t own, int64_t entitys)
{
    return own == INT_NONE ? entitys : own;
}

enum err customer_terms_of(struct ctx *ctx, const struct customer_row *customer,
                           const struct billing_entity_row *entity, struct customer_terms *terms)
{
    struct str zone = str_is_null(customer->timezone) ? entity->timezone : customer->timezone;
    terms->entity = *entity;
    enum err err = zone_find(zone, &terms->zone);
    if (err != ERR_NONE)
        return fail(ctx, err, "time zone %.*s is not in this system's tzdata", STR_ARG(zone));
    terms->grace_days = own_or(customer->grace_days, entity->grace_days);
    terms->payment_term_days = own_or(customer->payment_term_days, entity->payment_term_days);
    terms->finalize_zero_amount = str_eq(customer->zero_amount_policy, STR("inherit"))
                                      ? entity->finalize_zero_amount
                                      : str_eq(customer->zero_amount_policy, STR("finalize"));
    terms->currency =
        str_is_null(customer->currency) ? entity->default_currency : customer->currency;
    return ERR_NONE;
}

enum err customer_terms_load(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                             struct customer_terms *terms)
{
    struct billing_entity_row entity;
    bool found = false;
    TRY(billing_entity_load(tx, &(struct billing_entity_load_in){.id = customer->billing_entity_id},
                            &entity, &found));
    ASSERT(found);
    return customer_terms_of(ctx, customer, &entity, terms);
}
