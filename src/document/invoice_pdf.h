/* invoice_pdf.h - an invoice drawn as a PDF of A4 pages.
 *
 * Everything arrives as text that is ready to be read (locale/locale.h makes it); this only lays it
 * out: seller and buyer, the lines in groups, how each was calculated, taxes, totals, and how to
 * pay.  Right-to-left languages are mirrored; text in it that reads the other way, such as a
 * formula, comes isolated (U+2066 … U+2069).  Fonts are the system's (Inter, Noto), embedded as
 * subsets; Pango's language is the document's, so that Japanese gets Japanese glyphs.  The same
 * document gives the same bytes.
 *
 * The first drawing of a process loads the fonts, which takes some 100 ms: invoice_pdf_warm does it
 * in the background.  Thread-safe. */
#ifndef DOCUMENT_INVOICE_PDF_H
#define DOCUMENT_INVOICE_PDF_H

#include "document/document.h"

#define INVOICE_PDF_BYTES_MAX ((size_t)64 << 20)

struct document_line {
    struct str description;
    struct str quantity;   /* STR_NULL: none */
    struct str unit_price; /* STR_NULL: none */
    struct str amount;
    const struct str *steps; /* how it was calculated, a row each */
    size_t step_count;
};

/* Lines under one heading. */
struct document_group {
    struct str title;
    struct str amount;
    const struct document_line *lines;
    size_t line_count;
};

struct invoice_document {
    const struct locale *locale;
    struct str title;  /* "Invoice BIL-001-007" */
    struct str notice; /* "This document is void."; STR_NULL: none */
    struct str logo;   /* as in logo.h; STR_NULL, or one that can't be read: the seller's name */
    struct document_party seller;
    struct document_party buyer;
    const struct document_fact *facts; /* number, dates, period */
    size_t fact_count;
    struct str column_description; /* the table's headings */
    struct str column_quantity;
    struct str column_unit_price;
    struct str column_amount;
    const struct document_group *groups;
    size_t group_count;
    const struct document_total *totals;
    size_t total_count;
    struct str payment_title;
    const struct document_fact *payment; /* IBAN, reference … */
    size_t payment_count;
    struct str payment_code;      /* what the QR code says; STR_NULL: no code */
    struct str payment_code_note; /* beside it */
    struct str footer;            /* on each page, before "Page 1 of 3" */
    int64_t created_at;           /* in the PDF's properties, UTC microseconds */
};

/* Appends the PDF to `pdf`, which must be empty and able to hold INVOICE_PDF_BYTES_MAX.
 * ERR_INVALID: more pages or bytes than an invoice may have; the fault says so. */
MUST_CHECK enum err invoice_pdf_draw(const struct invoice_document *document, struct arena *arena,
                                     struct fault *fault, struct buf *pdf);

/* Draws a small document and throws it away, so that the fonts are there. */
void invoice_pdf_warm(void);

#endif
