#include "app/webhook.h"

#include "app/outbox.h"
#include "base/json_members.h"
#include "base/none.h"
#include "store/sql/catalog.h"
#include "store/sql/outbox.h"
#include "store/sql/webhook.h"

#include <string.h>

/* Lago's names where Lago has one. */
// clang-format off
const struct webhook_kind webhook_kinds[] = {
    {"add_on.created", {"add_on.create"}, NULL},
    {"add_on.deleted", {"add_on.delete"}, NULL},
    {"add_on.updated", {"add_on.update"}, NULL},
    {"billable_metric.created", {"billable_metric.create"}, NULL},
    {"billable_metric.deleted", {"billable_metric.delete"}, NULL},
    {"billable_metric.updated", {"billable_metric.update"}, NULL},
    {"billing_entity.created", {"billing_entity.create"}, NULL},
    {"billing_entity.updated", {"billing_entity.update", "billing_entity.taxes", "billing_entity.logo",
                                "billing_entity.archive"}, NULL},
    {"customer.created", {"customer.create"}, NULL},
    {"customer.deleted", {"customer.delete"}, NULL},
    {"customer.updated", {"customer.update", "customer.taxes"}, NULL},
    {"feature.created", {"feature.create"}, NULL},
    {"feature.deleted", {"feature.delete"}, NULL},
    {"feature.updated", {"feature.update"}, NULL},
    {"fee.created", {"fee.create"}, NULL},
    {"fee.updated", {"fee.payment_status"}, NULL},
    {"invoice.created", {"invoice.finalize"}, NULL},
    {"invoice.drafted", {"invoice.draft"}, NULL},
    {"invoice.payment_overdue", {"invoice.overdue"}, NULL},
    {"invoice.payment_status_updated", {"invoice.payment_status"}, NULL},
    {"invoice.updated", {"invoice.refresh", "invoice.reschedule"}, NULL},
    {"invoice.voided", {"invoice.void"}, NULL},
    {"payment.created", {"payment.create", "payment.begin"}, NULL},
    {"payment.failed", {"payment.fail"}, NULL},
    {"payment.succeeded", {"payment.create", "payment.succeed"}, NULL},
    {"payment.updated", {"payment.update"}, NULL},
    {"payment_receipt.created", {"payment.create", "payment.succeed"}, NULL},
    {"plan.created", {"plan.create"}, NULL},
    {"plan.deleted", {"plan.delete"}, NULL},
    {"plan.updated", {"plan.update", "plan.entitlements"}, NULL},
    {"subscription.canceled", {"subscription.cancel"}, NULL},
    {"subscription.created", {"subscription.create"}, NULL},
    {"subscription.started", {"subscription.start", "subscription.create"}, "active"},
    {"subscription.terminated", {"subscription.terminate"}, NULL},
    {"subscription.updated", {"subscription.update", "subscription.units", "subscription.entitlements",
                              "subscription.lifetime_usage"}, NULL},
    {"tax.created", {"tax.create"}, NULL},
    {"tax.deleted", {"tax.delete"}, NULL},
    {"tax.updated", {"tax.update"}, NULL},
    {NULL, {NULL}, NULL},
};
// clang-format on

bool webhook_type_is_known(struct str type)
{
    for (const struct webhook_kind *kind = webhook_kinds; kind->type != NULL; kind++) {
        if (str_eq(type, str_of(kind->type)))
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

bool webhook_is_deletion(struct str type)
{
    return str_ends(type, STR(".deleted"));
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

static bool is_of(const struct webhook_kind *kind, const char *action)
{
    for (size_t i = 0; i < WEBHOOK_ACTIONS_MAX && kind->actions[i] != NULL; i++) {
        if (strcmp(kind->actions[i], action) == 0)
            return true;
    }
    return false;
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

/* What is deleted some day, perhaps before the message is made. */
static bool can_go(struct arena *arena, struct str object_type)
{
    return webhook_type_is_known(arena_fmt(arena, "%.*s.deleted", STR_ARG(object_type)));
}

/* A subscription's own copy of a plan is no plan of the catalogue. */
static enum err is_copy(struct tx *tx, const struct audit *entry, const char *type, bool *is)
{
    struct plan_row plan;
    bool found = false;
    *is = false;
    if (!str_starts(str_of(type), STR("plan.")))
        return ERR_NONE;
    TRY(plan_by_id(tx, &(struct plan_by_id_in){.id = entry->object_id}, &plan, &found));
    *is = found && !uuid_is_nil(plan.parent_id);
    return ERR_NONE;
}

/* What was set to what it was is no news, nor is a subscription started that waits. */
static bool is_news(struct arena *arena, const struct webhook_kind *kind, const struct audit *entry)
{
    static const char *const names[] = {"status", NULL};
    struct str status = STR_NULL;
    if (!str_is_null(entry->before) && !str_is_null(entry->after) &&
        str_eq(entry->before, entry->after))
        return false;
    if (kind->status == NULL)
        return true;
    return json_members(arena, entry->after, names, &status) &&
           str_eq(status, str_of(kind->status));
}

static enum err note(struct noting *noting, const struct audit *entry,
                     const struct webhook_kind *kind)
{
    struct ctx *ctx = noting->ctx;
    bool is_of_copy = false;
    if (!is_news(ctx->arena, kind, entry))
        return ERR_NONE;
    TRY(is_copy(noting->tx, entry, kind->type, &is_of_copy));
    for (size_t i = 0; i < noting->endpoint_count && !is_of_copy; i++) {
        const struct webhook_endpoint_row *endpoint = &noting->endpoints[i];
        if (!wants(endpoint, str_of(kind->type)))
            continue;
        struct webhook_row row =
            webhook_new(ctx, entry->chain_id, endpoint->id, str_of(kind->type), entry->object_id);
        if (can_go(ctx->arena, row.object_type))
            row.object_said = str_is_null(entry->before) ? entry->after : entry->before;
        noting->rows[noting->count] = row;
        noting->outbox[noting->count++] = outbox_new(
            ctx, row.customer_id, webhook_topic(ctx->arena, endpoint->id), STR_NULL, row.id);
    }
    return ERR_NONE;
}

static size_t count_told(const struct audit *entries, size_t count)
{
    size_t told = 0;
    for (const struct webhook_kind *kind = webhook_kinds; kind->type != NULL; kind++) {
        for (size_t i = 0; i < count; i++)
            told += is_of(kind, entries[i].action);
    }
    return told;
}

/* All that one entry tells. */
static enum err note_entry(struct noting *noting, const struct audit *entry)
{
    for (const struct webhook_kind *kind = webhook_kinds; kind->type != NULL; kind++) {
        if (is_of(kind, entry->action))
            TRY(note(noting, entry, kind));
    }
    return ERR_NONE;
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
    for (size_t i = 0; i < count; i++)
        TRY(note_entry(&noting, &entries[i]));
    if (noting.count == 0)
        return ERR_NONE;
    TRY(webhook_insert_many(tx, noting.rows, noting.count));
    return outbox_insert_many(tx, noting.outbox, noting.count);
}
