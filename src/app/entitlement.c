#include "app/entitlement.h"

#include "app/audit.h"
#include "app/granted.h"
#include "app/plan.h"
#include "base/assert.h"
#include "base/json_write.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/entitlement.h"
#include "store/sql/subscription.h"

#define TEXT_BYTES_MAX ((size_t)16 << 20)

const struct entitlement *entitlement_of(const struct entitlements *all, struct str feature_code)
{
    for (size_t i = 0; i < all->count; i++) {
        if (str_eq(all->items[i].feature.code, feature_code))
            return &all->items[i];
    }
    return NULL;
}

static const struct entitled_privilege *privilege_in(const struct entitlement *entitlement,
                                                     struct str code)
{
    for (size_t i = 0; i < entitlement->privilege_count; i++) {
        if (str_eq(entitlement->privileges[i].row.code, code))
            return &entitlement->privileges[i];
    }
    return NULL;
}

/* "seats":{"max":"10"} after what stands there already. */
static void add_text(struct buf *buf, struct arena *arena, const struct entitlement *entitlement)
{
    struct buf inner;
    struct json_writer out;
    buf_init(&inner, arena, TEXT_BYTES_MAX);
    json_writer_init(&out, &inner);
    json_object(&out, NULL);
    for (size_t i = 0; i < entitlement->privilege_count; i++)
        json_str_named(&out, entitlement->privileges[i].row.code, entitlement->privileges[i].value);
    json_object_end(&out);
    struct buf key;
    struct json_writer name;
    buf_init(&key, arena, TEXT_BYTES_MAX);
    json_writer_init(&name, &key);
    json_str(&name, NULL, entitlement->feature.code);
    buf_add(buf, buf_str(&key));
    buf_char(buf, ':');
    buf_add(buf, buf_str(&inner));
}

struct str entitlements_text(struct arena *arena, const struct entitlements *all)
{
    struct buf buf;
    buf_init(&buf, arena, TEXT_BYTES_MAX);
    buf_char(&buf, '{');
    for (size_t i = 0; i < all->count; i++) {
        if (i > 0)
            buf_char(&buf, ',');
        add_text(&buf, arena, &all->items[i]);
    }
    buf_char(&buf, '}');
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

/* ---- of plans -------------------------------------------------------------------------------- */

/* The privileges of a feature that the values name. */
static enum err fill_plan(struct ctx *ctx, struct tx *tx, struct uuid plan_id,
                          const struct feature_row *feature, struct entitlement *entitlement)
{
    struct feature_view view = {.row = *feature};
    struct plan_entitlement_value_row *values = NULL;
    size_t count = 0;
    TRY(feature_load_privileges(tx, &view));
    TRY(plan_entitlement_value_list(
        tx, &(struct plan_entitlement_value_list_in){.plan_id = plan_id, .feature_id = feature->id},
        &values, &count));
    *entitlement = (struct entitlement){
        .feature = *feature,
        .privileges = ARENA_ARRAY(ctx->arena, view.privilege_count, struct entitled_privilege)};
    for (size_t i = 0; i < view.privilege_count; i++) {
        for (size_t j = 0; j < count; j++) {
            if (!uuid_eq(view.privileges[i].id, values[j].privilege_id))
                continue;
            entitlement->privileges[entitlement->privilege_count++] = (struct entitled_privilege){
                .row = view.privileges[i],
                .value = values[j].privilege_value,
                .plan_value = values[j].privilege_value,
                .own_value = STR_NULL,
            };
        }
    }
    return ERR_NONE;
}

enum err plan_entitlements_load(struct ctx *ctx, struct tx *tx, struct uuid plan_id,
                                struct entitlements *all)
{
    struct feature_row *features = NULL;
    TRY(plan_features(tx, &(struct plan_features_in){.plan_id = plan_id}, &features, &all->count));
    all->items = ARENA_ARRAY(ctx->arena, all->count, struct entitlement);
    for (size_t i = 0; i < all->count; i++)
        TRY(fill_plan(ctx, tx, plan_id, &features[i], &all->items[i]));
    return ERR_NONE;
}

static enum err drop_from_plan(struct tx *tx, struct uuid plan_id, struct uuid feature_id)
{
    TRY(plan_entitlement_value_clear(
        tx, &(struct plan_entitlement_value_clear_in){.plan_id = plan_id, .feature_id = feature_id},
        NULL));
    return plan_entitlement_delete(
        tx, &(struct plan_entitlement_delete_in){.plan_id = plan_id, .feature_id = feature_id},
        NULL);
}

static enum err put_in_plan(struct tx *tx, struct uuid plan_id, const struct granted *granted)
{
    struct uuid feature_id = granted->feature.row.id;
    TRY(plan_entitlement_put(
        tx, &(struct plan_entitlement_put_in){.plan_id = plan_id, .feature_id = feature_id}, NULL));
    for (size_t i = 0; i < granted->count; i++)
        TRY(plan_entitlement_value_put(tx,
                                       &(struct plan_entitlement_value_put_in){
                                           .plan_id = plan_id,
                                           .feature_id = feature_id,
                                           .privilege_id = granted->values[i].privilege->id,
                                           .privilege_value = granted->values[i].value},
                                       NULL));
    return ERR_NONE;
}

static enum err audit_plan(struct ctx *ctx, struct tx *tx, struct uuid plan_id,
                           const struct entitlements *before, const struct entitlements *after)
{
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "plan.entitlements",
                         .object_id = plan_id,
                         .before = entitlements_text(ctx->arena, before),
                         .after = entitlements_text(ctx->arena, after),
                     });
}

