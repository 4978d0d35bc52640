#include "app/event_read.h"

#include "api/api.h"
#include "api/event_stream.h"
#include "app/cloud_event.h"
#include "app/event_dismiss.h"
#include "app/ingest.h"
#include "base/json_read.h"

#define EVENTS_BODY_BYTES_MAX ((size_t)16 << 20)

/* ---- events in ------------------------------------------------------------------------------- */

static const struct bind_field event_body_fields[] = {
    {"transaction_id", BIND_TEXT(event_input, transaction_id), .flags = BIND_REQUIRED},
    {"external_subscription_id", BIND_TEXT(event_input, external_subscription_id)},
    {"code", BIND_TEXT(event_input, code), .flags = BIND_REQUIRED},
    {"timestamp", BIND_EVENT_TIME(event_input, occurred_at)},
    {"properties", BIND_RAW(event_input, properties), .max = 65536, .flags = BIND_RAW_OBJECT},
    {"precise_total_amount_cents", BIND_TEXT(event_input, precise_total_amount_cents), .max = 96},
    {0},
};
static const struct bind_table event_body = {"event", event_body_fields, 0};
static const struct bind_table event_element = {NULL, event_body_fields, 0};

struct events_request {
    struct event_input *events;
    size_t count;
};

static const struct bind_field events_body_fields[] = {
    {"events", BIND_OBJECTS(events_request, events, count, &event_element), .max = INGEST_BATCH_MAX,
     .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table events_body = {NULL, events_body_fields, 0};

static void write_members(struct json_writer *out, const struct face *face,
                          const struct event_view *view)
{
    face_id(out, face, view->id);
    json_str(out, "transaction_id", view->transaction_id);
    face_ref(out, face, "customer", view->customer_id);
    face_ref(out, face, "subscription", view->subscription_id);
    json_str(out, "external_subscription_id", view->external_subscription_id);
    json_str(out, "code", view->code);
    json_time(out, "timestamp", view->occurred_at);
    json_raw(out, "properties", view->properties);
    json_decimal(out, "precise_total_amount_cents", view->precise_total_cents);
    json_time(out, "created_at", view->received_at);
}

/* What was sent, and what became of it. */
static void write_result(struct api_request *req, const char *key, const struct event_input *input,
                         const struct event_result *result)
{
    struct json_writer *out = req->out;
    json_object(out, key);
    if (!req->face->is_lago) {
        json_str(out, "outcome",
                 result->outcome == EVENT_ACCEPTED ? STR("accepted") : STR("duplicate"));
        json_bool(out, "differs", result->differs);
        json_bool(out, "other_source", result->other_source);
    }
    write_members(out, req->face,
                  &(struct event_view){
                      .id = result->id,
                      .transaction_id = input->transaction_id,
                      .external_subscription_id = input->external_subscription_id,
                      .code = input->code,
                      .customer_id = result->customer_id,
                      .subscription_id = result->subscription_id,
                      .occurred_at = result->occurred_at,
                      .properties = str_is_null(input->properties) ? STR("{}") : input->properties,
                      .received_at = ctx_now(req->ctx),
                      .precise_total_cents = result->precise_total_cents,
                  });
    json_object_end(out);
}

/* On the Lago face a repeat is a bad field, as its clients know it; the native face says so for
 * each event and goes on. */
static enum err refuse_repeats(struct api_request *req, const struct ingest_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->results[i].outcome == EVENT_DUPLICATE)
            fault_field(req->fault,
                        batch->is_list ? arena_fmt(req->arena, "events.%zu.transaction_id", i)
                                       : STR("transaction_id"),
                        "value_already_exist", batch->events[i].transaction_id,
                        "an id that the subscription has not used");
    }
    return fault_check(req->fault);
}

static enum err answer_events(struct api_request *req, const struct ingest_batch *batch)
{
    TRY(batch->err);
    if (req->face->is_lago)
        TRY(refuse_repeats(req, batch));
    json_object(req->out, NULL);
    if (batch->is_list) {
        json_array(req->out, "events");
        for (size_t i = 0; i < batch->count; i++)
            write_result(req, NULL, &batch->events[i], &batch->results[i]);
        json_array_end(req->out);
    } else {
        write_result(req, "event", &batch->events[0], &batch->results[0]);
    }
    json_object_end(req->out);
    return ERR_NONE;
}

