/* billing.h - what is due is done: invoices made, finalized, marked overdue, in order of due time.
 *
 * Work is found by due time: subscription.next_due_at, invoice.finalize_at and overdue_at,
 * customer_cost_period.next_due_at.  All that falls due for one customer at one instant is
 * gathered in one invoice per currency.  Each step is one transaction that looks again, under the
 * customer's lock, whether it is still due; so doing it twice changes nothing, several threads and
 * processes may work at once, and a run that was killed goes on where it stopped. */
#ifndef APP_BILLING_H
#define APP_BILLING_H

#include "app/ctx.h"
#include "store/sql/rows.h"

struct billing_progress {
    int64_t customers_done;
    int64_t customers_total;
    int64_t invoices_made;
    int64_t invoices_finalized;
};

struct billing_run_options {
    int64_t until_at; /* inclusive: what is due at or before it */
    int threads;      /* 0: as many as there are processors */
    /* Called now and then from one thread; may be NULL. */
    void (*progress)(void *arg, const struct billing_progress *progress);
    void *arg;
    const _Atomic bool *stop; /* set by another thread: end after the running steps; may be NULL */
};

/* Does all that is due, due instant by due instant; invoices completed at one instant are numbered
 * together afterwards, in order of customer. */
MUST_CHECK enum err billing_run(struct ctx *ctx, const struct billing_run_options *options,
                                struct billing_progress *result);

/* The first invoice of a plan paid in advance, and the last one of a subscription that ends: made
 * within the call that starts or ends it. */
MUST_CHECK enum err billing_subscription_started(struct ctx *ctx, struct tx *tx,
                                                 struct uuid customer_id,
                                                 struct uuid subscription_id);
MUST_CHECK enum err billing_subscription_terminated(struct ctx *ctx, struct tx *tx,
                                                    struct uuid customer_id,
                                                    struct uuid subscription_id);

/* One goes on with another plan from now on, after what was due was billed: what is left of the one
 * that has ended, and what is paid in advance of the one that has started, on one invoice. */
MUST_CHECK enum err billing_subscription_changed(struct ctx *ctx, struct tx *tx,
                                                 struct uuid customer_id, struct uuid ended_id,
                                                 struct uuid started_id);

/* Units of fixed charges paid in advance have changed inside a period: bills what they cost more
 * for the rest of it, at once and without grace period, after the caller has billed what
 * was due by then.  Once only; nothing where the change is none of the subscription's.
 *   change_id  the plan's version or the fixed_units' change_id
 *   at         since when they hold, not later than now
 *   issues     its invoice gets its number within the call; else from the billing run, in order */
MUST_CHECK enum err billing_units_changed(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                          struct uuid subscription_id, struct uuid change_id,
                                          int64_t at, bool issues);

/* Grace period, zone or payment term of the customer (or its entity) changed: drafts get their new
 * finalize_at; those whose grace is over become final at the next run. */
MUST_CHECK enum err billing_terms_changed(struct ctx *ctx, struct tx *tx, struct uuid customer_id);

/* Within a transaction that holds their customer: drafts become final at `at` (or before, as they
 * would have), whatever grace period they have; audited. */
MUST_CHECK enum err billing_drafts_close(struct ctx *ctx, struct tx *tx, struct invoice_row *drafts,
                                         size_t count, int64_t at);

#endif
