/* catalog.h - the catalogue as one JSON document: written, compared with a file, brought to it.
 *
 * The document holds a list for each kind of object, in the form in which the API takes them, known
 * by their codes: {"taxes": [...], "billing_entities": [...], "billable_metrics": [...],
 * "add_ons": [...], "features": [...], "plans": [...], "resale_rules": [...]}.  What the document
 * does not mention is left alone: kinds, objects (unless pruned), and fields of objects that exist.
 * Everything is done by the API's own operations (api/inside.h) in one transaction, so a field that
 * the API learns is a field of the document too. */
#ifndef API_CATALOG_H
#define API_CATALOG_H

#include "api/bind.h"
#include "api/catalog_value.h"
#include "app/ctx.h"

#define CATALOG_BYTES_MAX ((size_t)16 << 20)

struct api_route;

struct catalog_kind {
    const char *list; /* "plans"; also the path and the answer's list */
    const char *noun; /* "plan" */
    const struct api_route *routes;
    const struct bind_table *body; /* of the operation that makes one */
    bool code_in_change;       /* the operation that changes one takes the code in its body too */
    const char *const *hidden; /* fields of the API that are none of the document; ends with NULL */
    const char *only_without;  /* objects with this field set are no part of the catalogue */
    const char *kept;          /* code of an object that is never deleted */
};
/* In the order in which they need each other; ends with a NULL list. */
extern const struct catalog_kind catalog_kinds[];

enum catalog_action { CATALOG_CREATE, CATALOG_CHANGE, CATALOG_DELETE, CATALOG_CANNOT_DELETE };

struct catalog_change {
    enum catalog_action action;
    const struct catalog_kind *kind;
    struct str code;
    const struct value *before; /* as the document says it; NULL of a creation */
    const struct value *after;  /* NULL of a deletion */
    struct str body;            /* of the operation */
};

struct catalog_diff {
    struct catalog_change *items; /* in the order in which they are done */
    size_t count;
    size_t created, changed, deleted, unchanged;
    struct str was; /* the catalogue that was compared with, as text */
};

/* The whole catalogue as a document; see catalog_write. */
MUST_CHECK enum err catalog_read(struct ctx *ctx, struct value **document);
/* The document's text: stable order, one field a line, a newline at the end. */
struct str catalog_text(struct arena *arena, const struct value *document);

/* What would have to be done, found out by doing it and taking it back.  ERR_MALFORMED: the text is
 * no JSON object; ERR_INVALID: bad fields, each with its path
 * ("plans.2.charges.0.properties.amount").
 */
MUST_CHECK enum err catalog_compare(struct ctx *ctx, struct str text, bool prune,
                                    struct catalog_diff *diff);
/* Does it, all or nothing.  ERR_CONFLICT: the catalogue was changed since it was compared. */
MUST_CHECK enum err catalog_apply(struct ctx *ctx, const struct catalog_diff *diff);

/* One object as the document says it, from what the API answers. */
struct value *catalog_object(struct arena *arena, const struct catalog_kind *kind,
                             const struct value *answer);

/* Each field that differs. */
void catalog_fields(struct arena *arena, const struct value *before, const struct value *after,
                    void (*each)(void *arg, struct str path, const struct value *before,
                                 const struct value *after),
                    void *arg);

#endif
