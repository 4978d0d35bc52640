#include "app/test_clock.h"

#include "api/api.h"
#include "base/time.h"

struct test_clock_input {
    int64_t now;
    bool run_jobs;
};

static const struct bind_field test_clock_body_fields[] = {
    {"now", BIND_INSTANT(test_clock_input, now), .flags = BIND_REQUIRED},
    {"run_jobs", BIND_BOOL(test_clock_input, run_jobs)},
    {0},
};
static const struct bind_table test_clock_body = {"test_clock", test_clock_body_fields, 0};

static enum err set(struct api_request *req, struct json_writer *out)
{
    struct test_clock_input input = {0};
    struct billing_progress progress;
    int64_t before = 0;
    TRY(test_clock_get(req->ctx, &before)); /* without a test clock the route is not there */
    TRY(api_body(req, &test_clock_body, &input));
    TRY(test_clock_set(req->ctx, input.now, input.run_jobs, &progress));
    json_object(out, NULL);
    json_object(out, "test_clock");
    json_time(out, "now", input.now);
    json_int(out, "invoices_made", progress.invoices_made);
    json_int(out, "invoices_finalized", progress.invoices_finalized);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    int64_t now = 0;
    TRY(test_clock_get(req->ctx, &now));
    json_object(out, NULL);
    json_object(out, "test_clock");
    json_time(out, "now", now);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

const struct api_route test_clock_routes[] = {
    {HTTP_PUT, "/test_clock", set, API_APART, 0},
    {HTTP_GET, "/test_clock", get, 0, 0},
    {0},
};
