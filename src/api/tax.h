/* tax.h - how a tax is written; other resources show their taxes with it. */
#ifndef API_TAX_H
#define API_TAX_H

#include "api/face.h"
#include "store/sql/rows.h"

/* The members that every place shows, within an open object. */
void tax_members(struct json_writer *out, const struct face *face, const struct tax_row *tax);
/* "taxes": [ ... ] */
void tax_array(struct json_writer *out, const struct face *face, const struct tax_row *taxes,
               size_t count);

#endif
