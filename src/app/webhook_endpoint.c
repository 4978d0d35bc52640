#include "app/webhook_endpoint.h"

#include "app/audit.h"
#include "app/webhook.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/json_write.h"
#include "base/none.h"
#include "base/time.h"
#include "connectors/webhook_sign.h"
#include "connectors/webhook_target.h"
#include "store/sql/webhook.h"

#define TYPES_BYTES_MAX ((size_t)64 << 10)
#define SHARED_BYTES    32 /* of the key that endpoints of Lago's form share */

struct uuid webhook_secret_owner(const struct ctx *ctx, const struct webhook_endpoint_row *row)
{
    return str_eq(row->wire, WEBHOOK_ENDPOINT_WIRE_LAGO) ? ctx->app->organization_id : row->id;
}

static enum err audited(struct ctx *ctx, struct tx *tx, const char *action,
                        const struct webhook_endpoint_row *before,
                        const struct webhook_endpoint_row *after)
{
    return audit_add(
        ctx, tx,
        &(struct audit){
            .chain_id = ctx->app->organization_id,
            .action = action,
            .object_id = (after == NULL ? before : after)->id,
            .before = before == NULL ? STR_NULL : webhook_endpoint_row_json(ctx->arena, before),
            .after = after == NULL ? STR_NULL : webhook_endpoint_row_json(ctx->arena, after),
        });
}

/* ---- what is asked for ----------------------------------------------------------------------- */

/* "invoice.created": small letters and "_", with one dot between. */
static bool looks_like_type(struct str type)
{
    struct str rest = type;
    struct str part;
    size_t parts = 0;
    while (str_split(&rest, '.', &part)) {
        parts++;
        if (part.len == 0)
            return false;
        for (size_t i = 0; i < part.len; i++) {
            if ((part.ptr[i] < 'a' || part.ptr[i] > 'z') && part.ptr[i] != '_')
                return false;
        }
    }
    return parts == 2;
}

static void check_types(struct ctx *ctx, const struct webhook_endpoint_input *input)
{
    if (input->type_count > WEBHOOK_TYPES_MAX)
        fault_field(ctx->fault, STR("event_types"), "too_many_values", STR_NULL,
                    "at most %d types, or null for all", WEBHOOK_TYPES_MAX);
    for (size_t i = 0; i < input->type_count; i++) {
        struct str type = input->types[i];
        if (!webhook_type_is_known(type) && !(input->takes_any_type && looks_like_type(type)))
            fault_field(ctx->fault, arena_fmt(ctx->arena, "event_types.%zu", i), "value_is_invalid",
                        type, "a type of docs/guide/webhooks.md such as invoice.created");
    }
}

static enum err check_input(struct ctx *ctx, const struct webhook_endpoint_input *input)
{
    if ((input->sent & WEBHOOK_ENDPOINT_URL) != 0) {
        const char *wrong = webhook_target_wrong(input->url, ctx->app->webhook_reach);
        if (wrong != NULL)
            fault_field(ctx->fault, STR("webhook_url"), "value_is_invalid", input->url, "%s",
                        wrong);
    }
    if ((input->sent & WEBHOOK_ENDPOINT_TYPES) != 0)
        check_types(ctx, input);
    TRY(fault_check(ctx->fault));
    if ((input->sent & WEBHOOK_ENDPOINT_ALGO) == 0 || str_is_null(input->signature_algo) ||
        str_eq(input->signature_algo, STR("hmac")))
        return ERR_NONE;
    fault_field(ctx->fault, STR("signature_algo"), "not_supported", input->signature_algo, "hmac");
    return fail(ctx, ERR_NOT_SUPPORTED, "messages are signed with hmac alone");
}

static struct str types_json(struct arena *arena, const struct webhook_endpoint_input *input)
{
    struct buf text;
    struct json_writer out;
    if (input->type_count == 0)
        return STR_NULL;
    buf_init(&text, arena, TYPES_BYTES_MAX);
    json_writer_init(&out, &text);
    json_array(&out, NULL);
    for (size_t i = 0; i < input->type_count; i++)
        json_str(&out, NULL, input->types[i]);
    json_array_end(&out);
    ASSERT(buf_ok(&text));
    return buf_str(&text);
}

