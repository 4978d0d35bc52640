#include "app/audit_many.h"

#include "app/webhook.h"
#include "base/assert.h"
#include "store/sql/audit.h"

#include <stdlib.h>
#include <string.h>

#define HASH_BYTES 32

/* Where one chain ends while its entries are added. */
struct chain {
    struct uuid id;
    int64_t entry_number;
    unsigned char hash[HASH_BYTES];
};

static int by_id(const void *a, const void *b)
{
    const struct chain *x = a;
    const struct chain *y = b;
    return uuid_cmp(x->id, y->id);
}

static struct chain *find(struct chain *chains, size_t count, struct uuid id)
{
    struct chain key = {.id = id};
    return bsearch(&key, chains, count, sizeof *chains, by_id);
}

/* Each chain once, in order of id, at its end. */
static enum err read_chains(struct ctx *ctx, struct tx *tx, const struct audit *entries,
                            size_t count, struct chain **chains, size_t *chain_count)
{
    struct chain *list = ARENA_ARRAY(ctx->arena, count, struct chain);
    struct audit_head_row *heads = NULL;
    size_t head_count = 0;
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        list[i] = (struct chain){.id = entries[i].chain_id};
    qsort(list, count, sizeof *list, by_id);
    for (size_t i = 0; i < count; i++) {
        if (used == 0 || !uuid_eq(list[used - 1].id, list[i].id))
            list[used++] = list[i];
    }
    TRY(audit_head_of_range(
        tx, &(struct audit_head_of_range_in){.first_id = list[0].id, .last_id = list[used - 1].id},
        &heads, &head_count));
    for (size_t i = 0; i < head_count; i++) {
        struct chain *chain = find(list, used, heads[i].chain_id);
        if (chain == NULL)
            continue;
        ASSERT(heads[i].hash.len == HASH_BYTES);
        chain->entry_number = heads[i].entry_number;
        memcpy(chain->hash, heads[i].hash.ptr, HASH_BYTES);
    }
    *chains = list;
    *chain_count = used;
    return ERR_NONE;
}

static struct str hash_copy(struct arena *arena, const unsigned char hash[HASH_BYTES])
{
    return arena_str(arena, (struct str){(const char *)hash, HASH_BYTES});
}

static struct audit_entry_row append(struct ctx *ctx, struct chain *chain,
                                     const struct audit *entry)
{
    struct audit_entry_row row = {
        .chain_id = chain->id,
        .entry_number = ++chain->entry_number,
        .created_at = ctx_now(ctx),
        .actor = ctx->actor,
        .origin = ctx->origin,
        .action = str_of(entry->action),
        .object_id = entry->object_id,
        .before = entry->before,
        .after = entry->after,
        .previous_hash = hash_copy(ctx->arena, chain->hash),
    };
    audit_hash(&row, chain->hash);
    row.hash = hash_copy(ctx->arena, chain->hash);
    return row;
}

enum err audit_add_many(struct ctx *ctx, struct tx *tx, const struct audit *entries, size_t count)
{
    struct chain *chains = NULL;
    size_t chain_count = 0;
    if (count == 0)
        return ERR_NONE;
    TRY(read_chains(ctx, tx, entries, count, &chains, &chain_count));
    struct audit_entry_row *rows = ARENA_ARRAY(ctx->arena, count, struct audit_entry_row);
    for (size_t i = 0; i < count; i++)
        rows[i] = append(ctx, find(chains, chain_count, entries[i].chain_id), &entries[i]);
    TRY(audit_entry_insert_many(tx, rows, count));
    struct audit_head_put_in *heads =
        ARENA_ARRAY(ctx->arena, chain_count, struct audit_head_put_in);
    for (size_t i = 0; i < chain_count; i++)
        heads[i] = (struct audit_head_put_in){
            .chain_id = chains[i].id,
            .entry_number = chains[i].entry_number,
            .hash = hash_copy(ctx->arena, chains[i].hash),
        };
    TRY(audit_head_put(tx, heads, chain_count));
    return webhook_note(ctx, tx, entries, count);
}
