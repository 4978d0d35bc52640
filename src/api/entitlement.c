/* entitlement.c - what plans grant, and what subscriptions have instead. */
#include "api/entitlement.h"

#include "api/api.h"

struct granted_body {
    struct str entitlements;
};

static const struct bind_field granted_fields[] = {
    {"entitlements", BIND_RAW(granted_body, entitlements), .max = ENTITLEMENTS_BYTES_MAX,
     .flags = BIND_RAW_OBJECT | BIND_REQUIRED},
    {0},
};
static const struct bind_table granted_table = {NULL, granted_fields, 0};

/* By its type; STR_NULL: null. */
static void write_value(struct json_writer *out, const char *key,
                        const struct feature_privilege_row *privilege, struct str value)
{
    enum privilege_type type = privilege_type_of(privilege->value_type);
    if (str_is_null(value))
        json_null(out, key);
    else if (type == PRIVILEGE_INTEGER || type == PRIVILEGE_BOOLEAN)
        json_raw(out, key, value);
    else
        json_str(out, key, value);
}

static void write_head(struct json_writer *out, const char *key,
                       const struct entitlement *entitlement)
{
    json_object(out, key);
    json_str(out, "code", entitlement->feature.code);
    json_str(out, "name", entitlement->feature.name);
    json_str(out, "description", entitlement->feature.description);
}

static void write_granted(struct json_writer *out, const char *key,
                          const struct entitlement *entitlement)
{
    write_head(out, key, entitlement);
    json_array(out, "privileges");
    for (size_t i = 0; i < entitlement->privilege_count; i++) {
        const struct entitled_privilege *privilege = &entitlement->privileges[i];
        json_object(out, NULL);
        privilege_members_write(out, &privilege->row);
        write_value(out, "value", &privilege->row, privilege->value);
        json_object_end(out);
    }
    json_array_end(out);
    json_object_end(out);
}

void entitlements_write(struct json_writer *out, const char *key, const struct entitlements *all)
{
    json_array(out, key);
    for (size_t i = 0; i < all->count; i++)
        write_granted(out, NULL, &all->items[i]);
    json_array_end(out);
}

/* ---- of plans -------------------------------------------------------------------------------- */

static enum err answer_all(struct json_writer *out, const struct entitlements *all)
{
    json_object(out, NULL);
    entitlements_write(out, "entitlements", all);
    json_object_end(out);
    return ERR_NONE;
}

static enum err answer_one(struct json_writer *out, const struct entitlement *entitlement)
{
    json_object(out, NULL);
    write_granted(out, "entitlement", entitlement);
    json_object_end(out);
    return ERR_NONE;
}

static enum err plan_list(struct api_request *req, struct json_writer *out)
{
    struct entitlements all;
    TRY(plan_entitlements_get(req->ctx, api_path(req, 0), &all));
    return answer_all(out, &all);
}

static enum err set_plan(struct api_request *req, struct json_writer *out, bool replaces)
{
    struct granted_body body = {0};
    struct entitlements all;
    TRY(api_body(req, &granted_table, &body));
    TRY(plan_entitlements_set(req->ctx, api_path(req, 0), body.entitlements, replaces, &all));
    return answer_all(out, &all);
}

static enum err plan_post(struct api_request *req, struct json_writer *out)
{
    return set_plan(req, out, true);
}

static enum err plan_patch(struct api_request *req, struct json_writer *out)
{
    return set_plan(req, out, false);
}

static enum err plan_show(struct api_request *req, struct json_writer *out)
{
    struct entitlements all;
    TRY(plan_entitlements_get(req->ctx, api_path(req, 0), &all));
    const struct entitlement *one = entitlement_of(&all, api_path(req, 1));
    if (one == NULL)
        return fail_not_found(req->ctx, "entitlement", api_path(req, 1));
    return answer_one(out, one);
}

static enum err plan_delete(struct api_request *req, struct json_writer *out)
{
    struct entitlement was;
    TRY(plan_entitlement_remove(req->ctx, api_path(req, 0), api_path(req, 1), STR_NULL, &was));
    return answer_one(out, &was);
}

static enum err plan_delete_privilege(struct api_request *req, struct json_writer *out)
{
    struct entitlement is;
    TRY(plan_entitlement_remove(req->ctx, api_path(req, 0), api_path(req, 1), api_path(req, 2),
                                &is));
    return answer_one(out, &is);
}

/* ---- of subscriptions ------------------------------------------------------------------------ */

struct status_query {
    int status;
};

static const struct bind_word statuses[] = {
    {"active", 0}, {"pending", 1}, {"terminated", 2}, {"canceled", 3}, {0}};
static const struct bind_field status_fields[] = {
    {"subscription_status", BIND_WORD(status_query, status, statuses)},
    {0},
};
static const struct bind_table status_table = {NULL, status_fields, 0};

static enum err read_status(struct api_request *req, struct str *status)
{
    struct status_query query = {0};
    TRY(api_query(req, &status_table, &query));
    *status = str_of(bind_word_of(statuses, query.status));
    return ERR_NONE;
}

