#include "http/router.h"

#include "base/assert.h"
#include "http/url.h"

#include <string.h>

/* One segment of some pattern; what follows it hangs below.  Routes are few and segments short, so
 * a list of literals is as fast as anything cleverer. */
struct router_node {
    struct str segment;           /* of a literal */
    struct router_node *literals; /* first child */
    struct router_node *sibling;
    struct router_node *any; /* the child of a {name} */
    const struct route *routes[HTTP_METHOD_COUNT];
};

void router_init(struct router *router, struct arena *arena)
{
    *router = (struct router){.arena = arena, .root = ARENA_NEW(arena, struct router_node)};
}

static struct router_node *child_of(struct router *router, struct router_node *node,
                                    struct str segment)
{
    if (str_starts(segment, STR("{"))) {
        ASSERT(str_ends(segment, STR("}")) && segment.len > 2);
        if (node->any == NULL)
            node->any = ARENA_NEW(router->arena, struct router_node);
        return node->any;
    }
    ASSERT(segment.len > 0 && str_find(segment, '{') < 0);
    struct router_node **at = &node->literals;
    while (*at != NULL && !str_eq((*at)->segment, segment))
        at = &(*at)->sibling;
    if (*at == NULL) {
        *at = ARENA_NEW(router->arena, struct router_node);
        (*at)->segment = segment;
    }
    return *at;
}

void router_add(struct router *router, const char *prefix, const struct route *route)
{
    ASSERT(route->method < HTTP_METHOD_COUNT);
    ASSERT((route->handle != NULL) != (route->take != NULL));
    struct str pattern = arena_fmt(router->arena, "%s%s", prefix, route->pattern);
    ASSERT(str_starts(pattern, STR("/")));

    struct router_node *node = router->root;
    struct str rest = str_slice(pattern, 1, pattern.len);
    struct str segment;
    size_t segments = 0;
    size_t params = 0;
    while (rest.len > 0 && str_split(&rest, '/', &segment)) {
        node = child_of(router, node, segment);
        segments++;
        params += segment.ptr[0] == '{';
    }
    ASSERT(segments <= ROUTE_SEGMENTS_MAX);
    ASSERT(params <= HTTP_PATH_PARAMS_MAX);
    ASSERT(node->routes[route->method] == NULL);

    struct route *added = ARENA_NEW(router->arena, struct route);
    *added = *route;
    added->pattern = pattern.ptr; /* arena_fmt terminates */
    added->number = router->route_count;
    node->routes[route->method] = added;
    router->routes = arena_grow(router->arena, router->routes, router->route_count,
                                &router->route_capacity, sizeof(const struct route *));
    router->routes[router->route_count++] = added;
}

void router_add_all(struct router *router, const char *prefix, const struct route *routes)
{
    for (const struct route *route = routes; route->pattern != NULL; route++)
        router_add(router, prefix, route);
}

struct search {
    enum http_method method;
    struct str segments[ROUTE_SEGMENTS_MAX]; /* as sent */
    size_t segment_count;
    struct str params[HTTP_PATH_PARAMS_MAX]; /* as sent */
    size_t param_count;
    const struct route *found;
    unsigned allowed;
};

/* Literal first, then {name}.  Going back happens only where a pattern has both at one place, and
 * as the nodes are a tree each is seen at most once. */
static bool descend(struct search *search, const struct router_node *node, size_t index)
{
    if (index == search->segment_count) {
        for (unsigned method = 0; method < HTTP_METHOD_COUNT; method++)
            search->allowed |= (unsigned)(node->routes[method] != NULL) << method;
        search->found = node->routes[search->method];
        return search->found != NULL;
    }
    struct str segment = search->segments[index];
    for (const struct router_node *child = node->literals; child != NULL; child = child->sibling) {
        if (str_eq(child->segment, segment)) {
            if (descend(search, child, index + 1))
                return true;
            break;
        }
    }
    if (node->any == NULL || segment.len == 0)
        return false;
    search->params[search->param_count++] = segment;
    if (descend(search, node->any, index + 1))
        return true;
    search->param_count--;
    return false;
}

/* Splits a path into decoded segments; false when there are too many of them. */
static bool split_path(struct search *search, struct str path)
{
    struct str rest = str_slice(path, 1, path.len);
    struct str segment;
    if (rest.len == 0)
        return true;
    while (str_split(&rest, '/', &segment)) {
        if (search->segment_count == ROUTE_SEGMENTS_MAX)
            return false;
        search->segments[search->segment_count++] = segment;
    }
    return true;
}

enum route_match router_match(const struct router *router, struct arena *arena,
                              enum http_method method, struct str path, struct route_result *result)
{
    ASSERT(method < HTTP_METHOD_COUNT);
    *result = (struct route_result){0};
    if (!str_starts(path, STR("/")))
        return ROUTE_NO_PATH;

    struct search search = {.method = method};
    bool fits = split_path(&search, path);
    /* Every segment is decoded, also where nothing matches: a malformed path is malformed
     * whatever it names. */
    for (size_t i = 0; i < search.segment_count; i++) {
        if (!url_decode(arena, search.segments[i], false, &search.segments[i]))
            return ROUTE_BAD_TEXT;
    }
    bool is_found = fits && descend(&search, router->root, 0);
    result->allowed = search.allowed;
    if (!is_found)
        return search.allowed != 0 ? ROUTE_NO_METHOD : ROUTE_NO_PATH;
    result->route = search.found;
    result->param_count = search.param_count;
    memcpy(result->params, search.params, sizeof result->params);
    return ROUTE_FOUND;
}
