/* demo_generate.h - the demo's months of vendor cost that are not real, made from the real one.
 *
 * The file has the template's columns and rows and one column more, x_Generated, with "true" in
 * each row.  Each row's costs and quantities are multiplied by a whole number from 800 to 1,199,
 * which depends on seed, month and row; unit prices stay, so list cost is still price times
 * quantity.  Periods move into the month, charge descriptions end in "(generated)".  Pure, exact,
 * and the same bytes everywhere (docs/demo.md, "The generated months"). */
#ifndef APP_DEMO_GENERATE_H
#define APP_DEMO_GENERATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

struct demo_month {
    int32_t year, month; /* month 1 to 12 */
    int64_t seed;
    struct str provider_name; /* only its rows; STR_NULL: all */
    int32_t per_mille;        /* of what the month would be otherwise; 1000: unchanged */
};

/* Writes the month's file to `out`; ask buf_ok afterwards.
 *   template_csv  a FOCUS file as CSV, header first, times as "2024-09-01 00:00:00"
 * ERR_MALFORMED: the template is no such file.  ERR_OVERFLOW: an amount of more than 34 digits. */
MUST_CHECK enum err demo_generate(struct arena *arena, struct str template_csv,
                                  const struct demo_month *month, struct buf *out);

#endif