enum err plan_entitlements_write(struct ctx *ctx, struct tx *tx, struct uuid plan_id,
                                 struct str granted, bool replaces)
{
    struct granted *grants = NULL;
    struct entitlements before;
    struct entitlements after;
    size_t count = 0;
    TRY(granted_read(ctx, tx, granted, &grants, &count));
    if (fault_is_set(ctx->fault))
        return ERR_NONE; /* told together with what else is wrong */
    TRY(plan_entitlements_load(ctx, tx, plan_id, &before));
    for (size_t i = 0; replaces && i < before.count; i++)
        TRY(drop_from_plan(tx, plan_id, before.items[i].feature.id));
    for (size_t i = 0; i < count; i++)
        TRY(put_in_plan(tx, plan_id, &grants[i]));
    TRY(plan_entitlements_load(ctx, tx, plan_id, &after));
    return audit_plan(ctx, tx, plan_id, &before, &after);
}

struct of_plan {
    struct str plan_code, feature_code, privilege_code;
    struct str granted;
    bool replaces;
    struct entitlements *all;
    struct entitlement *was;
};

static enum err find_plan(struct ctx *ctx, struct tx *tx, struct str code, bool lock,
                          struct plan_row *plan)
{
    bool found = false;
    if (lock)
        TRY(plan_lock(tx, &(struct plan_lock_in){.code = code}, plan, &found));
    else
        TRY(plan_by_code(tx, &(struct plan_by_code_in){.code = code}, plan, &found));
    return found ? ERR_NONE : fail_not_found(ctx, "plan", code);
}

static enum err get_of_plan(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct of_plan *getting = arg;
    struct plan_row plan;
    TRY(find_plan(ctx, tx, getting->plan_code, false, &plan));
    return plan_entitlements_load(ctx, tx, plan.id, getting->all);
}

enum err plan_entitlements_get(struct ctx *ctx, struct str plan_code, struct entitlements *all)
{
    return tx_run(ctx, TX_READ, get_of_plan, &(struct of_plan){.plan_code = plan_code, .all = all});
}

static enum err set_of_plan(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct of_plan *setting = arg;
    struct plan_row plan;
    TRY(find_plan(ctx, tx, setting->plan_code, true, &plan));
    TRY(plan_entitlements_write(ctx, tx, plan.id, setting->granted, setting->replaces));
    TRY(fault_check(ctx->fault));
    return plan_entitlements_load(ctx, tx, plan.id, setting->all);
}

enum err plan_entitlements_set(struct ctx *ctx, struct str plan_code, struct str granted,
                               bool replaces, struct entitlements *all)
{
    return tx_run(
        ctx, TX_WRITE, set_of_plan,
        &(struct of_plan){
            .plan_code = plan_code, .granted = granted, .replaces = replaces, .all = all});
}

