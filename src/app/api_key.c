#include "app/api_key.h"

#include "app/audit.h"
#include "base/hash.h"
#include "store/sql/instance.h"

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
    struct str name;
};

static enum err find_key(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct key_check *check = arg;
    unsigned char hash[32];
    hash_sha256(check->key, hash);
    struct api_key_row row;
    bool found = false;
    TRY(api_key_by_hash(
        tx, &(struct api_key_by_hash_in){.key_hash = (struct str){(const char *)hash, sizeof hash}},
        &row, &found));
    if (!found)
        return fail(ctx, ERR_UNAUTHORIZED,
                    "the API key is unknown or revoked; send it as \"Authorization: Bearer KEY\"");
    check->name = row.name;
    return ERR_NONE;
}

enum err api_key_check(struct ctx *ctx, struct str key, struct str *actor)
{
    struct key_check check = {.key = key};
    TRY(tx_run(ctx, TX_READ, find_key, &check));
    *actor = arena_fmt(ctx->arena, "key:%.*s", STR_ARG(check.name));
    return ERR_NONE;
}
