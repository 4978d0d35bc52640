/* invoice.h - invoices as use cases: read, finalize, refresh, void, set the payment status.
 *
 * An invoice is a draft (computed again whenever asked, no number), complete (its content is
 * settled, its number is about to come; not shown to anyone), finalized, or voided.  A skipped one
 * adds up to 0 and is by policy not issued; it is kept, never shown.
 *
 * Voiding takes back the whole invoice in the books and frees the customer from paying; what it
 * billed is not billed again by itself. */
#ifndef APP_INVOICE_H
#define APP_INVOICE_H

#include "app/ctx.h"
#include "app/customer.h"
#include "app/list.h"
#include "app/subscription.h"
#include "core/metering/group.h"
#include "store/sql/rows.h"

/* A fee with what belongs to it. */
struct fee_view {
    struct fee_row row;
    struct fee_tax_row *taxes;
    size_t tax_count;
    struct uuid charge_lineage_id; /* the charge's id in all versions of its plan; nil: no charge */
    struct uuid filter_lineage_id; /* likewise the filter's of the charge; nil: no filter */
    struct str filter_name;        /* as it is shown; STR_NULL: no filter */
    struct str filter_display_name;      /* its own; STR_NULL: none */
    struct str filter_values;            /* a JSON object, as they were sent; STR_NULL: no filter */
    struct group_keys displayed_keys;    /* that tell its units apart on documents */
    struct uuid fixed_charge_lineage_id; /* as the charge's */
    struct uuid true_up_fee_id; /* what fills it up to its charge's minimum; nil: nothing does */
    struct str external_customer_id;
    struct str external_subscription_id; /* STR_NULL: of no subscription */
    int64_t ended_at;                /* the subscription; TIME_NONE: it goes on, or there is none */
    struct str invoice_display_name; /* the plan's, charge's or add-on's; STR_NULL: none */
    bool is_invoiceable;             /* its charge: else it stands alone */
    bool is_alone;                   /* on no invoice (invoice.is_holder) */
    struct str payment_status;       /* of its invoice, or its own */
    struct str timezone;             /* by whose days its period runs */
    bool self_billed;
};

/* What a line of it is called: its display name, or else what it is of, with its filter's and the
 * values of its group. */
struct str fee_name(struct arena *arena, const struct fee_view *fee);
/* Whether each of its units costs the same: where tiers, flat amounts or limits take part,
 * unit_amount is no more than an average, which is nobody's price. */
bool fee_has_one_price(const struct fee_view *fee);

/* One subscription's periods on an invoice. */
struct invoice_period_view {
    struct invoice_subscription_row row;
    struct subscription_view subscription;
};

struct invoice_view {
    struct invoice_row row;
    struct customer_view customer;
    struct billing_entity_row entity; /* that issues it */
    struct invoice_tax_row *taxes;
    size_t tax_count;
    /* Only where details were asked for: */
    struct invoice_period_view *periods;
    size_t period_count;
    struct fee_view *fees;
    size_t fee_count;
};

/* What is left to pay; 0 for one that can't be paid, or is settled. */
int64_t invoice_open_minor(const struct invoice_row *row);

/* With details.  ERR_NOT_FOUND: none that is shown. */
MUST_CHECK enum err invoice_get(struct ctx *ctx, struct uuid id, struct invoice_view *view);

/* Each value is none for any, each mask 0 for all. */
struct invoice_filter {
    struct str external_customer_id;
    bool subscription, advance_charges;         /* invoice_type; both false: any */
    bool draft, finalized, voided;              /* all false: any */
    bool pending, succeeded, failed;            /* payment status; all false: any */
    bool overdue_only, not_overdue_only;        /* both false: any */
    int32_t issuing_from_day, issuing_to_day;   /* inclusive */
    int64_t amount_from_minor, amount_to_minor; /* of the total, inclusive */
    struct str currency;
    struct str billing_entity_code;
    struct str number;    /* a part of it, any case */
    struct uuid after_id; /* nil, or the invoice behind which the list begins */
    int64_t limit, offset;
};

