/* feature.h - features: what a plan may grant, with privileges that say how much of it.
 *
 * A privilege has a value wherever the feature is granted (app/entitlement.h), of its type: a text,
 * a whole number, yes or no, or one of several words.  Features are not billed; a change of one
 * holds at once, everywhere. */
#ifndef APP_FEATURE_H
#define APP_FEATURE_H

#include "app/ctx.h"
#include "store/sql/rows.h"

#define FEATURE_PRIVILEGES_MAX 100
#define PRIVILEGE_OPTIONS_MAX  100

// clang-format off
/*  name      the API's word */
#define PRIVILEGE_TYPE_MAP(X) \
    X(STRING,  "string")      \
    X(INTEGER, "integer")     \
    X(BOOLEAN, "boolean")     \
    X(SELECT,  "select")
// clang-format on

enum privilege_type {
#define X(name, word) PRIVILEGE_##name,
    PRIVILEGE_TYPE_MAP(X)
#undef X
};

/* For a word that was checked when it was written (asserted). */
enum privilege_type privilege_type_of(struct str word);

struct privilege_input {
    struct str code; /* known by it within the feature */
    struct str name;
    struct str value_type;     /* a word of PRIVILEGE_TYPE_MAP; STR_NULL: as it is, or string */
    const struct str *options; /* of a select, and of nothing else */
    size_t option_count;
};

/* Bits of `sent` in feature_change: only what was sent changes. */
enum feature_field {
    FEATURE_CODE = 1 << 0,
    FEATURE_NAME = 1 << 1,
    FEATURE_DESCRIPTION = 1 << 2,
    FEATURE_PRIVILEGES = 1 << 3, /* all that are to be */
};

struct feature_input {
    struct str code; /* 1 to 255 bytes, not taken */
    struct str name;
    struct str description;
    const struct privilege_input *privileges;
    size_t privilege_count;
    uint64_t sent;
};

struct feature_view {
    struct feature_row row;
    struct feature_privilege_row *privileges; /* in their order */
    size_t privilege_count;
};

/* ERR_INVALID: a bad field, a code that is taken. */
MUST_CHECK enum err feature_create(struct ctx *ctx, const struct feature_input *input,
                                   struct feature_view *view);
/* Privileges that are not sent are deleted, with their values everywhere.  ERR_NOT_FOUND;
 * ERR_INVALID as feature_create, and a type or options that values in use do not fit. */
MUST_CHECK enum err feature_change(struct ctx *ctx, struct str code,
                                   const struct feature_input *input, struct feature_view *view);
/* It goes from all plans and subscriptions, too; *view is as it was.  ERR_NOT_FOUND. */
MUST_CHECK enum err feature_remove(struct ctx *ctx, struct str code, struct feature_view *view);
/* The same of one privilege; *view is as it is then.  ERR_NOT_FOUND. */
MUST_CHECK enum err feature_privilege_remove(struct ctx *ctx, struct str code,
                                             struct str privilege_code, struct feature_view *view);
MUST_CHECK enum err feature_get(struct ctx *ctx, struct str code, struct feature_view *view);
/* Newest first. */
MUST_CHECK enum err feature_list(struct ctx *ctx, int64_t limit, int64_t offset,
                                 struct feature_view **views, size_t *count, int64_t *total);

/* Within a transaction: by code, held for a write where asked.  *found says whether it is there. */
MUST_CHECK enum err feature_find(struct tx *tx, struct str code, bool lock,
                                 struct feature_view *view, bool *found);
/* Within a transaction: the privileges of view->row. */
MUST_CHECK enum err feature_load_privileges(struct tx *tx, struct feature_view *view);
/* NULL: it has no such privilege. */
const struct feature_privilege_row *feature_privilege_of(const struct feature_view *view,
                                                         struct str code);
/* Whether a text is a value of the privilege. */
bool privilege_takes(struct arena *arena, const struct feature_privilege_row *privilege,
                     struct str value);
/* What a value of it may be, in words. */
struct str privilege_wants(struct arena *arena, const struct feature_privilege_row *privilege);

#endif