/* What is to be taken away is there. */
static enum err find_in(struct ctx *ctx, const struct entitlements *all, struct str feature_code,
                        struct str privilege_code, const struct entitlement **entitlement,
                        const struct entitled_privilege **privilege)
{
    *entitlement = entitlement_of(all, feature_code);
    *privilege = NULL;
    if (*entitlement == NULL)
        return fail_not_found(ctx, "entitlement", feature_code);
    if (str_is_null(privilege_code))
        return ERR_NONE;
    *privilege = privilege_in(*entitlement, privilege_code);
    return *privilege != NULL ? ERR_NONE : fail_not_found(ctx, "privilege", privilege_code);
}

static enum err remove_of_plan(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct of_plan *removing = arg;
    const struct entitlement *entitlement = NULL;
    const struct entitled_privilege *privilege = NULL;
    struct entitlements before;
    struct entitlements after;
    struct plan_row plan;
    TRY(find_plan(ctx, tx, removing->plan_code, true, &plan));
    TRY(plan_entitlements_load(ctx, tx, plan.id, &before));
    TRY(find_in(ctx, &before, removing->feature_code, removing->privilege_code, &entitlement,
                &privilege));
    *removing->was = *entitlement;
    if (privilege == NULL)
        TRY(drop_from_plan(tx, plan.id, entitlement->feature.id));
    else
        TRY(plan_entitlement_value_delete(
            tx,
            &(struct plan_entitlement_value_delete_in){.plan_id = plan.id,
                                                       .feature_id = entitlement->feature.id,
                                                       .privilege_id = privilege->row.id},
            NULL));
    TRY(plan_entitlements_load(ctx, tx, plan.id, &after));
    if (privilege != NULL)
        *removing->was = *entitlement_of(&after, removing->feature_code);
    return audit_plan(ctx, tx, plan.id, &before, &after);
}

enum err plan_entitlement_remove(struct ctx *ctx, struct str plan_code, struct str feature_code,
                                 struct str privilege_code, struct entitlement *was)
{
    return tx_run(ctx, TX_WRITE, remove_of_plan,
                  &(struct of_plan){.plan_code = plan_code,
                                    .feature_code = feature_code,
                                    .privilege_code = privilege_code,
                                    .was = was});
}

/* ---- of subscriptions ------------------------------------------------------------------------ */

struct of_subscription {
    struct str external_id, status;
    struct str feature_code, privilege_code;
    struct str granted;
    struct entitlements *all;
    struct entitlement *was;
    /* found */
    struct customer_row customer;
    struct subscription_row row;
};

static enum err find_subscription(struct ctx *ctx, struct tx *tx, bool lock,
                                  struct of_subscription *s)
{
    struct str status = str_is_null(s->status) ? STR("active") : s->status;
    struct subscription_owner_row owner;
    struct subscription_row *rows = NULL;
    size_t count = 0;
    bool found = false;
    TRY(subscription_owner(tx, &(struct subscription_owner_in){.external_id = s->external_id},
                           &owner, &found));
    if (!found)
        return fail_not_found(ctx, "subscription", s->external_id);
    if (lock)
        TRY(customer_lock(tx, &(struct customer_lock_in){.id = owner.customer_id}, &s->customer,
                          &found));
    else
        TRY(customer_load(tx, &(struct customer_load_in){.id = owner.customer_id}, &s->customer,
                          &found));
    ASSERT(found);
    TRY(subscription_by_external_list(
        tx,
        &(struct subscription_by_external_list_in){.customer_id = s->customer.id,
                                                   .external_id = s->external_id},
        &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(rows[i].status, status))
            continue;
        s->row = rows[i];
        return ERR_NONE;
    }
    return fail_not_found(ctx, "subscription", s->external_id);
}

