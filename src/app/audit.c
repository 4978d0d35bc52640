#include "app/audit.h"

#include "app/webhook.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/time.h"
#include "store/sql/audit.h"

#include <string.h>

/* Each field as length and bytes, so that no two different entries give the same text; an absent
 * field has a length that no text has. */
static void hash_field(struct hash_stream *stream, struct str field)
{
    uint64_t len = field.ptr == NULL ? UINT64_MAX : field.len;
    unsigned char prefix[8];
    for (int i = 0; i < 8; i++)
        prefix[i] = (unsigned char)(len >> (8 * i));
    hash_add(stream, (struct str){(const char *)prefix, sizeof prefix});
    hash_add(stream, field);
}

static void hash_number(struct hash_stream *stream, int64_t number)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)number >> (8 * i));
    hash_add(stream, (struct str){(const char *)bytes, sizeof bytes});
}

static struct str id_bytes(const struct uuid *id)
{
    return (struct str){(const char *)id->bytes, sizeof id->bytes};
}

void audit_hash(const struct audit_entry_row *entry, unsigned char hash[32])
{
    struct hash_stream stream;
    hash_init(&stream, STR_NULL);
    hash_field(&stream, id_bytes(&entry->chain_id));
    hash_number(&stream, entry->entry_number);
    hash_number(&stream, entry->created_at);
    hash_field(&stream, entry->actor);
    hash_field(&stream, entry->origin);
    hash_field(&stream, entry->action);
    hash_field(&stream, id_bytes(&entry->object_id));
    hash_field(&stream, entry->before);
    hash_field(&stream, entry->after);
    hash_field(&stream, entry->previous_hash);
    hash_end(&stream, hash);
}

enum err audit_add(struct ctx *ctx, struct tx *tx, const struct audit *entry)
{
    static const unsigned char zeros[32];
    ASSERT(!uuid_is_nil(entry->chain_id));
    struct audit_head_row head = {0};
    bool found = false;
    TRY(audit_head_lock(tx, &(struct audit_head_lock_in){.chain_id = entry->chain_id}, &head,
                        &found));
    struct audit_entry_row row = {
        .chain_id = entry->chain_id,
        .entry_number = found ? head.entry_number + 1 : 1,
        .created_at = ctx_now(ctx),
        .actor = ctx->actor,
        .origin = ctx->origin,
        .action = str_of(entry->action),
        .object_id = entry->object_id,
        .before = entry->before,
        .after = entry->after,
        .previous_hash = found ? head.hash : (struct str){(const char *)zeros, sizeof zeros},
    };
    unsigned char hash[32];
    audit_hash(&row, hash);
    row.hash = (struct str){(const char *)hash, sizeof hash};
    TRY(audit_entry_insert(tx, &row));
    TRY(audit_head_set(tx,
                       &(struct audit_head_set_in){
                           .chain_id = row.chain_id,
                           .entry_number = row.entry_number,
                           .hash = row.hash,
                       },
                       NULL));
    return webhook_note(ctx, tx, entry, 1);
}
