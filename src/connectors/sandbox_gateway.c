#include "connectors/sandbox_gateway.h"

#include "base/buf.h"
#include "base/json_members.h"
#include "base/json_write.h"
#include "base/sign.h"
#include "base/time.h"
#include "connectors/http_call.h"
#include "connectors/webhook_sign.h"

#include <stdlib.h>
#include <string.h>

#define REQUEST_BYTES_MAX ((size_t)16 << 10)
#define TEXT_BYTES_MAX    2048

struct sandbox {
    struct gateway gateway; /* first */
    char api_key[GATEWAY_SECRET_BYTES];
    struct webhook_key webhook_key;
};

/* ---- reading --------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    enum gateway_status status;
} statuses[] = {
    {"open", GATEWAY_OPEN},           {"processing", GATEWAY_PROCESSING},
    {"succeeded", GATEWAY_SUCCEEDED}, {"failed", GATEWAY_FAILED},
    {"expired", GATEWAY_EXPIRED},     {"canceled", GATEWAY_CANCELED},
};

static bool read_status(struct str word, enum gateway_status *status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (str_eq(word, str_of(statuses[i].word))) {
            *status = statuses[i].status;
            return true;
        }
    }
    return false;
}

static bool is_short_text(struct str text)
{
    return !str_is_null(text) && text.len > 0 && text.len <= TEXT_BYTES_MAX;
}

static bool is_reference(struct str text)
{
    if (str_is_null(text) || text.len == 0 || text.len > GATEWAY_REFERENCE_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-'))
            return false;
    }
    return true;
}

static bool is_currency(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < 'A' || text.ptr[i] > 'Z')
            return false;
    }
    return text.len == 3;
}

enum err sandbox_checkout_read(struct arena *arena, struct fault *fault, struct str json,
                               const char *origin, struct gateway_payment *payment)
{
    enum { ID, REFERENCE, AMOUNT, CURRENCY, STATUS, DECLINE, URL, AT, EXPIRES, COUNT };
    static const char *const names[] = {
        "id",           "reference", "amount", "currency",   "status",
        "decline_code", "url",       "at",     "expires_at", NULL};
    struct str texts[COUNT] = {{NULL, 0}};
    struct gateway_payment read = {.expires_at = TIME_NONE};
    if (!json_members(arena, json, names, texts) || !is_short_text(texts[ID]) ||
        !is_reference(texts[REFERENCE]) || !str_to_int64(texts[AMOUNT], &read.amount_minor) ||
        read.amount_minor <= 0 || !is_currency(texts[CURRENCY]) ||
        !read_status(texts[STATUS], &read.status) || time_parse(texts[AT], &read.at) != ERR_NONE ||
        (!str_is_null(texts[EXPIRES]) &&
         time_parse(texts[EXPIRES], &read.expires_at) != ERR_NONE) ||
        (!str_is_null(texts[DECLINE]) && !is_short_text(texts[DECLINE])))
        return fault_set(fault, ERR_GATEWAY, "%s answered what is no checkout", origin);
    if (read.status == GATEWAY_OPEN &&
        (!is_short_text(texts[URL]) || !gateway_url_is_under(texts[URL], origin)))
        return fault_set(fault, ERR_GATEWAY, "%s answered an address that is not its own", origin);
    read.gateway_id = texts[ID];
    read.reference = texts[REFERENCE];
    read.currency = texts[CURRENCY];
    read.decline_code = read.status == GATEWAY_FAILED ? texts[DECLINE] : STR_NULL;
    read.redirect_url = read.status == GATEWAY_OPEN ? texts[URL] : STR_NULL;
    *payment = read;
    return ERR_NONE;
}

enum err sandbox_notice_read(struct arena *arena, struct fault *fault, struct str json,
                             const char *origin, struct gateway_notice *notice)
{
    enum { ID, TYPE, CHECKOUT, COUNT };
    static const char *const names[] = {"id", "type", "checkout", NULL};
    struct str texts[COUNT] = {{NULL, 0}};
    struct gateway_notice read = {.kind = STR_NULL};
    if (!json_members(arena, json, names, texts) || !is_short_text(texts[ID]) ||
        !is_short_text(texts[TYPE]) || str_is_null(texts[CHECKOUT]))
        return fault_set(fault, ERR_MALFORMED, "the webhook is no event of the sandbox gateway");
    if (sandbox_checkout_read(arena, fault, texts[CHECKOUT], origin, &read.payment) != ERR_NONE)
        return fault_set(fault, ERR_MALFORMED, "the webhook's checkout makes no sense");
    read.event_id = texts[ID];
    read.kind = texts[TYPE];
    *notice = read;
    return ERR_NONE;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static const struct sandbox *sandbox_of(const struct gateway *gateway)
{
    return (const struct sandbox *)gateway;
}

/* What the answer says of itself, for the fault; nothing of it is trusted. */
static enum err refused(struct fault *fault, const char *origin, const struct http_reply *reply)
{
    return fault_set(fault, ERR_GATEWAY, "%s answered with status %ld", origin, reply->status);
}

