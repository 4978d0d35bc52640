/* plan.h - plans with their charges; what a plan says is a version that never changes. */
#ifndef APP_PLAN_H
#define APP_PLAN_H

#include "app/charge_filter.h"
#include "app/ctx.h"
#include "app/fixed_charge.h"
#include "store/sql/rows.h"

#define PLAN_CHARGES_MAX 1000

struct entitlements; /* app/entitlement.h */

struct charge_input {
    struct uuid lineage_id; /* of the charge that it goes on from; nil: a new one */
    struct str metric_id;   /* as sent; the metric by id, or else by code */
    struct str metric_code;
    struct str code; /* STR_NULL: made from the metric's */
    struct str invoice_display_name;
    struct str charge_model; /* a word of CHARGE_MODEL_MAP */
    struct str properties;   /* JSON object of the model */
    /* For a whole usage period (app/charge_limits.h), 0: none; the maximum not below the minimum.
     */
    int64_t min_amount_minor, max_amount_minor;
    bool pay_in_advance; /* each event is billed when it comes (app/advance_fee.h) */
    bool invoiceable;    /* where it is sent; else true: on an invoice, not standing alone */
    struct str
        regroup_paid_fees; /* invoice: paid fees that stand alone are gathered on one at the
                            * end of the period (app/advance_gather.h); STR_NULL: they stay */
    bool prorated;         /* units of a stock count for the days for which they are there */
    const struct str *tax_codes;
    size_t tax_code_count;
    struct charge_filter_input *filters; /* at most FILTERS_MAX */
    size_t filter_count;
    const struct charge_filter_row *filters_before; /* of the charge that it goes on from */
    size_t filter_before_count;
    uint64_t sent; /* bits of charge_field */
};

/* What a change of a plan may clear, or what is not false by default; the rest is kept where it is
 * not sent. */
enum charge_field {
    CHARGE_DISPLAY_NAME = 1 << 0,
    CHARGE_TAX_CODES = 1 << 1,
    CHARGE_MIN_AMOUNT = 1 << 2,
    CHARGE_MAX_AMOUNT = 1 << 3,
    CHARGE_FILTERS = 1 << 4, /* all that are to be */
    CHARGE_PAY_IN_ADVANCE = 1 << 10,
    CHARGE_INVOICEABLE = 1 << 11,
    CHARGE_PRORATED = 1 << 12,
    CHARGE_REGROUP = 1 << 13
};

struct plan_input {
    struct str code; /* 1 to 255 bytes, not taken */
    struct str name;
    struct str invoice_display_name;
    struct str description;
    struct str billing_interval; /* as interval_parse takes it */
    int64_t amount_minor;        /* 0 or more, for a whole period */
    struct str currency;         /* ISO 4217 */
    bool pay_in_advance;
    bool bill_charges_monthly; /* of plans of six months or more */
    struct str proration;      /* days, fixed_30, none; STR_NULL: days */
    const struct charge_input *charges;
    size_t charge_count;
    bool bill_fixed_charges_monthly; /* of plans of six months or more */
    const struct fixed_charge_input *fixed_charges;
    size_t fixed_charge_count;
    const struct str *tax_codes;
    size_t tax_code_count;
    struct str entitlements; /* grants, as app/entitlement.h tells them; STR_NULL: none are told */
};

struct charge_view {
    struct charge_row row;
    struct uuid parent_id; /* in a copy: of the plan's charge; else nil */
    struct billable_metric_row metric;
    struct charge_filter_row *filters;
    size_t filter_count;
    struct tax_row *taxes;
    size_t tax_count;
    const struct group_keys *shown_only; /* of a read: its units are told apart by these of its keys
                                          * alone; NULL: by all */
};

struct plan_view {
    struct plan_row row;
    struct plan_version_row version;
    struct charge_view *charges;
    size_t charge_count;
    struct fixed_charge_view *fixed_charges;
    size_t fixed_charge_count;
    struct tax_row *taxes;
    size_t tax_count;
    struct entitlements *entitlements; /* of the plan, whatever its version; NULL: not read */
};

/* The id of the plan, also of one that a subscription has a copy of. */
struct uuid plan_catalogue_id(const struct plan_row *row);

/* Whether something of it is paid when a period begins. */
bool plan_is_paid_ahead(const struct plan_view *view);

enum plan_applies_to { PLAN_APPLIES_TO_ALL, PLAN_APPLIES_TO_NEW, PLAN_APPLIES_TO_AT_RENEWAL };

/* ERR_INVALID names each bad field, "charges.2.properties.graduated_ranges.0.to_value" for one. */
MUST_CHECK enum err plan_create(struct ctx *ctx, const struct plan_input *input,
                                struct plan_view *view);
MUST_CHECK enum err plan_get(struct ctx *ctx, struct str code, struct plan_view *view);
MUST_CHECK enum err plan_list(struct ctx *ctx, int64_t limit, int64_t offset,
                              struct plan_view **views, size_t *count, int64_t *total);

/* Within a transaction: the metric that a charge names. */
MUST_CHECK enum err charge_metric_find(struct tx *tx, const struct charge_input *input,
                                       struct billable_metric_row *metric, bool *found);
/* Within a transaction: checks the input and, when nothing is wrong with it or was before, writes
 * it as a version of the plan; the row says which.  What is wrong is noted in the fault; ask
 * fault_check. */
MUST_CHECK enum err plan_version_write(struct ctx *ctx, struct tx *tx,
                                       const struct plan_input *input,
                                       struct plan_version_row *version);
/* Within a transaction: a plan as plan_create would make it, checked the same way but for its code,
 * which may be taken; nothing is written. */
MUST_CHECK enum err plan_draft(struct ctx *ctx, struct tx *tx, const struct plan_input *input,
                               struct plan_view *view);
/* Within a transaction: what plan_get answers. */
MUST_CHECK enum err plan_find(struct ctx *ctx, struct tx *tx, struct str code,
                              struct plan_view *view);
/* Within a transaction: reads what the plan grants. */
MUST_CHECK enum err plan_view_grants(struct ctx *ctx, struct tx *tx, struct plan_view *view);
/* A version's row as an audit entry has it: with its charges and taxes. */
struct str plan_audit_text(struct arena *arena, const struct plan_view *view);
/* Within a transaction: what holds at a time for a subscription on a version.  That is its own
 * version, or the newest later one that had taken effect for all by then; with is_renewal, for a
 * period that begins at that time, also one that takes over at renewals.  A period is priced as a
 * whole by what holds when its invoice is made. */
MUST_CHECK enum err plan_in_force(struct ctx *ctx, struct tx *tx, struct uuid plan_version_id,
                                  int64_t at, bool is_renewal, struct plan_view *view);
/* Within a transaction: a version with its charges, for billing and reads. */
MUST_CHECK enum err plan_version_view_load(struct ctx *ctx, struct tx *tx,
                                           struct uuid plan_version_id, struct plan_view *view);

#endif
