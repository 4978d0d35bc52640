/* Writes under conditions: Idempotency-Key, If-Match.
 *
 * The handler runs in one transaction with the comparison before it and the record of its answer
 * after it, so that no end of the process comes between them.  Handlers that defer keep their
 * answer in the transaction of their effect; those with several transactions afterwards. */
#include "api/frame.h"

#include "base/assert.h"
#include "base/hash.h"

#include <pthread.h>

#define KEY_BYTES_MAX 255

/* ---- one at a time --------------------------------------------------------------------------- */

/* The requests of this process that have an Idempotency-Key and no answer yet; few.  (Those of
 * another process are waited for by the database.) */
static pthread_mutex_t running_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct api_request *running;

static bool same_key(const struct idempotency *a, const struct idempotency *b)
{
    return uuid_cmp(a->api_key_id, b->api_key_id) == 0 && str_eq(a->key, b->key);
}

static bool enter(struct api_request *req)
{
    struct api_request *other = NULL;
    pthread_mutex_lock(&running_mutex);
    for (other = running; other != NULL; other = other->frame->next_running) {
        if (same_key(other->frame->once, req->frame->once))
            break;
    }
    if (other == NULL) {
        req->frame->next_running = running;
        running = req;
        req->frame->is_running = true;
    }
    pthread_mutex_unlock(&running_mutex);
    return other == NULL;
}

void api_release(struct api_request *req)
{
    if (!req->frame->is_running)
        return;
    pthread_mutex_lock(&running_mutex);
    struct api_request **at = &running;
    while (*at != req)
        at = &(*at)->frame->next_running;
    *at = req->frame->next_running;
    req->frame->is_running = false;
    pthread_mutex_unlock(&running_mutex);
}

/* ---- the headers ----------------------------------------------------------------------------- */

static void hash_part(struct hash_stream *stream, struct str part)
{
    uint64_t len = part.len;
    hash_add(stream, (struct str){(const char *)&len, sizeof len});
    hash_add(stream, part);
}

/* What makes two requests the same one. */
static struct str fingerprint(const struct api_request *req)
{
    struct hash_stream stream;
    unsigned char digest[32];
    hash_init(&stream, STR_NULL);
    hash_part(&stream, str_of(http_method_name(req->http->method)));
    hash_part(&stream, req->http->path);
    for (size_t i = 0; i < req->http->query_count; i++) {
        hash_part(&stream, req->http->query[i].name);
        hash_part(&stream, req->http->query[i].value);
    }
    hash_part(&stream, req->http->body);
    hash_end(&stream, digest);
    return arena_str(req->arena, (struct str){(const char *)digest, sizeof digest});
}

static bool is_visible(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x21 || (unsigned char)text.ptr[i] > 0x7e)
            return false;
    }
    return true;
}

static enum err take_key(struct api_request *req, struct str key)
{
    struct api_frame *frame = req->frame;
    if (key.len == 0 || key.len > KEY_BYTES_MAX || !is_visible(key)) {
        fault_field(req->fault, STR("Idempotency-Key"), "value_is_invalid",
                    str_is_text(key) ? key : STR_NULL, "1 to %d visible ASCII characters",
                    KEY_BYTES_MAX);
        return fault_check(req->fault);
    }
    frame->once = ARENA_NEW(req->arena, struct idempotency);
    *frame->once = (struct idempotency){
        .api_key_id = frame->caller.key_id, .key = key, .fingerprint = fingerprint(req)};
    if (enter(req))
        return ERR_NONE;
    fault_field(req->fault, STR("Idempotency-Key"), "idempotency_key_in_use", key,
                "a key that no running request has");
    return fault_set(req->fault, ERR_CONFLICT,
                     "a request with this Idempotency-Key is running; come again for its answer");
}

enum err api_conditions(struct api_request *req)
{
    struct api_frame *frame = req->frame;
    bool writes = req->route->method != HTTP_GET && (req->route->flags & API_READS) == 0;
    if (!writes || !frame->has_caller)
        return ERR_NONE;
    struct str if_match = http_request_header(req->http, "If-Match");
    struct str key = http_request_header(req->http, "Idempotency-Key");
    if (!str_is_null(key) && (req->route->flags & API_STREAM) != 0) {
        fault_field(req->fault, STR("Idempotency-Key"), "not_supported", STR_NULL,
                    "no such header on a stream");
        return fault_set(req->fault, ERR_NOT_SUPPORTED,
                         "a stream takes no Idempotency-Key: its events are committed while it "
                         "comes, and a repeated one is known by its transaction_id; send it again "
                         "as it is");
    }
    if (!str_is_null(if_match)) {
        bool possible = frame->mounted->representation != NULL &&
                        (req->route->flags & (API_DEFERS | API_APART)) == 0;
        if (!possible) {
            fault_field(req->fault, STR("If-Match"), "value_is_invalid", STR_NULL,
                        "no such header here: the path shows nothing that could be compared");
            return fault_check(req->fault);
        }
        frame->if_match = if_match;
    }
    return str_is_null(key) ? ERR_NONE : take_key(req, str_trim(key));
}

/* ---- the transaction ------------------------------------------------------------------------- */

void api_restart(struct api_request *req)
{
    fault_reset(req->fault);
    bind_init(&req->bind, req->arena, req->fault, req->face->is_lenient);
    buf_reset(req->body);
    json_writer_init(req->out, req->body);
    req->status = 200;
    req->missing = NULL;
    req->frame->is_answered = false;
}

