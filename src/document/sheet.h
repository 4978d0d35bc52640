/* sheet.h - pages as all documents have them: head, table rows, totals, footer, and the PDF around
 * them; private to this folder.
 *
 * What draws something does so at canvas->y, leaves that where it was, and gives its height. */
#ifndef DOCUMENT_SHEET_H
#define DOCUMENT_SHEET_H

#include "document/canvas.h"
#include "document/document.h"

#define CONTENT_WIDTH (PAGE_WIDTH - 2 * PAGE_MARGIN)
#define CELL          6.0 /* space beside and above the text of a cell */

/* Columns of the table: where they begin, and how wide they are. */
#define AMOUNT_WIDTH   84.0
#define PRICE_WIDTH    84.0
#define QUANTITY_WIDTH 92.0
#define AMOUNT_X       (PAGE_MARGIN + CONTENT_WIDTH - AMOUNT_WIDTH)
#define PRICE_X        (AMOUNT_X - PRICE_WIDTH)
#define QUANTITY_X     (PRICE_X - QUANTITY_WIDTH)

struct sheet_styles {
    struct canvas_style title, heading, heading_end, body, body_end, strong, strong_end, quiet,
        quiet_end, grand, grand_end, alert;
};
extern const struct sheet_styles style;

/* What every document has. */
struct sheet_front {
    const struct locale *locale;
    struct str title;
    struct str notice; /* STR_NULL: none */
    struct str logo;   /* as in invoice_pdf.h */
    const struct document_party *seller;
    const struct document_party *buyer;
    const struct document_fact *facts;
    size_t fact_count;
    struct str columns[4]; /* the table's headings */
    struct str footer;
    int64_t created_at;
};

struct sheet {
    const struct sheet_front *front;
    const void *document; /* what is being drawn */
    struct arena *arena;
    struct canvas canvas;
    int page_count; /* known in the second pass */
};

typedef double sheet_part(struct sheet *sheet, const void *arg);

/* How high a part would be, without drawing it. */
double sheet_measure(struct sheet *s, sheet_part *draw, const void *arg);
/* Draws a part that is never parted, and space below it; on a new page where it does not fit. */
void sheet_block(struct sheet *s, sheet_part *draw, const void *arg);

/* The table's headings, below which rows are added. */
void sheet_columns(struct sheet *s);
/* Draws a row and goes below it; on a new page, under the headings, when it or what must stand with
 * it (`more`) does not fit. */
void sheet_row(struct sheet *s, sheet_part *draw, const void *arg, double more);

/* A row's cells, in the order of the columns. */
double sheet_cells(struct sheet *s, const struct str cells[4]);
double sheet_facts(struct sheet *s, double x, double width, const struct document_fact *facts,
                   size_t count);
double sheet_totals(struct sheet *s, const struct document_total *totals, size_t count);

double larger(double a, double b);

/* Draws the head, then what `body` draws below it, page by page, into a PDF.  ERR_INVALID: more
 * pages or bytes than a document may have. */
MUST_CHECK enum err sheet_pdf(const struct sheet_front *front, void (*body)(struct sheet *sheet),
                              const void *document, struct arena *arena, struct fault *fault,
                              struct buf *pdf);

#endif