/* What is its own by privilege; codes need no escape. */
static void write_overrides(struct api_request *req, struct json_writer *out,
                            const struct entitlement *entitlement)
{
    json_object(out, "overrides");
    for (size_t i = 0; i < entitlement->privilege_count; i++) {
        const struct entitled_privilege *privilege = &entitlement->privileges[i];
        if (!str_is_null(privilege->own_value))
            write_value(out, arena_cstr(req->arena, privilege->row.code), &privilege->row,
                        privilege->own_value);
    }
    json_object_end(out);
}

static void write_held(struct api_request *req, struct json_writer *out, const char *key,
                       const struct entitlement *entitlement)
{
    write_head(out, key, entitlement);
    json_array(out, "privileges");
    for (size_t i = 0; i < entitlement->privilege_count; i++) {
        const struct entitled_privilege *privilege = &entitlement->privileges[i];
        json_object(out, NULL);
        privilege_members_write(out, &privilege->row);
        write_value(out, "value", &privilege->row, privilege->value);
        write_value(out, "plan_value", &privilege->row, privilege->plan_value);
        write_value(out, "override_value", &privilege->row, privilege->own_value);
        json_object_end(out);
    }
    json_array_end(out);
    write_overrides(req, out, entitlement);
    json_object_end(out);
}

static enum err answer_held(struct api_request *req, struct json_writer *out,
                            const struct entitlements *all)
{
    json_object(out, NULL);
    json_array(out, "entitlements");
    for (size_t i = 0; i < all->count; i++)
        write_held(req, out, NULL, &all->items[i]);
    json_array_end(out);
    json_object_end(out);
    return ERR_NONE;
}

static enum err subscription_list(struct api_request *req, struct json_writer *out)
{
    struct entitlements all;
    struct str status;
    TRY(read_status(req, &status));
    TRY(subscription_entitlements_get(req->ctx, api_path(req, 0), status, &all));
    return answer_held(req, out, &all);
}

static enum err subscription_patch(struct api_request *req, struct json_writer *out)
{
    struct granted_body body = {0};
    struct entitlements all;
    struct str status;
    TRY(read_status(req, &status));
    TRY(api_body(req, &granted_table, &body));
    TRY(subscription_entitlements_set(req->ctx, api_path(req, 0), status, body.entitlements, &all));
    return answer_held(req, out, &all);
}

static enum err take_away(struct api_request *req, struct json_writer *out,
                          struct str privilege_code)
{
    struct entitlement was;
    struct str status;
    TRY(read_status(req, &status));
    TRY(subscription_entitlement_remove(req->ctx, api_path(req, 0), status, api_path(req, 1),
                                        privilege_code, &was));
    json_object(out, NULL);
    write_held(req, out, "entitlement", &was);
    json_object_end(out);
    return ERR_NONE;
}

static enum err subscription_delete(struct api_request *req, struct json_writer *out)
{
    return take_away(req, out, STR_NULL);
}

static enum err subscription_delete_privilege(struct api_request *req, struct json_writer *out)
{
    return take_away(req, out, api_path(req, 2));
}

static enum err subscription_restore(struct api_request *req, struct json_writer *out)
{
    struct entitlements all;
    struct str status;
    TRY(read_status(req, &status));
    TRY(subscription_entitlement_restore(req->ctx, api_path(req, 0), status, api_path(req, 1),
                                         &all));
    return answer_held(req, out, &all);
}

const struct api_route plan_entitlement_routes[] = {
    {HTTP_GET, "/plans/{code}/entitlements", plan_list, 0, 0},
    {HTTP_POST, "/plans/{code}/entitlements", plan_post, 0, 0},
    {HTTP_PATCH, "/plans/{code}/entitlements", plan_patch, 0, 0},
    {HTTP_GET, "/plans/{code}/entitlements/{feature_code}", plan_show, 0, 0},
    {HTTP_DELETE, "/plans/{code}/entitlements/{feature_code}", plan_delete, 0, 0},
    {HTTP_DELETE, "/plans/{code}/entitlements/{feature_code}/privileges/{privilege_code}",
     plan_delete_privilege, 0, 0},
    {0},
};
const struct api_route subscription_entitlement_routes[] = {
    {HTTP_GET, "/subscriptions/{external_id}/entitlements", subscription_list, 0, 0},
    {HTTP_PATCH, "/subscriptions/{external_id}/entitlements", subscription_patch, 0, 0},
    {HTTP_DELETE, "/subscriptions/{external_id}/entitlements/{feature_code}", subscription_delete,
     0, 0},
    {HTTP_DELETE,
     "/subscriptions/{external_id}/entitlements/{feature_code}/privileges/{privilege_code}",
     subscription_delete_privilege, 0, 0},
    {HTTP_POST, "/subscriptions/{external_id}/entitlements/{feature_code}/restore",
     subscription_restore, 0, 0},
    {0},
};
