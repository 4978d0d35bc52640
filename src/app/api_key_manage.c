/* Keys as objects: made, changed, rotated, revoked, listed. */
#include "app/api_key.h"

#include "app/audit.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/json_write.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/api_key.h"

static struct str audit_text(struct arena *arena, const struct api_key_row *row)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, arena, 65536);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    json_str(&out, "name", row->name);
    json_str(&out, "scopes", row->scopes);
    json_time(&out, "expires_at", row->expires_at);
    json_time(&out, "revoked_at", row->revoked_at);
    json_object_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

static enum err check_input(struct ctx *ctx, const struct api_key_input *input)
{
    uint64_t scopes = 0;
    struct str bad;
    if ((input->sent & API_KEY_NAME) != 0 && input->name.len == 0)
        fault_field(ctx->fault, STR("name"), "value_is_mandatory", STR_NULL, "1 to 255 characters");
    if ((input->sent & API_KEY_SCOPES) != 0 && !scopes_parse(input->scopes, &scopes, &bad))
        fault_field(ctx->fault, STR("scopes"), "value_is_invalid", bad,
                    "all, admin, or words like events:write: catalog, customers, events, invoices, "
                    "costs, settings, audit or * with :read or :write");
    if ((input->sent & API_KEY_EXPIRES_AT) != 0 && input->expires_at != TIME_NONE &&
        input->expires_at <= ctx_now(ctx))
        fault_field(ctx->fault, STR("expires_at"), "value_is_invalid",
                    time_text(ctx->arena, input->expires_at), "an instant that is to come");
    return fault_check(ctx->fault);
}

static enum err audited(struct ctx *ctx, struct tx *tx, const char *action,
                        const struct api_key_row *before, const struct api_key_row *after)
{
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = action,
                         .object_id = after->id,
                         .before = before != NULL ? audit_text(ctx->arena, before) : STR_NULL,
                         .after = audit_text(ctx->arena, after),
                     });
}

struct keeping {
    struct uuid id;
    const struct api_key_input *input;
    int64_t overlap_s;
    struct api_key_row *row;
    struct str *key;
};

/* ---- new ones -------------------------------------------------------------------------------- */

static enum err add_new(struct ctx *ctx, struct tx *tx, const struct keeping *keeping,
                        struct api_key_row row)
{
    unsigned char hash[32];
    *keeping->key = api_key_generate(ctx->arena);
    hash_sha256(*keeping->key, hash);
    row.id = ctx_new_id(ctx);
    row.key_hash = arena_str(ctx->arena, (struct str){(const char *)hash, sizeof hash});
    row.created_at = ctx_now(ctx);
    row.revoked_at = TIME_NONE;
    row.last_used_at = TIME_NONE;
    TRY(api_key_insert(tx, &row));
    *keeping->row = row;
    return audited(ctx, tx, "api_key.create", NULL, &row);
}

static enum err create(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    return add_new(ctx, tx, keeping,
                   (struct api_key_row){
                       .name = keeping->input->name,
                       .scopes = keeping->input->scopes,
                       .expires_at = keeping->input->expires_at,
                   });
}

enum err api_key_create(struct ctx *ctx, const struct api_key_input *input, struct api_key_row *row,
                        struct str *key)
{
    struct api_key_input whole = *input;
    whole.sent = API_KEY_NAME | API_KEY_SCOPES | API_KEY_EXPIRES_AT;
    if (str_is_null(whole.scopes))
        whole.scopes = STR("all");
    TRY(check_input(ctx, &whole));
    return tx_run(ctx, TX_WRITE, create,
                  &(struct keeping){.input = &whole, .row = row, .key = key});
}

/* ---- changes --------------------------------------------------------------------------------- */

static enum err lock(struct ctx *ctx, struct tx *tx, struct uuid id, struct api_key_row *row)
{
    bool found = false;
    TRY(api_key_lock(tx, &(struct api_key_lock_in){.id = id}, row, &found));
    return found ? ERR_NONE : fail_not_found(ctx, "api_key", uuid_text(ctx->arena, id));
}

static enum err lock_working(struct ctx *ctx, struct tx *tx, struct uuid id,
                             struct api_key_row *row)
{
    TRY(lock(ctx, tx, id, row));
    if (row->revoked_at != TIME_NONE)
        fault_field(ctx->fault, STR("id"), "value_is_invalid", uuid_text(ctx->arena, id),
                    "a key that is not revoked");
    return fault_check(ctx->fault);
}

static enum err save(struct ctx *ctx, struct tx *tx, const char *action,
                     const struct api_key_row *before, const struct api_key_row *after)
{
    TRY(api_key_update(tx,
                       &(struct api_key_update_in){
                           .id = after->id,
                           .name = after->name,
                           .scopes = after->scopes,
                           .expires_at = after->expires_at,
                           .revoked_at = after->revoked_at,
                       },
                       NULL));
    return audited(ctx, tx, action, before, after);
}