/* What a subscription has of its own of a feature lies over what the plan grants. */
static enum err fill_own(struct ctx *ctx, struct tx *tx, const struct of_subscription *s,
                         const struct subscription_features_row *feature,
                         const struct entitlement *granted, struct entitlement *entitlement)
{
    struct feature_view view = {.row = {.id = feature->id,
                                        .code = feature->code,
                                        .name = feature->name,
                                        .description = feature->description,
                                        .created_at = feature->created_at,
                                        .updated_at = feature->updated_at}};
    struct subscription_entitlement_value_row *own = NULL;
    size_t count = 0;
    TRY(feature_load_privileges(tx, &view));
    TRY(subscription_entitlement_value_list(
        tx,
        &(struct subscription_entitlement_value_list_in){.customer_id = s->customer.id,
                                                         .external_id = s->external_id,
                                                         .feature_id = feature->id},
        &own, &count));
    *entitlement = (struct entitlement){
        .feature = view.row,
        .privileges = ARENA_ARRAY(ctx->arena, view.privilege_count, struct entitled_privilege)};
    for (size_t i = 0; i < view.privilege_count; i++) {
        struct entitled_privilege privilege = {
            .row = view.privileges[i], .plan_value = STR_NULL, .own_value = STR_NULL};
        const struct entitled_privilege *of_plan =
            granted == NULL ? NULL : privilege_in(granted, privilege.row.code);
        bool is_own = false;
        if (of_plan != NULL)
            privilege.plan_value = of_plan->value;
        for (size_t j = 0; j < count; j++) {
            if (!uuid_eq(own[j].privilege_id, privilege.row.id))
                continue;
            privilege.own_value = own[j].privilege_value;
            is_own = true;
        }
        privilege.value = is_own ? privilege.own_value : privilege.plan_value;
        if (!str_is_null(privilege.value))
            entitlement->privileges[entitlement->privilege_count++] = privilege;
    }
    return ERR_NONE;
}

/* Both lists are by code. */
static enum err load_effective(struct ctx *ctx, struct tx *tx, const struct of_subscription *s,
                               struct entitlements *all)
{
    struct subscription_features_row *own = NULL;
    struct entitlements granted;
    struct plan_row plan;
    size_t own_count = 0;
    size_t at = 0;
    bool found = false;
    TRY(plan_of_version(tx, &(struct plan_of_version_in){.plan_version_id = s->row.plan_version_id},
                        &plan, &found));
    ASSERT(found);
    /* What plans grant is not copied. */
    TRY(plan_entitlements_load(ctx, tx, plan_catalogue_id(&plan), &granted));
    TRY(subscription_features(tx,
                              &(struct subscription_features_in){.customer_id = s->customer.id,
                                                                 .external_id = s->external_id},
                              &own, &own_count));
    *all = (struct entitlements){
        .items = ARENA_ARRAY(ctx->arena, granted.count + own_count, struct entitlement)};
    for (size_t i = 0; i < own_count; i++) {
        const struct entitlement *of_plan = NULL;
        while (at < granted.count && str_cmp(granted.items[at].feature.code, own[i].code) < 0)
            all->items[all->count++] = granted.items[at++];
        if (at < granted.count && str_eq(granted.items[at].feature.code, own[i].code))
            of_plan = &granted.items[at++];
        if (!own[i].is_removed)
            TRY(fill_own(ctx, tx, s, &own[i], of_plan, &all->items[all->count++]));
    }
    while (at < granted.count)
        all->items[all->count++] = granted.items[at++];
    return ERR_NONE;
}

static enum err get_of_subscription(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct of_subscription *s = arg;
    TRY(find_subscription(ctx, tx, false, s));
    return load_effective(ctx, tx, s, s->all);
}

enum err subscription_entitlements_get(struct ctx *ctx, struct str external_id, struct str status,
                                       struct entitlements *all)
{
    return tx_run(
        ctx, TX_READ, get_of_subscription,
        &(struct of_subscription){.external_id = external_id, .status = status, .all = all});
}

static enum err audit_subscription(struct ctx *ctx, struct tx *tx, const struct of_subscription *s,
                                   const struct entitlements *before,
                                   const struct entitlements *after)
{
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = s->customer.id,
                         .action = "subscription.entitlements",
                         .object_id = s->row.id,
                         .before = entitlements_text(ctx->arena, before),
                         .after = entitlements_text(ctx->arena, after),
                     });
}

static enum err put_own(struct tx *tx, const struct of_subscription *s, struct uuid feature_id,
                        bool is_removed)
{
    return subscription_entitlement_put(
        tx,
        &(struct subscription_entitlement_put_in){.customer_id = s->customer.id,
                                                  .external_id = s->external_id,
                                                  .feature_id = feature_id,
                                                  .is_removed = is_removed},
        NULL);
}

static enum err put_own_value(struct tx *tx, const struct of_subscription *s,
                              const struct feature_privilege_row *privilege, struct str value)
{
    return subscription_entitlement_value_put(
        tx,
        &(struct subscription_entitlement_value_put_in){.customer_id = s->customer.id,
                                                        .external_id = s->external_id,
                                                        .feature_id = privilege->feature_id,
                                                        .privilege_id = privilege->id,
                                                        .privilege_value = value},
        NULL);
}

