/* plan_estimate.h - what a plan costs for quantities that somebody thinks of: the price calculator.
 *
 * The plan is one that exists, as a new subscription would have it, or one that is only told, as
 * plan_create takes it.  Fees come from the functions that make those of a bill (app/rating.h,
 * app/rating_fixed.h, app/charge_limits.h, app/invoice_taxes.h); only the quantities are said
 * instead of metered.  Nothing is written.
 *
 * What is estimated is the bill of one period, from from_day up to and with to_day: the plan's own
 * fee, usage and fixed charges, whether they are paid in advance or in arrears.  Usage, or fixed
 * charges, that a long plan bills monthly are those of the first month. */
#ifndef APP_PLAN_ESTIMATE_H
#define APP_PLAN_ESTIMATE_H

#include "app/ctx.h"
#include "app/estimate_use.h"
#include "app/invoice.h"
#include "app/invoice_build.h"
#include "app/plan.h"

struct estimate_fixed {
    struct str code;        /* the fixed charge, or else */
    struct str add_on_code; /* all that sell the add-on */
    struct decimal units;   /* instead of the plan's */
};

struct plan_estimate_input {
    struct str plan_code;          /* STR_NULL: */
    const struct plan_input *plan; /* this one */
    struct str
        external_customer_id;       /* whose taxes and zone; STR_NULL: those of a new customer of */
    struct str billing_entity_code; /* this entity; STR_NULL: `default` */
    const struct str *tax_codes; /* in place of the customer's, where the plan names none; 0: not */
    size_t tax_code_count;
    struct str billing_time; /* calendar, or anniversary: the period begins with from_day */
    int32_t from_day;        /* DAY_NONE: the first of the period that holds today (anniversary:
                              * today) */
    int32_t to_day;          /* included; DAY_NONE: the last of the period */
    struct estimate_charge *charges;
    size_t charge_count;
    struct estimate_fixed *fixed_charges;
    size_t fixed_charge_count;
};

struct plan_estimate {
    const struct plan_view *plan;
    struct invoice_build build; /* with totals and taxes */
    struct fee_view *fees;      /* as on a bill, but without ids; the last step is the rounding */
    size_t fee_count;
    struct str
        *charge_codes; /* of each fee: that of its charge or fixed charge; STR_NULL: neither */
    int32_t from_day, end_day;                    /* the first day not estimated */
    int64_t plan_minor, usage_minor, fixed_minor; /* what of the fees is of each kind */
};

/* ERR_INVALID names each bad field; those of a plan that is told stand below "plan".
 * ERR_NOT_FOUND: no such plan or customer.  ERR_OVERFLOW: an amount is too large. */
MUST_CHECK enum err plan_estimate(struct ctx *ctx, const struct plan_estimate_input *input,
                                  struct plan_estimate *estimate);

#endif
