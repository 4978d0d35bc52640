#include "app/audit_anchor.h"

#include "base/assert.h"
#include "base/log.h"
#include "base/time.h"
#include "store/sql/audit.h"

#include <stdatomic.h>
#include <string.h>

static void add_number(struct hash_stream *stream, int64_t number)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)number >> (8 * i));
    hash_add(stream, (struct str){(const char *)bytes, sizeof bytes});
}

void audit_anchor_add_head(struct hash_stream *stream, struct uuid chain_id, int64_t entry_number,
                           struct str hash)
{
    hash_add(stream, (struct str){(const char *)chain_id.bytes, sizeof chain_id.bytes});
    add_number(stream, entry_number);
    hash_add(stream, hash);
}

/* All fields have a fixed length but the public key, which is 32 bytes or absent. */
void audit_anchor_hash(const struct audit_anchor_row *anchor, unsigned char hash[32])
{
    struct hash_stream stream;
    hash_init(&stream, STR_NULL);
    add_number(&stream, anchor->anchor_number);
    add_number(&stream, anchor->anchored_at);
    add_number(&stream, anchor->chain_count);
    hash_add(&stream, anchor->heads_hash);
    hash_add(&stream, anchor->previous_hash);
    hash_add(&stream, anchor->public_key);
    hash_end(&stream, hash);
}

struct str audit_anchor_message(struct arena *arena, struct str hash)
{
    struct buf message;
    buf_init(&message, arena, 64);
    buf_add(&message, STR("billow audit anchor"));
    buf_add(&message, hash);
    return buf_str(&message);
}

static struct str keep(struct arena *arena, const unsigned char *bytes, size_t count)
{
    return arena_str(arena, (struct str){(const char *)bytes, count});
}

/* The row of the next anchor, over `heads`. */
static struct audit_anchor_row anchor_of(struct ctx *ctx, const struct audit_anchor_row *last,
                                         const struct audit_head_row *heads, size_t count)
{
    static const unsigned char zeros[32];
    const struct audit_key *key = &ctx->app->audit_key;
    struct arena *arena = ctx->arena;
    struct hash_stream stream;
    unsigned char hash[32];
    hash_init(&stream, STR_NULL);
    for (size_t i = 0; i < count; i++)
        audit_anchor_add_head(&stream, heads[i].chain_id, heads[i].entry_number, heads[i].hash);
    hash_end(&stream, hash);
    struct audit_anchor_row row = {
        .anchor_number = last != NULL ? last->anchor_number + 1 : 1,
        .anchored_at = ctx_now(ctx),
        .chain_count = (int64_t)count,
        .heads_hash = keep(arena, hash, sizeof hash),
        .previous_hash = last != NULL ? last->hash : keep(arena, zeros, sizeof zeros),
        .public_key = key->signs ? keep(arena, key->public_key, SIGN_PUBLIC_BYTES) : STR_NULL,
        .signature = STR_NULL,
    };
    audit_anchor_hash(&row, hash);
    row.hash = keep(arena, hash, sizeof hash);
    if (key->signs) {
        unsigned char signature[SIGN_BYTES];
        sign_make(key->secret, audit_anchor_message(arena, row.hash), signature);
        row.signature = keep(arena, signature, sizeof signature);
    }
    return row;
}

struct making {
    int32_t not_before_day; /* DAY_NONE: any */
    bool made;
};

static enum err make(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct making *making = arg;
    struct organization_row organization;
    struct audit_anchor_row last;
    struct audit_head_row *heads = NULL;
    size_t count = 0;
    bool found = false;
    making->made = false;
    TRY(audit_anchor_lock(tx, &(struct audit_anchor_lock_in){.id = ctx->app->organization_id},
                          &organization, &found));
    ASSERT(found);
    TRY(audit_anchor_newest(tx, &last, &found));
    if (found && making->not_before_day != DAY_NONE &&
        day_of_instant(last.anchored_at) >= making->not_before_day)
        return ERR_NONE;
    TRY(audit_unanchored_list(tx, &heads, &count));
    if (count == 0)
        return ERR_NONE;
    struct audit_anchor_row row = anchor_of(ctx, found ? &last : NULL, heads, count);
    struct audit_anchor_head_row *rows =
        ARENA_ARRAY(ctx->arena, count, struct audit_anchor_head_row);
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct audit_anchor_head_row){
            .chain_id = heads[i].chain_id,
            .entry_number = heads[i].entry_number,
            .hash = heads[i].hash,
            .anchor_number = row.anchor_number,
        };
    TRY(audit_anchor_insert(tx, &row));
    TRY(audit_anchor_head_insert_many(tx, rows, count));
    making->made = true;
    return ERR_NONE;
}

enum err audit_anchor_make(struct ctx *ctx, bool *made)
{
    struct making making = {.not_before_day = DAY_NONE};
    TRY(tx_run(ctx, TX_WRITE, make, &making));
    *made = making.made;
    return ERR_NONE;
}

enum err audit_anchor_daily(struct ctx *ctx)
{
    int32_t today = day_of_instant(ctx_now(ctx));
    struct making making = {.not_before_day = today};
    /* Day 0 is 1970: only a test clock is there. */
    if (today != 0 && atomic_load(&ctx->app->anchored_day) == today)
        return ERR_NONE;
    TRY(tx_run(ctx, TX_WRITE, make, &making));
    atomic_store(&ctx->app->anchored_day, today);
    if (making.made && !ctx->app->audit_key.signs)
        log_warn("the audit trail was anchored without a signature: there is no audit key");
    return ERR_NONE;
}

struct listing {
    int64_t limit, offset;
    struct audit_anchors *anchors;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    struct audit_anchor_count_row counted;
    bool found = false;
    (void)ctx;
    TRY(audit_anchor_count(tx, &counted, &found));
    listing->anchors->total = counted.total;
    return audit_anchor_page(
        tx, &(struct audit_anchor_page_in){.limit = listing->limit, .offset = listing->offset},
        &listing->anchors->items, &listing->anchors->count);
}

enum err audit_anchor_list_page(struct ctx *ctx, int64_t limit, int64_t offset,
                                struct audit_anchors *anchors)
{
    struct listing listing = {limit, offset, anchors};
    return tx_run(ctx, TX_READ, list, &listing);
}
