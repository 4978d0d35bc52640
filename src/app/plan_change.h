/* plan_change.h - a plan's next version, and its end.
 *
 * A plan is never changed in place: each change is a version that holds from its effective_at on,
 * for whom it says.  A period is priced as a whole by the version that holds when its invoice is
 * made: a plan paid in advance at the start of the period, usage and arrears at its end.  Drafts
 * and invoices keep the versions they were made by. */
#ifndef APP_PLAN_CHANGE_H
#define APP_PLAN_CHANGE_H

#include "app/plan.h"

/* Bits of plan_change.sent: only what was sent changes. */
enum plan_field {
    PLAN_CODE = 1 << 0,
    PLAN_NAME = 1 << 1,
    PLAN_DISPLAY_NAME = 1 << 2,
    PLAN_DESCRIPTION = 1 << 3,
    PLAN_INTERVAL = 1 << 4,
    PLAN_AMOUNT = 1 << 5,
    PLAN_CURRENCY = 1 << 6,
    PLAN_PAY_IN_ADVANCE = 1 << 7,
    PLAN_BILL_CHARGES_MONTHLY = 1 << 8,
    PLAN_PRORATION = 1 << 9,
    PLAN_CHARGES = 1 << 10, /* all that are to be: those not named end with this version */
    PLAN_TAX_CODES = 1 << 11,
    PLAN_FIXED_CHARGES = 1 << 12, /* likewise */
    PLAN_BILL_FIXED_MONTHLY = 1 << 13,
    PLAN_ENTITLEMENTS = 1 << 14, /* all that is granted; not of the version, holds at once */
};

struct plan_change {
    struct str code; /* of the plan */
    uint64_t sent;
    /* What was sent; input.code is the new code.  A charge goes on from the one with its
     * lineage_id, or else from the only one with its code (its metric's where none was sent), and
     * keeps what was not sent; any other is new. */
    struct plan_input input;
    int64_t effective_at; /* TIME_NONE: now; not before now nor before the version before it */
    enum plan_applies_to applies_to;
    bool cascade_updates; /* copies follow (app/plan_cascade.h); not with PLAN_APPLIES_TO_NEW */
};

/* Makes the plan's next version and shows it.  ERR_NOT_FOUND; ERR_INVALID names each bad field:
 * what decides the periods (interval, currency, pay_in_advance, bill_…_monthly) is fixed
 * while subscriptions run or wait, and in a version that takes effect later; a charge keeps its
 * metric. */
MUST_CHECK enum err plan_change(struct ctx *ctx, const struct plan_change *change,
                                struct plan_view *view);

/* Within a transaction, for what changes plans otherwise. */

/* Holds the plan, by which its copies are held, too.  ERR_NOT_FOUND. */
MUST_CHECK enum err plan_lock_code(struct ctx *ctx, struct tx *tx, struct str code,
                                   struct plan_row *row);
MUST_CHECK enum err plan_lock_id(struct tx *tx, struct uuid id);
/* The last version made, in effect or not. */
MUST_CHECK enum err plan_newest_load(struct ctx *ctx, struct tx *tx, struct uuid plan_id,
                                     struct plan_view *view);
/* The input that makes a charge as it is. */
struct charge_input charge_input_of(struct arena *arena, const struct charge_view *charge);
/* What a change makes of a version; mistakes are noted in the fault. */
struct plan_input plan_change_merge(struct ctx *ctx, const struct plan_view *old,
                                    const struct plan_change *change);
/* As plan_change, of a plan that is held; `old` is its newest version. */
MUST_CHECK enum err plan_change_write(struct ctx *ctx, struct tx *tx, const struct plan_view *old,
                                      const struct plan_change *wanted, struct plan_view *view);
/* Writes the version behind `old`, with its entry in the audit, unless something was noted. */
MUST_CHECK enum err plan_next_version(struct ctx *ctx, struct tx *tx, const struct plan_view *old,
                                      const struct plan_input *input, int64_t effective_at,
                                      struct str applies_to, struct plan_view *view);

/* Within the transaction in which a metric came to list other keys or values (*metric is as it is
 * now): each plan whose newest version has a filter that this touches gets a next one, for whom
 * and from when that version holds (now, if it does), with what is left of its filters
 * (charge_filters_fit).  Older versions that subscriptions keep stay as they are. */
MUST_CHECK enum err plan_fit_filters(struct ctx *ctx, struct tx *tx,
                                     const struct billable_metric_row *metric);

/* All versions, oldest first. */
MUST_CHECK enum err plan_versions(struct ctx *ctx, struct str code, struct plan_view **views,
                                  size_t *count);

/* The plan is gone at once, with its copies, and its code free; the next billing run ends its
 * subscriptions as of now, bills what is left and closes the drafts (plan_close_all).
 * ERR_NOT_FOUND. */
MUST_CHECK enum err plan_delete(struct ctx *ctx, struct str code, struct plan_view *view);

/* Bills units that hold at once, of versions that took effect by until_at, to all who pay them in
 * advance, after what was due before: one transaction a customer; who fails is logged and stays for
 * the next time. */
MUST_CHECK enum err plan_units_bill_all(struct ctx *ctx, int64_t until_at);

/* Ends what runs on deleted plans: each subscription as of the plan's deletion, after what was due
 * before; those that wait are canceled; drafts that bill the plan become final despite the grace
 * period.  One transaction a customer; who fails is logged and stays for the next time. */
MUST_CHECK enum err plan_close_all(struct ctx *ctx);

#endif
