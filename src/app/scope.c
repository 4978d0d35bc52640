#include "app/scope.h"

#include "base/assert.h"

static const char *const group_names[SCOPE_GROUP_COUNT] = {
    [SCOPE_CATALOG] = "catalog",   [SCOPE_CUSTOMERS] = "customers", [SCOPE_EVENTS] = "events",
    [SCOPE_INVOICES] = "invoices", [SCOPE_COSTS] = "costs",         [SCOPE_SETTINGS] = "settings",
    [SCOPE_AUDIT] = "audit",       [SCOPE_KEYS] = "admin",
};

static uint64_t bit(enum scope_group group, bool write)
{
    return (uint64_t)1 << (2 * (unsigned)group + (write ? 1 : 0));
}

static uint64_t bits_of_word(struct str word)
{
    struct str rest = word;
    struct str group;
    uint64_t bits = 0;
    if (str_eq(word, STR("all")))
        return SCOPES_ALL;
    if (str_eq(word, STR("admin")))
        return bit(SCOPE_KEYS, false) | bit(SCOPE_KEYS, true);
    if (!str_split(&rest, ':', &group))
        return 0;
    bool write = str_eq(rest, STR("write"));
    if (!write && !str_eq(rest, STR("read")))
        return 0;
    for (int g = 0; g < SCOPE_KEYS; g++) {
        if (str_eq(group, STR("*")) || str_eq(group, str_of(group_names[g])))
            bits |= bit((enum scope_group)g, write);
    }
    return bits;
}

bool scopes_parse(struct str text, uint64_t *scopes, struct str *bad)
{
    struct str word;
    uint64_t all = 0;
    *bad = text;
    while (str_split(&text, ' ', &word)) {
        uint64_t bits = bits_of_word(word);
        if (bits == 0) {
            *bad = word;
            return false;
        }
        all |= bits;
    }
    *scopes = all;
    return all != 0;
}

bool scopes_allow(uint64_t scopes, enum scope_group group, bool write)
{
    ASSERT(group < SCOPE_GROUP_COUNT);
    return (scopes & bit(group, write)) != 0;
}

struct str scope_name(struct arena *arena, enum scope_group group, bool write)
{
    if (group == SCOPE_KEYS)
        return STR("admin");
    return arena_fmt(arena, "%s:%s", group_names[group], write ? "write" : "read");
}