/* In the transaction of the events. */
static enum err keep(struct ctx *ctx, struct tx *tx, struct ingest_batch *batch)
{
    struct api_request *req = batch->arg;
    api_restart(req);
    return api_keep(req, ctx, tx, answer_events(req, batch));
}

static void committed(struct ingest_batch *batch)
{
    struct api_request *req = batch->arg;
    bool is_kept = batch->err == ERR_NONE && batch->keep != NULL;
    api_finish(req, is_kept ? ERR_NONE : answer_events(req, batch));
}

static enum err ingest(struct api_request *req, const struct event_input *events, size_t count,
                       bool is_list)
{
    struct ingest_batch *batch = ARENA_NEW(req->arena, struct ingest_batch);
    *batch = (struct ingest_batch){
        .ctx = req->ctx,
        .events = events,
        .count = count,
        .results = ARENA_ARRAY(req->arena, count, struct event_result),
        .is_list = is_list,
        .is_lenient = req->face->is_lago,
        .keep = api_wants_keeping(req) ? keep : NULL,
        .done = committed,
        .arg = req,
    };
    TRY(api_limit_events(req, count));
    api_defer(req);
    ingest_submit(req->ctx->app->ingest, batch);
    return ERR_NONE;
}

/* ---- CloudEvents ----------------------------------------------------------------------------- */

enum form { FORM_PLAIN, FORM_STRUCTURED, FORM_BATCH, FORM_BINARY };

static struct str media_type(struct api_request *req)
{
    struct str header = http_request_header(req->http, "Content-Type");
    struct str type = STR_NULL;
    (void)str_split(&header, ';', &type);
    return str_trim(type);
}

/* As the HTTP binding tells them apart: by the content type, then by the headers. */
static enum form form_of(struct api_request *req)
{
    struct str type = media_type(req);
    if (str_eq_nocase(type, STR("application/cloudevents+json")))
        return FORM_STRUCTURED;
    if (str_eq_nocase(type, STR("application/cloudevents-batch+json")))
        return FORM_BATCH;
    return str_is_null(http_request_header(req->http, "ce-specversion")) ? FORM_PLAIN : FORM_BINARY;
}

static struct event_reader cloud_reader(struct api_request *req)
{
    return (struct event_reader){.arena = req->arena,
                                 .fault = req->fault,
                                 .is_lenient = req->face->is_lenient,
                                 .only_cloud_events = true,
                                 .place = STR("")};
}

static enum err read_structured(struct api_request *req, struct event_input *event)
{
    struct event_reader reader = cloud_reader(req);
    struct str error;
    if (!json_is_valid(req->arena, req->http->body, &error))
        return fault_set(req->fault, ERR_MALFORMED, "the body is not JSON: %.*s", STR_ARG(error));
    (void)event_of_json(&reader, req->http->body, event);
    return fault_check(req->fault);
}

/* The value of an attribute's header, decoded; STR_NULL: absent, or noted as bad. */
static struct str attribute(struct api_request *req, const char *header)
{
    struct event_reader reader = cloud_reader(req);
    struct str value = http_request_header(req->http, header);
    struct str decoded = STR_NULL;
    if (!str_is_null(value) && !cloud_event_header(req->arena, value, &decoded)) {
        event_bad(&reader, header, "value_is_invalid", STR_NULL,
                  "UTF-8 text in percent-encoding, quotes closed");
        return STR_NULL;
    }
    return decoded;
}

static enum err read_binary(struct api_request *req, struct event_input *event)
{
    struct event_reader reader = cloud_reader(req);
    struct cloud_event cloud = {
        .specversion = attribute(req, "ce-specversion"),
        .id = attribute(req, "ce-id"),
        .source = attribute(req, "ce-source"),
        .type = attribute(req, "ce-type"),
        .subject = attribute(req, "ce-subject"),
        .time = attribute(req, "ce-time"),
        .datacontenttype = http_request_header(req->http, "Content-Type"),
        .data = str_trim(req->http->body),
    };
    if (cloud.data.len == 0) {
        cloud.data = STR_NULL;
        cloud.datacontenttype = STR_NULL;
    }
    TRY(fault_check(req->fault));
    (void)cloud_event_check(&reader, &cloud, event);
    return fault_check(req->fault);
}

