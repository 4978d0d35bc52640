#include "app/granted.h"

#include "app/entitlement.h"
#include "base/decimal.h"
#include "base/json_read.h"

struct reading {
    struct ctx *ctx;
    struct tx *tx;
    struct json_reader json;
    struct granted *grants;
    size_t count, capacity;
};

/* The text of a value, where it is no list and no object; STR_NULL: it is none, or null. */
static struct str value_text(struct reading *r, enum json_token *token, struct str *raw)
{
    *token = json_next(&r->json);
    struct str text = r->json.text;
    *raw = text;
    if (*token == JSON_STRING || *token == JSON_NUMBER)
        return text;
    if (*token == JSON_TRUE || *token == JSON_FALSE)
        return *raw = *token == JSON_TRUE ? STR("true") : STR("false");
    *raw = STR_NULL;
    if (*token != JSON_NULL && !json_skip(&r->json, raw))
        *raw = STR_NULL;
    return STR_NULL;
}

/* Numbers, true and false are no texts; a text may say a number, true or false. */
static bool fits(struct arena *arena, const struct feature_privilege_row *privilege,
                 enum json_token token, struct str value)
{
    enum privilege_type type = privilege_type_of(privilege->value_type);
    bool is_of_words = type == PRIVILEGE_STRING || type == PRIVILEGE_SELECT;
    if (str_is_null(value) || (is_of_words && token != JSON_STRING))
        return false;
    return privilege_takes(arena, privilege, value);
}

/* 1e1 is 10: each number is kept in one form. */
static struct str plain(struct arena *arena, const struct feature_privilege_row *privilege,
                        struct str value)
{
    struct decimal exact;
    int64_t number = 0;
    if (privilege_type_of(privilege->value_type) != PRIVILEGE_INTEGER ||
        decimal_parse(value, &exact) != ERR_NONE || decimal_to_int64(exact, &number) != ERR_NONE)
        return value;
    return arena_fmt(arena, "%lld", (long long)number);
}

/* The value behind a privilege's code, which was just read. */
static void read_value(struct reading *r, struct granted *granted, bool is_known)
{
    struct arena *arena = r->ctx->arena;
    struct str code = r->json.text;
    struct str raw = STR_NULL;
    enum json_token token;
    struct str value = value_text(r, &token, &raw);
    const struct feature_privilege_row *privilege =
        is_known ? feature_privilege_of(&granted->feature, code) : NULL;
    struct str path = arena_fmt(arena, "entitlements.%.*s.%.*s", STR_ARG(granted->feature.row.code),
                                STR_ARG(code));
    if (!is_known)
        return;
    if (privilege == NULL)
        fault_field(r->ctx->fault, path, "privilege_not_found", code, "a privilege of feature %.*s",
                    STR_ARG(granted->feature.row.code));
    else if (!fits(arena, privilege, token, value))
        fault_field(r->ctx->fault, path, "value_is_invalid", raw, "%.*s",
                    STR_ARG(privilege_wants(arena, privilege)));
    else
        granted->values[granted->count++] =
            (struct granted_value){privilege, plain(arena, privilege, value)};
}

/* The privileges behind a feature's code, which was just read. */
static enum err read_feature(struct reading *r)
{
    struct ctx *ctx = r->ctx;
    struct str code = r->json.text;
    struct str path = arena_fmt(ctx->arena, "entitlements.%.*s", STR_ARG(code));
    struct str raw = STR_NULL;
    bool found = false;
    r->grants = arena_grow(ctx->arena, r->grants, r->count, &r->capacity, sizeof *r->grants);
    struct granted *granted = &r->grants[r->count++];
    *granted = (struct granted){0};
    TRY(feature_find(r->tx, code, true, &granted->feature, &found));
    if (!found)
        fault_field(ctx->fault, path, "feature_not_found", code, "the code of a feature");
    if (json_next(&r->json) != JSON_OBJECT_START) {
        if (json_skip(&r->json, &raw))
            fault_field(ctx->fault, path, "invalid_type", raw,
                        "an object of values by privilege, {} for none");
        return ERR_NONE;
    }
    granted->values =
        ARENA_ARRAY(ctx->arena, granted->feature.privilege_count, struct granted_value);
    while (json_next(&r->json) == JSON_KEY) {
        struct str privilege = r->json.text;
        bool is_new = true;
        for (size_t i = 0; i < granted->count; i++)
            is_new &= !str_eq(granted->values[i].privilege->code, privilege);
        if (!is_new)
            fault_field(ctx->fault,
                        arena_fmt(ctx->arena, "%.*s.%.*s", STR_ARG(path), STR_ARG(privilege)),
                        "duplicate_field", privilege, "each privilege once");
        read_value(r, granted, found && is_new);
    }
    return ERR_NONE;
}

enum err granted_read(struct ctx *ctx, struct tx *tx, struct str text, struct granted **grants,
                      size_t *count)
{
    struct reading r = {.ctx = ctx, .tx = tx};
    json_reader_init(&r.json, ctx->arena, text);
    if (json_next(&r.json) != JSON_OBJECT_START)
        fault_field(ctx->fault, STR("entitlements"), "invalid_type", text,
                    "an object of features by code");
    else {
        while (r.count < ENTITLEMENTS_MAX && json_next(&r.json) == JSON_KEY)
            TRY(read_feature(&r));
        if (r.count == ENTITLEMENTS_MAX)
            fault_field(ctx->fault, STR("entitlements"), "too_many_values", STR_NULL,
                        "fewer than %d features", ENTITLEMENTS_MAX);
    }
    *grants = r.grants;
    *count = r.count;
    return ERR_NONE;
}
