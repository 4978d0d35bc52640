/* invoice_groups.h - the fees of an invoice as they stand together, on the document and on pages.
 */
#ifndef APP_INVOICE_GROUPS_H
#define APP_INVOICE_GROUPS_H

#include "app/invoice.h"

/* Neighbours that bill one subscription, or resell the cost of one provider. */
struct invoice_group {
    struct str title;    /* the subscription's name or else its external id; the provider */
    size_t first, count; /* of the invoice's fees */
    int64_t amount_minor;
};

/* Of an invoice that was loaded with details, in its order; each fee is in one. */
struct invoice_group *invoice_groups(struct arena *arena, const struct invoice_view *invoice,
                                     size_t *count);

#endif
