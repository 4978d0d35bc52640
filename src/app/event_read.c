#include "app/event_read.h"

#include "app/event_prepare.h"
#include "base/assert.h"
#include "base/time.h"
#include "store/sql/catalog.h"
#include "store/sql/event.h"
#include "store/sql/subscription.h"

static enum err code_of(struct tx *tx, struct uuid metric_id, struct str *code)
{
    struct billable_metric_row metric;
    bool found = false;
    TRY(billable_metric_load(tx, &(struct billable_metric_load_in){.id = metric_id}, &metric,
                             &found));
    ASSERT(found);
    *code = metric.code;
    return ERR_NONE;
}

static enum err view_matched(struct tx *tx, const struct event_row *row, struct event_view *view)
{
    struct subscription_row subscription;
    bool found = false;
    TRY(subscription_load(
        tx,
        &(struct subscription_load_in){.customer_id = row->customer_id, .id = row->subscription_id},
        &subscription, &found));
    ASSERT(found);
    *view = (struct event_view){
        .id = row->id,
        .transaction_id = row->transaction_id,
        .external_subscription_id = subscription.external_id,
        .customer_id = row->customer_id,
        .subscription_id = row->subscription_id,
        .occurred_at = row->occurred_at,
        .properties = row->properties,
        .received_at = row->received_at,
        .precise_total_cents = row->precise_total_cents,
    };
    return code_of(tx, row->metric_id, &view->code);
}

static enum err view_unmatched(struct tx *tx, const struct event_unmatched_row *row,
                               struct event_view *view)
{
    bool named = row->external_subscription_id.len > 0;
    *view = (struct event_view){
        .id = row->id,
        .transaction_id = row->transaction_id,
        .external_subscription_id = named ? row->external_subscription_id : STR_NULL,
        .occurred_at = row->occurred_at,
        .properties = row->properties,
        .received_at = row->received_at,
        .precise_total_cents = row->precise_total_cents,
    };
    return code_of(tx, row->metric_id, &view->code);
}

static enum err view_of_key(struct tx *tx, const struct event_key_row *key, struct event_view *view)
{
    struct event_row event;
    struct event_unmatched_row unmatched;
    bool found = false;
    if (uuid_is_nil(key->customer_id)) {
        TRY(event_unmatched_load(tx, &(struct event_unmatched_load_in){.id = key->id}, &unmatched,
                                 &found));
        ASSERT(found);
        return view_unmatched(tx, &unmatched, view);
    }
    TRY(event_load(tx,
                   &(struct event_load_in){
                       .day = day_of_instant(key->occurred_at),
                       .customer_id = key->customer_id,
                       .subscription_id = key->subscription_id,
                       .metric_id = key->metric_id,
                       .occurred_at = key->occurred_at,
                       .id = key->id,
                   },
                   &event, &found));
    ASSERT(found);
    return view_matched(tx, &event, view);
}

struct event_getting {
    struct str transaction_id;
    struct str external_subscription_id;
    struct event_view *view;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct event_getting *getting = arg;
    unsigned char transaction[16];
    unsigned char subscription[8];
    event_transaction_hash(ctx->app, getting->transaction_id, transaction);
    event_subscription_hash(ctx->app, getting->external_subscription_id, subscription);
    struct str wanted = {(const char *)subscription, sizeof subscription};
    int32_t today = day_of_instant(ctx_now(ctx));
    for (int32_t day = today; day > today - EVENT_LOOKUP_DAYS; day--) {
        struct event_key_row *keys = NULL;
        size_t count = 0;
        TRY(event_key_of_transaction(
            tx,
            &(struct event_key_of_transaction_in){
                .arrival_day = day,
                .transaction_hash = (struct str){(const char *)transaction, sizeof transaction},
            },
            &keys, &count));
        for (size_t i = 0; i < count; i++) {
            if (str_is_null(getting->external_subscription_id) ||
                str_eq(keys[i].subscription_hash, wanted))
                return view_of_key(tx, &keys[i], getting->view);
        }
    }
    return fail_not_found(ctx, "event", getting->transaction_id);
}

enum err event_get(struct ctx *ctx, struct str transaction_id, struct str external_subscription_id,
                   struct event_view *view)
{
    struct event_getting getting = {transaction_id, external_subscription_id, view};
    return tx_run(ctx, TX_READ, get, &getting);
}

struct event_listing {
    const struct event_filter_query *query;
    struct event_view *views;
    size_t count;
    bool more;
};

/* Who has the external id: all its subscriptions, one after the other, are one customer's. */
static enum err wanted_owner(struct ctx *ctx, struct tx *tx, struct str external_id,
                             struct uuid *customer_id)
{
    struct subscription_owner_row owner;
    bool found = false;
    TRY(subscription_owner(tx, &(struct subscription_owner_in){.external_id = external_id}, &owner,
                           &found));
    if (!found)
        return fail_not_found(ctx, "subscription", external_id);
    *customer_id = owner.customer_id;
    return ERR_NONE;
}

