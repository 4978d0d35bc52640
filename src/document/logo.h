/* logo.h - a seller's logo: what may be one, and how it gets onto a page.
 *
 * An SVG or a PNG, up to LOGO_BYTES_MAX.  Of SVG only what stands still and by itself is taken:
 * shapes, texts and gradients; no scripts, no references but to its own parts, no pictures inside,
 * no entities, and nothing by which few bytes become much work (document/svg_rules.h).  A PNG's
 * size is read before it is unpacked.  What is taken has really been drawn, and showed something.
 * Thread-safe. */
#ifndef DOCUMENT_LOGO_H
#define DOCUMENT_LOGO_H

#include "base/arena.h"
#include "base/str.h"

#include <cairo.h>
#include <stdbool.h>

#define LOGO_SVG        "image/svg+xml"
#define LOGO_PNG        "image/png"
#define LOGO_BYTES_MAX  ((size_t)256 << 10)
#define LOGO_SIDE_MAX   4000    /* pixels of an SVG's width and height */
#define LOGO_PIXELS_MAX 1000000 /* of a PNG */
#define LOGO_RATIO_MAX  20      /* the longer side to the shorter */

/* Whether `content` can be the logo of that type.  Else *reason says what must change: "an SVG
 * without scripts". */
bool logo_check(struct arena *arena, struct str media_type, struct str content, struct str *reason);

/* How large it is drawn within `width` by `height`; false when it can't be read. */
bool logo_fit(struct str content, double width, double height, double *drawn_width,
              double *drawn_height);
/* Draws it with its upper left corner at a place, of the size that logo_fit gave. */
bool logo_draw(cairo_t *cairo, struct str content, double left, double top, double width,
               double height);

#endif
