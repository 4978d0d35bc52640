#include "app/cost_due.h"

#include "app/customer_terms.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/cost.h"

int64_t cost_period_ends_at(const struct zone *zone, int64_t period_end_at)
{
    return zone_day_start(zone, day_of_instant(period_end_at));
}

/* ---- by which invoice ------------------------------------------------------------------------ */

static bool is_before(const struct invoice_row *draft, const struct cost_fees_query *query)
{
    if (draft->billing_at != query->billing_at)
        return draft->billing_at < query->billing_at;
    return uuid_cmp(draft->id, query->invoice_id) < 0;
}

static enum err is_left(struct tx *tx, const struct cost_fees_query *query,
                        const struct customer_cost_period_row *period,
                        const struct invoice_row *drafts, size_t draft_count, bool *left)
{
    int64_t ends_at = cost_period_ends_at(query->zone, period->period_end_at);
    struct cost_fee_draft_count_row counted;
    bool found = false;
    *left = false;
    for (size_t i = 0; i < draft_count; i++) {
        if (!uuid_eq(drafts[i].id, query->invoice_id) && drafts[i].billing_at >= ends_at &&
            is_before(&drafts[i], query))
            *left = true;
    }
    if (*left || draft_count == 0)
        return ERR_NONE;
    TRY(cost_fee_draft_count(tx,
                             &(struct cost_fee_draft_count_in){
                                 .customer_id = query->customer_id,
                                 .from_at = period->period_start_at,
                                 .invoice_id = query->invoice_id,
                             },
                             &counted, &found));
    ASSERT(found);
    *left = counted.total > 0;
    return ERR_NONE;
}

enum err cost_periods_taken(struct ctx *ctx, struct tx *tx, const struct cost_fees_query *query,
                            struct customer_cost_period_row **periods, size_t *count)
{
    struct customer_cost_period_row *open = NULL;
    struct invoice_row *drafts = NULL;
    size_t open_count = 0;
    size_t draft_count = 0;
    *count = 0;
    (void)ctx;
    TRY(cost_period_open_list(tx,
                              &(struct cost_period_open_list_in){.customer_id = query->customer_id},
                              &open, &open_count));
    *periods = open;
    if (open_count == 0)
        return ERR_NONE;
    TRY(cost_draft_list(tx,
                        &(struct cost_draft_list_in){.customer_id = query->customer_id,
                                                     .currency = query->currency},
                        &drafts, &draft_count));
    for (size_t i = 0; i < open_count; i++) {
        bool left = false;
        if (cost_period_ends_at(query->zone, open[i].period_end_at) > query->billing_at)
            continue;
        TRY(is_left(tx, query, &open[i], drafts, draft_count, &left));
        if (!left)
            open[(*count)++] = open[i];
    }
    return ERR_NONE;
}

/* ---- when ------------------------------------------------------------------------------------ */

/* None where an invoice will come anyway: a fitting draft, or the next one of a subscription. */
static enum err due_at_of(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                          int64_t period_end_at, int64_t *due_at)
{
    struct customer_terms terms;
    struct cost_running_count_row running;
    struct invoice_row *drafts = NULL;
    size_t draft_count = 0;
    bool found = false;
    int64_t now = ctx_now(ctx);
    TRY(customer_terms_load(ctx, tx, customer, &terms));
    TRY(cost_running_count(tx, &(struct cost_running_count_in){.customer_id = customer->id},
                           &running, &found));
    ASSERT(found);
    TRY(cost_draft_list(
        tx, &(struct cost_draft_list_in){.customer_id = customer->id, .currency = terms.currency},
        &drafts, &draft_count));
    int64_t ends_at = cost_period_ends_at(terms.zone, period_end_at);
    bool is_awaited = running.total > 0;
    for (size_t i = 0; i < draft_count; i++)
        is_awaited |= drafts[i].billing_at >= ends_at;
    *due_at = is_awaited ? TIME_NONE : ends_at > now ? ends_at : now;
    return ERR_NONE;
}

enum err cost_period_changed(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                             int64_t period_start_at, int64_t period_end_at)
{
    int64_t due_at = TIME_NONE;
    TRY(due_at_of(ctx, tx, customer, period_end_at, &due_at));
    return cost_period_touch(tx,
                             &(struct cost_period_touch_in){
                                 .customer_id = customer->id,
                                 .period_start_at = period_start_at,
                                 .period_end_at = period_end_at,
                                 .next_due_at = due_at,
                             },
                             NULL);
}

enum err cost_due_refresh(struct ctx *ctx, struct tx *tx, const struct customer_row *customer)
{
    struct customer_cost_period_row *open = NULL;
    size_t count = 0;
    TRY(cost_period_open_list(tx, &(struct cost_period_open_list_in){.customer_id = customer->id},
                              &open, &count));
    for (size_t i = 0; i < count; i++) {
        int64_t due_at = TIME_NONE;
        TRY(due_at_of(ctx, tx, customer, open[i].period_end_at, &due_at));
        TRY(cost_period_due_set(tx,
                                &(struct cost_period_due_set_in){
                                    .customer_id = customer->id,
                                    .period_start_at = open[i].period_start_at,
                                    .next_due_at = due_at,
                                },
                                NULL));
    }
    return ERR_NONE;
}
