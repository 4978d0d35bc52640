#include "app/billing_entity_logo.h"

#include "app/audit.h"
#include "base/hash.h"
#include "base/json_write.h"
#include "base/none.h"
#include "base/sign.h"
#include "store/sql/catalog.h"

#define HASH_BYTES     32
#define AUDIT_JSON_MAX 400

static struct str hex_of(struct arena *arena, struct str bytes)
{
    struct buf hex;
    buf_init(&hex, arena, (size_t)HASH_BYTES * 2);
    buf_hex(&hex, bytes.ptr, bytes.len);
    return buf_str(&hex);
}

void billing_entity_logo_check(struct ctx *ctx, struct str media_type, struct str content)
{
    struct str reason;
    if (!logo_check(ctx->arena, media_type, content, &reason))
        fault_field(ctx->fault, STR("logo"), "value_is_invalid", media_type, "%.*s",
                    STR_ARG(reason));
}

/* ---- what the audit keeps of it: not the bytes ---- */

static struct str described(struct arena *arena, struct str media_type, int64_t bytes,
                            struct str hash)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, arena, AUDIT_JSON_MAX);
    json_writer_init(&out, &text);
    json_object(&out, NULL);
    json_str(&out, "media_type", media_type);
    json_int(&out, "bytes", bytes);
    json_str(&out, "sha256", hex_of(arena, hash));
    json_object_end(&out);
    return buf_str(&text);
}

enum err billing_entity_logo_save(struct ctx *ctx, struct tx *tx, struct uuid entity_id,
                                  struct str media_type, struct str content, bool *changed)
{
    struct billing_entity_logo_head_row old;
    unsigned char digest[HASH_BYTES];
    struct str hash = {(const char *)digest, sizeof digest};
    bool had_one = false;
    bool has_one = !str_is_null(content);
    TRY(billing_entity_logo_head(
        tx, &(struct billing_entity_logo_head_in){.billing_entity_id = entity_id}, &old, &had_one));
    if (has_one)
        hash_sha256(content, digest);
    *changed =
        had_one != has_one ||
        (had_one && (!str_eq(old.content_hash, hash) || !str_eq(old.media_type, media_type)));
    if (!*changed)
        return ERR_NONE;
    if (has_one)
        TRY(billing_entity_logo_put(
            tx,
            &(struct billing_entity_logo_put_in){.billing_entity_id = entity_id,
                                                 .media_type = media_type,
                                                 .content = content,
                                                 .content_hash = hash},
            NULL));
    else
        TRY(billing_entity_logo_delete(
            tx, &(struct billing_entity_logo_delete_in){.billing_entity_id = entity_id}, NULL));
    return audit_add(
        ctx, tx,
        &(struct audit){
            .chain_id = ctx->app->organization_id,
            .action = "billing_entity.logo",
            .object_id = entity_id,
            .before =
                had_one ? described(ctx->arena, old.media_type, old.content_bytes, old.content_hash)
                        : STR_NULL,
            .after =
                has_one ? described(ctx->arena, media_type, (int64_t)content.len, hash) : STR_NULL,
        });
}

enum err billing_entity_logo_path(struct arena *arena, struct tx *tx, struct uuid entity_id,
                                  struct str *path)
{
    struct billing_entity_logo_head_row logo;
    bool found = false;
    TRY(billing_entity_logo_head(
        tx, &(struct billing_entity_logo_head_in){.billing_entity_id = entity_id}, &logo, &found));
    *path = found ? arena_fmt(arena, "/logos/%.*s", STR_ARG(hex_of(arena, logo.content_hash)))
                  : STR_NULL;
    return ERR_NONE;
}

enum err billing_entity_logo_bytes(struct tx *tx, struct uuid entity_id, struct str *bytes)
{
    struct billing_entity_logo_row logo;
    bool found = false;
    TRY(billing_entity_logo_load(
        tx, &(struct billing_entity_logo_load_in){.billing_entity_id = entity_id}, &logo, &found));
    *bytes = found ? logo.content : STR_NULL;
    return ERR_NONE;
}

/* ---- as use cases: a change of the billing entity ---- */

enum err billing_entity_logo_set(struct ctx *ctx, struct str code, struct str media_type,
                                 struct str content, struct billing_entity_view *view)
{
    return billing_entity_change(
        ctx,
        &(struct billing_entity_input){
            .sent = ENTITY_LOGO, .code = code, .logo_type = media_type, .logo = content},
        view);
}

enum err billing_entity_logo_remove(struct ctx *ctx, struct str code,
                                    struct billing_entity_view *view)
{
    return billing_entity_change(
        ctx,
        &(struct billing_entity_input){
            .sent = ENTITY_LOGO, .code = code, .logo = STR_NULL, .logo_must_exist = true},
        view);
}

struct logo_finding {
    struct str key; /* the entity's code, or the hash */
    struct billing_entity_logo_row *logo;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct logo_finding *finding = arg;
    struct billing_entity_row entity;
    bool found = false;
    TRY(billing_entity_by_code(tx, &(struct billing_entity_by_code_in){.code = finding->key},
                               &entity, &found));
    if (!found)
        return fail_not_found(ctx, "billing_entity", finding->key);
    TRY(billing_entity_logo_load(
        tx, &(struct billing_entity_logo_load_in){.billing_entity_id = entity.id}, finding->logo,
        &found));
    return found ? ERR_NONE : fail_not_found(ctx, "logo", finding->key);
}

enum err billing_entity_logo_get(struct ctx *ctx, struct str code,
                                 struct billing_entity_logo_row *logo)
{
    return tx_run(ctx, TX_READ, get, &(struct logo_finding){.key = code, .logo = logo});
}

static enum err find(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct logo_finding *finding = arg;
    unsigned char hash[HASH_BYTES];
    bool found = false;
    if (!sign_parse_hex(finding->key, hash, sizeof hash))
        return fail_not_found(ctx, "logo", finding->key);
    TRY(billing_entity_logo_by_hash(
        tx,
        &(struct billing_entity_logo_by_hash_in){.content_hash = {(const char *)hash, sizeof hash}},
        finding->logo, &found));
    return found ? ERR_NONE : fail_not_found(ctx, "logo", finding->key);
}

enum err billing_entity_logo_find(struct ctx *ctx, struct str hash,
                                  struct billing_entity_logo_row *logo)
{
    return tx_run(ctx, TX_READ, find, &(struct logo_finding){.key = hash, .logo = logo});
}
