/* csv_write.h - writing CSV (RFC 4180) that spreadsheets may open: nothing in it runs.
 *
 * Comma, CRLF, quotes where they are needed. */
#ifndef BASE_CSV_WRITE_H
#define BASE_CSV_WRITE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <stddef.h>

/* One line of cells as they are. */
void csv_write_row(struct buf *out, const struct str *cells, size_t count);

/* For text from outside: what a spreadsheet would run as a formula (it begins with =, +, -, @,
 * their full-width forms, a tab or a line end) with an apostrophe in front; a plain number stays.
 */
struct str csv_defused(struct arena *arena, struct str text);

#endif
