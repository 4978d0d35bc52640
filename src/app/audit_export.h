/* audit_export.h - the audit trail as a file that others can check (docs/guide/audit.md). */
#ifndef APP_AUDIT_EXPORT_H
#define APP_AUDIT_EXPORT_H

#include "app/audit_list.h"
#include "app/ctx.h"

enum audit_format { AUDIT_JSONL, AUDIT_CSV };

struct audit_export_options {
    enum audit_format format;
    struct audit_filter filter; /* customer, from, to */
    enum err (*put)(void *arg, struct str piece);
    void *arg;
};

struct audit_export_result {
    int64_t entries, anchors;
};

/* Entries chain by chain, in order.  JSONL: one object a line, "type" "entry", then the "anchor"s
 * with the "heads" that they fixed.  CSV: the entries alone.  Hashes are hex, times RFC 3339 with
 * microseconds; before and after are texts, as they were hashed. */
MUST_CHECK enum err audit_export(struct ctx *ctx, const struct audit_export_options *options,
                                 struct audit_export_result *result);

#endif
