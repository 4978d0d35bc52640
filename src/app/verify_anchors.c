#include "app/audit_anchor.h"
#include "app/verify_parts.h"
#include "base/time.h"
#include "store/sql/audit.h"

#include <string.h>

#define HASH_BYTES 32

static bool same_bytes(struct str stored, const unsigned char *bytes, size_t count)
{
    return stored.len == count && memcmp(stored.ptr, bytes, count) == 0;
}

struct heads {
    struct hash_stream stream;
    int64_t count;
};

static enum err add_head(void *arg, const struct audit_anchor_head_row *row)
{
    struct heads *heads = arg;
    audit_anchor_add_head(&heads->stream, row->chain_id, row->entry_number, row->hash);
    heads->count++;
    return ERR_NONE;
}

/* The ends that the anchor fixed are still those that it was made from. */
static enum err check_heads(struct verifier *v, const struct audit_anchor_row *anchor)
{
    struct heads heads = {0};
    unsigned char hash[HASH_BYTES];
    hash_init(&heads.stream, STR_NULL);
    TRY(audit_anchor_head_each(
        v->tx, &(struct audit_anchor_head_each_in){.anchor_number = anchor->anchor_number},
        add_head, &heads));
    hash_end(&heads.stream, hash);
    if (heads.count != anchor->chain_count)
        verify_found(v, "audit anchor %lld: it fixed the ends of %lld chains, %lld are left",
                     (long long)anchor->anchor_number, (long long)anchor->chain_count,
                     (long long)heads.count);
    else if (!same_bytes(anchor->heads_hash, hash, sizeof hash))
        verify_found(v, "audit anchor %lld: the ends that it fixed were changed",
                     (long long)anchor->anchor_number);
    return ERR_NONE;
}

static bool is_trusted(const struct audit_trust *trust, struct str key)
{
    for (size_t i = 0; i < trust->key_count; i++) {
        if (same_bytes(key, trust->keys[i], SIGN_PUBLIC_BYTES))
            return true;
    }
    return trust->key_count == 0;
}

static struct str hex(struct arena *arena, struct str bytes)
{
    struct buf text;
    buf_init(&text, arena, 256);
    buf_hex(&text, bytes.ptr, bytes.len);
    return buf_str(&text);
}

static void check_signature(struct verifier *v, const struct audit_anchor_row *anchor, bool is_last)
{
    const struct audit_trust *trust = &v->ctx->app->audit_trust;
    long long number = (long long)anchor->anchor_number;
    bool has_key = anchor->public_key.len == SIGN_PUBLIC_BYTES;
    if (!has_key && (v->result->signed_anchors > 0 || (is_last && trust->key_count > 0)))
        verify_found(v, "audit anchor %lld: it is unsigned", number);
    if (!has_key)
        return;
    if (anchor->signature.len != SIGN_BYTES ||
        !sign_is_good((const unsigned char *)anchor->public_key.ptr,
                      audit_anchor_message(v->ctx->arena, anchor->hash),
                      (const unsigned char *)anchor->signature.ptr))
        verify_found(v, "audit anchor %lld: its signature is wrong", number);
    else if (!is_trusted(trust, anchor->public_key))
        verify_found(v, "audit anchor %lld: signed by another key, %.*s", number,
                     STR_ARG(hex(v->ctx->arena, anchor->public_key)));
    else
        v->result->signed_anchors++;
}

/* false: what follows it would be noise. */
static bool follows(struct verifier *v, const struct audit_anchor_row *anchor, int64_t expected,
                    const unsigned char previous[HASH_BYTES])
{
    unsigned char hash[HASH_BYTES];
    audit_anchor_hash(anchor, hash);
    if (anchor->anchor_number != expected)
        verify_found(v, "audit anchor %lld is missing", (long long)expected);
    else if (!same_bytes(anchor->previous_hash, previous, HASH_BYTES))
        verify_found(v, "audit anchor %lld does not follow the one before it", (long long)expected);
    else if (!same_bytes(anchor->hash, hash, HASH_BYTES))
        verify_found(v, "audit anchor %lld was changed", (long long)expected);
    else
        return true;
    return false;
}

static enum err check_chain_of_anchors(struct verifier *v)
{
    struct audit_anchor_row *anchors = NULL;
    size_t count = 0;
    unsigned char previous[HASH_BYTES] = {0};
    bool whole = true;
    TRY(audit_anchor_list(v->tx, &anchors, &count));
    for (size_t i = 0; i < count; i++) {
        const struct audit_anchor_row *anchor = &anchors[i];
        v->result->anchors++;
        if (whole && follows(v, anchor, (int64_t)i + 1, previous))
            memcpy(previous, anchor->hash.ptr, HASH_BYTES);
        else
            whole = false;
        check_signature(v, anchor, i + 1 == count);
        TRY(check_heads(v, anchor));
    }
    const struct audit_trust *trust = &v->ctx->app->audit_trust;
    if (trust->noted_number > (int64_t)count)
        verify_found(v, "audit anchor %lld, which was noted, is missing: there are %zu",
                     (long long)trust->noted_number, count);
    else if (trust->noted_number > 0 &&
             !same_bytes(anchors[trust->noted_number - 1].hash, trust->noted_hash, HASH_BYTES))
        verify_found(v, "audit anchor %lld is not the one that was noted",
                     (long long)trust->noted_number);
    return ERR_NONE;
}

struct broken {
    struct verifier *v;
    struct uuid chain_id; /* the one told last */
};

/* One line for each chain: the first place that is known to be broken. */
static enum err tell_broken(void *arg, const struct audit_anchor_check_each_row *row)
{
    struct broken *broken = arg;
    struct verifier *v = broken->v;
    struct audit_anchored_before_row before = {0};
    bool found = false;
    if (uuid_eq(broken->chain_id, row->chain_id))
        return ERR_NONE;
    broken->chain_id = row->chain_id;
    struct str chain = uuid_text(v->ctx->arena, row->chain_id);
    if (str_is_null(row->entry_hash)) {
        verify_found(v, "audit chain %.*s: entry %lld is missing, which anchor %lld fixed",
                     STR_ARG(chain), (long long)row->entry_number, (long long)row->anchor_number);
        return ERR_NONE;
    }
    TRY(audit_anchored_before(v->tx,
                              &(struct audit_anchored_before_in){.chain_id = row->chain_id,
                                                                 .entry_number = row->entry_number},
                              &before, &found));
    verify_found(v,
                 "audit chain %.*s: rewritten between entry %lld and entry %lld, whose hash is not "
                 "what anchor %lld fixed",
                 STR_ARG(chain), (long long)before.entry_number + 1, (long long)row->entry_number,
                 (long long)row->anchor_number);
    return ERR_NONE;
}

enum err verify_anchors(struct verifier *v)
{
    struct broken broken = {.v = v};
    TRY(check_chain_of_anchors(v));
    return audit_anchor_check_each(v->tx, tell_broken, &broken);
}
