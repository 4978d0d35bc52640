/* activity.h - what happened lately, in words: entries of the audit trail as a person reads them.
 *
 * What one actor did to many things within an hour (a run that finalized 40 invoices) may be folded
 * into one. */
#ifndef APP_ACTIVITY_H
#define APP_ACTIVITY_H

#include "app/ctx.h"
#include "store/sql/rows.h"

enum activity_kind {
    ACTIVITY_CUSTOMER,
    ACTIVITY_SUBSCRIPTION,
    ACTIVITY_INVOICE,
    ACTIVITY_PAYMENT,
    ACTIVITY_COST,
    ACTIVITY_EVENT,
    ACTIVITY_CATALOG,
    ACTIVITY_SYSTEM
};

struct activity {
    int64_t at; /* of the newest of those folded */
    enum activity_kind kind;
    struct str action; /* "invoice.finalize" */
    struct str actor;  /* "key:first key", "job:billing" */
    struct str origin;
    /* English, to be translated; "{}" is where `label` stands: "Invoice {} was finalized", or the
     * count where several are folded: "{} invoices were finalized".  Words without "{}" stand
     * alone. */
    struct str words;
    struct str label;
    int64_t count;            /* entries that it stands for */
    struct uuid object_id;    /* of the entry */
    struct uuid customer_id;  /* whose it is; nil: nobody's, or several customers' */
    struct str customer_name; /* as shown; STR_NULL likewise */
    struct uuid invoice_id;   /* to be linked; nil: none, or several */
    int64_t amount_minor;     /* INT_NONE: it has none, or several are folded */
    struct str currency;
    struct str before, after; /* JSON of the entry; STR_NULL */
};

#define ACTIVITY_READ_MAX 400 /* entries looked at for one list that leaves out or folds some */

struct activity_query {
    struct uuid customer_id; /* nil: everybody's */
    struct uuid object_id;   /* nil: any; only where customer_id is nil */
    bool folds;
    bool is_business; /* only what concerns customers, money and usage: no sign-ins, keys, settings
                       */
    size_t limit;
};

/* Whether an action is told in words; each that the audit trail can have is. */
bool activity_has_words(struct str action);

/* Newest first. */
MUST_CHECK enum err activity_list(struct ctx *ctx, const struct activity_query *query,
                                  struct activity **items, size_t *count);

#endif
