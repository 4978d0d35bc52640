/* ledger.h - what happened to money, as balanced double-entry postings.
 *
 *   invoice  debit  assets:receivable       total
 *            credit income:subscription, income:usage, income:fixed, income:resale   net, by kind
 *                   of fee
 *            credit liabilities:tax:CODE    each tax
 *   payment  debit  assets:bank             what was paid
 *            credit assets:receivable       what its invoice needed of it
 *            credit liabilities:customer_credit   the rest
 *   void     the invoice's entries with the other sign
 * Debits are positive, credits negative; the entries of a posting add up to 0 (asserted).  Entries
 * of 0 are left out, so a posting may be empty.  Names of accounts are such that hledger reads
 * them: parts with ':' between, no two spaces together. */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

struct ledger_line {
    struct str account;
    int64_t amount_minor;
};

struct ledger_posting {
    struct ledger_line *lines;
    size_t count;
    size_t capacity;
};

/* What an invoice is made of. */
struct ledger_part {
    struct str account; /* income:usage, liabilities:tax:VAT … */
    int64_t amount_minor;
};

/* The income account of a kind of fee: subscription, charge, fixed_charge, resale. */
struct str ledger_income_account(struct str fee_type);
/* liabilities:tax:CODE, where what an account's name can't hold (a colon, spaces at the ends or two
 * together, control characters) stands as %XX, so that two codes never share an account. */
struct str ledger_tax_account(struct arena *arena, struct str tax_code);

/* Parts of one account are added up.  ERR_OVERFLOW. */
MUST_CHECK enum err ledger_of_invoice(struct arena *arena, const struct ledger_part *parts,
                                      size_t count, struct ledger_posting *posting);
/* `unapplied_minor`, 0 to all of it, is the part that no invoice needed. */
MUST_CHECK enum err ledger_of_payment(struct arena *arena, int64_t paid_minor,
                                      int64_t unapplied_minor, struct ledger_posting *posting);
/* The opposite of a posting. */
MUST_CHECK enum err ledger_reverse(struct arena *arena, const struct ledger_posting *posting,
                                   struct ledger_posting *reversed);
/* Whether the lines add up to 0. */
bool ledger_is_balanced(const struct ledger_posting *posting);

#endif
