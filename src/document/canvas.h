/* canvas.h - drawing on the pages of a document: text, rules, pages; private to this folder.
 *
 * Lengths are points (1/72 inch) from the top of the page; horizontal places are counted from the
 * side where reading begins, so that the same code draws both ways.  A document is drawn twice:
 * dry, to count its pages, then in ink. */
#ifndef DOCUMENT_CANVAS_H
#define DOCUMENT_CANVAS_H

#include "base/buf.h"
#include "base/str.h"
#include "locale/locale.h"

#include <cairo.h>
#include <pango/pangocairo.h>
#include <stdbool.h>
#include <stddef.h>

#define PAGE_WIDTH  595.28
#define PAGE_HEIGHT 841.89
#define PAGE_MARGIN 48.0

enum canvas_side { SIDE_START, SIDE_END };

enum canvas_ink { INK_TEXT, INK_QUIET, INK_RULE, INK_SHADE, INK_ALERT };

struct canvas_style {
    double size; /* of the font */
    bool is_bold;
    enum canvas_ink ink;
    enum canvas_side side; /* where lines of text are flush */
};

struct canvas {
    cairo_t *cairo;
    PangoContext *pango;
    bool is_dry;
    bool is_rtl;
    int page; /* from 1 */
    double y; /* where the next thing goes */
};

/* Draws text into a column from `x`, `width` wide, wrapped; at canvas->y, which stays.  Returns its
 * height. */
double canvas_text(struct canvas *canvas, const struct canvas_style *style, double x, double width,
                   struct str text);
/* The width that a text takes on one line. */
double canvas_text_width(struct canvas *canvas, const struct canvas_style *style, struct str text);
void canvas_rule(struct canvas *canvas, double x, double width, double y, double thickness,
                 enum canvas_ink ink);
void canvas_box(struct canvas *canvas, double x, double width, double y, double height,
                enum canvas_ink ink);
/* A logo into a box of at most `width` by `height`; false when it can't be read.  Its height goes
 * to *drawn. */
bool canvas_logo(struct canvas *canvas, double x, double width, double height, struct str logo,
                 double *drawn);
/* A QR code (ISO/IEC 18004, error correction M), `size` wide; false when the text is too long. */
bool canvas_qr(struct canvas *canvas, double x, double y, double size, struct str text);

#endif
