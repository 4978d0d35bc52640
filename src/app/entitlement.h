/* entitlement.h - what of features a plan grants, and what a subscription has instead.
 *
 * A plan grants features, each with values of some of its privileges.  A subscription has what its
 * plan grants, but for what is its own: other values, features more, features or privileges taken
 * away.  What is its own belongs to its external id: it goes on with the next subscription
 * of that id, on another plan too, and holds before the plan's.  All of it holds at once, and is
 * not of a plan's versions.
 *
 * Grants are told as a JSON object of features by code, each an object of values by privilege:
 * {"seats": {"max": 10, "root": true}, "sso": {}}.  A value is of the privilege's type, a whole
 * number, true or false, or a text; a text that says the same is taken too. */
#ifndef APP_ENTITLEMENT_H
#define APP_ENTITLEMENT_H

#include "app/ctx.h"
#include "app/feature.h"

#define ENTITLEMENTS_MAX       1000
#define ENTITLEMENTS_BYTES_MAX 1000000

/* Values as text, as privilege_takes (app/feature.h) takes them. */
struct entitled_privilege {
    struct feature_privilege_row row;
    struct str value;      /* that holds */
    struct str plan_value; /* STR_NULL: the plan says nothing */
    struct str own_value;  /* STR_NULL: the subscription says nothing */
};

struct entitlement {
    struct feature_row feature;
    struct entitled_privilege *privileges; /* that have a value, in the feature's order */
    size_t privilege_count;
};

struct entitlements {
    struct entitlement *items; /* by the feature's code */
    size_t count;
};

/* NULL: there is none of that code. */
const struct entitlement *entitlement_of(const struct entitlements *all, struct str feature_code);

/* ---- of plans -------------------------------------------------------------------------------- */

/* ERR_NOT_FOUND: no such plan. */
MUST_CHECK enum err plan_entitlements_get(struct ctx *ctx, struct str plan_code,
                                          struct entitlements *all);
/* Adds what is told to what the plan grants, or with `replaces` puts it in its place; *all is what
 * it grants then.  ERR_NOT_FOUND: no such plan; ERR_INVALID names each feature and privilege that
 * is not there, and each bad value, "entitlements.seats.max" for one. */
MUST_CHECK enum err plan_entitlements_set(struct ctx *ctx, struct str plan_code, struct str granted,
                                          bool replaces, struct entitlements *all);
/* Takes a feature from a plan, or (privilege_code not STR_NULL) one of its privileges.
 *   was  a feature as it was; with a privilege as it is then
 * ERR_NOT_FOUND: no such plan, or it does not grant that. */
MUST_CHECK enum err plan_entitlement_remove(struct ctx *ctx, struct str plan_code,
                                            struct str feature_code, struct str privilege_code,
                                            struct entitlement *was);

/* Within a transaction: the same as plan_entitlements_set for a plan that is held; what is wrong is
 * noted, ask fault_check; where something was wrong before, it is only checked. */
MUST_CHECK enum err plan_entitlements_write(struct ctx *ctx, struct tx *tx, struct uuid plan_id,
                                            struct str granted, bool replaces);
MUST_CHECK enum err plan_entitlements_load(struct ctx *ctx, struct tx *tx, struct uuid plan_id,
                                           struct entitlements *all);
/* As it is told, a JSON object. */
struct str entitlements_text(struct arena *arena, const struct entitlements *all);

/* ---- of subscriptions ------------------------------------------------------------------------ */

/* What holds for the newest subscription of an external id with a status (STR_NULL: active).
 * ERR_NOT_FOUND: there is none. */
MUST_CHECK enum err subscription_entitlements_get(struct ctx *ctx, struct str external_id,
                                                  struct str status, struct entitlements *all);
/* What is told is its own from now on, also where it had been taken away.  ERR_NOT_FOUND;
 * ERR_INVALID as plan_entitlements_set. */
MUST_CHECK enum err subscription_entitlements_set(struct ctx *ctx, struct str external_id,
                                                  struct str status, struct str granted,
                                                  struct entitlements *all);
/* Takes a feature away, or (privilege_code not STR_NULL) one of its privileges; *was as
 * plan_entitlement_remove.  ERR_NOT_FOUND: no such subscription, or it does not have that. */
MUST_CHECK enum err subscription_entitlement_remove(struct ctx *ctx, struct str external_id,
                                                    struct str status, struct str feature_code,
                                                    struct str privilege_code,
                                                    struct entitlement *was);
/* Of this feature it has nothing of its own any more: what the plan grants holds.  ERR_NOT_FOUND:
 * no such subscription or feature. */
MUST_CHECK enum err subscription_entitlement_restore(struct ctx *ctx, struct str external_id,
                                                     struct str status, struct str feature_code,
                                                     struct entitlements *all);

#endif