static enum err ingest_cloud_batch(struct api_request *req)
{
    struct event_reader reader = cloud_reader(req);
    struct json_reader json;
    struct str error;
    struct event_input *events = ARENA_ARRAY(req->arena, INGEST_BATCH_MAX, struct event_input);
    size_t count = 0;
    if (!json_is_valid(req->arena, req->http->body, &error))
        return fault_set(req->fault, ERR_MALFORMED, "the body is not JSON: %.*s", STR_ARG(error));
    json_reader_init(&json, req->arena, req->http->body);
    enum json_token token = json_next(&json);
    if (token != JSON_ARRAY_START)
        return fault_set(req->fault, ERR_MALFORMED, "the body is to be a JSON array of events");
    while ((token = json_next(&json)) != JSON_ARRAY_END) {
        struct str raw = str_slice(json.input, json.token_start, json.at);
        if (token == JSON_OBJECT_START || token == JSON_ARRAY_START)
            (void)json_skip(&json, &raw); /* well-formed, as was seen above */
        if (count == INGEST_BATCH_MAX)
            return fault_set(req->fault, ERR_TOO_LARGE, "the batch has more than %d events",
                             INGEST_BATCH_MAX);
        reader.place = arena_fmt(req->arena, "events.%zu.", count);
        (void)event_of_json(&reader, raw, &events[count++]);
    }
    TRY(fault_check(req->fault));
    if (count == 0) {
        fault_field(req->fault, STR("events"), "value_is_mandatory", STR_NULL, "1 to %d events",
                    INGEST_BATCH_MAX);
        return fault_check(req->fault);
    }
    return ingest(req, events, count, true);
}

static enum err create(struct api_request *req, struct json_writer *out)
{
    struct event_input *event = ARENA_NEW(req->arena, struct event_input);
    (void)out; /* written when the event is durable */
    switch (form_of(req)) {
    case FORM_STRUCTURED:
        TRY(read_structured(req, event));
        return ingest(req, event, 1, false);
    case FORM_BINARY:
        TRY(read_binary(req, event));
        return ingest(req, event, 1, false);
    case FORM_BATCH:
        return ingest_cloud_batch(req);
    case FORM_PLAIN:
        break;
    }
    TRY(api_body(req, &event_body, event));
    return ingest(req, event, 1, false);
}

static enum err create_batch(struct api_request *req, struct json_writer *out)
{
    struct events_request body = {0};
    (void)out;
    if (form_of(req) == FORM_BATCH)
        return ingest_cloud_batch(req);
    TRY(api_body(req, &events_body, &body));
    if (body.count == 0) {
        fault_field(req->fault, STR("events"), "value_is_mandatory", STR_NULL, "1 to %d events",
                    INGEST_BATCH_MAX);
        return fault_check(req->fault);
    }
    return ingest(req, body.events, body.count, true);
}

/* ---- events out ------------------------------------------------------------------------------ */

static void write_event(struct json_writer *out, const struct face *face, const char *key,
                        const struct event_view *view)
{
    json_object(out, key);
    write_members(out, face, view);
    json_object_end(out);
}

static const struct bind_field get_query_fields[] = {
    {"external_subscription_id", BIND_TEXT(event_filter_query, external_subscription_id)}, {0}};
static const struct bind_table get_query = {NULL, get_query_fields, 0};

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct event_filter_query query = {0};
    struct event_view view;
    TRY(api_query(req, &get_query, &query));
    TRY(event_get(req->ctx, api_path(req, 0), query.external_subscription_id, &view));
    json_object(out, NULL);
    write_event(out, req->face, "event", &view);
    json_object_end(out);
    return ERR_NONE;
}

static const struct bind_field list_query_fields[] = {
    {"external_subscription_id", BIND_TEXT(event_filter_query, external_subscription_id)},
    {"code", BIND_TEXT(event_filter_query, code)},
    {"timestamp_from", BIND_EVENT_TIME(event_filter_query, from_at)},
    {"timestamp_to", BIND_EVENT_TIME(event_filter_query, to_at)},
    {0},
};
static const struct bind_table list_query = {NULL, list_query_fields, 0};

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct event_filter_query query = {0};
    struct event_view *views = NULL;
    size_t count = 0;
    bool more = false;
    TRY(api_key_query(req, &list_query, &query, &page));
    query.after = page.after;
    query.limit = page.limit;
    query.offset = page.offset;
    TRY(event_list(req->ctx, &query, &views, &count, &more));
    api_list(out, "events");
    for (size_t i = 0; i < count; i++)
        write_event(out, req->face, NULL, &views[i]);
    if (more)
        api_page_key(
            req, &page,
            &(struct list_key){.at = views[count - 1].occurred_at, .id = views[count - 1].id},
            count);
    /* As many as are known: those up to this page, and one more where there are further ones. */
    api_list_end(out, &page,
                 page.after.is_set ? LIST_UNCOUNTED : page.offset + (int64_t)count + more);
    return ERR_NONE;
}

