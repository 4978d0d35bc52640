#include "app/advance_limit.h"

#include "base/assert.h"

#include <stdlib.h>

/* "KIND:subscription:charge" begins the once_key of each fee of the charge (rating_charge_key);
 * both ids are of one length. */
static struct str key_begin(struct arena *arena, const char *kind,
                            const struct advance_period *period, char behind)
{
    return arena_fmt(arena, "%s:%.*s:%.*s%c", kind,
                     STR_ARG(uuid_text(arena, period->item->subscription.id)),
                     STR_ARG(uuid_text(arena, period->charge->row.lineage_id)), behind);
}

static enum err load_billed(struct tx *tx, struct arena *arena, struct advance_limit *limit)
{
    const struct advance_period *p = limit->period;
    return advance_billed_list(tx,
                               &(struct advance_billed_list_in){
                                   .customer_id = p->item->subscription.customer_id,
                                   .subscription_id = p->item->subscription.id,
                                   .from_at = p->item->period.charges_from_at,
                                   .after_key = key_begin(arena, "advance", p, ' '),
                                   .before_key = key_begin(arena, "advance", p, '~'),
                               },
                               &limit->billed, &limit->billed_count);
}

static enum err add_renewed(struct tx *tx, struct arena *arena, struct advance_limit *limit)
{
    const struct advance_period *p = limit->period;
    struct renewal_billed_list_row *rows = NULL;
    size_t count = 0;
    TRY(renewal_billed_list(tx,
                            &(struct renewal_billed_list_in){
                                .customer_id = p->item->subscription.customer_id,
                                .from_at = p->item->period.charges_from_at,
                                .after_key = key_begin(arena, "renewal", p, ' '),
                                .before_key = key_begin(arena, "renewal", p, '~'),
                            },
                            &rows, &count));
    limit->is_renewed = count > 0;
    for (size_t i = 0; i < count; i++)
        TRY(advance_limit_add(limit, rows[i].amount_minor));
    return ERR_NONE;
}

void advance_limit_init(struct advance_limit *limit, const struct advance_period *period)
{
    *limit = (struct advance_limit){
        .period = period,
        .is_on = period->charge->row.max_amount_minor > 0,
    };
}

enum err advance_limit_load(struct tx *tx, struct arena *arena, struct advance_limit *limit)
{
    ASSERT(limit->is_on);
    if (advance_renews(limit->period->charge))
        TRY(add_renewed(tx, arena, limit));
    return load_billed(tx, arena, limit);
}

static int compare_billed(const void *key, const void *row)
{
    return uuid_cmp(*(const struct uuid *)key,
                    ((const struct advance_billed_list_row *)row)->usage_event_id);
}

bool advance_limit_billed(const struct advance_limit *limit, struct uuid event_id, int64_t *minor)
{
    if (limit->billed_count == 0)
        return false;
    const struct advance_billed_list_row *row = bsearch(
        &event_id, limit->billed, limit->billed_count, sizeof *limit->billed, compare_billed);
    if (row != NULL)
        *minor = row->amount_minor;
    return row != NULL;
}

enum err advance_limit_add(struct advance_limit *limit, int64_t minor)
{
    int64_t *so_far = &limit->limits.amount_minor;
    return __builtin_add_overflow(*so_far, minor, so_far) ? ERR_OVERFLOW : ERR_NONE;
}

enum err advance_limit_apply(struct arena *arena, struct advance_limit *limit, struct fee_row *fee)
{
    const struct advance_period *p = limit->period;
    struct fee_row true_up; /* there is no minimum */
    return charge_limits_apply(arena, p->item, p->zone, p->charge, false, &limit->limits, fee,
                               &true_up);
}
