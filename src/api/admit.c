/* Whose request it is, and whether it may: key, scope, rate. */
#include "api/frame.h"

#include "base/clock.h"

static enum err too_many(struct api_request *req, const char *what)
{
    return fault_set(req->fault, ERR_LIMITED,
                     "too many %s: %lld a minute are allowed; come again in %lld s", what,
                     (long long)req->frame->limit.limit, (long long)req->frame->limit.retry_s);
}

/* Who has no good key is told so only so often: each time costs us a look into the database. */
static enum err refuse_key(struct api_request *req, enum err err)
{
    struct api_frame *frame = req->frame;
    if (err != ERR_UNAUTHORIZED || req->env->limits == NULL ||
        limit_failure(req->env->limits, req->http->client, clock_monotonic_us(), &frame->limit))
        return err;
    frame->is_limited = true;
    fault_reset(req->fault);
    return too_many(req, "requests without a good API key");
}

static enum err check_key(struct api_request *req)
{
    struct str key = http_request_header(req->http, "Authorization");
    struct str scheme;
    if (!str_split(&key, ' ', &scheme) || !str_eq_nocase(scheme, STR("Bearer")) || str_is_null(key))
        return fault_set(req->fault, ERR_UNAUTHORIZED,
                         "this needs an API key: Authorization: Bearer KEY");
    return req->env->key_check(req->ctx, str_trim(key), &req->frame->caller);
}

static enum err check_scope(struct api_request *req)
{
    enum scope_group group = req->frame->mounted->group;
    bool write = (req->route->method != HTTP_GET && (req->route->flags & API_READS) == 0) ||
                 (req->route->flags & API_MAKES) != 0;
    if (scopes_allow(req->frame->caller.scopes, group, write))
        return ERR_NONE;
    struct str wanted = scope_name(req->arena, group, write);
    fault_field(req->fault, STR("scope"), "insufficient_scope", STR_NULL, "%.*s", STR_ARG(wanted));
    return fault_set(req->fault, ERR_FORBIDDEN, "this needs an API key with the scope %.*s",
                     STR_ARG(wanted));
}

enum err api_admit(struct api_request *req)
{
    struct api_frame *frame = req->frame;
    struct limits *limits = req->env->limits;
    if ((req->route->flags & API_PUBLIC) != 0)
        return ERR_NONE;
    enum err err = check_key(req);
    if (err != ERR_NONE)
        return refuse_key(req, err);
    frame->has_caller = true;
    req->ctx->actor = frame->caller.actor;
    req->http->key = str_slice(frame->caller.actor, sizeof "key:" - 1, frame->caller.actor.len);
    if (limits != NULL) {
        limit_note_use(limits, frame->caller.key_id, ctx_now(req->ctx));
        if (!frame->caller.is_unlimited && (req->route->flags & API_METERED) == 0) {
            bool taken =
                limit_request(limits, frame->caller.key_id, clock_monotonic_us(), &frame->limit);
            frame->is_limited = frame->limit.limit > 0;
            if (!taken)
                return too_many(req, "requests with this API key");
        }
    }
    return check_scope(req);
}

enum err api_limit_events(struct api_request *req, size_t count)
{
    struct api_frame *frame = req->frame;
    if (req->env->limits == NULL || !frame->has_caller || frame->caller.is_unlimited)
        return ERR_NONE;
    bool taken = limit_events(req->env->limits, frame->caller.key_id, (int64_t)count,
                              clock_monotonic_us(), &frame->limit);
    frame->is_limited = frame->limit.limit > 0;
    return taken ? ERR_NONE : too_many(req, "events with this API key");
}
