/* audit_anchor.h - the audit trail's ends, fixed once a day in a signed row.
 *
 * An anchor is a digest over the end of every chain that grew since the anchor before, chained to
 * that anchor by its hash and signed with the key that lies outside the database.  So who can
 * write to the database can still not cut off, delete or rewrite what was anchored without being
 * found (app/verify.h); what came after the newest anchor is proved by its hashes only. */
#ifndef APP_AUDIT_ANCHOR_H
#define APP_AUDIT_ANCHOR_H

#include "app/ctx.h"
#include "base/hash.h"
#include "store/sql/rows.h"

/* Once each UTC day of the clock, if anything changed since the last anchor; cheap when it was
 * looked at today. */
MUST_CHECK enum err audit_anchor_daily(struct ctx *ctx);
/* Now, if anything changed since the last anchor; *made says whether. */
MUST_CHECK enum err audit_anchor_make(struct ctx *ctx, bool *made);

struct audit_anchors {
    struct audit_anchor_row *items;
    size_t count;
    int64_t total;
};
/* Newest first. */
MUST_CHECK enum err audit_anchor_list_page(struct ctx *ctx, int64_t limit, int64_t offset,
                                           struct audit_anchors *anchors);

/* How an anchor's hashes are made; for verify. */
void audit_anchor_add_head(struct hash_stream *stream, struct uuid chain_id, int64_t entry_number,
                           struct str hash);
void audit_anchor_hash(const struct audit_anchor_row *anchor, unsigned char hash[32]);
/* What is signed: "billow audit anchor" and the 32 bytes of the hash. */
struct str audit_anchor_message(struct arena *arena, struct str hash);

#endif
