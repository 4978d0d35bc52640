/* cost_import.h - a cloud vendor's cost file (FOCUS 1.0 to 1.2, CSV, plain or gzip) taken in.
 *
 * All or nothing: the file is read and checked to its end first, and every error (up to
 * FAULT_FIELDS_MAX, the rest counted) stands in the context's fault with row and column, "row 3,
 * BilledCost"; then one transaction writes all.  Rows are counted as records, the header being
 * row 1.  What is accepted and what is not: docs/guide/focus-import.md.
 *
 * Each (source, billing account, billing period start) of the file becomes a batch.  A batch takes
 * the place of the current one of the same key; rows of both are kept.  Cost of sub-accounts that
 * a customer has (app/vendor_account.h) becomes that customer's, and its cost periods due; the rest
 * is listed as unassigned. */
#ifndef APP_COST_IMPORT_H
#define APP_COST_IMPORT_H

#include "app/ctx.h"
#include "base/decimal.h"

#include <stdbool.h>

#define COST_NOTICES_MAX 32

struct cost_import_options {
    struct str path;    /* a file, or "-" for standard input */
    struct str content; /* instead of the path: the bytes themselves; else STR_NULL */
    struct str source;  /* whose bills: what is imported again under the same name supersedes;
                           STR_NULL: "focus" */
    struct str name;    /* to be kept as the file's name; STR_NULL: the last part of the path */
};

struct cost_import_result {
    bool is_known; /* the same content came before: nothing was written, figures are of then */
    struct uuid import_id;
    struct str focus_version;   /* "1.0", "1.1", "1.2": the oldest that has the columns there are */
    int64_t row_count;          /* without the header */
    int64_t batch_count;        /* (billing account, period); 0 when is_known */
    int64_t superseded_count;   /* batches that others took the place of */
    struct decimal billed_cost; /* sums over all rows, whatever their currency */
    struct decimal effective_cost;
    struct decimal list_cost;
    struct decimal contracted_cost; /* nulls left out */
    int64_t assigned_row_count;     /* rows of sub-accounts that a customer has */
    int64_t unassigned_row_count;
    int64_t unassigned_account_count;     /* sub-accounts that nobody has */
    struct str notices[COST_NOTICES_MAX]; /* sentences about what was accepted though unusual */
    size_t notice_count;
};

/* ERR_INVALID: errors in the file, see the fault's fields.  ERR_MALFORMED: not CSV, not UTF-8 or a
 * damaged gzip.  ERR_NOT_FOUND, ERR_IO: the file can't be opened or read.  ERR_TOO_LARGE: more than
 * the limits of base/csv.h, or a file whose content changed while it was read.  Nothing is written
 * then. */
MUST_CHECK enum err cost_import(struct ctx *ctx, const struct cost_import_options *options,
                                struct cost_import_result *result);

#endif
