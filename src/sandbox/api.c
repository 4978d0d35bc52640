/* api.c - the sandbox gateway's API: checkouts, what was charged, and what tests ask for.
 *
 *   POST /v1/checkouts          makes one; the same Idempotency-Key again gives the same one
 *   GET  /v1/checkouts          ?reference=R
 *   POST /v1/checkouts/cancel   ?reference=R
 *   GET  /v1/charges            all that was charged, in order
 *   GET  /v1/events             all webhooks: {id, type, delivered, body}
 *   POST /v1/test               {hold, before_redirect, copies, delay_ms, die_at}: see state.h */
#include "sandbox/sandbox.h"

#include "base/assert.h"
#include "base/buf.h"
#include "base/json_members.h"
#include "base/time.h"
#include "connectors/gateway.h"
#include "core/currency.h"

#include <sodium.h>
#include <string.h>

#define ANSWER_BYTES_MAX ((size_t)64 << 20)

/* ---- answers --------------------------------------------------------------------------------- */

void sandbox_write_checkout(struct json_writer *out, const char *key,
                            const struct sandbox_checkout *checkout, struct str address)
{
    struct buf url;
    char storage[GATEWAY_ADDRESS_BYTES + 128];
    buf_fixed(&url, storage, sizeof storage);
    buf_fmt(&url, "%.*s/pay/%.*s", STR_ARG(address), STR_ARG(checkout->id));
    json_object(out, key);
    json_str(out, "id", checkout->id);
    json_str(out, "reference", checkout->reference);
    json_int(out, "amount", checkout->amount_minor);
    json_str(out, "currency", checkout->currency);
    json_str(out, "status", str_of(sandbox_status_word(checkout->status)));
    json_str(out, "decline_code", checkout->decline_code);
    json_time(out, "at", checkout->at);
    if (checkout->status == SANDBOX_OPEN && !str_is_null(address)) {
        json_str(out, "url", buf_str(&url));
        json_time(out, "expires_at", checkout->created_at + SANDBOX_EXPIRES_US);
    }
    json_object_end(out);
}

struct reply {
    struct buf body;
    struct json_writer out;
};

static void begin(struct http_request *request, struct reply *reply)
{
    buf_init(&reply->body, request->arena, ANSWER_BYTES_MAX);
    json_writer_init(&reply->out, &reply->body);
    json_object(&reply->out, NULL);
}

static void end(struct http_answer *answer, struct reply *reply, int status)
{
    json_object_end(&reply->out);
    buf_char(&reply->body, '\n');
    ASSERT(buf_ok(&reply->body));
    answer->status = status;
    answer->content_type = "application/json";
    answer->body = buf_str(&reply->body);
}

void sandbox_answer_error(struct http_request *request, struct http_answer *answer, int status,
                          const char *code, const char *words)
{
    struct reply reply;
    begin(request, &reply);
    json_object(&reply.out, "error");
    json_str(&reply.out, "code", str_of(code));
    json_str(&reply.out, "message", str_of(words));
    json_object_end(&reply.out);
    end(answer, &reply, status);
}

static void answer_checkout(struct http_request *request, struct http_answer *answer, int status,
                            const struct sandbox_checkout *checkout)
{
    const struct sandbox *sandbox = request->env;
    struct reply reply;
    begin(request, &reply);
    sandbox_write_checkout(&reply.out, "checkout", checkout, sandbox->address);
    end(answer, &reply, status);
}

/* ---- who asks -------------------------------------------------------------------------------- */

/* Digests are compared, which take the same time whatever differs. */
static bool is_let_in(struct http_request *request, struct http_answer *answer)
{
    const struct sandbox *sandbox = request->env;
    struct str sent = http_request_header(request, "Authorization");
    struct str prefix = STR("Bearer ");
    unsigned char of_sent[crypto_hash_sha256_BYTES];
    unsigned char of_key[crypto_hash_sha256_BYTES];
    struct str key = str_starts(sent, prefix) ? str_slice(sent, prefix.len, sent.len) : STR("");
    crypto_hash_sha256(of_sent, (const unsigned char *)key.ptr, key.len);
    crypto_hash_sha256(of_key, (const unsigned char *)sandbox->api_key.ptr, sandbox->api_key.len);
    if (sodium_memcmp(of_sent, of_key, sizeof of_key) == 0)
        return true;
    sandbox_answer_error(request, answer, 401, "unauthorized", "wrong or missing API key");
    return false;
}

static struct str query(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->query_count; i++) {
        if (str_eq(request->query[i].name, str_of(name)))
            return request->query[i].value;
    }
    return STR_NULL;
}

/* ---- checkouts ------------------------------------------------------------------------------- */

