#include "api/webhook_body.h"

#include "api/face.h"
#include "api/inside.h"
#include "app/webhook.h"
#include "base/assert.h"
#include "base/json_members.h"
#include "base/json_write.h"

/* Where the API shows an object, and under which name in its answer. */
static const struct shown {
    const char *object_type;
    const char *path;
    const char *member;
} shown[] = {
    {"add_on", "/add_ons/{code}", "add_on"},
    {"billable_metric", "/billable_metrics/{code}", "billable_metric"},
    {"billing_entity", "/billing_entities/{code}", "billing_entity"},
    {"customer", "/customers/{external_id}", "customer"},
    {"feature", "/features/{code}", "feature"},
    {"fee", "/fees/{id}", "fee"},
    {"invoice", "/invoices/{id}", "invoice"},
    {"payment", "/payments/{id}", "payment"},
    {"payment_receipt", "/payments/{id}", "payment"},
    {"plan", "/plans/{code}", "plan"},
    {"subscription", "/subscriptions/{external_id}", "subscription"},
    {"tax", "/taxes/{code}", "tax"},
    {"webhook_endpoint", "/webhook_endpoints/{id}", "webhook_endpoint"},
};

static const struct shown *find(struct str object_type)
{
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        if (str_eq(object_type, str_of(shown[i].object_type)))
            return &shown[i];
    }
    return NULL;
}

/* ---- the object ------------------------------------------------------------------------------ */

/* The audit entry has the object's row, by itself or beside its parts. */
static void read_row(struct arena *arena, const struct webhook_row *row, struct str *values)
{
    static const char *const names[] = {"code", "external_id", "name", NULL};
    const char *const parts[] = {arena_cstr(arena, row->object_type), NULL};
    struct str part = STR_NULL;
    if (str_is_null(row->object_said))
        return;
    if (json_members(arena, row->object_said, parts, &part) && !str_is_null(part))
        (void)json_members(arena, part, names, values);
    else
        (void)json_members(arena, row->object_said, names, values);
}

/* What the object was. */
static struct str gone_object(struct ctx *ctx, const struct face *face,
                              const struct webhook_told *told)
{
    const struct webhook_row *row = told->row;
    struct str values[3] = {STR_NULL, STR_NULL, STR_NULL};
    struct json_writer out;
    struct buf text;
    read_row(ctx->arena, row, values);
    buf_init(&text, ctx->arena, WEBHOOK_BODY_MAX);
    json_writer_init(&out, &text);
    json_object(&out, NULL);
    face_id(&out, face, row->object_id);
    if (!str_is_null(values[0]))
        json_str(&out, "code", values[0]);
    if (!str_is_null(values[1]))
        json_str(&out, "external_id", values[1]);
    if (!str_is_null(values[2]))
        json_str(&out, "name", values[2]);
    if (webhook_is_deletion(row->webhook_type))
        json_time(&out, "deleted_at", row->created_at);
    json_object_end(&out);
    return buf_str(&text);
}

/* The answer's object; STR_NULL where it is another one that has taken the name: of two ended
 * subscriptions with one external id, say. */
static struct str object_of(struct ctx *ctx, const struct face *face,
                            const struct webhook_told *told, const char *member, struct str answer)
{
    const char *const members[] = {member, NULL};
    const char *const ids[] = {face->is_lago ? "lago_id" : "id", NULL};
    struct str object = STR_NULL;
    struct str id = STR_NULL;
    bool is_read = json_members(ctx->arena, answer, members, &object) && !str_is_null(object) &&
                   json_members(ctx->arena, object, ids, &id);
    ASSERT(is_read); /* our own answer */
    return str_eq(id, uuid_text(ctx->arena, told->row->object_id)) ? object : STR_NULL;
}

/* A receipt is no object of the API's own: its payment's id, number, and the payment. */
static struct str receipt_of(struct ctx *ctx, const struct face *face,
                             const struct webhook_told *told, struct str payment)
{
    static const char *const names[] = {"receipt_number", NULL};
    struct str number = STR_NULL;
    struct json_writer out;
    struct buf text;
    (void)json_members(ctx->arena, payment, names, &number);
    buf_init(&text, ctx->arena, WEBHOOK_BODY_MAX);
    json_writer_init(&out, &text);
    json_object(&out, NULL);
    face_id(&out, face, told->row->object_id);
    json_str(&out, "number", number);
    json_raw(&out, "payment", payment);
    json_time(&out, "created_at", told->row->created_at);
    json_object_end(&out);
    return buf_str(&text);
}

static enum err read_object(struct ctx *ctx, const struct face *face,
                            const struct webhook_told *told, struct str *object)
{
    const struct shown *kind = find(told->row->object_type);
    ASSERT(kind != NULL); /* a type of which nobody said where it is shown */
    const struct http_param query = {.name = STR("status"), .value = told->status};
    struct str answer = STR_NULL;
    *object = STR_NULL;
    enum err err = inside_read_as(ctx, face, kind->path, told->key, &query,
                                  str_is_null(told->status) ? 0 : 1, &answer);
    if (err == ERR_NOT_FOUND)
        fault_reset(ctx->fault);
    else
        TRY(err);
    if (err == ERR_NONE)
        *object = object_of(ctx, face, told, kind->member, answer);
    if (str_is_null(*object))
        *object = gone_object(ctx, face, told); /* as good as gone */
    else if (str_eq(told->row->object_type, STR("payment_receipt")))
        *object = receipt_of(ctx, face, told, *object);
    return ERR_NONE;
}

/* ---- around it ------------------------------------------------------------------------------- */

static void write_lago(struct ctx *ctx, struct json_writer *out, const struct webhook_row *row,
                       struct str object)
{
    json_str(out, "webhook_type", row->webhook_type);
    json_str(out, "object_type", row->object_type);
    json_uuid(out, "organization_id", ctx->app->organization_id);
    json_raw(out, arena_cstr(ctx->arena, row->object_type), object);
}

static void write_standard(struct json_writer *out, const struct webhook_row *row,
                           struct str object)
{
    json_str(out, "type", row->webhook_type);
    json_time(out, "timestamp", row->created_at);
    json_raw(out, "data", object);
}

enum err webhook_body_write(struct ctx *ctx, const struct webhook_told *told, struct str *body)
{
    const struct face *face = told->is_lago ? &face_lago : &face_native;
    struct json_writer out;
    struct str object;
    struct buf text;
    if (told->is_gone)
        object = gone_object(ctx, face, told);
    else
        TRY(read_object(ctx, face, told, &object));
    buf_init(&text, ctx->arena, WEBHOOK_BODY_MAX);
    json_writer_init(&out, &text);
    json_object(&out, NULL);
    if (told->is_lago)
        write_lago(ctx, &out, told->row, object);
    else
        write_standard(&out, told->row, object);
    json_object_end(&out);
    if (!buf_ok(&text))
        return fault_set(ctx->fault, ERR_TOO_LARGE, "the message has too much in it");
    *body = buf_str(&text);
    return ERR_NONE;
}
