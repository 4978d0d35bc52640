#include "app/billing_catalog.h"

#include "base/assert.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/due.h"

struct billing_plan {
    struct uuid version_id;
    int64_t at;
    bool is_renewal;
    struct plan_view *view; /* stays where it is when the table grows */
};

struct billing_seller {
    struct billing_entity_row *entity;
    struct tax_list taxes;
};

enum err billing_catalog_plan(struct ctx *ctx, struct tx *tx, struct billing_catalog *catalog,
                              struct uuid plan_version_id, int64_t at, bool is_renewal,
                              const struct plan_view **plan)
{
    for (size_t i = 0; i < catalog->plan_count; i++) {
        const struct billing_plan *known = &catalog->plans[i];
        if (uuid_eq(known->version_id, plan_version_id) && known->at == at &&
            known->is_renewal == is_renewal) {
            *plan = known->view;
            return ERR_NONE;
        }
    }
    struct plan_view *view = ARENA_NEW(ctx->arena, struct plan_view);
    TRY(plan_in_force(ctx, tx, plan_version_id, at, is_renewal, view));
    catalog->plans = arena_grow(ctx->arena, catalog->plans, catalog->plan_count,
                                &catalog->plan_capacity, sizeof *catalog->plans);
    catalog->plans[catalog->plan_count++] =
        (struct billing_plan){plan_version_id, at, is_renewal, view};
    *plan = view;
    return ERR_NONE;
}

static enum err find_seller(struct ctx *ctx, struct tx *tx, struct billing_catalog *catalog,
                            struct uuid id, const struct billing_seller **seller)
{
    for (size_t i = 0; i < catalog->seller_count; i++) {
        if (uuid_eq(catalog->sellers[i].entity->id, id)) {
            *seller = &catalog->sellers[i];
            return ERR_NONE;
        }
    }
    struct billing_seller made = {.entity = ARENA_NEW(ctx->arena, struct billing_entity_row)};
    struct tax_row *taxes = NULL;
    bool found = false;
    TRY(billing_entity_load(tx, &(struct billing_entity_load_in){.id = id}, made.entity, &found));
    ASSERT(found);
    TRY(billing_entity_tax_list(tx, &(struct billing_entity_tax_list_in){.billing_entity_id = id},
                                &taxes, &made.taxes.count));
    made.taxes.taxes = taxes;
    catalog->sellers = arena_grow(ctx->arena, catalog->sellers, catalog->seller_count,
                                  &catalog->seller_capacity, sizeof *catalog->sellers);
    catalog->sellers[catalog->seller_count] = made;
    *seller = &catalog->sellers[catalog->seller_count++];
    return ERR_NONE;
}

enum err billing_catalog_entity(struct ctx *ctx, struct tx *tx, struct billing_catalog *catalog,
                                struct uuid id, const struct billing_entity_row **entity)
{
    const struct billing_seller *seller = NULL;
    TRY(find_seller(ctx, tx, catalog, id, &seller));
    *entity = seller->entity;
    return ERR_NONE;
}

enum err billing_catalog_read_taxes(struct tx *tx, struct billing_catalog *catalog,
                                    struct uuid first_customer_id, struct uuid last_customer_id)
{
    TRY(customer_tax_of_range(tx,
                              &(struct customer_tax_of_range_in){.first_id = first_customer_id,
                                                                 .last_id = last_customer_id},
                              &catalog->customer_taxes, &catalog->customer_tax_count));
    catalog->first_customer_id = first_customer_id;
    catalog->last_customer_id = last_customer_id;
    return ERR_NONE;
}

static enum err customers_own(struct ctx *ctx, struct tx *tx, const struct billing_catalog *catalog,
                              struct uuid customer_id, struct tax_list *list)
{
    bool is_ahead = !uuid_is_nil(catalog->first_customer_id) &&
                    uuid_cmp(customer_id, catalog->first_customer_id) >= 0 &&
                    uuid_cmp(customer_id, catalog->last_customer_id) <= 0;
    if (!is_ahead) {
        struct tax_row *taxes = NULL;
        TRY(customer_tax_list(tx, &(struct customer_tax_list_in){.customer_id = customer_id},
                              &taxes, &list->count));
        list->taxes = taxes;
        return ERR_NONE;
    }
    /* They stand in order of customer; few have any, so they are copied out. */
    size_t first = 0;
    while (first < catalog->customer_tax_count &&
           uuid_cmp(catalog->customer_taxes[first].customer_id, customer_id) < 0)
        first++;
    size_t end = first;
    while (end < catalog->customer_tax_count &&
           uuid_eq(catalog->customer_taxes[end].customer_id, customer_id))
        end++;
    struct tax_row *taxes = ARENA_ARRAY(ctx->arena, end - first, struct tax_row);
    for (size_t i = first; i < end; i++) {
        const struct customer_tax_of_range_row *row = &catalog->customer_taxes[i];
        taxes[i - first] = (struct tax_row){.id = row->id,
                                            .code = row->code,
                                            .name = row->name,
                                            .description = row->description,
                                            .rate = row->rate,
                                            .created_at = row->created_at};
    }
    *list = (struct tax_list){.taxes = taxes, .count = end - first};
    return ERR_NONE;
}

enum err billing_catalog_taxes(struct ctx *ctx, struct tx *tx, struct billing_catalog *catalog,
                               struct uuid customer_id, struct uuid billing_entity_id,
                               struct tax_list *list)
{
    const struct billing_seller *seller = NULL;
    TRY(customers_own(ctx, tx, catalog, customer_id, list));
    if (list->count > 0)
        return ERR_NONE;
    TRY(find_seller(ctx, tx, catalog, billing_entity_id, &seller));
    *list = seller->taxes;
    return ERR_NONE;
}
