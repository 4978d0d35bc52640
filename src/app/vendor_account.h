/* vendor_account.h - whose a vendor's sub-account is.
 *
 * Cost of a sub-account that nobody has is unassigned; it becomes a customer's when it is assigned,
 * also what came before.  Assigned to another customer, its cost moves: what the first one was
 * billed becomes a correction, as whenever cost changes. */
#ifndef APP_VENDOR_ACCOUNT_H
#define APP_VENDOR_ACCOUNT_H

#include "app/ctx.h"
#include "store/sql/cost.h"

struct vendor_account_input {
    struct str external_customer_id;
    struct str provider_name;  /* as the file's ProviderName, 1 to 500 bytes */
    struct str sub_account_id; /* as the file's SubAccountId, 1 to 500 bytes */
};

/* ERR_INVALID: unknown customer, empty or too long names.  Assigned so already: changes nothing. */
MUST_CHECK enum err vendor_account_assign(struct ctx *ctx, const struct vendor_account_input *input,
                                          struct vendor_account_row *row);
/* In order of provider and sub-account. */
MUST_CHECK enum err vendor_account_list(struct ctx *ctx, int64_t limit, int64_t offset,
                                        struct vendor_account_page_row **rows, size_t *count,
                                        int64_t *total);

#endif
