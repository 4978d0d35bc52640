/* add_on.h - add-ons: what is sold beside a plan, for itself or by the unit (app/fixed_charge.h).
 *
 * All of an add-on may change; what is billed keeps the name and code that it had.  One that a plan
 * sells, in any of its versions, can't be deleted; else it is gone, and its code free again. */
#ifndef APP_ADD_ON_H
#define APP_ADD_ON_H

#include "app/ctx.h"
#include "store/sql/rows.h"

/* Bits of `sent` in add_on_change: only what was sent changes. */
enum add_on_field {
    ADD_ON_CODE = 1 << 0,
    ADD_ON_NAME = 1 << 1,
    ADD_ON_DISPLAY_NAME = 1 << 2,
    ADD_ON_DESCRIPTION = 1 << 3,
    ADD_ON_AMOUNT = 1 << 4,
    ADD_ON_CURRENCY = 1 << 5,
    ADD_ON_TAX_CODES = 1 << 6,
};

struct add_on_input {
    struct str code; /* 1 to 255 bytes, not taken */
    struct str name;
    struct str invoice_display_name;
    struct str description;
    int64_t amount_minor; /* 0 or more */
    struct str currency;  /* ISO 4217 */
    const struct str *tax_codes;
    size_t tax_code_count;
    uint64_t sent;
};

struct add_on_view {
    struct add_on_row row;
    struct tax_row *taxes;
    size_t tax_count;
};

/* ERR_INVALID: a bad field, a code that is taken, a tax that is not there. */
MUST_CHECK enum err add_on_create(struct ctx *ctx, const struct add_on_input *input,
                                  struct add_on_view *view);
/* Changes what input->sent says.  ERR_NOT_FOUND; ERR_INVALID as add_on_create. */
MUST_CHECK enum err add_on_change(struct ctx *ctx, struct str code,
                                  const struct add_on_input *input, struct add_on_view *view);
/* *view is as it was.  ERR_NOT_FOUND; ERR_NOT_ALLOWED: a plan sells it. */
MUST_CHECK enum err add_on_remove(struct ctx *ctx, struct str code, struct add_on_view *view);
MUST_CHECK enum err add_on_get(struct ctx *ctx, struct str code, struct add_on_view *view);
MUST_CHECK enum err add_on_list(struct ctx *ctx, int64_t limit, int64_t offset,
                                struct add_on_view **views, size_t *count, int64_t *total);

#endif
