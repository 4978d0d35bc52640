/* customer.h - customers: made or changed by their external id, loaded, listed. */
#ifndef APP_CUSTOMER_H
#define APP_CUSTOMER_H

#include "app/ctx.h"
#include "app/customer_terms.h"
#include "app/list.h"
#include "store/sql/rows.h"

/* Bits of customer_input.sent: only what was sent changes; a none value clears. */
enum customer_field {
    CUSTOMER_NAME = 1 << 0,
    CUSTOMER_LEGAL_NAME = 1 << 1,
    CUSTOMER_EMAIL = 1 << 2,
    CUSTOMER_COUNTRY = 1 << 3,
    CUSTOMER_ADDRESS_LINE1 = 1 << 4,
    CUSTOMER_ADDRESS_LINE2 = 1 << 5,
    CUSTOMER_CITY = 1 << 6,
    CUSTOMER_STATE = 1 << 7,
    CUSTOMER_ZIPCODE = 1 << 8,
    CUSTOMER_TAX_IDENTIFICATION_NUMBER = 1 << 9,
    CUSTOMER_CURRENCY = 1 << 10,
    CUSTOMER_TIMEZONE = 1 << 11,
    CUSTOMER_GRACE_DAYS = 1 << 12,
    CUSTOMER_PAYMENT_TERM_DAYS = 1 << 13,
    CUSTOMER_ZERO_AMOUNT_POLICY = 1 << 14,
    CUSTOMER_BILLING_ENTITY_CODE = 1 << 15,
    CUSTOMER_TAX_CODES = 1 << 16,
    CUSTOMER_ACCOUNT_TYPE = 1 << 17,
    CUSTOMER_METADATA = 1 << 18,
    CUSTOMER_DOCUMENT_LOCALE = 1 << 19,
};

struct customer_input {
    uint64_t sent;
    struct str external_id; /* 1 to 255 bytes; identifies the customer */
    struct str name, legal_name, email;
    struct str country; /* ISO 3166-1 alpha-2 */
    struct str address_line1, address_line2, city, state, zipcode;
    struct str tax_identification_number;
    struct str currency;       /* ISO 4217; fixed once the customer has a subscription or invoice */
    struct str timezone;       /* IANA name */
    int64_t grace_days;        /* 0 to 365 */
    int64_t payment_term_days; /* 0 to 365 */
    struct str zero_amount_policy; /* inherit, finalize, skip */
    struct str billing_entity_code;
    struct str account_type;    /* customer, partner; fixed once it has a subscription or invoice */
    struct str metadata;        /* JSON object */
    struct str document_locale; /* BCP 47, of documents and mails; STR_NULL: the billing entity's */
    const struct str *tax_codes;
    size_t tax_code_count;
    bool keeps_account_type; /* where it is fixed, another one is passed over, not refused */
};

/* A customer with what belongs to it. */
struct customer_view {
    struct customer_row row;
    struct customer_terms terms;
    struct tax_row *taxes;
    size_t tax_count;
};

/* Makes the customer, or changes what was sent of it.  ERR_INVALID names each bad field: unknown
 * currency, zone, country, tax or billing entity code, number out of range. */
MUST_CHECK enum err customer_save(struct ctx *ctx, const struct customer_input *input,
                                  struct customer_view *view);
/* Ends the customer, as of now: subscriptions end and are billed, those that wait are canceled,
 * drafts become final five minutes later, its vendor sub-accounts are nobody's.  Its invoices and
 * books stay, found by id; its external ids are free, and events for its subscriptions are
 * unmatched until somebody has them.  ERR_NOT_FOUND. */
MUST_CHECK enum err customer_delete(struct ctx *ctx, struct str external_id,
                                    struct customer_view *view);
/* ERR_NOT_FOUND: no such external id. */
MUST_CHECK enum err customer_get(struct ctx *ctx, struct str external_id,
                                 struct customer_view *view);

struct customer_filter {
    struct str search; /* a part of external id, name or email, any case of A to Z; STR_NULL: any */
    struct str currency;            /* STR_NULL: any */
    struct str billing_entity_code; /* STR_NULL: any */
    struct uuid after_id;           /* nil, or the customer behind which the list begins */
    int64_t limit, offset;
};

/* Newest first; *total as app/list.h.  ERR_INVALID: no such after_id; ERR_NOT_FOUND: no such
 * billing entity. */
MUST_CHECK enum err customer_list(struct ctx *ctx, const struct customer_filter *filter,
                                  struct customer_view **views, size_t *count, int64_t *total);

/* Within a transaction: the customer's row by external id; with lock for a write. */
MUST_CHECK enum err customer_find(struct ctx *ctx, struct tx *tx, struct str external_id, bool lock,
                                  struct customer_row *row);
MUST_CHECK enum err customer_view_load(struct ctx *ctx, struct tx *tx,
                                       const struct customer_row *row, struct customer_view *view);

#endif
