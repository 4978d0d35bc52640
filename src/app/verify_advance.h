/* verify_advance.h - between the files that prove charges in advance.
 *
 * The fees of a charge and a period are proved in one reading of that period's events. */
#ifndef APP_VERIFY_ADVANCE_H
#define APP_VERIFY_ADVANCE_H

#include "app/plan.h"
#include "app/verify_parts.h"
#include "store/sql/verify.h"

/* A fee of a charge in advance, as it stands. */
struct advance_billed {
    struct verify_advance_fee_each_row row;
    bool is_derived; /* found again */
};

/* Versions of plans that were needed so far. */
struct advance_plans {
    struct plan_view **views;
    size_t count, capacity;
};

/* A subscription's usage of one metric, with all that was made of it. */
struct advance_account {
    struct verifier *v;
    struct subscription_row subscription;
    struct billable_metric_row metric;
    struct advance_plans *plans;
    struct advance_billed *fees; /* in order of charge and period, of one of them renewals first,
                                  * then by event */
    size_t fee_count;
    struct invoice_subscription_row *renewals; /* in order of their periods, one for each, which
                                                * begin at charges_to_at; with a start, at that */
    size_t renewal_count;
};

/* A version of a plan, from the account's own or read now. */
MUST_CHECK enum err advance_account_plan(const struct advance_account *account,
                                         struct uuid version_id, const struct plan_view **plan);
/* Whether a charge bills the account's metric in advance. */
bool advance_account_has(const struct advance_account *account, const struct charge_view *charge);
/* The number of the invoice, or the id of what holds the fee. */
struct str advance_billed_name(struct arena *arena, const struct advance_billed *fee);

/* Derives all fees again; and stocks that stand alone and were not billed. */
MUST_CHECK enum err verify_advance_fees(const struct advance_account *account);

#endif