static const struct bind_field unmatched_fields[] = {
    {"external_subscription_id", BIND_TEXT(unmatched_query, external_subscription_id)},
    {"code", BIND_TEXT(unmatched_query, code)},
    {0},
};
static const struct bind_table unmatched_table = {NULL, unmatched_fields, 0};

static enum err list_unmatched(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct event_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    struct unmatched_query query = {0};
    TRY(api_key_query(req, &unmatched_table, &query, &page));
    query.after = page.after;
    query.limit = page.limit;
    query.offset = page.offset;
    TRY(event_list_unmatched(req->ctx, &query, &views, &count, &total));
    api_list(out, "unmatched_events");
    for (size_t i = 0; i < count; i++)
        write_event(out, req->face, NULL, &views[i]);
    if (count > 0)
        api_page_key(
            req, &page,
            &(struct list_key){.at = views[count - 1].received_at, .id = views[count - 1].id},
            count);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

static enum err summarize_unmatched(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct unmatched_summary summary;
    TRY(api_page_query(req, NULL, NULL, &page));
    TRY(event_unmatched_summarize(req->ctx, page.limit, page.offset, &summary));
    api_list(out, "unmatched_subscriptions");
    for (size_t i = 0; i < summary.count; i++) {
        const struct unmatched_waiting *waiting = &summary.items[i];
        json_object(out, NULL);
        json_str(out, "external_subscription_id", waiting->external_subscription_id);
        json_int(out, "event_count", waiting->event_count);
        json_time(out, "first_timestamp", waiting->first_at);
        json_time(out, "last_timestamp", waiting->last_at);
        json_time(out, "last_received_at", waiting->last_received_at);
        json_object_end(out);
    }
    api_list_end(out, &page, summary.total);
    return ERR_NONE;
}

static enum err dismiss(struct api_request *req, struct json_writer *out)
{
    struct uuid id;
    (void)out;
    TRY(api_path_uuid(req, 0, "unmatched_event", &id));
    return api_found(req, "unmatched_event", event_dismiss(req->ctx, id));
}

/* Not without the external id: a slip would take all. */
static const struct bind_field dismiss_fields[] = {
    {"external_subscription_id", BIND_TEXT(unmatched_query, external_subscription_id)},
    {"code", BIND_TEXT(unmatched_query, code)},
    {0},
};
static const struct bind_table dismiss_table = {NULL, dismiss_fields, 0};

static enum err dismiss_all(struct api_request *req, struct json_writer *out)
{
    struct unmatched_query query = {0};
    int64_t count = 0;
    TRY(api_query(req, &dismiss_table, &query));
    if (str_is_null(query.external_subscription_id)) {
        fault_field(req->fault, STR("external_subscription_id"), "value_is_mandatory", STR_NULL,
                    "whose events are to be dismissed; empty for those that named none");
        return fault_check(req->fault);
    }
    TRY(event_dismiss_all(req->ctx, query.external_subscription_id, query.code, &count));
    json_object(out, NULL);
    json_int(out, "dismissed_count", count);
    json_object_end(out);
    return ERR_NONE;
}

const struct api_route event_routes[] = {
    {HTTP_POST, "/events", create, API_DEFERS | API_METERED, EVENTS_BODY_BYTES_MAX},
    {HTTP_POST, "/events/batch", create_batch, API_DEFERS | API_METERED, EVENTS_BODY_BYTES_MAX},
    {HTTP_POST, "/events/stream", event_stream, API_STREAM | API_METERED | API_APART, 0},
    {HTTP_GET, "/events", list, 0, 0},
    {HTTP_GET, "/events/{transaction_id}", get, 0, 0},
    {HTTP_GET, "/unmatched_events", list_unmatched, 0, 0},
    {HTTP_DELETE, "/unmatched_events", dismiss_all, API_APART, 0},
    {HTTP_GET, "/unmatched_events/summary", summarize_unmatched, 0, 0},
    {HTTP_DELETE, "/unmatched_events/{id}", dismiss, 0, 0},
    {0},
};
