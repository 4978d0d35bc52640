/* rating.h - what a subscription costs for the periods that an invoice bills.
 *
 * A fee is computed from facts alone (the plan's version, the days, the usage), so the same
 * functions make it and prove it again.  Amounts are exact until one rounding, half away from zero.
 * Each fee carries its arithmetic in words, and a once_key, unique for its customer, that says what
 * it bills. */
#ifndef APP_RATING_H
#define APP_RATING_H

#include "app/ctx.h"
#include "app/invoice_build.h"
#include "app/usage_slices.h"
#include "base/zone.h"
#include "core/currency.h"
#include "core/metering/usage.h"

/* What all fees have in common, without price. */
struct fee_row rating_fee_begin(const struct invoice_item *item, struct str type, int64_t from_at,
                                int64_t to_at);

/* Sets the amounts of a fee, whose units stand there, from its exact price.  ERR_OVERFLOW. */
MUST_CHECK enum err rating_set_price(const struct currency *currency, struct decimal price,
                                     struct fee_row *fee);

/* The plan's own fee for item->period's from_at to to_at (both there), without ids and taxes.
 * Exists at 0 too.  ERR_OVERFLOW. */
MUST_CHECK enum err rating_plan_fee(struct arena *arena, const struct invoice_item *item,
                                    const struct zone *zone, struct fee_row *fee);

/* "KIND:subscription:charge:from": the once_key of what is billed for a charge in item->period's
 * charges_from_at.
 *   filter  NULL: of no filter
 *   group   STR_NULL: of no group */
struct str rating_charge_key(struct arena *arena, const char *kind, const struct invoice_item *item,
                             const struct charge_view *charge,
                             const struct charge_filter_row *filter, struct str group);

/* Units told apart, as a fee's presentation_breakdowns; STR_NULL: they are not. */
struct str rating_shares_text(struct arena *arena, const struct usage_share *shares, size_t count);

/* The fee of a charge's slice (app/usage_slices.h), but for the charge's limits
 * (app/charge_limits.h), for its usage of item->period's charges_from_at to charges_to_at (both
 * there), without ids and taxes.  ERR_OVERFLOW. */
MUST_CHECK enum err rating_charge_fee(struct arena *arena, const struct invoice_item *item,
                                      const struct charge_view *charge,
                                      const struct usage_slice *slice, int64_t event_seq,
                                      struct fee_row *fee);
/* Whether the charge can't be priced from running totals: a unique count, a percentile, prices per
 * event, groups.  Its usage is then read by usage_of_events, with values. */
bool rating_needs_events(struct arena *arena, const struct charge_view *charge);

/* What is asked of a charge's usage for item->period's charges_from_at to charges_to_at.
 *   day_zone     the customer's as it is now, by whose days running totals are kept
 *   period_zone  the invoice's, by which its periods are */
struct usage_query rating_query(struct arena *arena, const struct invoice_item *item,
                                const struct zone *day_zone, const struct zone *period_zone,
                                const struct charge_view *charge);

/* What such fees are made from, as of now, for an invoice (or what current usage looks like one):
 * the usage of item->period's charges_from_at to charges_to_at, of each slice. */
MUST_CHECK enum err rating_usage(struct ctx *ctx, struct tx *tx, const struct invoice_item *item,
                                 const struct invoice_build *build,
                                 const struct charge_view *charge, struct usage_slices *slices);
/* Whether such a fee stands on the invoice: there were events, or it costs something without, or it
 * is what a true-up (app/charge_limits.h) adds to. */
bool rating_charge_counts(const struct fee_row *fee, const struct fee_row *true_up);

/* Adds the fees of a charge's slices and its true-up to the invoice, where they count.
 * ERR_OVERFLOW. */
MUST_CHECK enum err rating_charge_add(struct ctx *ctx, const struct invoice_item *item,
                                      struct invoice_build *build, const struct charge_view *charge,
                                      const struct usage_slices *slices, int64_t event_seq);

/* The fees of a charge's slices for a period that was billed before, with all its usage as of now;
 * the period as for rating_charge_fee.  ERR_OVERFLOW; ERR_BUSY as rating_add. */
MUST_CHECK enum err rating_late_fees(struct ctx *ctx, struct tx *tx,
                                     const struct invoice_item *item,
                                     const struct invoice_build *build,
                                     const struct charge_view *charge, struct fee_row **fees,
                                     size_t *count);

/* An error of what makes fees; ERR_OVERFLOW is put into words. */
MUST_CHECK enum err rating_too_large(struct ctx *ctx, enum err err,
                                     const struct invoice_item *item);

/* Adds all fees of one subscription to the invoice, and says in item->period up to which ingest
 * commit they count usage.  ERR_OVERFLOW with words; ERR_BUSY: events came in faster than they
 * could be read. */
MUST_CHECK enum err rating_add(struct ctx *ctx, struct tx *tx, struct invoice_item *item,
                               struct invoice_build *build);

#endif
