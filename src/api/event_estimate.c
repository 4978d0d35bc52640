/* event_estimate.c - what events would cost. */
#include "app/event_estimate.h"

#include "api/api.h"
#include "api/fee.h"
#include "api/routes.h"

#define BODY_BYTES_MAX ((size_t)4 << 20)

static const struct bind_field estimate_fields[] = {
    {"transaction_id", BIND_TEXT(event_input, transaction_id)},
    {"external_subscription_id", BIND_TEXT(event_input, external_subscription_id),
     .flags = BIND_REQUIRED},
    {"code", BIND_TEXT(event_input, code), .flags = BIND_REQUIRED},
    {"timestamp", BIND_EVENT_TIME(event_input, occurred_at)},
    {"properties", BIND_RAW(event_input, properties), .max = 65536, .flags = BIND_RAW_OBJECT},
    {"precise_total_amount_cents", BIND_TEXT(event_input, precise_total_amount_cents), .max = 96},
    {0},
};
static const struct bind_table event_body = {"event", estimate_fields, 0};
static const struct bind_table event_element = {NULL, estimate_fields, 0};

struct estimates_request {
    struct event_input *events;
    size_t count;
};

static const struct bind_field batch_fields[] = {
    {"events", BIND_OBJECTS(estimates_request, events, count, &event_element),
     .max = ESTIMATE_BATCH_MAX, .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table batch_body = {NULL, batch_fields, 0};

static enum err answer(struct api_request *req, struct json_writer *out,
                       struct event_estimate *estimate)
{
    estimate->is_lenient = req->face->is_lago;
    TRY(event_estimate(req->ctx, estimate));
    json_object(out, NULL);
    json_array(out, "fees");
    for (size_t i = 0; i < estimate->fee_count; i++)
        fee_write(out, req->face, NULL, &estimate->fees[i]);
    json_array_end(out);
    json_object_end(out);
    return ERR_NONE;
}

static enum err estimate_one(struct api_request *req, struct json_writer *out, bool by_itself)
{
    struct event_input event = {0};
    TRY(api_body(req, &event_body, &event));
    return answer(req, out,
                  &(struct event_estimate){.events = &event, .count = 1, .by_itself = by_itself});
}

static enum err estimate(struct api_request *req, struct json_writer *out)
{
    return estimate_one(req, out, false);
}

static enum err estimate_instant(struct api_request *req, struct json_writer *out)
{
    return estimate_one(req, out, true);
}

static enum err estimate_batch(struct api_request *req, struct json_writer *out)
{
    struct estimates_request body = {0};
    TRY(api_body(req, &batch_body, &body));
    return answer(
        req, out,
        &(struct event_estimate){
            .events = body.events, .count = body.count, .is_list = true, .by_itself = true});
}

const struct api_route event_estimate_routes[] = {
    {HTTP_POST, "/events/estimate_fees", estimate, API_READS, BODY_BYTES_MAX},
    {HTTP_POST, "/events/estimate_instant_fees", estimate_instant, API_READS, BODY_BYTES_MAX},
    {HTTP_POST, "/events/batch_estimate_instant_fees", estimate_batch, API_READS, BODY_BYTES_MAX},
    {0},
};
