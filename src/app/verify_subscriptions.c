/* verify_subscriptions.c - under one external id one runs, one waits, and each follows the other
 * without a gap; usage is of the one in whose time it lies. */
#include "app/usage_move.h"
#include "app/verify_parts.h"
#include "base/time.h"
#include "store/sql/verify.h"

/* What is stamped after the change has gone over with it, so that it is billed by the next one. */
static enum err check_events(struct verifier *v, const struct verify_followed_list_row *link)
{
    struct arena *arena = v->ctx->arena;
    struct event_row *events = NULL;
    size_t count = 0;
    TRY(usage_since(v->tx, link->customer_id, link->previous_id, link->started_at, &events,
                    &count));
    if (count > 0)
        verify_found(v,
                     "%zu events from %.*s on are of subscription %.*s, which ended by then: event "
                     "%.*s is the first",
                     count, STR_ARG(time_text(arena, link->started_at)),
                     STR_ARG(uuid_text(arena, link->previous_id)),
                     STR_ARG(uuid_text(arena, events[0].id)));
    return ERR_NONE;
}

static enum err check_link(struct verifier *v, const struct verify_followed_list_row *link)
{
    struct arena *arena = v->ctx->arena;
    struct str id = uuid_text(arena, link->id);
    if (!str_eq(link->external_id, link->previous_external_id))
        verify_found(v, "subscription %.*s follows one with another external id", STR_ARG(id));
    if (str_eq(link->status, STR("pending")) && !str_eq(link->previous_status, STR("active")))
        verify_found(v, "subscription %.*s waits to follow one that does not run", STR_ARG(id));
    if (link->started_at == TIME_NONE)
        return ERR_NONE;
    if (link->started_at != link->previous_terminated_at)
        verify_found(v, "subscription %.*s began at %.*s, the one that it follows ended at %.*s",
                     STR_ARG(id), STR_ARG(time_text(arena, link->started_at)),
                     STR_ARG(link->previous_terminated_at == TIME_NONE
                                 ? STR("no time")
                                 : time_text(arena, link->previous_terminated_at)));
    return check_events(v, link);
}

enum err verify_subscriptions(struct verifier *v)
{
    struct verify_shared_list_row *shared = NULL;
    struct verify_followed_list_row *links = NULL;
    size_t count = 0;
    TRY(verify_shared_list(v->tx, &shared, &count));
    for (size_t i = 0; i < count; i++)
        verify_found(v, "external id %.*s: %lld subscriptions are %.*s",
                     STR_ARG(shared[i].external_id), (long long)shared[i].total,
                     STR_ARG(shared[i].status));
    TRY(verify_followed_list(v->tx, &links, &count));
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(v->ctx->arena);
        TRY(check_link(v, &links[i]));
        arena_return(v->ctx->arena, mark);
    }
    return ERR_NONE;
}
