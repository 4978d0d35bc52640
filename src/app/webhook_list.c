#include "app/webhook_list.h"

#include "app/audit.h"
#include "app/outbox.h"
#include "base/assert.h"
#include "base/json_write.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/outbox.h"
#include "store/sql/webhook.h"

#define ENTRY_BYTES_MAX 4096
#define PURGED_AT_ONCE  500

static enum err view_load(struct tx *tx, const struct webhook_row *row, struct webhook_view *view)
{
    struct webhook_endpoint_row endpoint;
    bool found = false;
    *view = (struct webhook_view){.row = *row, .url = STR_NULL};
    TRY(webhook_endpoint_load(tx, &(struct webhook_endpoint_load_in){.id = row->endpoint_id},
                              &endpoint, &found));
    if (found)
        view->url = endpoint.webhook_url;
    return outbox_tries(tx, row->customer_id, row->id, &view->tries, &view->due_at);
}

static enum err find(struct ctx *ctx, struct tx *tx, struct uuid id, struct webhook_row *row)
{
    bool found = false;
    TRY(webhook_by_id(tx, &(struct webhook_by_id_in){.id = id}, row, &found));
    return found ? ERR_NONE : fail_not_found(ctx, "webhook", uuid_text(ctx->arena, id));
}

struct getting {
    struct uuid id;
    struct webhook_view *view;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct getting *getting = arg;
    struct webhook_row row;
    TRY(find(ctx, tx, getting->id, &row));
    return view_load(tx, &row, getting->view);
}

enum err webhook_get(struct ctx *ctx, struct uuid id, struct webhook_view *view)
{
    return tx_run(ctx, TX_READ, get, &(struct getting){.id = id, .view = view});
}

/* ---- the list -------------------------------------------------------------------------------- */

struct listing {
    const struct webhook_filter *filter;
    struct webhook_view *views;
    size_t count;
    int64_t total;
};

static enum err read_page(struct tx *tx, const struct webhook_filter *filter, int64_t before_at,
                          struct webhook_row **rows, size_t *count)
{
    if (uuid_is_nil(filter->endpoint_id))
        return webhook_page(tx,
                            &(struct webhook_page_in){
                                .wanted_type = filter->type,
                                .wanted_status = filter->status,
                                .before_at = before_at,
                                .before_id = filter->after_id,
                                .limit = filter->limit,
                                .offset = filter->offset,
                            },
                            rows, count);
    return webhook_of_endpoint_page(tx,
                                    &(struct webhook_of_endpoint_page_in){
                                        .endpoint_id = filter->endpoint_id,
                                        .wanted_type = filter->type,
                                        .wanted_status = filter->status,
                                        .before_at = before_at,
                                        .before_id = filter->after_id,
                                        .limit = filter->limit,
                                        .offset = filter->offset,
                                    },
                                    rows, count);
}

static enum err count_all(struct tx *tx, const struct webhook_filter *filter, int64_t *total)
{
    struct webhook_count_row counted;
    bool found = false;
    TRY(webhook_count(tx,
                      &(struct webhook_count_in){
                          .first_endpoint_id = list_first_id(filter->endpoint_id),
                          .last_endpoint_id = list_last_id(filter->endpoint_id),
                          .wanted_type = filter->type,
                          .wanted_status = filter->status,
                      },
                      &counted, &found));
    *total = counted.total;
    return ERR_NONE;
}

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    const struct webhook_filter *filter = listing->filter;
    struct webhook_row *rows = NULL;
    struct webhook_row before = {.created_at = INT64_MAX};
    bool found = true;
    if (!uuid_is_nil(filter->after_id))
        TRY(webhook_by_id(tx, &(struct webhook_by_id_in){.id = filter->after_id}, &before, &found));
    if (!found)
        return fail_cursor(ctx, filter->after_id);
    TRY(read_page(tx, filter, before.created_at, &rows, &listing->count));
    listing->total = LIST_UNCOUNTED;
    if (uuid_is_nil(filter->after_id))
        TRY(count_all(tx, filter, &listing->total));
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct webhook_view);
    for (size_t i = 0; i < listing->count; i++)
        TRY(view_load(tx, &rows[i], &listing->views[i]));
    return ERR_NONE;
}

enum err webhook_list(struct ctx *ctx, const struct webhook_filter *filter,
                      struct webhook_view **views, size_t *count, int64_t *total)
{
    struct listing listing = {.filter = filter};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}

/* ---- sending again --------------------------------------------------------------------------- */

/* Without its body, which is the object's. */
static struct str entry_text(struct arena *arena, const struct webhook_row *row)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, arena, ENTRY_BYTES_MAX);
    json_writer_init(&out, &text);
    json_object(&out, NULL);
    json_str(&out, "webhook_type", row->webhook_type);
    json_uuid(&out, "endpoint_id", row->endpoint_id);
    json_str(&out, "status", row->webhook_status);
    json_str(&out, "last_problem", row->last_problem);
    json_object_end(&out);
    ASSERT(buf_ok(&text));
    return buf_str(&text);
}

static enum err resend(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct getting *resending = arg;
    struct webhook_row before;
    struct webhook_row row;
    TRY(find(ctx, tx, resending->id, &before));
    TRY(webhook_again(
        tx, &(struct webhook_again_in){.customer_id = before.customer_id, .id = before.id}, NULL));
    TRY(outbox_resend(ctx, tx, before.customer_id, before.id));
    TRY(find(ctx, tx, before.id, &row));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = ctx->app->organization_id,
                      .action = "webhook.resend",
                      .object_id = row.id,
                      .before = entry_text(ctx->arena, &before),
                      .after = entry_text(ctx->arena, &row),
                  }));
    return view_load(tx, &row, resending->view);
}

enum err webhook_resend(struct ctx *ctx, struct uuid id, struct webhook_view *view)
{
    return tx_run(ctx, TX_WRITE, resend, &(struct getting){.id = id, .view = view});
}

/* ---- getting old ----------------------------------------------------------------------------- */

static enum err purge(struct ctx *ctx, struct tx *tx, void *arg)
{
    int64_t *count = arg;
    struct webhook_old_list_row *rows = NULL;
    size_t found = 0;
    TRY(webhook_old_list(
        tx,
        &(struct webhook_old_list_in){.ended_before = ctx_now(ctx) - WEBHOOK_KEPT_DAYS * TIME_DAY,
                                      .limit = PURGED_AT_ONCE},
        &rows, &found));
    for (size_t i = 0; i < found; i++) {
        TRY(webhook_delete_outbox(tx,
                                  &(struct webhook_delete_outbox_in){
                                      .customer_id = rows[i].customer_id, .id = rows[i].id},
                                  NULL));
        TRY(webhook_delete(
            tx, &(struct webhook_delete_in){.customer_id = rows[i].customer_id, .id = rows[i].id},
            NULL));
    }
    *count = (int64_t)found;
    return ERR_NONE;
}

enum err webhook_purge(struct ctx *ctx, int64_t *count)
{
    return tx_run(ctx, TX_WRITE, purge, count);
}
