/* Messages to endpoints, without a network: who is told, and how long messages are kept.  What is
 * sent is proved by tests/webhook. */
#include "app/webhook_endpoint.h"
#include "app/webhook_list.h"
#include "store/sql/webhook.h"
#include "tests/app/world.h"

static struct uuid add_endpoint(struct world *w, const char *url, const char *type)
{
    const struct str types[] = {str_of(type)};
    const struct webhook_endpoint_input input = {.url = str_of(url),
                                                 .types = types,
                                                 .type_count = type == NULL ? 0 : 1,
                                                 .wire = WEBHOOK_ENDPOINT_WIRE_STANDARD};
    struct webhook_endpoint_row row;
    struct str secret;
    MUST(w, webhook_endpoint_create(&w->ctx, &input, &row, &secret));
    return row.id;
}

static int64_t count_of(struct world *w, struct uuid endpoint_id, struct webhook_view **views)
{
    const struct webhook_filter filter = {
        .endpoint_id = endpoint_id, .type = STR_NULL, .status = STR_NULL, .limit = 100};
    size_t count = 0;
    int64_t total = 0;
    MUST(w, webhook_list(&w->ctx, &filter, views, &count, &total));
    CHECK_INT(total, (int64_t)count);
    return total;
}

TEST(who_wants_to_know_is_told)
{
    struct world w;
    struct webhook_view *views = NULL;
    world_open(&w);
    at(&w, "2024-01-01T00:00:00Z");
    struct uuid all = add_endpoint(&w, "https://a.example/", NULL);
    struct uuid some = add_endpoint(&w, "https://b.example/", "tax.created");
    make_tax(&w, "vat", "19", true);
    make_customer(&w, "acme", "UTC");
    CHECK_INT(count_of(&w, some, &views), 1);
    CHECK_STR(views[0].row.webhook_type, "tax.created");
    CHECK_STR(views[0].row.webhook_status, "waiting");
    CHECK_INT(count_of(&w, all, &views), 2); /* newest first */
    CHECK_STR(views[0].row.webhook_type, "customer.created");
    CHECK_STR(views[1].row.webhook_type, "tax.created");
    world_close(&w);
}

static enum err end_one(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct webhook_row *row = arg;
    return webhook_end_try(tx,
                           &(struct webhook_end_try_in){.webhook_status = STR("failed"),
                                                        .http_status = INT_NONE,
                                                        .answer_head = STR_NULL,
                                                        .last_problem = STR_NULL,
                                                        .ended_at = ctx_now(ctx),
                                                        .customer_id = row->customer_id,
                                                        .id = row->id},
                           NULL);
}

TEST(what_ended_is_forgotten_after_thirty_days)
{
    struct world w;
    struct webhook_view *views = NULL;
    int64_t purged = -1;
    world_open(&w);
    at(&w, "2024-01-01T00:00:00Z");
    struct uuid endpoint = add_endpoint(&w, "https://a.example/", "customer.created");
    make_customer(&w, "first", "UTC");
    make_customer(&w, "second", "UTC"); /* waits, and is kept */
    CHECK_INT(count_of(&w, endpoint, &views), 2);
    struct webhook_row row = views[1].row;
    MUST(&w, tx_run(&w.ctx, TX_WRITE, end_one, &row));
    at(&w, "2024-01-31T00:00:00Z");
    MUST(&w, webhook_purge(&w.ctx, &purged));
    CHECK_INT(purged, 0);
    at(&w, "2024-01-31T00:00:01Z");
    MUST(&w, webhook_purge(&w.ctx, &purged));
    CHECK_INT(purged, 1);
    CHECK_INT(count_of(&w, endpoint, &views), 1);
    CHECK(!uuid_eq(views[0].row.id, row.id));
    struct webhook_view view;
    CHECK_INT(webhook_get(&w.ctx, row.id, &view), ERR_NOT_FOUND);
    world_close(&w);
}
