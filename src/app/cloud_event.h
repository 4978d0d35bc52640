/* cloud_event.h - CloudEvents 1.0 as usage events.  Pure functions over bytes.
 *
 * `id` is the transaction id, `type` the metric's code, `subject` the subscription's external id,
 * `time` the timestamp, `data` the properties (a JSON object).  `specversion` is "1.0", `source` is
 * kept as a hash, so that the same id and subject from another source is known.  Extension
 * attributes, `dataschema` and what else the specification names are accepted and not kept.
 * https://github.com/cloudevents/spec: formats/json-format.md, bindings/http-protocol-binding.md */
#ifndef APP_CLOUD_EVENT_H
#define APP_CLOUD_EVENT_H

#include "app/event_line.h"

/* As they came; STR_NULL: absent. */
struct cloud_event {
    struct str specversion, id, source, type, subject, time, datacontenttype;
    struct str data; /* JSON */
};

/* The structured form: application/cloudevents+json.  false: something was noted. */
bool cloud_event_of_json(const struct event_reader *reader, struct str json,
                         struct event_input *event);

/* Checks the attributes; every bad one is noted under its name. */
bool cloud_event_check(const struct event_reader *reader, const struct cloud_event *cloud,
                       struct event_input *event);

/* The value of a `ce-` header: quotes taken off, then percent-decoded.  false: it has a malformed
 * escape, an open quote, or is not UTF-8 without control characters. */
bool cloud_event_header(struct arena *arena, struct str value, struct str *decoded);

/* "application/json", "application/foo+json", with parameters, in any case. */
bool cloud_event_is_json(struct str media_type);

#endif
