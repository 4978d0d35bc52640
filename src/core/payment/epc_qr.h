/* epc_qr.h - the text of a QR code that fills a SEPA credit transfer in a banking app.
 *
 * Source: European Payments Council, EPC069-12 "Quick Response Code: Guidelines to Enable Data
 * Capture for the Initiation of a SEPA Credit Transfer", version 2.1 (BCD 002, UTF-8).  Account
 * numbers: ISO 13616 (IBAN), checked by ISO 7064 MOD 97-10. */
#ifndef CORE_PAYMENT_EPC_QR_H
#define CORE_PAYMENT_EPC_QR_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "core/money.h"

#include <stdbool.h>

struct epc_transfer {
    struct str name;       /* of the account's holder, 1 to 70 characters */
    struct str iban;       /* with or without spaces */
    struct str bic;        /* 8 or 11 characters, or STR_NULL: within the EEA it is not needed */
    struct money amount;   /* euros, 0.01 to 999,999,999.99 */
    struct str remittance; /* what the transfer says, up to 140 characters */
};

/* ERR_INVALID: a part is not as above, or there would be more than 331 bytes. */
MUST_CHECK enum err epc_qr_text(struct arena *arena, const struct epc_transfer *transfer,
                                struct str *text);

/* Whether it is an IBAN: form and check digits, not the length of each country. */
bool iban_is_valid(struct str iban);
/* Without spaces, in capital letters. */
struct str iban_compact(struct arena *arena, struct str iban);
/* In groups of four: "DE02 1203 0000 0000 2020 51". */
struct str iban_grouped(struct arena *arena, struct str iban);
/* Whether it has the form of a BIC (ISO 9362). */
bool bic_is_valid(struct str bic);

#endif