static const char *read_checkout(struct http_request *request, struct sandbox_checkout *read)
{
    enum { REFERENCE, AMOUNT, CURRENCY, DESCRIPTION, RETURN, LOCALE, COUNT };
    static const char *const names[] = {"reference",  "amount", "currency", "description",
                                        "return_url", "locale", NULL};
    struct str texts[COUNT] = {{NULL, 0}};
    char origin[GATEWAY_ADDRESS_BYTES];
    struct str key = http_request_header(request, "Idempotency-Key");
    *read = (struct sandbox_checkout){.amount_minor = 0};
    if (!json_members(request->arena, request->body, names, texts))
        return "the body is no JSON object";
    if (str_is_null(texts[REFERENCE]) || texts[REFERENCE].len == 0 ||
        texts[REFERENCE].len > GATEWAY_REFERENCE_MAX)
        return "reference: wanted 1 to 64 bytes";
    if (!str_eq(key, texts[REFERENCE]))
        return "Idempotency-Key: wanted the reference";
    if (!str_to_int64(texts[AMOUNT], &read->amount_minor) || read->amount_minor <= 0)
        return "amount: wanted an integer above 0, in minor units";
    if (str_is_null(texts[CURRENCY]) || currency_find(texts[CURRENCY]) == NULL)
        return "currency: wanted a code of ISO 4217";
    if (!str_is_null(texts[RETURN]) &&
        (texts[RETURN].len > GATEWAY_RETURN_URL_MAX || !gateway_origin_of(texts[RETURN], origin)))
        return "return_url: wanted an http or https address";
    if (!str_is_null(texts[DESCRIPTION]) &&
        texts[DESCRIPTION].len > (size_t)4 * GATEWAY_DESCRIPTION_MAX)
        return "description: too long";
    read->reference = texts[REFERENCE];
    read->currency = texts[CURRENCY];
    read->description = str_is_null(texts[DESCRIPTION]) ? STR("") : texts[DESCRIPTION];
    read->return_url = texts[RETURN];
    read->locale = texts[LOCALE];
    return NULL;
}

static bool says_the_same(const struct sandbox_checkout *a, const struct sandbox_checkout *b)
{
    return a->amount_minor == b->amount_minor && str_eq(a->currency, b->currency) &&
           str_eq(a->description, b->description) && str_eq(a->return_url, b->return_url) &&
           str_eq(a->locale, b->locale);
}

static void create(struct http_request *request, struct http_answer *answer)
{
    struct sandbox *sandbox = request->env;
    struct sandbox_state *state = &sandbox->state;
    struct sandbox_checkout asked;
    if (!is_let_in(request, answer))
        return;
    const char *wrong = read_checkout(request, &asked);
    if (wrong != NULL) {
        sandbox_answer_error(request, answer, 422, "invalid", wrong);
        return;
    }
    pthread_mutex_lock(&state->mutex);
    sandbox_step(state, "checkout:before");
    struct sandbox_checkout *checkout = sandbox_find_reference(state, asked.reference);
    bool is_new = checkout == NULL;
    if (is_new)
        checkout = sandbox_add(state, &asked);
    if (checkout == NULL)
        sandbox_answer_error(request, answer, 503, "full", "the sandbox holds too many checkouts");
    else if (!says_the_same(checkout, &asked))
        sandbox_answer_error(request, answer, 409, "idempotency_key_reused",
                             "the same reference was sent with other values");
    else
        answer_checkout(request, answer, is_new ? 201 : 200, checkout);
    sandbox_step(state, "checkout:after");
    pthread_mutex_unlock(&state->mutex);
}

static void show(struct http_request *request, struct http_answer *answer)
{
    struct sandbox *sandbox = request->env;
    if (!is_let_in(request, answer))
        return;
    pthread_mutex_lock(&sandbox->state.mutex);
    struct sandbox_checkout *checkout =
        sandbox_find_reference(&sandbox->state, query(request, "reference"));
    if (checkout == NULL)
        sandbox_answer_error(request, answer, 404, "not_found", "no checkout of this reference");
    else
        answer_checkout(request, answer, 200, checkout);
    pthread_mutex_unlock(&sandbox->state.mutex);
}

static void cancel(struct http_request *request, struct http_answer *answer)
{
    struct sandbox *sandbox = request->env;
    if (!is_let_in(request, answer))
        return;
    pthread_mutex_lock(&sandbox->state.mutex);
    struct sandbox_checkout *checkout =
        sandbox_find_reference(&sandbox->state, query(request, "reference"));
    if (checkout != NULL && checkout->status == SANDBOX_OPEN)
        sandbox_end(&sandbox->state, checkout, SANDBOX_CANCELED, STR_NULL);
    if (checkout == NULL)
        sandbox_answer_error(request, answer, 404, "not_found", "no checkout of this reference");
    else
        answer_checkout(request, answer, 200, checkout);
    pthread_mutex_unlock(&sandbox->state.mutex);
    teller_wake(sandbox->teller);
}

/* ---- for tests ------------------------------------------------------------------------------- */

