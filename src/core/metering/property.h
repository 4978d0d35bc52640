/* property.h - one property of an event: finding it in the JSON object that came with the event.
 *
 * Only the top level is looked at; where a name stands twice, the first counts. */
#ifndef CORE_METERING_PROPERTY_H
#define CORE_METERING_PROPERTY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

struct property {
    struct str text; /* a text's characters, a number's digits as written, else the JSON as it is */
    bool is_number;
    bool is_text; /* neither: true, false, an array or an object */
};

/* Finds `name` in `properties`.
 *   ERR_NOT_FOUND  not there, or null
 *   ERR_MALFORMED  not a JSON object */
MUST_CHECK enum err property_find(struct arena *arena, struct str properties, struct str name,
                                  struct property *property);

/* Finds two names in one pass; what property_find says of each. */
void property_find_two(struct arena *arena, struct str properties, const struct str names[2],
                       struct property found[2], enum err errs[2]);

/* The texts of several, in one pass; STR_NULL: not there, or null, or the object can't be read so
 * far. */
struct str *property_texts(struct arena *arena, struct str properties, const struct str *names,
                           size_t count);

#endif
