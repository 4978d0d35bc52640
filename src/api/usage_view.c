/* usage_view.c - a subscription's usage by metric and day. */
#include "app/usage_view.h"

#include "api/api.h"
#include "api/routes.h"
#include "base/none.h"

struct days_query {
    int32_t from_day, to_day; /* both included */
};

static const struct bind_field days_fields[] = {
    {"from_day", BIND_DAY(days_query, from_day)},
    {"to_day", BIND_DAY(days_query, to_day)},
    {0},
};
static const struct bind_table days_table = {NULL, days_fields, 0};

static void write_days(struct json_writer *out, const struct usage_view *view,
                       const struct usage_view_metric *metric)
{
    json_array(out, "days");
    for (int32_t i = 0; i < view->end_day - view->first_day; i++) {
        const struct usage_view_day *day = &metric->days[i];
        if (day->event_count == 0)
            continue;
        json_object(out, NULL);
        json_day(out, "day", day->day);
        json_int(out, "events_count", day->event_count);
        json_decimal(out, "units", day->quantity);
        json_object_end(out);
    }
    json_array_end(out);
}

static enum err show(struct api_request *req, struct json_writer *out)
{
    struct days_query days = {DAY_NONE, DAY_NONE};
    struct usage_view view;
    TRY(api_query(req, &days_table, &days));
    TRY(api_found(
        req, "subscription",
        usage_view_load(req->ctx,
                        &(struct usage_view_query){
                            .external_subscription_id = api_path(req, 0),
                            .first_day = days.from_day,
                            .end_day = days.to_day == DAY_NONE ? DAY_NONE : days.to_day + 1,
                        },
                        &view)));
    json_object(out, NULL);
    json_object(out, "daily_usage");
    json_str(out, "external_subscription_id", view.subscription.external_id);
    face_ref(out, req->face, "subscription", view.subscription.id);
    face_ref(out, req->face, "customer", view.customer.id);
    json_str(out, "timezone", view.timezone);
    json_day(out, "from_day", view.first_day);
    json_day(out, "to_day", view.end_day - 1);
    json_array(out, "metrics");
    for (size_t i = 0; i < view.metric_count; i++) {
        const struct usage_view_metric *metric = &view.metrics[i];
        json_object(out, NULL);
        json_str(out, "code", metric->metric.code);
        json_str(out, "aggregation_type", metric->metric.aggregation_type);
        json_int(out, "events_count", metric->event_count);
        json_decimal(out, "units", metric->quantity);
        write_days(out, &view, metric);
        json_object_end(out);
    }
    json_array_end(out);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

const struct api_route usage_view_routes[] = {
    {HTTP_GET, "/subscriptions/{external_id}/daily_usage", show, 0, 0},
    {0},
};
