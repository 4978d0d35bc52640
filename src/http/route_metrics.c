#include "http/route_metrics.h"

#include "base/assert.h"
#include "base/metrics.h"
#include "http/server_private.h"

#include <stdio.h>
#include <stdlib.h>

#define STATUS_CLASSES 4 /* 2xx to 5xx */
#define LABELS_BYTES   256

/* One route's counters, or its times; each is registered when it first counts. */
struct route_counter {
    struct metric metric;
    char labels[LABELS_BYTES];
    atomic_flag is_registered;
};

struct route_metrics {
    size_t count;                    /* of counters: STATUS_CLASSES for each route */
    struct route_counter *durations; /* one for each route */
    struct route_counter counters[];
};

static void label(struct route_counter *counter, const struct route *route, size_t class)
{
    counter->metric = (struct metric)METRIC_COUNTER("billow_http_requests_total",
                                                    "Requests answered, by route and status.");
    snprintf(counter->labels, sizeof counter->labels,
             "route=\"%.180s\",method=\"%s\",status=\"%zuxx\"",
             route != NULL ? route->pattern : "none",
             route != NULL ? http_method_name(route->method) : "", class + 2);
    counter->metric.labels = counter->labels;
    atomic_flag_clear(&counter->is_registered);
}

static void label_duration(struct route_counter *counter, const struct route *route)
{
    counter->metric =
        (struct metric)METRIC_DURATION("billow_http_request_duration_seconds",
                                       "Time from the request line to the answer's end, by route.");
    snprintf(counter->labels, sizeof counter->labels, "route=\"%.180s\",method=\"%s\"",
             route != NULL ? route->pattern : "none",
             route != NULL ? http_method_name(route->method) : "");
    counter->metric.labels = counter->labels;
    atomic_flag_clear(&counter->is_registered);
}

static struct metric *of(struct route_counter *counter)
{
    if (!atomic_flag_test_and_set(&counter->is_registered))
        metric_register(&counter->metric);
    return &counter->metric;
}

void route_metrics_init(struct http_server *server)
{
    const struct router *router = server->config.router;
    size_t count = (router->route_count + 1) * STATUS_CLASSES;
    server->route_metrics =
        calloc(1, sizeof(struct route_metrics) + count * sizeof(struct route_counter));
    ASSERT(server->route_metrics != NULL);
    server->route_metrics->count = count;
    for (size_t i = 0; i < count; i++) {
        size_t number = i / STATUS_CLASSES;
        label(&server->route_metrics->counters[i],
              number < router->route_count ? router->routes[number] : NULL, i % STATUS_CLASSES);
    }
    server->route_metrics->durations =
        calloc(router->route_count + 1, sizeof(struct route_counter));
    ASSERT(server->route_metrics->durations != NULL);
    for (size_t i = 0; i <= router->route_count; i++)
        label_duration(&server->route_metrics->durations[i],
                       i < router->route_count ? router->routes[i] : NULL);
}

void route_metrics_clear(struct http_server *server)
{
    for (size_t i = 0; i < server->route_metrics->count; i++)
        metric_unregister(&server->route_metrics->counters[i].metric);
    for (size_t i = 0; i < server->route_metrics->count / STATUS_CLASSES; i++)
        metric_unregister(&server->route_metrics->durations[i].metric);
    free(server->route_metrics->durations);
    free(server->route_metrics);
}

void route_metrics_count(struct http_server *server, const struct exchange *exchange,
                         int64_t duration_us)
{
    const struct route *route = exchange->request.route;
    size_t number = route != NULL ? route->number : server->config.router->route_count;
    size_t class = (size_t)(exchange->answer.status / 100 - 2);
    ASSERT(class < STATUS_CLASSES);
    metric_add(of(&server->route_metrics->counters[number * STATUS_CLASSES + class]), 1);
    metric_observe(of(&server->route_metrics->durations[number]), duration_us);
}
