#include "app/api_key.h"

#include "app/audit.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/time.h"
#include "store/sql/api_key.h"

struct str api_key_generate(struct arena *arena)
{
    unsigned char bytes[32];
    hash_random(bytes, sizeof bytes);
    struct buf text;
    buf_init(&text, arena, 128);
    buf_add(&text, STR("billow_"));
    buf_hex(&text, bytes, sizeof bytes);
    return buf_str(&text);
}

enum err api_key_add(struct ctx *ctx, struct tx *tx, struct str name, struct str key)
{
    unsigned char hash[32];
    hash_sha256(key, hash);
    struct api_key_row row = {
        .id = ctx_new_id(ctx),
        .name = name,
        .key_hash = (struct str){(const char *)hash, sizeof hash},
        .created_at = ctx_now(ctx),
        .revoked_at = TIME_NONE,
        .scopes = STR("all"),
        .is_unlimited = true,
        .expires_at = TIME_NONE,
        .last_used_at = TIME_NONE,
    };
    TRY(api_key_insert(tx, &row));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "api_key.create",
                         .object_id = row.id,
                         .after = arena_fmt(ctx->arena, "{\"name\":\"%.*s\"}", STR_ARG(name)),
                     });
}

struct key_check {
    struct str key;
    struct api_key_row row;
};

static enum err find_key(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct key_check *check = arg;
    unsigned char hash[32];
    hash_sha256(check->key, hash);
    bool found = false;
    TRY(api_key_by_hash(
        tx, &(struct api_key_by_hash_in){.key_hash = (struct str){(const char *)hash, sizeof hash}},
        &check->row, &found));
    if (!found)
        return fail(ctx, ERR_UNAUTHORIZED,
                    "the API key is unknown or revoked; send it as \"Authorization: Bearer KEY\"");
    int64_t end = check->row.expires_at;
    if (end != TIME_NONE && end <= ctx_now(ctx))
        return fail(ctx, ERR_UNAUTHORIZED, "the API key ended at %.*s",
                    STR_ARG(time_text(ctx->arena, end)));
    return ERR_NONE;
}

enum err api_key_check(struct ctx *ctx, struct str key, struct api_caller *caller)
{
    struct key_check check = {.key = key};
    struct str bad;
    TRY(tx_run(ctx, TX_READ, find_key, &check));
    *caller = (struct api_caller){
        .key_id = check.row.id,
        .actor = arena_fmt(ctx->arena, "key:%.*s", STR_ARG(check.row.name)),
        .is_unlimited = check.row.is_unlimited,
    };
    if (!scopes_parse(check.row.scopes, &caller->scopes, &bad))
        return fail(ctx, ERR_CORRUPT, "API key %.*s has the unknown scope %.*s",
                    STR_ARG(uuid_text(ctx->arena, check.row.id)), STR_ARG(bad));
    return ERR_NONE;
}