static void charges(struct http_request *request, struct http_answer *answer)
{
    struct sandbox *sandbox = request->env;
    struct reply reply;
    if (!is_let_in(request, answer))
        return;
    begin(request, &reply);
    json_array(&reply.out, "charges");
    pthread_mutex_lock(&sandbox->state.mutex);
    for (size_t i = 0; i < sandbox->state.charge_count; i++) {
        const struct sandbox_charge *charge = &sandbox->state.charges[i];
        json_object(&reply.out, NULL);
        json_str(&reply.out, "id", charge->id);
        json_str(&reply.out, "reference", charge->reference);
        json_int(&reply.out, "amount", charge->amount_minor);
        json_str(&reply.out, "currency", charge->currency);
        json_time(&reply.out, "at", charge->at);
        json_object_end(&reply.out);
    }
    pthread_mutex_unlock(&sandbox->state.mutex);
    json_array_end(&reply.out);
    end(answer, &reply, 200);
}

static void events(struct http_request *request, struct http_answer *answer)
{
    struct sandbox *sandbox = request->env;
    struct reply reply;
    if (!is_let_in(request, answer))
        return;
    begin(request, &reply);
    json_array(&reply.out, "events");
    pthread_mutex_lock(&sandbox->state.mutex);
    for (size_t i = 0; i < sandbox->state.event_count; i++) {
        const struct sandbox_event *event = sandbox->state.events[i];
        json_object(&reply.out, NULL);
        json_str(&reply.out, "id", event->id);
        json_str(&reply.out, "type", event->type);
        json_bool(&reply.out, "delivered", event->delivered);
        json_int(&reply.out, "tries", event->tries);
        json_str(&reply.out, "body", event->body);
        json_object_end(&reply.out);
    }
    pthread_mutex_unlock(&sandbox->state.mutex);
    json_array_end(&reply.out);
    end(answer, &reply, 200);
}

static bool read_bool(struct str text, bool *value)
{
    if (!str_is_null(text))
        *value = str_eq(text, STR("true"));
    return str_is_null(text) || str_eq(text, STR("true")) || str_eq(text, STR("false"));
}

static bool read_number(struct str text, int64_t min, int64_t max, int64_t *value)
{
    return str_is_null(text) || (str_to_int64(text, value) && *value >= min && *value <= max);
}

static bool read_controls(struct http_request *request, struct sandbox_controls *controls)
{
    enum { HOLD, BEFORE_REDIRECT, COPIES, DELAY, DIE_AT, COUNT };
    static const char *const names[] = {"hold",     "before_redirect", "copies",
                                        "delay_ms", "die_at",          NULL};
    struct str texts[COUNT] = {{NULL, 0}};
    int64_t copies = controls->copies;
    if (!json_members(request->arena, request->body, names, texts) ||
        !read_bool(texts[HOLD], &controls->hold) ||
        !read_bool(texts[BEFORE_REDIRECT], &controls->before_redirect) ||
        !read_number(texts[COPIES], 1, SANDBOX_COPIES_MAX, &copies) ||
        !read_number(texts[DELAY], 0, SANDBOX_DELAY_MS_MAX, &controls->delay_ms) ||
        texts[DIE_AT].len >= sizeof controls->die_at)
        return false;
    controls->copies = (int)copies;
    if (!str_is_null(texts[DIE_AT])) {
        memcpy(controls->die_at, texts[DIE_AT].ptr, texts[DIE_AT].len);
        controls->die_at[texts[DIE_AT].len] = '\0';
    }
    return true;
}

static void control(struct http_request *request, struct http_answer *answer)
{
    struct sandbox *sandbox = request->env;
    struct sandbox_state *state = &sandbox->state;
    struct reply reply;
    if (!is_let_in(request, answer))
        return;
    pthread_mutex_lock(&state->mutex);
    struct sandbox_controls controls = state->controls;
    bool is_good = read_controls(request, &controls);
    bool is_released = is_good && state->controls.hold && !controls.hold;
    if (is_good)
        state->controls = controls;
    for (size_t i = 0; is_released && i < state->event_count; i++)
        state->events[i]->next_us = 0;
    pthread_mutex_unlock(&state->mutex);
    teller_wake(sandbox->teller);
    if (!is_good) {
        sandbox_answer_error(request, answer, 422, "invalid", "not what tests can ask for");
        return;
    }
    begin(request, &reply);
    end(answer, &reply, 200);
}

const struct route sandbox_api_routes[] = {
    {.method = HTTP_POST, .pattern = "/v1/checkouts", .handle = create},
    {.method = HTTP_GET, .pattern = "/v1/checkouts", .handle = show},
    {.method = HTTP_POST, .pattern = "/v1/checkouts/cancel", .handle = cancel},
    {.method = HTTP_GET, .pattern = "/v1/charges", .handle = charges},
    {.method = HTTP_GET, .pattern = "/v1/events", .handle = events},
    {.method = HTTP_POST, .pattern = "/v1/test", .handle = control},
    {0},
};