static enum err clear_own_values(struct tx *tx, const struct of_subscription *s,
                                 struct uuid feature_id)
{
    return subscription_entitlement_value_clear(
        tx,
        &(struct subscription_entitlement_value_clear_in){
            .customer_id = s->customer.id, .external_id = s->external_id, .feature_id = feature_id},
        NULL);
}

static enum err set_of_subscription(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct of_subscription *s = arg;
    struct entitlements before;
    struct granted *grants = NULL;
    size_t count = 0;
    TRY(find_subscription(ctx, tx, true, s));
    TRY(load_effective(ctx, tx, s, &before));
    TRY(granted_read(ctx, tx, s->granted, &grants, &count));
    TRY(fault_check(ctx->fault));
    for (size_t i = 0; i < count; i++) {
        TRY(put_own(tx, s, grants[i].feature.row.id, false));
        for (size_t j = 0; j < grants[i].count; j++)
            TRY(put_own_value(tx, s, grants[i].values[j].privilege, grants[i].values[j].value));
    }
    TRY(load_effective(ctx, tx, s, s->all));
    return audit_subscription(ctx, tx, s, &before, s->all);
}

enum err subscription_entitlements_set(struct ctx *ctx, struct str external_id, struct str status,
                                       struct str granted, struct entitlements *all)
{
    return tx_run(
        ctx, TX_WRITE, set_of_subscription,
        &(struct of_subscription){
            .external_id = external_id, .status = status, .granted = granted, .all = all});
}

static enum err remove_of_subscription(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct of_subscription *s = arg;
    const struct entitlement *entitlement = NULL;
    const struct entitled_privilege *privilege = NULL;
    struct entitlements before;
    struct entitlements after;
    TRY(find_subscription(ctx, tx, true, s));
    TRY(load_effective(ctx, tx, s, &before));
    TRY(find_in(ctx, &before, s->feature_code, s->privilege_code, &entitlement, &privilege));
    *s->was = *entitlement;
    TRY(put_own(tx, s, entitlement->feature.id, privilege == NULL));
    if (privilege == NULL)
        TRY(clear_own_values(tx, s, entitlement->feature.id));
    else
        TRY(put_own_value(tx, s, &privilege->row, STR_NULL));
    TRY(load_effective(ctx, tx, s, &after));
    if (privilege != NULL)
        *s->was = *entitlement_of(&after, s->feature_code);
    return audit_subscription(ctx, tx, s, &before, &after);
}

enum err subscription_entitlement_remove(struct ctx *ctx, struct str external_id, struct str status,
                                         struct str feature_code, struct str privilege_code,
                                         struct entitlement *was)
{
    return tx_run(ctx, TX_WRITE, remove_of_subscription,
                  &(struct of_subscription){.external_id = external_id,
                                            .status = status,
                                            .feature_code = feature_code,
                                            .privilege_code = privilege_code,
                                            .was = was});
}

static enum err restore(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct of_subscription *s = arg;
    struct entitlements before;
    struct feature_view feature;
    bool found = false;
    TRY(find_subscription(ctx, tx, true, s));
    TRY(feature_find(tx, s->feature_code, true, &feature, &found));
    if (!found)
        return fail_not_found(ctx, "feature", s->feature_code);
    TRY(load_effective(ctx, tx, s, &before));
    TRY(clear_own_values(tx, s, feature.row.id));
    TRY(subscription_entitlement_delete(
        tx,
        &(struct subscription_entitlement_delete_in){.customer_id = s->customer.id,
                                                     .external_id = s->external_id,
                                                     .feature_id = feature.row.id},
        NULL));
    TRY(load_effective(ctx, tx, s, s->all));
    return audit_subscription(ctx, tx, s, &before, s->all);
}

enum err subscription_entitlement_restore(struct ctx *ctx, struct str external_id,
                                          struct str status, struct str feature_code,
                                          struct entitlements *all)
{
    return tx_run(ctx, TX_WRITE, restore,
                  &(struct of_subscription){.external_id = external_id,
                                            .status = status,
                                            .feature_code = feature_code,
                                            .all = all});
}
