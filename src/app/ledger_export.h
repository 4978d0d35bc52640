/* ledger_export.h - the books as a journal that plain-text accounting programs read. */
#ifndef APP_LEDGER_EXPORT_H
#define APP_LEDGER_EXPORT_H

#include "app/ctx.h"
#include "base/str.h"

/* Writes the journal in hledger's format (https://hledger.org/1.25/hledger.html#journal-format),
 * accounts and commodities declared, postings in order of booking; piece by piece through `put`.
 * An error of `put` ends it and is passed up. */
MUST_CHECK enum err ledger_export_hledger(struct ctx *ctx,
                                          enum err (*put)(void *arg, struct str piece), void *arg,
                                          int64_t *postings);

#endif
