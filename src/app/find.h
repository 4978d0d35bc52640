/* find.h - one field that finds customers, subscriptions and invoices.
 *
 * Exact: a customer's external id, id, name, email or tax number; a subscription's external id, of
 * which the newest that had it is the hit; an invoice's number or id (emails, names and tax numbers
 * in any case of A to Z).  Where there is no exact one, the customers and invoices that have the
 * text as a part: of a customer's external id, names, email or tax number, of an invoice's number.
 * Subscriptions are not found by a part.  Deleted customers are not found. */
#ifndef APP_FIND_H
#define APP_FIND_H

#include "app/ctx.h"

enum find_kind { FIND_CUSTOMER, FIND_SUBSCRIPTION, FIND_INVOICE };

struct find_hit {
    enum find_kind kind;
    struct uuid id;
    struct uuid customer_id;
    struct str title;         /* name, number or external id */
    struct str external_id;   /* of the customer or subscription; STR_NULL: of an invoice */
    struct str customer_name; /* as shown */
    struct str detail; /* email of a customer, status of a subscription or invoice; STR_NULL */
};

#define FIND_HITS_MAX 20 /* of each kind */

struct find_result {
    struct find_hit *hits;
    size_t count;
    bool is_exact; /* the hits are exact ones; with one alone, it is what was meant */
};

/* Nothing for empty text.  Spaces at the ends are passed over. */
MUST_CHECK enum err find(struct ctx *ctx, struct str text, struct find_result *result);

#endif
