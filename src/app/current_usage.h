/* current_usage.h - what a subscription used in the period that holds now, priced as if it ended.
 */
#ifndef APP_CURRENT_USAGE_H
#define APP_CURRENT_USAGE_H

#include "app/ctx.h"
#include "app/invoice_build.h"
#include "core/metering/projection.h"

/* A slice of a charge (app/usage_slices.h). */
struct usage_of_slice {
    struct fee_row fee;
    size_t part;
    struct str group; /* without the keys that were chosen; STR_NULL: of no group */
};

struct usage_of_charge {
    const struct charge_view *charge;
    struct fee_row fee;            /* of all slices: what adds up is added up */
    struct fee_row *parts;         /* likewise, of each part (app/charge_filter.h) */
    struct usage_of_slice *slices; /* by group and part */
    size_t slice_count;
};

struct current_usage_view {
    int64_t from_at;
    int64_t to_at;       /* first instant after the period */
    int32_t issuing_day; /* of the invoice that will bill it, without grace */
    struct invoice_build build;
    struct usage_of_charge *charges; /* each of the plan's, in order of metric name and charge */
    size_t count;
};

/* Events of this value alone; a value of "" stands for events that have none. */
struct usage_chosen_group {
    struct str key, value;
};

/* What of it is wanted; all zero: everything. */
struct usage_choice {
    struct uuid charge_id; /* of the charge, in this version of the plan or in all */
    struct str charge_code;
    struct str metric_code;
    /* Parts that are not divided by all of these keys are left out, and charges of only such. */
    const struct usage_chosen_group *groups;
    size_t group_count;
    bool skips_groups; /* priced as if nothing were divided, but for the groups that are chosen */
    bool projects;     /* as it will be at the end of the period, if it goes on as it did */
    bool is_full;      /* all since the subscription started, as if it were one period, without what
                        * bounds a charge for one */
    const struct group_keys *shown; /* units are told apart by these alone; NULL: by all */
};

/* ERR_NOT_FOUND: no such customer, or it has no running subscription of that external id. */
MUST_CHECK enum err current_usage_get(struct ctx *ctx, struct str external_customer_id,
                                      struct str external_subscription_id,
                                      struct current_usage_view *view);

/* The same of what is chosen.  ERR_NOT_FOUND: no such charge or metric in the plan.
 * ERR_NOT_ALLOWED: full usage of all charges, or of one that depends on the length of the period
 * (prorated, a weighted sum). */
MUST_CHECK enum err current_usage_choose(struct ctx *ctx, struct str external_customer_id,
                                         struct str external_subscription_id,
                                         const struct usage_choice *choice,
                                         struct current_usage_view *view);

/* Within a transaction: all of it, or with projects as it will be. */
MUST_CHECK enum err current_usage_read(struct ctx *ctx, struct tx *tx,
                                       struct str external_customer_id,
                                       struct str external_subscription_id, bool projects,
                                       struct current_usage_view *view);
/* How much of its period has passed, today included. */
struct projection current_usage_days(const struct current_usage_view *view);

/* Slices of one group, one of each part, stand together: the first behind those of `first`'s. */
size_t usage_group_end(const struct usage_of_charge *usage, size_t first);
/* Whether the charge is divided into groups. */
bool usage_is_divided(const struct usage_of_charge *usage);

/* Some slices as one. */
MUST_CHECK enum err usage_slices_total(struct arena *arena, const struct usage_of_slice *slices,
                                       size_t count, struct fee_row *fee);

#endif
