/* event_line.h - usage events as text: a JSON object, a CloudEvent, a row of a CSV file.  Pure.
 *
 * For what is read piece by piece, streams and files; request bodies are read by the API's tables
 * and give the same.  A JSON object with a member `specversion` is a CloudEvent (cloud_event.h).
 * Every bad field is noted in the fault under the reader's place: "line 17, timestamp". */
#ifndef APP_EVENT_LINE_H
#define APP_EVENT_LINE_H

#include "app/ingest.h"
#include "base/arena.h"
#include "base/csv.h"
#include "base/fault.h"

#include <stdbool.h>

struct event_reader {
    struct arena *arena; /* texts of events live in it, or in what is read */
    struct fault *fault;
    bool is_lenient;        /* unknown fields are passed over */
    bool only_cloud_events; /* others are refused */
    struct str place;       /* stands before the names of fields: "line 17, "; "" for none */
};

/* Notes a bad field. */
void event_bad(const struct event_reader *reader, const char *field, const char *code,
               struct str value, const char *expected);

/* One event from JSON.  false: something was noted. */
bool event_of_json(const struct event_reader *reader, struct str json, struct event_input *event);

/* RFC 3339 with zone, or unix seconds; what is finer than microseconds is cut off. */
bool event_time_parse(struct str text, int64_t *at_us);

/* What a column of a CSV file is: by its header's name. */
enum event_column {
    EVENT_COLUMN_TRANSACTION_ID,
    EVENT_COLUMN_SUBSCRIPTION,
    EVENT_COLUMN_CODE,
    EVENT_COLUMN_TIMESTAMP,
    EVENT_COLUMN_CENTS,   /* precise_total_amount_cents */
    EVENT_COLUMN_PROPERTY /* "properties.X" is X; any other name is itself */
};

struct event_columns {
    enum event_column *kinds;
    struct str *properties; /* names, where the kind is PROPERTY */
    size_t count;
};

/* From the header: notes what is missing or stands twice.  false: something was noted. */
bool event_columns_of(const struct event_reader *reader, const struct csv *csv,
                      struct event_columns *columns);
/* The newest record.  A cell that is not quoted and is a JSON number becomes a number, an empty
 * one no property, any other a text. */
bool event_of_csv(const struct event_reader *reader, const struct event_columns *columns,
                  const struct csv *csv, struct event_input *event);

#endif
