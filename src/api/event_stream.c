#include "api/event_stream.h"

#include "app/event_line.h"
#include "app/ingest.h"
#include "http/server.h"

#include <inttypes.h>

struct streaming {
    struct arena_mark mark; /* of the request's arena: what a batch took goes with it */
    int64_t lines;          /* read so far */
    int64_t durable_lines;  /* those before and in the newest commit */
    int64_t accepted, duplicates, differing, other_source, unmatched;
    struct ingest_batch batch;
    size_t used; /* bytes of the part that the batch was made from */
};

static void write_answer(struct api_request *req, const struct streaming *stream)
{
    struct json_writer *out = req->out;
    json_object(out, NULL);
    json_object(out, "stream");
    json_int(out, "lines", stream->lines);
    json_int(out, "accepted", stream->accepted);
    json_int(out, "duplicates", stream->duplicates);
    json_int(out, "differing", stream->differing);
    json_int(out, "other_source", stream->other_source);
    json_int(out, "unmatched", stream->unmatched);
    json_object_end(out);
    json_object_end(out);
}

static void count_results(struct streaming *stream)
{
    for (size_t i = 0; i < stream->batch.count; i++) {
        const struct event_result *result = &stream->batch.results[i];
        stream->accepted += result->outcome == EVENT_ACCEPTED;
        stream->duplicates += result->outcome == EVENT_DUPLICATE;
        stream->differing += result->differs;
        stream->other_source += result->other_source;
        stream->unmatched +=
            result->outcome == EVENT_ACCEPTED && uuid_is_nil(result->subscription_id);
    }
}

/* Ends the stream: says with the error what is durable all the same. */
static enum err end_with(struct api_request *req, enum err err)
{
    const struct streaming *stream = req->stream;
    struct fault *fault = req->fault;
    struct str message = str_is_null(fault->message) ? str_of(err_code(err)) : fault->message;
    req->durable_lines = stream->durable_lines;
    return fault_set(fault, err,
                     "%.*s; the first %" PRId64
                     " lines are durable: send again from the line after them",
                     STR_ARG(message), stream->durable_lines);
}

/* From the ingest's thread, or at once where the batch was refused. */
static void committed(struct ingest_batch *batch)
{
    struct api_request *req = batch->arg;
    struct streaming *stream = req->stream;
    if (batch->err != ERR_NONE) {
        api_finish(req, end_with(req, batch->err));
        return;
    }
    count_results(stream);
    stream->durable_lines = stream->lines;
    api_stream_next(req, stream->used);
}

/* Cuts the next line off *rest; a last one without line end only where nothing follows. */
static bool next_line(struct str *rest, bool is_last, struct str *line)
{
    ptrdiff_t end = str_find(*rest, '\n');
    if (end < 0 && (!is_last || rest->len == 0))
        return false;
    size_t len = end < 0 ? rest->len : (size_t)end;
    *line = str_trim(str_slice(*rest, 0, len));
    *rest = str_slice(*rest, end < 0 ? len : len + 1, rest->len);
    return true;
}

static bool read_line(struct api_request *req, const struct streaming *stream, struct str line,
                      struct event_input *event)
{
    struct event_reader reader = {
        .arena = req->arena,
        .fault = req->fault,
        .is_lenient = req->face->is_lenient,
        .place = arena_fmt(req->arena, "line %" PRId64 ", ", stream->lines),
    };
    if (line.len <= EVENT_STREAM_LINE_BYTES_MAX)
        return event_of_json(&reader, line, event);
    fault_field(req->fault, arena_fmt(req->arena, "line %" PRId64, stream->lines),
                "value_is_too_long", STR_NULL, "at most %zu bytes", EVENT_STREAM_LINE_BYTES_MAX);
    return false;
}