static enum err call(const struct gateway *gateway, struct arena *arena, struct fault *fault,
                     const char *method, struct str path, struct str reference, struct str body,
                     struct gateway_payment *payment)
{
    const char *origin = gateway->origin;
    static const char *const names[] = {"checkout", NULL};
    struct str checkout = STR_NULL;
    struct http_reply reply;
    struct gateway_payment read = {.status = GATEWAY_NONE};
    TRY(http_call(
        arena, fault,
        &(struct http_call){.method = method,
                            .url = arena_fmt(arena, "%s%.*s", origin, STR_ARG(path)),
                            .headers = {{"Authorization", arena_fmt(arena, "Bearer %s",
                                                                    sandbox_of(gateway)->api_key)},
                                        {"Content-Type", STR("application/json")},
                                        {"Idempotency-Key", reference}},
                            .body = body},
        &reply));
    if (reply.status == 404) {
        *payment = (struct gateway_payment){.status = GATEWAY_NONE, .reference = reference};
        return ERR_NONE;
    }
    if (reply.status != 200 && reply.status != 201)
        return refused(fault, origin, &reply);
    if (!json_members(arena, reply.body, names, &checkout) || str_is_null(checkout))
        return fault_set(fault, ERR_GATEWAY, "%s answered what is no checkout", origin);
    TRY(sandbox_checkout_read(arena, fault, checkout, origin, &read));
    if (!str_eq(read.reference, reference))
        return fault_set(fault, ERR_GATEWAY, "%s answered about another payment", origin);
    *payment = read;
    return ERR_NONE;
}

static enum err checkout_create(struct gateway *gateway, struct arena *arena, struct fault *fault,
                                const struct gateway_checkout *checkout,
                                struct gateway_payment *payment)
{
    struct buf body;
    struct json_writer out;
    buf_init(&body, arena, REQUEST_BYTES_MAX);
    json_writer_init(&out, &body);
    json_object(&out, NULL);
    json_str(&out, "reference", checkout->reference);
    json_int(&out, "amount", checkout->amount_minor);
    json_str(&out, "currency", checkout->currency);
    json_str(&out, "description", checkout->description);
    json_str(&out, "return_url", checkout->return_url);
    json_str(&out, "locale", checkout->locale);
    json_object_end(&out);
    if (!buf_ok(&body))
        return fault_set(fault, ERR_GATEWAY, "the checkout is too large to be asked for");
    TRY(call(gateway, arena, fault, "POST", STR("/v1/checkouts"), checkout->reference,
             buf_str(&body), payment));
    if (payment->status == GATEWAY_NONE)
        return fault_set(fault, ERR_GATEWAY, "%s has no checkouts", gateway->origin);
    return ERR_NONE;
}

static enum err find(struct gateway *gateway, struct arena *arena, struct fault *fault,
                     struct str reference, struct gateway_payment *payment)
{
    return call(gateway, arena, fault, "GET",
                arena_fmt(arena, "/v1/checkouts?reference=%.*s", STR_ARG(reference)), reference,
                STR_NULL, payment);
}