static void replay(struct api_request *req, const struct kept_answer *kept)
{
    struct http_answer *answer = &req->frame->answer;
    *answer = (struct http_answer){
        .status = kept->status,
        .content_type =
            str_is_null(kept->content_type) ? NULL : arena_cstr(req->arena, kept->content_type),
        .body = kept->body,
    };
    http_answer_header(req->http, answer, "Idempotency-Replayed", STR("true"));
    if (!str_is_null(kept->ignored_fields))
        http_answer_header(req->http, answer, "Billow-Ignored-Fields", kept->ignored_fields);
    req->frame->is_answered = true;
}

static struct str without(struct arena *arena, struct str body, struct str secret)
{
    for (size_t at = 0; !str_is_null(secret) && at + secret.len <= body.len; at++) {
        if (str_starts(str_slice(body, at, body.len), secret))
            return arena_fmt(arena, "%.*s(shown once)%.*s", STR_ARG(str_slice(body, 0, at)),
                             STR_ARG(str_slice(body, at + secret.len, body.len)));
    }
    return body;
}

/* The rendered answer as it is kept. */
static struct kept_answer to_keep(const struct api_request *req)
{
    const struct http_answer *answer = &req->frame->answer;
    struct kept_answer kept = {
        .status = answer->status,
        .content_type = str_of(answer->content_type),
        .body =
            answer->body.len > 0 ? without(req->arena, answer->body, req->frame->secret) : STR(""),
    };
    for (size_t i = 0; i < answer->header_count; i++) {
        if (str_eq(str_of(answer->headers[i].name), STR("Billow-Ignored-Fields")))
            kept.ignored_fields = answer->headers[i].value;
    }
    return kept;
}

/* Compares If-Match with what the path shows now, by its own GET. */
static enum err check_match(struct api_request *req)
{
    struct api_request probe = *req;
    struct http_request http = *req->http;
    struct json_writer out;
    struct buf body;
    http.method = HTTP_GET;
    probe.http = &http;
    probe.route = req->frame->mounted->representation;
    probe.out = &out;
    probe.body = &body;
    buf_init(&body, req->arena, API_ANSWER_BYTES_MAX);
    json_writer_init(&out, &body);
    bind_init(&probe.bind, req->arena, req->fault, true); /* the query is the write's own */
    enum err err = probe.route->handler(&probe, &out);
    if (err != ERR_NONE)
        req->missing = probe.missing;
    TRY(err);
    struct str etag = api_etag(req->arena, buf_str(&body));
    if (api_etag_matches(req->frame->if_match, etag, true))
        return ERR_NONE;
    return fault_set(req->fault, ERR_PRECONDITION,
                     "it has changed since: its ETag is %.*s now, and If-Match names another",
                     STR_ARG(etag));
}

static enum err run_handler(struct api_request *req)
{
    TRY(req->route->handler(req, req->out));
    ASSERT(!req->is_deferred);
    if (!buf_ok(req->body)) /* before anything is kept */
        return fault_set(req->fault, ERR_INVALID,
                         "the answer would be larger than %zu bytes; nothing was changed",
                         API_ANSWER_BYTES_MAX);
    return ERR_NONE;
}

static enum err write_joined(struct ctx *ctx, void *arg)
{
    struct api_request *req = arg;
    struct api_frame *frame = req->frame;
    api_restart(req);
    if (frame->once != NULL) {
        struct kept_answer kept;
        bool found = false;
        TRY(idempotency_claim(ctx, frame->once, &kept, &found));
        if (found) {
            replay(req, &kept);
            return ERR_NONE;
        }
    }
    if (!str_is_null(frame->if_match))
        TRY(check_match(req));
    TRY(run_handler(req));
    if (frame->once == NULL)
        return ERR_NONE;
    api_render(req, ERR_NONE);
    struct kept_answer answer = to_keep(req);
    return idempotency_fill(ctx, frame->once, &answer);
}

static enum err keep_apart(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct api_request *req = arg;
    struct kept_answer answer = to_keep(req);
    return idempotency_keep(ctx, tx, req->frame->once, &answer);
}

/* Looks for a kept answer first, and leaves the keeping to others or to the end. */
static enum err write_apart(struct api_request *req)
{
    struct kept_answer kept;
    bool found = false;
    TRY(idempotency_find(req->ctx, req->frame->once, &kept, &found));
    if (found) {
        replay(req, &kept);
        return ERR_NONE;
    }
    if ((req->route->flags & API_DEFERS) != 0)
        return req->route->handler(req, req->out);
    TRY(run_handler(req));
    api_render(req, ERR_NONE);
    return tx_run(req->ctx, TX_WRITE, keep_apart, req);
}

enum err api_write(struct api_request *req)
{
    struct api_frame *frame = req->frame;
    if (frame->once == NULL && str_is_null(frame->if_match))
        return req->route->handler(req, req->out);
    if ((req->route->flags & (API_DEFERS | API_APART)) != 0)
        return write_apart(req);
    enum tx_mode mode = str_is_null(frame->if_match) ? TX_WRITE : TX_WRITE_STRICT;
    enum err err = tx_run_joined(req->ctx, mode, write_joined, req);
    if (err != ERR_NONE)
        frame->is_answered = false; /* what was rendered did not come true */
    return err;
}

/* ---- deferred -------------------------------------------------------------------------------- */

bool api_wants_keeping(const struct api_request *req)
{
    return req->frame->once != NULL;
}

enum err api_keep(struct api_request *req, struct ctx *ctx, struct tx *tx, enum err err)
{
    ASSERT(req->frame->once != NULL);
    api_render(req, err);
    struct kept_answer answer = to_keep(req);
    return idempotency_keep(ctx, tx, req->frame->once, &answer);
}