/* As many whole lines as a batch takes; noted is what is wrong with them. */
static void read_batch(struct api_request *req, const struct http_part *part)
{
    struct streaming *stream = req->stream;
    struct event_input *events = ARENA_ARRAY(req->arena, EVENT_STREAM_BATCH, struct event_input);
    int64_t *lines = ARENA_ARRAY(req->arena, EVENT_STREAM_BATCH, int64_t);
    struct str rest = part->bytes;
    struct str line;
    size_t count = 0;
    int64_t end = stream->lines + EVENT_STREAM_BATCH;
    bool is_last = part->end == HTTP_STREAM_COMPLETE;
    while (stream->lines < end && next_line(&rest, is_last, &line)) {
        stream->lines++;
        if (line.len == 0)
            continue;
        lines[count] = stream->lines;
        count += read_line(req, stream, line, &events[count]);
    }
    stream->used = part->bytes.len - rest.len;
    stream->batch = (struct ingest_batch){
        .ctx = req->ctx,
        .events = events,
        .count = count,
        .results = ARENA_ARRAY(req->arena, count, struct event_result),
        .is_list = true,
        .lines = lines,
        .line_word = "line",
        .is_lenient = req->face->is_lenient,
        .waits = true,
        .done = committed,
        .arg = req,
    };
}

/* No whole line is left. */
static enum err no_more(struct api_request *req, const struct http_part *part)
{
    struct streaming *stream = req->stream;
    switch (part->end) {
    case HTTP_STREAM_COMPLETE:
        write_answer(req, stream);
        api_finish(req, ERR_NONE);
        return ERR_NONE;
    case HTTP_STREAM_STOPPING:
        return end_with(req, fault_set(req->fault, ERR_STOPPING, "the server stops"));
    case HTTP_STREAM_TOO_SLOW:
        return end_with(req,
                        fault_set(req->fault, ERR_TOO_SLOW, "less than %d bytes came in %d seconds",
                                  HTTP_STREAM_LEAST_BYTES, HTTP_STREAM_WINDOW_S));
    case HTTP_STREAM_DAMAGED:
        return end_with(req, fault_set(req->fault, ERR_MALFORMED,
                                       "the body is a gzip that is damaged or ends too early"));
    case HTTP_STREAM_GOES_ON:
        break;
    }
    if (part->is_full || part->bytes.len > EVENT_STREAM_LINE_BYTES_MAX) {
        fault_field(req->fault, arena_fmt(req->arena, "line %" PRId64, stream->lines + 1),
                    "value_is_too_long", STR_NULL, "at most %zu bytes",
                    EVENT_STREAM_LINE_BYTES_MAX);
        return end_with(req, fault_check(req->fault));
    }
    api_stream_next(req, 0);
    return ERR_NONE;
}

/* What came as a stream's type: NDJSON under the names in use. */
static enum err check_type(struct api_request *req)
{
    struct str header = http_request_header(req->http, "Content-Type");
    struct str type = STR_NULL;
    (void)str_split(&header, ';', &type);
    type = str_trim(type);
    if (str_eq_nocase(type, STR("application/x-ndjson")) ||
        str_eq_nocase(type, STR("application/ndjson")) ||
        str_eq_nocase(type, STR("application/jsonl")) ||
        str_eq_nocase(type, STR("application/x-jsonlines")))
        return ERR_NONE;
    return fault_set(req->fault, ERR_MEDIA_TYPE,
                     "the Content-Type of a stream is application/x-ndjson, not \"%.*s\"",
                     STR_ARG(type));
}

enum err event_stream(struct api_request *req, struct json_writer *out)
{
    const struct http_part *part = req->part;
    (void)out; /* written at the end */
    struct streaming *stream = req->stream;
    if (stream == NULL) {
        TRY(check_type(req));
        stream = ARENA_NEW(req->arena, struct streaming);
        req->stream = stream;
        stream->mark = arena_mark(req->arena);
        api_stream_next(req, 0);
        return ERR_NONE;
    }
    arena_return(req->arena, stream->mark);
    fault_reset(req->fault);
    if (part->end == HTTP_STREAM_STOPPING || part->end == HTTP_STREAM_TOO_SLOW)
        return no_more(req, part);
    read_batch(req, part);
    enum err err = fault_check(req->fault);
    if (err == ERR_NONE && stream->batch.count > 0)
        err = api_limit_events(req, stream->batch.count);
    if (err != ERR_NONE)
        return end_with(req, err);
    if (stream->batch.count > 0) {
        ingest_submit(req->ctx->app->ingest, &stream->batch);
        return ERR_NONE;
    }
    stream->durable_lines = stream->lines; /* empty ones */
    if (stream->used == 0)
        return no_more(req, part);
    api_stream_next(req, stream->used);
    return ERR_NONE;
}
