/* document_parts.h - what invoices and receipts have in common: who sells, who buys, in which
 * language. */
#ifndef APP_DOCUMENT_PARTS_H
#define APP_DOCUMENT_PARTS_H

#include "app/ctx.h"
#include "document/document.h"
#include "store/sql/rows.h"

/* Texts live in the arena and as long as the locale. */
struct document_party document_seller(struct arena *arena, const struct locale *locale,
                                      const struct billing_entity_row *entity);
struct document_party document_buyer(struct arena *arena, const struct locale *locale,
                                     const struct customer_row *row);

/* Isolated, so that a formula or a code keeps its order within text of the other direction. */
struct str document_isolated(struct arena *arena, struct str text);

/* The language of a customer's documents: its own, the seller's, else English. */
struct str document_language(const struct customer_row *customer,
                             const struct billing_entity_row *entity);
/* Opens `language`, or where it is STR_NULL that of the customer's documents.  ERR_INVALID: no such
 * language, which the fault says of the field `language`. */
MUST_CHECK enum err document_locale_open(struct fault *fault, struct str language,
                                         const struct customer_row *customer,
                                         const struct billing_entity_row *entity,
                                         struct locale **locale);

#endif