static enum err wanted_metric(struct ctx *ctx, struct tx *tx, struct str code, struct uuid *id)
{
    struct billable_metric_row metric;
    bool found = false;
    if (str_is_null(code))
        return ERR_NONE;
    TRY(billable_metric_by_code(tx, &(struct billable_metric_by_code_in){.code = code}, &metric,
                                &found));
    if (!found)
        return fail_not_found(ctx, "billable_metric", code);
    *id = metric.id;
    return ERR_NONE;
}

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct event_listing *listing = arg;
    const struct event_filter_query *query = listing->query;
    struct event_page_in in = {
        .from_at = query->from_at,
        .to_at = query->to_at,
        .from_day = query->from_at == TIME_NONE ? 0 : day_of_instant(query->from_at),
        .to_day = query->to_at == TIME_NONE ? INT32_MAX : day_of_instant(query->to_at),
        .before_at = list_before_at(&query->after),
        .before_id = query->after.id,
        .limit = query->limit + 1,
        .offset = query->offset,
    };
    struct event_row *rows = NULL;
    size_t count = 0;
    /* The day of what comes next spares those after it. */
    if (query->after.is_set && day_of_instant(query->after.at) < in.to_day)
        in.to_day = day_of_instant(query->after.at);
    if (!str_is_null(query->external_subscription_id)) {
        in.wanted_external_id = query->external_subscription_id;
        TRY(wanted_owner(ctx, tx, query->external_subscription_id, &in.wanted_customer_id));
    }
    TRY(wanted_metric(ctx, tx, query->code, &in.wanted_metric_id));
    TRY(event_page(tx, &in, &rows, &count));
    listing->more = count > (size_t)query->limit;
    listing->count = listing->more ? (size_t)query->limit : count;
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct event_view);
    for (size_t i = 0; i < listing->count; i++)
        TRY(view_matched(tx, &rows[i], &listing->views[i]));
    return ERR_NONE;
}

enum err event_list(struct ctx *ctx, const struct event_filter_query *query,
                    struct event_view **views, size_t *count, bool *more)
{
    struct event_listing listing = {.query = query};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    *more = listing.more;
    return ERR_NONE;
}

struct unmatched_listing {
    const struct unmatched_query *query;
    int64_t total;
    struct event_view *views;
    size_t count;
};

static enum err list_unmatched(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct unmatched_listing *listing = arg;
    const struct unmatched_query *query = listing->query;
    struct event_unmatched_row *rows = NULL;
    struct event_unmatched_count_row counted;
    struct uuid metric_id = {0};
    bool found = false;
    TRY(wanted_metric(ctx, tx, query->code, &metric_id));
    listing->total = LIST_UNCOUNTED;
    if (!query->after.is_set) {
        TRY(event_unmatched_count(tx,
                                  &(struct event_unmatched_count_in){
                                      .wanted_external_id = query->external_subscription_id,
                                      .wanted_metric_id = metric_id},
                                  &counted, &found));
        listing->total = counted.total;
    }
    TRY(event_unmatched_page(
        tx,
        &(struct event_unmatched_page_in){.wanted_external_id = query->external_subscription_id,
                                          .wanted_metric_id = metric_id,
                                          .before_at = list_before_at(&query->after),
                                          .before_id = query->after.id,
                                          .limit = query->limit,
                                          .offset = query->offset},
        &rows, &listing->count));
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct event_view);
    for (size_t i = 0; i < listing->count; i++)
        TRY(view_unmatched(tx, &rows[i], &listing->views[i]));
    return ERR_NONE;
}

enum err event_list_unmatched(struct ctx *ctx, const struct unmatched_query *query,
                              struct event_view **views, size_t *count, int64_t *total)
{
    struct unmatched_listing listing = {.query = query};
    TRY(tx_run(ctx, TX_READ, list_unmatched, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}

struct summarizing {
    int64_t limit, offset;
    struct unmatched_summary *summary;
};

static enum err summarize(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct summarizing *s = arg;
    struct event_unmatched_summary_count_row counted;
    struct event_unmatched_summary_row *rows = NULL;
    bool found = false;
    (void)ctx;
    TRY(event_unmatched_summary_count(tx, &counted, &found));
    TRY(event_unmatched_summary(
        tx, &(struct event_unmatched_summary_in){.limit = s->limit, .offset = s->offset}, &rows,
        &s->summary->count));
    s->summary->total = counted.total;
    s->summary->items = ARENA_ARRAY(ctx->arena, s->summary->count, struct unmatched_waiting);
    for (size_t i = 0; i < s->summary->count; i++)
        s->summary->items[i] = (struct unmatched_waiting){
            .external_subscription_id = rows[i].external_subscription_id,
            .event_count = rows[i].event_count,
            .first_at = rows[i].first_at,
            .last_at = rows[i].last_at,
            .last_received_at = rows[i].last_received_at,
        };
    return ERR_NONE;
}

enum err event_unmatched_summarize(struct ctx *ctx, int64_t limit, int64_t offset,
                                   struct unmatched_summary *summary)
{
    struct summarizing s = {limit, offset, summary};
    return tx_run(ctx, TX_READ, summarize, &s);
}
