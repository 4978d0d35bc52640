/* tax.h - taxes: a named rate in percent, and whether it applies where nothing nearer names one. */
#ifndef APP_TAX_H
#define APP_TAX_H

#include "app/ctx.h"
#include "base/decimal.h"
#include "store/sql/rows.h"

struct tax_input {
    struct str code; /* 1 to 255 bytes, not taken */
    struct str name;
    struct str description;
    struct decimal rate;          /* percent, 0 to 100, at most 6 decimals */
    bool applied_to_organization; /* to the billing entity `default` */
};

struct tax_view {
    struct tax_row row;
    struct str *entity_codes; /* billing entities it applies to */
    size_t entity_code_count;
};

MUST_CHECK enum err tax_create(struct ctx *ctx, const struct tax_input *input,
                               struct tax_view *view);
MUST_CHECK enum err tax_get(struct ctx *ctx, struct str code, struct tax_view *view);
MUST_CHECK enum err tax_list(struct ctx *ctx, int64_t limit, int64_t offset,
                             struct tax_view **views, size_t *count, int64_t *total);

/* Bits of tax_change.sent: only what was sent changes. */
enum tax_field {
    TAX_CODE = 1 << 0,
    TAX_NAME = 1 << 1,
    TAX_DESCRIPTION = 1 << 2,
    TAX_RATE = 1 << 3,
    TAX_APPLIED_TO_ORGANIZATION = 1 << 4,
};

/* Drafts that carry the tax are computed again by the next billing run; what is final keeps the
 * rate and name that it had.  ERR_NOT_FOUND, ERR_INVALID as tax_create. */
MUST_CHECK enum err tax_change(struct ctx *ctx, struct str code, uint64_t sent,
                               const struct tax_input *input, struct tax_view *view);
/* Takes it off all that names it; drafts and finalized invoices as tax_change.  ERR_NOT_FOUND. */
MUST_CHECK enum err tax_remove(struct ctx *ctx, struct str code, struct tax_view *view);

/* Within a transaction: the taxes of `codes`; one that is not there is noted in the fault below
 * `path`: "charges.0." or "". */
MUST_CHECK enum err taxes_find(struct ctx *ctx, struct tx *tx, struct str path,
                               const struct str *codes, size_t count, struct tax_row *taxes);

const struct str *tax_codes_of(struct arena *arena, const struct tax_row *taxes, size_t count);
/* {"tax_codes":[...]}, for the audit. */
struct str tax_codes_json(struct arena *arena, const struct tax_row *taxes, size_t count);

#endif
