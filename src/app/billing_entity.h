/* billing_entity.h - the sellers: who issues invoices, on what terms, numbered how. */
#ifndef APP_BILLING_ENTITY_H
#define APP_BILLING_ENTITY_H

#include "app/ctx.h"
#include "store/sql/rows.h"

/* Bits of billing_entity_input.sent: only what was sent changes. */
enum billing_entity_field {
    ENTITY_NAME = 1 << 0,
    ENTITY_LEGAL_NAME = 1 << 1,
    ENTITY_EMAIL = 1 << 2,
    ENTITY_COUNTRY = 1 << 3,
    ENTITY_TIMEZONE = 1 << 4,
    ENTITY_DEFAULT_CURRENCY = 1 << 5,
    ENTITY_DOCUMENT_NUMBERING = 1 << 6,
    ENTITY_DOCUMENT_NUMBER_PREFIX = 1 << 7,
    ENTITY_GRACE_DAYS = 1 << 8,
    ENTITY_PAYMENT_TERM_DAYS = 1 << 9,
    ENTITY_FINALIZE_ZERO_AMOUNT = 1 << 10,
    ENTITY_TAX_CODES = 1 << 11,
    ENTITY_DOCUMENT_LOCALE = 1 << 12,
    ENTITY_IBAN = 1 << 13,
    ENTITY_BIC = 1 << 14,
    ENTITY_BANK_NAME = 1 << 15,
    ENTITY_ACCOUNT_HOLDER = 1 << 16,
    ENTITY_LOGO = 1 << 17,
    ENTITY_ADDRESS_LINE1 = 1 << 18,
    ENTITY_ADDRESS_LINE2 = 1 << 19,
    ENTITY_CITY = 1 << 20,
    ENTITY_STATE = 1 << 21,
    ENTITY_ZIPCODE = 1 << 22,
    ENTITY_LEGAL_NUMBER = 1 << 23,
    ENTITY_TAX_IDENTIFICATION_NUMBER = 1 << 24,
};

struct billing_entity_input {
    uint64_t sent;
    struct str code; /* which entity; of a new one 1 to 255 bytes */
    struct str name, legal_name, email, country, timezone, default_currency;
    struct str document_numbering;     /* per_customer, per_billing_entity */
    struct str document_number_prefix; /* 1 to 10 characters */
    int64_t grace_days;                /* 0 to 365 */
    int64_t payment_term_days;         /* 0 to 365 */
    bool finalize_zero_amount;
    struct str document_locale; /* BCP 47; STR_NULL: English */
    struct str iban, bic, bank_name;
    struct str account_holder; /* STR_NULL: the legal name */
    struct str address_line1, address_line2, city, state, zipcode;
    struct str legal_number;              /* in the register of companies */
    struct str tax_identification_number; /* for VAT */
    struct str logo_type;                 /* image/svg+xml, image/png (document/logo.h) */
    struct str logo;                      /* its bytes; STR_NULL: none from now on */
    bool logo_must_exist;                 /* the one that is removed; else ERR_NOT_FOUND */
    const struct str *tax_codes;
    size_t tax_code_count;
};

struct billing_entity_view {
    struct billing_entity_row row;
    struct str logo_path; /* "/logos/…"; STR_NULL: it has none */
    struct tax_row *taxes;
    size_t tax_count;
};

/* Without a logo, which a change gives it.  ERR_INVALID: a bad field, or the code is taken. */
MUST_CHECK enum err billing_entity_create(struct ctx *ctx, const struct billing_entity_input *input,
                                          struct billing_entity_view *view);
/* ERR_NOT_FOUND: no such code.  A changed grace period, zone or payment term reaches the drafts of
 * its customers, changed taxes are computed into drafts by the next billing run.  ERR_NOT_ALLOWED:
 * it is archived. */
MUST_CHECK enum err billing_entity_change(struct ctx *ctx, const struct billing_entity_input *input,
                                          struct billing_entity_view *view);
/* No longer a seller: hidden from the list, closed to customers and changes; its invoices stay.
 * ERR_NOT_FOUND; ERR_NOT_ALLOWED: it is `default`, or still has customers, drafts or invoices
 * without number.  Archiving twice is no error. */
MUST_CHECK enum err billing_entity_archive(struct ctx *ctx, struct str code,
                                           struct billing_entity_view *view);
MUST_CHECK enum err billing_entity_get(struct ctx *ctx, struct str code,
                                       struct billing_entity_view *view);
/* Those that are not archived. */
MUST_CHECK enum err billing_entity_list_all(struct ctx *ctx, struct billing_entity_view **views,
                                            size_t *count);

#endif
