/* svg_rules.h - which SVG files are taken from outside; private to this folder.
 *
 * It is a list of what may stand in one, not of what may not.  What repeats (use, clips, masks) is
 * counted as often as it would be drawn. */
#ifndef DOCUMENT_SVG_RULES_H
#define DOCUMENT_SVG_RULES_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>

#define SVG_ELEMENTS_MAX 5000
#define SVG_DEPTH_MAX    64
#define SVG_DRAWN_MAX    20000 /* elements, with what refers to them */

/* Else *reason says what must change. */
bool svg_rules_check(struct arena *arena, struct str svg, struct str *reason);

#endif
