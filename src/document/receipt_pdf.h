/* receipt_pdf.h - the receipt of a payment drawn as a PDF of A4 pages, as invoices are
 * (document/invoice_pdf.h): the same head, table and fonts, both directions, the same bytes from
 * the same document. */
#ifndef DOCUMENT_RECEIPT_PDF_H
#define DOCUMENT_RECEIPT_PDF_H

#include "document/document.h"

#define RECEIPT_PDF_BYTES_MAX ((size_t)4 << 20)

/* What a part of the money was for. */
struct receipt_line {
    struct str description; /* "Invoice BIL-001-007" */
    struct str date;        /* of the invoice; STR_NULL: none */
    struct str total;       /* of the invoice; STR_NULL: none */
    struct str amount;      /* paid of it */
};

struct receipt_document {
    const struct locale *locale;
    struct str title; /* "Receipt BIL-001-R-007" */
    struct str logo;  /* as of an invoice */
    struct document_party seller;
    struct document_party buyer;
    const struct document_fact *facts; /* number, date, how it was paid */
    size_t fact_count;
    struct str thanks; /* "Thank you for your payment" */
    struct str column_description;
    struct str column_date;
    struct str column_total;
    struct str column_amount;
    const struct receipt_line *lines;
    size_t line_count;
    struct document_total total;
    struct str footer;
    int64_t created_at; /* in the PDF's properties, UTC microseconds */
};

/* Appends the PDF to `pdf`, which must be empty and able to hold RECEIPT_PDF_BYTES_MAX. */
MUST_CHECK enum err receipt_pdf_draw(const struct receipt_document *document, struct arena *arena,
                                     struct fault *fault, struct buf *pdf);

#endif