/* A filter that lets everything through. */
#define INVOICE_FILTER_ALL                                  \
    ((struct invoice_filter){.issuing_from_day = DAY_NONE,  \
                             .issuing_to_day = DAY_NONE,    \
                             .amount_from_minor = INT_NONE, \
                             .amount_to_minor = INT_NONE})

/* Newest first, without details.  An unknown customer has none.  *total as
 * app/list.h.  ERR_INVALID: no such after_id; ERR_NOT_FOUND: no such billing entity. */
MUST_CHECK enum err invoice_list(struct ctx *ctx, const struct invoice_filter *filter,
                                 struct invoice_view **views, size_t *count, int64_t *total);

/* Ends the grace period now: computes the draft a last time and gives it its number.  Issued
 * today, due by its payment term from today.  ERR_NOT_FOUND; ERR_NOT_ALLOWED: not a draft. */
MUST_CHECK enum err invoice_finalize(struct ctx *ctx, struct uuid id, struct invoice_view *view);

/* Computes a draft again from what is known now; anything else is left as it is.
 * ERR_NOT_FOUND. */
MUST_CHECK enum err invoice_refresh(struct ctx *ctx, struct uuid id, struct invoice_view *view);

/* ERR_NOT_FOUND; ERR_NOT_ALLOWED: not finalized (a draft, or voided before). */
MUST_CHECK enum err invoice_void(struct ctx *ctx, struct uuid id, struct invoice_view *view);

/* pending, succeeded or failed, as someone else says: records no payment.  ERR_NOT_FOUND;
 * ERR_NOT_ALLOWED: not finalized. */
MUST_CHECK enum err invoice_set_payment_status(struct ctx *ctx, struct uuid id, struct str status,
                                               struct invoice_view *view);

struct fee_filter {
    struct str external_customer_id;
    struct str external_subscription_id;
    struct str metric_code;
    struct str currency;
    struct str event_transaction_id;
    bool subscription, charge, resale, fixed_charge; /* types; all false: none at all */
    /* Payment status of the invoice, or of a fee that stands alone; all false: any. */
    bool pending, succeeded, failed, refunded;
    int64_t created_from_at, created_to_at; /* inclusive; TIME_NONE: open */
    struct uuid after_id;                   /* nil, or the fee behind which the list begins */
    int64_t limit, offset;
};

/* Newest first; *total as app/list.h.  ERR_INVALID: no such after_id. */
MUST_CHECK enum err fee_list(struct ctx *ctx, const struct fee_filter *filter,
                             struct fee_view **views, size_t *count, int64_t *total);
/* ERR_NOT_FOUND. */
MUST_CHECK enum err fee_get(struct ctx *ctx, struct uuid id, struct fee_view *view);

/* What somebody says became of the payment of a fee that stands alone: pending, succeeded, failed,
 * refunded.  ERR_NOT_ALLOWED: it is on an invoice; ERR_NOT_FOUND. */
MUST_CHECK enum err fee_set_payment_status(struct ctx *ctx, struct uuid id, struct str status,
                                           struct fee_view *view);

/* Within a transaction: a fee with what belongs to it, and its invoice, or what holds it where it
 * stands alone.  ERR_NOT_FOUND. */
MUST_CHECK enum err fee_view_find(struct ctx *ctx, struct tx *tx, struct uuid id,
                                  struct fee_view *view, struct invoice_row *invoice);
/* Within a transaction: what belongs to a fee's row, stored or not, but for taxes that are not
 * stored. */
MUST_CHECK enum err fee_view_load(struct tx *tx, const struct fee_row *row,
                                  const struct customer_row *customer,
                                  const struct invoice_row *invoice, struct fee_view *view);
/* Within a transaction: what belongs to a row. */
MUST_CHECK enum err invoice_view_load(struct ctx *ctx, struct tx *tx, const struct invoice_row *row,
                                      bool details, struct invoice_view *view);

#endif
