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

#endif
