/* past_usage.h - what a subscription used in the periods that were billed, from their fees.
 *
 * A period's usage is what was billed of it: the fees of drafts and finalized invoices, what
 * corrected them later, and what was missing to minimums.  A void invoice billed nothing. */
#ifndef APP_PAST_USAGE_H
#define APP_PAST_USAGE_H

#include "app/ctx.h"
#include "core/metering/group.h"
#include "store/sql/rows.h"

/* Added up: quantities and amounts of fees; of a true-up only the amount. */
struct past_amounts {
    struct decimal units, total_units;
    int64_t event_count;
    int64_t amount_minor;
};

/* One filter of a charge; the last one of a charge with filters is what none takes. */
struct past_filter {
    struct charge_filter_row row; /* id nil: none takes it */
    struct past_amounts amounts;
};

/* Of a charge, or of one of its groups. */
struct past_whole {
    struct past_amounts amounts;
    struct past_filter *filters; /* that were billed; none where the charge has none */
    size_t filter_count, filter_capacity;
};

/* What was missing to a minimum is of no group. */
struct past_group {
    struct str grouped_by; /* a JSON object */
    struct past_whole whole;
};

struct past_charge {
    struct charge_row row; /* as it was when it was billed first */
    struct billable_metric_row metric;
    struct past_whole whole;
    struct past_group *groups; /* in order; none where the charge is not divided */
    size_t group_count, group_capacity;
    struct group_set group_numbers; /* their places as they were met */
};

struct past_period {
    struct invoice_subscription_row row;
    struct invoice_row invoice;  /* that billed it first */
    int64_t ended_at;            /* the subscription; TIME_NONE: it goes on */
    struct past_charge *charges; /* that were billed, in that order */
    size_t charge_count, charge_capacity;
    int64_t amount_minor, taxes_minor;
};

struct past_usage_query {
    struct str external_customer_id, external_subscription_id;
    struct str metric_code; /* STR_NULL: any */
    int64_t periods_max;    /* the newest; INT_NONE: all */
    int64_t limit, offset;
};

/* Newest first; *total is how many there are.  ERR_NOT_FOUND: no such customer, or it never had
 * such a subscription; no such metric. */
MUST_CHECK enum err past_usage_list(struct ctx *ctx, const struct past_usage_query *query,
                                    struct past_period **periods, size_t *count, int64_t *total);

#endif
