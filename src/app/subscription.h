/* subscription.h - subscriptions: a customer on a plan, from its start to its end. */
#ifndef APP_SUBSCRIPTION_H
#define APP_SUBSCRIPTION_H

#include "app/ctx.h"
#include "app/list.h"
#include "app/plan.h"
#include "app/plan_copy.h"
#include "store/sql/rows.h"

struct subscription_input {
    struct str external_customer_id; /* of a customer that exists */
    struct str external_id;          /* 1 to 255 bytes; not of a subscription that runs or waits */
    struct str plan_code;
    struct str name;
    struct str billing_time; /* calendar, anniversary; STR_NULL: calendar where the plan's
                              * interval has such periods, else anniversary */
    int64_t subscription_at; /* the anchor; TIME_NONE: now.  Later than now: it waits */
    int64_t ending_at;       /* TIME_NONE: open */
    const struct plan_override *override; /* what it has otherwise from its start on, also units;
                                           * NULL: nothing */
};

/* What it follows, and what follows it, under its external id after a change of plan. */
struct subscription_neighbours {
    struct str previous_plan_code; /* STR_NULL: none */
    struct str next_plan_code;     /* STR_NULL: none; canceled ones are none */
    int32_t takes_over_day;        /* of the next one while that waits; else DAY_NONE */
};

struct subscription_view {
    struct subscription_row row;
    struct customer_row customer;
    struct plan_view plan;
    int64_t period_from_at; /* of the period that holds now; TIME_NONE unless active */
    int64_t period_to_at;   /* first instant after it */
    struct subscription_neighbours neighbours;
};

/* Where none runs under the external id it is made.  Starts at once when subscription_at is not
 * later than now: events that came before it was known are counted, and it is billed from its start
 * (a past start bills the period that holds now, not those that ended before).  Where one runs its
 * plan is changed (app/subscription_next.h), after what was due was billed, and the view is of the
 * one that runs.  ERR_NOT_FOUND: customer or plan. ERR_INVALID: a bad field, other currency than
 * the customer's, external id of another customer. ERR_NOT_SUPPORTED: a change at once where
 * something was paid in advance (subscription_next_ask), or of one that has not begun. */
MUST_CHECK enum err subscription_create(struct ctx *ctx, const struct subscription_input *input,
                                        struct subscription_view *view);

/* Ends it now and bills what is left within the call, unless `invoice` is "skip"; one that waits
 * is canceled, also with the one that it was to follow.  A plan in arrears has nothing to give
 * back: the wish for a credit note is then passed over.  ERR_NOT_FOUND: none that runs or waits.
 * ERR_NOT_SUPPORTED: a credit note of what was paid in advance. */
MUST_CHECK enum err subscription_terminate(struct ctx *ctx, struct str external_id,
                                           struct str wanted_status, struct str invoice,
                                           bool wants_credit_note, struct subscription_view *view);

/* The newest with this external id and status (STR_NULL: active). */
MUST_CHECK enum err subscription_get(struct ctx *ctx, struct str external_id, struct str status,
                                     struct subscription_view *view);

struct subscription_filter {
    struct str external_customer_id;            /* STR_NULL: any */
    struct str plan_code;                       /* STR_NULL: any */
    bool pending, active, terminated, canceled; /* which statuses */
    struct uuid after_id;                       /* nil, or what the list begins behind */
    int64_t limit, offset;
};

/* Newest first; *total as app/list.h.  ERR_NOT_FOUND: no such customer or plan; ERR_INVALID: no
 * such after_id. */
MUST_CHECK enum err subscription_list(struct ctx *ctx, const struct subscription_filter *filter,
                                      struct subscription_view **views, size_t *count,
                                      int64_t *total);

/* Bits of subscription_modification.sent: only what was sent changes. */
enum subscription_field {
    SUBSCRIPTION_NAME = 1 << 0,
    SUBSCRIPTION_ENDING_AT = 1 << 1,
    SUBSCRIPTION_AT = 1 << 2,
};

struct subscription_modification {
    struct str external_id;
    struct str wanted_status; /* active, pending; STR_NULL: active */
    uint64_t sent;
    struct str name;         /* STR_NULL clears it */
    int64_t ending_at;       /* TIME_NONE: open again; else in the future and after the start */
    int64_t subscription_at; /* of one that waits; a time that has come starts it at the next run */
    const struct plan_override *override; /* what it has otherwise from now on, also units; NULL:
                                           * nothing new */
};

/* ERR_NOT_FOUND: none that runs or waits.  ERR_INVALID: a bad time, or a start that is past. */
MUST_CHECK enum err subscription_modify(struct ctx *ctx,
                                        const struct subscription_modification *modification,
                                        struct subscription_view *view);

/* Within a transaction that holds the customer: ends one that runs as of `at`, after what was due
 * before, and bills what is left unless `invoice` is "skip"; one that waits is canceled, also one
 * that waits to follow it. */
MUST_CHECK enum err subscription_end(struct ctx *ctx, struct tx *tx, struct subscription_row *row,
                                     int64_t at, struct str invoice);

/* Within a transaction that holds the customer: a row that has all but its versions and due times
 * is made with them, on the version of its plan or a copy that differs.  ERR_INVALID, also of what
 * was noted before. */
MUST_CHECK enum err subscription_make(struct ctx *ctx, struct tx *tx,
                                      const struct plan_override *override,
                                      struct plan_version_row *version,
                                      struct subscription_row *row);

/* Within a transaction: what belongs to a row. */
MUST_CHECK enum err subscription_view_load(struct ctx *ctx, struct tx *tx,
                                           const struct customer_row *customer,
                                           const struct subscription_row *row,
                                           struct subscription_view *view);

/* Within a transaction: when a subscription that starts with subscription_at begins: not before
 * the end of one that had its external id, so that no time is billed twice. */
MUST_CHECK enum err subscription_start_at(struct ctx *ctx, struct tx *tx,
                                          const struct subscription_row *row, int64_t *started_at);
#endif
