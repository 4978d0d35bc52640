#include "app/webhook.h"

#include "app/outbox.h"
#include "base/assert.h"
#include "base/buf.h"
#include "base/none.h"
#include "store/sql/catalog.h"
#include "store/sql/outbox.h"
#include "store/sql/webhook.h"

#include <string.h>

/* Which change is which type of message.  Lago's names where Lago has one. */
// clang-format off
static const struct { const char *action, *type; } told[] = {
    {"customer.create",          "customer.created"},
    {"customer.update",          "customer.updated"},
    {"customer.taxes",           "customer.updated"},
    {"customer.delete",          "customer.deleted"},
    {"plan.create",              "plan.created"},
    {"plan.update",              "plan.updated"},
    {"plan.entitlements",        "plan.updated"},
    {"plan.delete",              "plan.deleted"},
    {"invoice.draft",            "invoice.drafted"},
    {"invoice.finalize",         "invoice.created"},
    {"invoice.void",             "invoice.voided"},
    {"invoice.payment_status",   "invoice.payment_status_updated"},
};
// clang-format on

const char *const webhook_types[] = {
    "customer.created",
    "customer.updated",
    "customer.deleted",
    "invoice.created",
    "invoice.drafted",
    "invoice.payment_status_updated",
    "invoice.voided",
    "plan.created",
    "plan.deleted",
    "plan.updated",
    NULL,
};

bool webhook_type_is_known(struct str type)
{
    for (const char *const *known = webhook_types; *known != NULL; known++) {
        if (str_eq(type, str_of(*known)))
            return true;
    }
    return false;
}

struct str webhook_object_type(struct str type)
{
    struct str rest = type;
    struct str object;
    return str_split(&rest, '.', &object) ? object : type;
}

struct str webhook_topic(struct arena *arena, struct uuid endpoint_id)
{
    return arena_fmt(arena, "webhook:%.*s", STR_ARG(uuid_text(arena, endpoint_id)));
}

struct webhook_row webhook_new(struct ctx *ctx, struct uuid customer_id, struct uuid endpoint_id,
                               struct str type, struct uuid object_id)
{
    return (struct webhook_row){
        .customer_id = customer_id,
        .id = ctx_new_id(ctx),
        .endpoint_id = endpoint_id,
        .webhook_type = type,
        .object_type = webhook_object_type(type),
        .object_id = object_id,
        .webhook_status = STR("waiting"),
        .http_status = INT_NONE,
        .created_at = ctx_now(ctx),
        .ended_at = TIME_NONE,
    };
}

enum err webhook_queue(struct ctx *ctx, struct tx *tx, const struct webhook_row *row)
{
    struct uuid id = row->id;
    TRY(webhook_insert(tx, row));
    return outbox_add(ctx, tx, row->customer_id, webhook_topic(ctx->arena, row->endpoint_id),
                      STR_NULL, &id);
}

/* ---- of changes ------------------------------------------------------------------------------ */

struct noting {
    struct ctx *ctx;
    struct tx *tx;
    struct webhook_endpoint_row *endpoints;
    size_t endpoint_count;
    struct webhook_row *rows;
    struct outbox_row *outbox;
    size_t count;
};

static const char *type_of(const char *action)
{
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        if (strcmp(told[i].action, action) == 0)
            return told[i].type;
    }
    return NULL;
}

/* The list was written by us and its words need no escapes, so they stand between quotes as they
 * are. */
static bool wants(const struct webhook_endpoint_row *endpoint, struct str type)
{
    struct str rest = endpoint->event_types;
    struct str part;
    if (endpoint->disabled_at != TIME_NONE)
        return false;
    if (str_is_null(rest))
        return true;
    while (str_split(&rest, '"', &part)) {
        if (str_eq(part, type))
            return true;
    }
    return false;
}

/* After which nobody can load the object any more. */
static bool is_deletion(const char *type)
{
    return str_ends(str_of(type), STR(".deleted"));
}

/* A subscription's own copy of a plan is no plan of the catalogue. */
static enum err is_copy(struct tx *tx, const struct audit *entry, const char *type, bool *is)
{
    struct plan_row plan;
    bool found = false;
    *is = false;
    if (strncmp(type, "plan.", 5) != 0)
        return ERR_NONE;
    TRY(plan_by_id(tx, &(struct plan_by_id_in){.id = entry->object_id}, &plan, &found));
    *is = found && !uuid_is_nil(plan.parent_id);
    return ERR_NONE;
}

/* What was set to what it was is no news. */
static bool is_change(const struct audit *entry)
{
    return str_is_null(entry->before) || str_is_null(entry->after) ||
           !str_eq(entry->before, entry->after);
}

static enum err note(struct noting *noting, const struct audit *entry, const char *type)
{
    struct ctx *ctx = noting->ctx;
    bool is_of_copy = false;
    if (!is_change(entry))
        return ERR_NONE;
    TRY(is_copy(noting->tx, entry, type, &is_of_copy));
    for (size_t i = 0; i < noting->endpoint_count && !is_of_copy; i++) {
        const struct webhook_endpoint_row *endpoint = &noting->endpoints[i];
        if (!wants(endpoint, str_of(type)))
            continue;
        struct webhook_row row =
            webhook_new(ctx, entry->chain_id, endpoint->id, str_of(type), entry->object_id);
        if (is_deletion(type))
            row.object_before = entry->before;
        noting->rows[noting->count] = row;
        noting->outbox[noting->count++] = outbox_new(
            ctx, row.customer_id, webhook_topic(ctx->arena, endpoint->id), STR_NULL, row.id);
    }
    return ERR_NONE;
}

static size_t count_told(const struct audit *entries, size_t count)
{
    size_t told_count = 0;
    for (size_t i = 0; i < count; i++)
        told_count += type_of(entries[i].action) != NULL;
    return told_count;
}

enum err webhook_note(struct ctx *ctx, struct tx *tx, const struct audit *entries, size_t count)
{
    struct noting noting = {.ctx = ctx, .tx = tx};
    size_t rows_max = count_told(entries, count);
    if (rows_max == 0)
        return ERR_NONE;
    TRY(webhook_endpoint_list(tx, &noting.endpoints, &noting.endpoint_count));
    if (noting.endpoint_count == 0)
        return ERR_NONE;
    rows_max *= noting.endpoint_count;
    noting.rows = ARENA_ARRAY(ctx->arena, rows_max, struct webhook_row);
    noting.outbox = ARENA_ARRAY(ctx->arena, rows_max, struct outbox_row);
    for (size_t i = 0; i < count; i++) {
        const char *type = type_of(entries[i].action);
        if (type != NULL)
            TRY(note(&noting, &entries[i], type));
    }
    if (noting.count == 0)
        return ERR_NONE;
    TRY(webhook_insert_many(tx, noting.rows, noting.count));
    return outbox_insert_many(tx, noting.outbox, noting.count);
}