static enum err change(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    const struct api_key_input *input = keeping->input;
    struct api_key_row before;
    TRY(lock_working(ctx, tx, keeping->id, &before));
    struct api_key_row after = before;
    if ((input->sent & API_KEY_NAME) != 0)
        after.name = input->name;
    if ((input->sent & API_KEY_SCOPES) != 0)
        after.scopes = input->scopes;
    if ((input->sent & API_KEY_EXPIRES_AT) != 0)
        after.expires_at = input->expires_at;
    *keeping->row = after;
    return save(ctx, tx, "api_key.update", &before, &after);
}

enum err api_key_change(struct ctx *ctx, struct uuid id, const struct api_key_input *input,
                        struct api_key_row *row)
{
    TRY(check_input(ctx, input));
    return tx_run(ctx, TX_WRITE, change, &(struct keeping){.id = id, .input = input, .row = row});
}

static enum err revoke(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    struct api_key_row before;
    TRY(lock(ctx, tx, keeping->id, &before));
    *keeping->row = before;
    if (before.revoked_at != TIME_NONE)
        return ERR_NONE;
    keeping->row->revoked_at = ctx_now(ctx);
    return save(ctx, tx, "api_key.revoke", &before, keeping->row);
}

enum err api_key_revoke(struct ctx *ctx, struct uuid id, struct api_key_row *row)
{
    return tx_run(ctx, TX_WRITE, revoke, &(struct keeping){.id = id, .row = row});
}

static enum err rotate(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    int64_t now = ctx_now(ctx);
    struct api_key_row before;
    TRY(lock_working(ctx, tx, keeping->id, &before));
    if (before.expires_at != TIME_NONE && before.expires_at <= now) {
        fault_field(ctx->fault, STR("id"), "value_is_invalid", uuid_text(ctx->arena, before.id),
                    "a key that has not ended");
        return fault_check(ctx->fault);
    }
    struct api_key_row after = before;
    int64_t end = now + keeping->overlap_s * TIME_SECOND;
    if (before.expires_at == TIME_NONE || before.expires_at > end)
        after.expires_at = end;
    TRY(save(ctx, tx, "api_key.rotate", &before, &after));
    return add_new(ctx, tx, keeping,
                   (struct api_key_row){
                       .name = before.name,
                       .scopes = before.scopes,
                       .is_unlimited = before.is_unlimited,
                       .expires_at = before.expires_at,
                   });
}

enum err api_key_rotate(struct ctx *ctx, struct uuid id, int64_t overlap_s, struct api_key_row *row,
                        struct str *key)
{
    ASSERT(overlap_s >= 0 && overlap_s <= API_KEY_OVERLAP_MAX_S);
    return tx_run(ctx, TX_WRITE, rotate,
                  &(struct keeping){.id = id, .overlap_s = overlap_s, .row = row, .key = key});
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    bool found = false;
    TRY(api_key_load(tx, &(struct api_key_load_in){.id = keeping->id}, keeping->row, &found));
    return found ? ERR_NONE : fail_not_found(ctx, "api_key", uuid_text(ctx->arena, keeping->id));
}

enum err api_key_get(struct ctx *ctx, struct uuid id, struct api_key_row *row)
{
    return tx_run(ctx, TX_READ, get, &(struct keeping){.id = id, .row = row});
}

struct listing {
    int64_t limit, offset, total;
    struct api_key_row *rows;
    size_t count;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    struct api_key_count_row counted;
    bool found = false;
    (void)ctx;
    TRY(api_key_count(tx, &counted, &found));
    listing->total = counted.total;
    return api_key_page(
        tx, &(struct api_key_page_in){.limit = listing->limit, .offset = listing->offset},
        &listing->rows, &listing->count);
}

enum err api_key_list(struct ctx *ctx, int64_t limit, int64_t offset, struct api_key_row **rows,
                      size_t *count, int64_t *total)
{
    struct listing listing = {.limit = limit, .offset = offset};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *rows = listing.rows;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}

/* ---- when they were used --------------------------------------------------------------------- */

struct touching {
    const struct api_key_use *uses;
    size_t count;
};

static enum err touch(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct touching *touching = arg;
    (void)ctx;
    for (size_t i = 0; i < touching->count; i++)
        TRY(api_key_touch(tx,
                          &(struct api_key_touch_in){.id = touching->uses[i].key_id,
                                                     .last_used_at = touching->uses[i].used_at},
                          NULL));
    return ERR_NONE;
}

enum err api_key_used(struct ctx *ctx, const struct api_key_use *uses, size_t count)
{
    if (count == 0)
        return ERR_NONE;
    return tx_run(ctx, TX_WRITE, touch, &(struct touching){uses, count});
}
