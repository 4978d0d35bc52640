/* json_indent.h - JSON as a person reads it: each member on a line of its own, two spaces a level.
 *
 * Only spaces and line breaks between the values change; the values stay as they were written. */
#ifndef BASE_JSON_INDENT_H
#define BASE_JSON_INDENT_H

#include "base/buf.h"
#include "base/str.h"

/* `json` is one well-formed value, as json_write and json_read have them; else what comes out is
 * the same text, otherwise spaced. */
void json_indent(struct buf *out, struct str json);

#endif
