#include "app/audit.h"
#include "app/verify_parts.h"
#include "store/sql/audit.h"

#include <string.h>

struct chain {
    struct verifier *v;
    struct str id;
    int64_t expected; /* number of the next entry */
    unsigned char hash[32];
    bool broken; /* said already: what follows would be noise */
};

static bool same_hash(struct str stored, const unsigned char hash[32])
{
    return stored.len == 32 && memcmp(stored.ptr, hash, 32) == 0;
}

static enum err check_entry(void *arg, const struct audit_entry_row *row)
{
    struct chain *chain = arg;
    unsigned char hash[32];
    chain->v->result->audit_entries++;
    if (chain->broken)
        return ERR_NONE;
    audit_hash(row, hash);
    chain->broken = true;
    if (row->entry_number != chain->expected)
        verify_found(chain->v, "audit chain %.*s: entry %lld is missing", STR_ARG(chain->id),
                     (long long)chain->expected);
    else if (!same_hash(row->previous_hash, chain->hash))
        verify_found(chain->v, "audit chain %.*s: entry %lld does not follow the one before it",
                     STR_ARG(chain->id), (long long)row->entry_number);
    else if (!same_hash(row->hash, hash))
        verify_found(chain->v, "audit chain %.*s: entry %lld (%.*s) was changed",
                     STR_ARG(chain->id), (long long)row->entry_number, STR_ARG(row->action));
    else
        chain->broken = false;
    memcpy(chain->hash, hash, sizeof hash);
    chain->expected = row->entry_number + 1;
    return ERR_NONE;
}

static enum err check_chain(struct verifier *v, const struct audit_head_row *head)
{
    struct chain chain = {.v = v, .id = uuid_text(v->ctx->arena, head->chain_id), .expected = 1};
    TRY(audit_entry_each(v->tx, &(struct audit_entry_each_in){.chain_id = head->chain_id},
                         check_entry, &chain));
    if (chain.broken)
        return ERR_NONE;
    if (chain.expected != head->entry_number + 1)
        verify_found(v, "audit chain %.*s: %lld entries, its end says %lld", STR_ARG(chain.id),
                     (long long)chain.expected - 1, (long long)head->entry_number);
    else if (!same_hash(head->hash, chain.hash))
        verify_found(v, "audit chain %.*s: its end was changed", STR_ARG(chain.id));
    return ERR_NONE;
}

static enum err check_ends(struct verifier *v)
{
    struct audit_chain_without_end_row *rows = NULL;
    size_t count = 0;
    TRY(audit_chain_without_end(v->tx, &rows, &count));
    for (size_t i = 0; i < count; i++)
        verify_found(v, "audit chain %.*s: it has entries, but its end was deleted",
                     STR_ARG(uuid_text(v->ctx->arena, rows[i].chain_id)));
    return ERR_NONE;
}

enum err verify_audit(struct verifier *v)
{
    struct audit_head_row *heads = NULL;
    size_t count = 0;
    TRY(audit_chain_list(v->tx, &heads, &count));
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(v->ctx->arena);
        TRY(check_chain(v, &heads[i]));
        arena_return(v->ctx->arena, mark);
    }
    return check_ends(v);
}
