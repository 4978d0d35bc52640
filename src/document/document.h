/* document.h - what all documents that a customer is given are made of.
 *
 * Everything arrives as text that is ready to be read (locale/locale.h makes it). */
#ifndef DOCUMENT_DOCUMENT_H
#define DOCUMENT_DOCUMENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"
#include "locale/locale.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A label and what it says: "Due", "2 December 2026". */
struct document_fact {
    struct str label;
    struct str value;
};

/* Seller or buyer. */
struct document_party {
    struct str label; /* "Billed to" */
    struct str name;
    const struct str *lines; /* address, tax number */
    size_t line_count;
};

struct document_total {
    struct str label;
    struct str amount;
    bool is_grand; /* drawn large, under a rule */
};

#endif
