/* scope.h - what an API key may do: reading and writing by groups of resources.
 *
 * As text: "all", or words with a space between: GROUP:read, GROUP:write ("events:write" alone is
 * a meter's), "*:read", "*:write" (every group, not the keys), "admin" (keys themselves).  Writing
 * doesn't include reading.  Who may make keys can make one that may do anything, so "admin" is for
 * those who are trusted with everything. */
#ifndef APP_SCOPE_H
#define APP_SCOPE_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum scope_group {
    SCOPE_CATALOG,   /* metrics, plans, taxes */
    SCOPE_CUSTOMERS, /* customers, subscriptions, current usage */
    SCOPE_EVENTS,
    SCOPE_INVOICES, /* invoices, fees, payments */
    SCOPE_COSTS,    /* vendor costs, accounts, resale rules */
    SCOPE_SETTINGS, /* organization, billing entities, test clock */
    SCOPE_AUDIT,
    SCOPE_KEYS, /* asks for "admin", whether reading or writing */
    SCOPE_GROUP_COUNT
};

#define SCOPES_ALL UINT64_MAX

/* A set of scopes from its text; false and the word at fault where there is an unknown one, or
 * none at all. */
bool scopes_parse(struct str text, uint64_t *scopes, struct str *bad);

/* Whether a set has what a group asks for. */
bool scopes_allow(uint64_t scopes, enum scope_group group, bool write);

/* The word for it: "events:write". */
struct str scope_name(struct arena *arena, enum scope_group group, bool write);

#endif