static enum err cancel(struct gateway *gateway, struct arena *arena, struct fault *fault,
                       struct str reference, struct gateway_payment *payment)
{
    return call(gateway, arena, fault, "POST",
                arena_fmt(arena, "/v1/checkouts/cancel?reference=%.*s", STR_ARG(reference)),
                reference, STR("{}"), payment);
}

static enum err webhook_read(struct gateway *gateway, struct arena *arena, struct fault *fault,
                             const struct gateway_webhook *webhook, struct gateway_notices *notices)
{
    struct webhook_headers headers = {
        .id = webhook->header(webhook->arg, "webhook-id"),
        .timestamp = webhook->header(webhook->arg, "webhook-timestamp"),
        .signature = webhook->header(webhook->arg, "webhook-signature"),
    };
    struct gateway_notice *notice = ARENA_NEW(arena, struct gateway_notice);
    TRY(webhook_check(&sandbox_of(gateway)->webhook_key, &headers, webhook->body,
                      webhook->now_at / TIME_SECOND, GATEWAY_TOLERANCE_S, fault));
    TRY(sandbox_notice_read(arena, fault, webhook->body, gateway->origin, notice));
    if (!str_eq(notice->event_id, headers.id))
        return fault_set(fault, ERR_MALFORMED, "the webhook's id is not its event's");
    *notices = (struct gateway_notices){.items = notice, .count = 1};
    return ERR_NONE;
}

/* ---- set up ---------------------------------------------------------------------------------- */

static void close_sandbox(struct gateway *gateway)
{
    sign_forget(gateway, sizeof(struct sandbox));
    free(gateway);
}

static const struct gateway_driver driver = {
    .checkout = checkout_create,
    .find = find,
    .cancel = cancel,
    .webhook_read = webhook_read,
    .close = close_sandbox,
};

static bool is_key(struct str key)
{
    for (size_t i = 0; i < key.len; i++) {
        if (key.ptr[i] < '!' || key.ptr[i] > '~')
            return false;
    }
    return key.len > 0 && key.len < GATEWAY_SECRET_BYTES;
}

enum err sandbox_gateway_open(const struct sandbox_options *options, struct fault *fault,
                              struct gateway **gateway)
{
    struct sandbox *sandbox = calloc(1, sizeof *sandbox);
    enum err err = ERR_NONE;
    if (sandbox == NULL)
        return fault_set(fault, ERR_UNAVAILABLE, "no memory for the sandbox gateway");
    sandbox->gateway =
        (struct gateway){.driver = &driver, .code = SANDBOX_CODE, .name = "Sandbox gateway"};
    struct str rest = STR_NULL;
    if (gateway_origin_of(options->url, sandbox->gateway.origin))
        rest = str_slice(options->url, strlen(sandbox->gateway.origin), options->url.len);
    if (str_is_null(rest) || (rest.len > 0 && !str_eq(rest, STR("/"))))
        err = fault_set(fault, ERR_INVALID,
                        "the sandbox gateway's address is %.*s: wanted http://HOST:PORT",
                        STR_ARG(options->url));
    else if (!is_key(options->api_key))
        err = fault_set(fault, ERR_INVALID,
                        "the sandbox gateway's API key is not 1 to %d printable characters",
                        GATEWAY_SECRET_BYTES - 1);
    else if (!webhook_key_parse(options->webhook_secret, &sandbox->webhook_key))
        err = fault_set(fault, ERR_INVALID,
                        "the sandbox gateway's webhook secret is not whsec_ and base64 of %d to %d "
                        "bytes",
                        WEBHOOK_KEY_BYTES_MIN, WEBHOOK_KEY_BYTES_MAX);
    if (err != ERR_NONE) {
        close_sandbox(&sandbox->gateway);
        return err;
    }
    memcpy(sandbox->api_key, options->api_key.ptr, options->api_key.len);
    *gateway = &sandbox->gateway;
    return ERR_NONE;
}