static void apply(struct ctx *ctx, const struct webhook_endpoint_input *input,
                  struct webhook_endpoint_row *row)
{
    if ((input->sent & WEBHOOK_ENDPOINT_URL) != 0)
        row->webhook_url = input->url;
    if ((input->sent & WEBHOOK_ENDPOINT_NAME) != 0)
        row->name = input->name;
    if ((input->sent & WEBHOOK_ENDPOINT_TYPES) != 0)
        row->event_types = types_json(ctx->arena, input);
    if ((input->sent & WEBHOOK_ENDPOINT_ENABLED) != 0 &&
        input->is_enabled != (row->disabled_at == TIME_NONE)) {
        row->disabled_at = input->is_enabled ? TIME_NONE : ctx_now(ctx);
        row->disabled_reason = input->is_enabled ? STR_NULL : STR("by_request");
    }
    row->updated_at = ctx_now(ctx);
}

struct keeping {
    struct uuid id;
    const struct webhook_endpoint_input *input;
    struct webhook_endpoint_row *row;
    struct str *secret;
};

/* Holds all endpoints; no other has the address. */
static enum err check_others(struct ctx *ctx, struct tx *tx, struct uuid own_id,
                             const struct webhook_endpoint_input *input)
{
    struct organization_row organization;
    struct webhook_endpoint_row *rows = NULL;
    size_t count = 0;
    bool found = false;
    TRY(webhook_endpoints_lock(tx,
                               &(struct webhook_endpoints_lock_in){.id = ctx->app->organization_id},
                               &organization, &found));
    ASSERT(found);
    TRY(webhook_endpoint_list(tx, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if ((input->sent & WEBHOOK_ENDPOINT_URL) != 0 && !uuid_eq(rows[i].id, own_id) &&
            str_eq(rows[i].webhook_url, input->url))
            fault_field(ctx->fault, STR("webhook_url"), "value_already_exist", input->url,
                        "an address that no endpoint has yet");
    }
    if (uuid_is_nil(own_id) && count >= WEBHOOK_ENDPOINTS_MAX)
        fault_field(ctx->fault, STR("webhook_url"), "too_many_values", input->url,
                    "at most %d endpoints; remove one first", WEBHOOK_ENDPOINTS_MAX);
    return fault_check(ctx->fault);
}

/* ---- secrets --------------------------------------------------------------------------------- */

static struct str new_secret(struct ctx *ctx, const struct webhook_endpoint_row *row)
{
    unsigned char bytes[SHARED_BYTES];
    struct buf text;
    if (!str_eq(row->wire, WEBHOOK_ENDPOINT_WIRE_LAGO))
        return webhook_secret_new(ctx->arena);
    buf_init(&text, ctx->arena, 2 * sizeof bytes);
    hash_random(bytes, sizeof bytes);
    buf_hex(&text, bytes, sizeof bytes);
    return buf_str(&text);
}

/* The secret that signs for a new endpoint: its own, or the shared one, which the first makes. */
static enum err give_secret(struct ctx *ctx, struct tx *tx, const struct keeping *keeping,
                            const struct webhook_endpoint_row *row)
{
    struct webhook_secret_row secret;
    bool found = false;
    struct uuid owner_id = webhook_secret_owner(ctx, row);
    TRY(webhook_secret_load(tx, &(struct webhook_secret_load_in){.owner_id = owner_id}, &secret,
                            &found));
    if (!found) {
        secret = (struct webhook_secret_row){
            .owner_id = owner_id, .secret = new_secret(ctx, row), .previous_until = TIME_NONE};
        TRY(webhook_secret_insert(tx, &secret));
    }
    *keeping->secret = secret.secret;
    return ERR_NONE;
}

/* ---- writing --------------------------------------------------------------------------------- */

static enum err create(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    struct webhook_endpoint_row row = {
        .id = ctx_new_id(ctx),
        .wire = keeping->input->wire,
        .signature_algo = STR("hmac"),
        .disabled_at = TIME_NONE,
        .created_at = ctx_now(ctx),
    };
    TRY(check_others(ctx, tx, UUID_NIL, keeping->input));
    apply(ctx, keeping->input, &row);
    TRY(webhook_endpoint_insert(tx, &row));
    TRY(give_secret(ctx, tx, keeping, &row));
    *keeping->row = row;
    return audited(ctx, tx, "webhook_endpoint.create", NULL, &row);
}

enum err webhook_endpoint_create(struct ctx *ctx, const struct webhook_endpoint_input *input,
                                 struct webhook_endpoint_row *row, struct str *secret)
{
    struct webhook_endpoint_input whole = *input;
    whole.sent = WEBHOOK_ENDPOINT_URL | WEBHOOK_ENDPOINT_NAME | WEBHOOK_ENDPOINT_TYPES |
                 WEBHOOK_ENDPOINT_ALGO;
    TRY(check_input(ctx, &whole));
    return tx_run(ctx, TX_WRITE, create,
                  &(struct keeping){.input = &whole, .row = row, .secret = secret});
}

static enum err find(struct ctx *ctx, struct tx *tx, struct uuid id,
                     struct webhook_endpoint_row *row)
{
    bool found = false;
    TRY(webhook_endpoint_load(tx, &(struct webhook_endpoint_load_in){.id = id}, row, &found));
    return found ? ERR_NONE : fail_not_found(ctx, "webhook_endpoint", uuid_text(ctx->arena, id));
}

static enum err save(struct ctx *ctx, struct tx *tx, const char *action,
                     const struct webhook_endpoint_row *before,
                     const struct webhook_endpoint_row *after)
{
    TRY(webhook_endpoint_update(tx,
                                &(struct webhook_endpoint_update_in){
                                    .webhook_url = after->webhook_url,
                                    .name = after->name,
                                    .event_types = after->event_types,
                                    .disabled_at = after->disabled_at,
                                    .disabled_reason = after->disabled_reason,
                                    .updated_at = after->updated_at,
                                    .id = after->id,
                                },
                                NULL));
    return audited(ctx, tx, action, before, after);
}

static enum err change(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    struct webhook_endpoint_row before;
    TRY(check_others(ctx, tx, keeping->id, keeping->input));
    TRY(find(ctx, tx, keeping->id, &before));
    *keeping->row = before;
    apply(ctx, keeping->input, keeping->row);
    return save(ctx, tx, "webhook_endpoint.update", &before, keeping->row);
}

enum err webhook_endpoint_change(struct ctx *ctx, struct uuid id,
                                 const struct webhook_endpoint_input *input,
                                 struct webhook_endpoint_row *row)
{
    TRY(check_input(ctx, input));
    return tx_run(ctx, TX_WRITE, change, &(struct keeping){.id = id, .input = input, .row = row});
}

enum err webhook_endpoint_gone(struct ctx *ctx, struct tx *tx, struct uuid id)
{
    struct webhook_endpoint_row before;
    bool found = false;
    TRY(webhook_endpoint_load(tx, &(struct webhook_endpoint_load_in){.id = id}, &before, &found));
    if (!found || before.disabled_at != TIME_NONE)
        return ERR_NONE;
    struct webhook_endpoint_row after = before;
    after.disabled_at = after.updated_at = ctx_now(ctx);
    after.disabled_reason = STR("gone");
    return save(ctx, tx, "webhook_endpoint.disable", &before, &after);
}

static enum err remove_one(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    struct webhook_endpoint_row *row = keeping->row;
    TRY(find(ctx, tx, keeping->id, row));
    TRY(webhook_clear_outbox(
        tx, &(struct webhook_clear_outbox_in){.topic = webhook_topic(ctx->arena, row->id)}, NULL));
    TRY(webhook_clear(tx, &(struct webhook_clear_in){.endpoint_id = row->id}, NULL));
    TRY(webhook_secret_delete(tx, &(struct webhook_secret_delete_in){.owner_id = row->id}, NULL));
    TRY(webhook_endpoint_delete(tx, &(struct webhook_endpoint_delete_in){.id = row->id}, NULL));
    return audited(ctx, tx, "webhook_endpoint.delete", row, NULL);
}

enum err webhook_endpoint_remove(struct ctx *ctx, struct uuid id, struct webhook_endpoint_row *row)
{
    return tx_run(ctx, TX_WRITE, remove_one, &(struct keeping){.id = id, .row = row});
}

static enum err rotate(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    struct webhook_endpoint_row *row = keeping->row;
    struct webhook_secret_row secret;
    bool found = false;
    TRY(find(ctx, tx, keeping->id, row));
    struct uuid owner_id = webhook_secret_owner(ctx, row);
    bool is_shared = !uuid_eq(owner_id, row->id);
    TRY(webhook_secret_load(tx, &(struct webhook_secret_load_in){.owner_id = owner_id}, &secret,
                            &found));
    ASSERT(found);
    *keeping->secret = new_secret(ctx, row);
    TRY(webhook_secret_update(
        tx,
        &(struct webhook_secret_update_in){
            .secret = *keeping->secret,
            .previous_secret = is_shared ? STR_NULL : secret.secret,
            .previous_until =
                is_shared ? TIME_NONE
                          : ctx_now(ctx) + (int64_t)WEBHOOK_ROTATION_OVERLAP_S * TIME_SECOND,
            .owner_id = owner_id,
        },
        NULL));
    return audited(ctx, tx, "webhook_endpoint.rotate", row, row);
}

enum err webhook_endpoint_rotate(struct ctx *ctx, struct uuid id, struct webhook_endpoint_row *row,
                                 struct str *secret)
{
    return tx_run(ctx, TX_WRITE, rotate, &(struct keeping){.id = id, .row = row, .secret = secret});
}

struct testing {
    struct uuid id;
    struct webhook_row *row;
};

static enum err test(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct testing *testing = arg;
    struct webhook_endpoint_row endpoint;
    TRY(find(ctx, tx, testing->id, &endpoint));
    if (endpoint.disabled_at != TIME_NONE) {
        fault_field(ctx->fault, STR("id"), "webhook_endpoint_disabled",
                    uuid_text(ctx->arena, testing->id), "an endpoint that is enabled");
        return fail(ctx, ERR_NOT_ALLOWED, "the endpoint is disabled: nothing is sent there");
    }
    *testing->row = webhook_new(ctx, ctx->app->organization_id, endpoint.id, STR(WEBHOOK_TYPE_TEST),
                                endpoint.id);
    TRY(webhook_queue(ctx, tx, testing->row));
    return audited(ctx, tx, "webhook_endpoint.test", &endpoint, &endpoint);
}

enum err webhook_endpoint_test(struct ctx *ctx, struct uuid id, struct webhook_row *row)
{
    return tx_run(ctx, TX_WRITE, test, &(struct testing){.id = id, .row = row});
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct keeping *keeping = arg;
    return find(ctx, tx, keeping->id, keeping->row);
}

enum err webhook_endpoint_get(struct ctx *ctx, struct uuid id, struct webhook_endpoint_row *row)
{
    return tx_run(ctx, TX_READ, get, &(struct keeping){.id = id, .row = row});
}

struct listing {
    struct webhook_endpoint_row *rows;
    size_t count;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    (void)ctx;
    return webhook_endpoint_list(tx, &listing->rows, &listing->count);
}

enum err webhook_endpoint_list_all(struct ctx *ctx, struct webhook_endpoint_row **rows,
                                   size_t *count)
{
    struct listing listing = {0};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *rows = listing.rows;
    *count = listing.count;
    return ERR_NONE;
}
