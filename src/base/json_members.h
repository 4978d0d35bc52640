/* json_members.h - the members of one JSON object, by name: for small objects of others' making. */
#ifndef BASE_JSON_MEMBERS_H
#define BASE_JSON_MEMBERS_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>

/* Reads one object.
 *   names   those that are wanted; ends with NULL
 *   values  one for each, STR_NULL before.  A text without its quotes and escapes, a number as
 *           written, anything else as JSON; of null and of what is not there nothing is set.  The
 *           last counts where a name comes twice.
 * false: `json` is not one well-formed object. */
bool json_members(struct arena *arena, struct str json, const char *const *names,
                  struct str *values);

#endif
