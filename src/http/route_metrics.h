/* route_metrics.h - private to http: how many requests each route answered, and how fast. */
#ifndef HTTP_ROUTE_METRICS_H
#define HTTP_ROUTE_METRICS_H

#include "http/exchange.h"

#include <stdint.h>

struct http_server;

/* Makes a counter for each route and class of status; those that stay 0 are not shown. */
void route_metrics_init(struct http_server *server);
void route_metrics_clear(struct http_server *server);
/* Counts an answered request. */
void route_metrics_count(struct http_server *server, const struct exchange *exchange,
                         int64_t duration_us);

#endif
