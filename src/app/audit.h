/* audit.h - the trail of changes: who, what, when, from where, before and after.
 *
 * One chain for each customer, and one for the rest under the organization's id.  An entry's hash
 * is BLAKE2b-256 over its fields and the hash before it, so that a changed, missing or inserted
 * entry breaks the chain at its number (see app/verify.h).  Append-only. */
#ifndef APP_AUDIT_H
#define APP_AUDIT_H

#include "app/ctx.h"
#include "base/str.h"
#include "base/uuid.h"
#include "store/sql/rows.h"

struct audit {
    struct uuid chain_id; /* the customer, or the organization */
    const char *action;   /* "customer.create": object, dot, verb */
    struct uuid object_id;
    struct str before; /* JSON of the object as it was; STR_NULL for a creation */
    struct str after;  /* JSON of the object as it is; STR_NULL for a deletion */
};

/* Adds an entry in the transaction of the change itself, and what endpoints are told of it
 * (app/webhook.h). */
MUST_CHECK enum err audit_add(struct ctx *ctx, struct tx *tx, const struct audit *entry);

/* The hash that an entry must have: over all its fields but `hash`. */
void audit_hash(const struct audit_entry_row *entry, unsigned char hash[32]);

#endif
