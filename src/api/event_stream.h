/* event_stream.h - POST /events/stream: events as lines of JSON, in a body of any length.
 *
 * Lines are parsed as they come, by the batch, and handed to the group commit; a batch that waits
 * there holds the client up.  The first batch with an invalid line ends the stream, with all its
 * errors; what was committed before stays. */
#ifndef API_EVENT_STREAM_H
#define API_EVENT_STREAM_H

#include "api/api.h"

#define EVENT_STREAM_BATCH          2000 /* lines in one commit */
#define EVENT_STREAM_LINE_BYTES_MAX ((size_t)128 << 10)

enum err event_stream(struct api_request *req, struct json_writer *out);

#endif
