/* customer_table.h - customers with what they bring and owe: a list to filter and sort, and the
 * numbers at the head of one.
 *
 * MRR, open and overdue as app/overview.h says, but that overdue follows the mark that the billing
 * run sets at the start of the day after the due day.  A customer is billed in one currency; one
 * without has no amounts. */
#ifndef APP_CUSTOMER_TABLE_H
#define APP_CUSTOMER_TABLE_H

#include "app/ctx.h"
#include "store/sql/rows.h"

struct customer_entry {
    struct customer_row row;
    int64_t mrr_minor;
    int64_t yearly_minor, running_count; /* of its subscriptions that run */
    int64_t open_minor, overdue_minor;
    int32_t oldest_due_day; /* of what is open; DAY_NONE: nothing is */
};

/* Words of status and sort; others are our bug. */
#define CUSTOMER_STATUSES                       \
    {                                           \
        "active", "inactive", "open", "overdue" \
    }
#define CUSTOMER_SORTS                              \
    {                                               \
        "created", "name", "mrr", "open", "overdue" \
    }

struct customer_table_filter {
    struct str search;   /* a part of external id, names, email or tax number, any case of A to Z */
    struct str currency; /* STR_NULL: any */
    struct str status;   /* active: has a running subscription; inactive: has none; open, overdue:
                            owes something; STR_NULL: any */
    struct str sort;     /* STR_NULL: created.  Amounts sort within their currency */
    bool is_ascending;
    int64_t limit, offset;
};

/* *total counts all that pass the filter. */
MUST_CHECK enum err customer_table(struct ctx *ctx, const struct customer_table_filter *filter,
                                   struct customer_entry **entries, size_t *count, int64_t *total);

struct customer_numbers {
    struct customer_entry entry;
    int64_t invoiced_minor, paid_minor; /* of finalized invoices, with tax */
    int64_t invoice_count, draft_count;
};

/* Of one that is not deleted, by its id, or by its external id.  ERR_NOT_FOUND. */
MUST_CHECK enum err customer_numbers_get(struct ctx *ctx, struct str id,
                                         struct customer_numbers *numbers);

#endif
