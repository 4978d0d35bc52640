#include "app/event_line.h"

#include "app/cloud_event.h"
#include "base/assert.h"
#include "base/decimal.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/none.h"
#include "base/time.h"

#define PROPERTIES_BYTES_MAX 65536

void event_bad(const struct event_reader *reader, const char *field, const char *code,
               struct str value, const char *expected)
{
    struct str name = arena_fmt(reader->arena, "%.*s%s", STR_ARG(reader->place), field);
    fault_field(reader->fault, name, code, value, "%s", expected);
}

bool event_time_parse(struct str text, int64_t *at_us)
{
    struct decimal seconds;
    struct decimal us;
    if (time_parse(text, at_us) == ERR_NONE)
        return true;
    return decimal_parse(text, &seconds) == ERR_NONE &&
           decimal_round(seconds, 6, ROUND_FLOOR, &seconds) == ERR_NONE &&
           decimal_scale(seconds, 6, &us) == ERR_NONE && decimal_to_int64(us, at_us) == ERR_NONE;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

enum field {
    FIELD_TRANSACTION_ID = 1,
    FIELD_SUBSCRIPTION = 2,
    FIELD_CODE = 4,
    FIELD_TIMESTAMP = 8,
    FIELD_PROPERTIES = 16,
    FIELD_CENTS = 32,
    FIELD_UNKNOWN = 0
};

static enum field field_of(struct str name)
{
    static const struct {
        struct str name;
        enum field field;
    } fields[] = {
        {{"transaction_id", 14}, FIELD_TRANSACTION_ID},
        {{"external_subscription_id", 24}, FIELD_SUBSCRIPTION},
        {{"code", 4}, FIELD_CODE},
        {{"timestamp", 9}, FIELD_TIMESTAMP},
        {{"properties", 10}, FIELD_PROPERTIES},
        {{"precise_total_amount_cents", 26}, FIELD_CENTS},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (str_eq(name, fields[i].name))
            return fields[i].field;
    }
    return FIELD_UNKNOWN;
}

static bool bad_json(const struct event_reader *reader, const struct json_reader *json)
{
    int line = 0;
    int column = 0;
    json_error_place(json, &line, &column);
    fault_field(reader->fault,
                arena_fmt(reader->arena, "%.*scolumn %d", STR_ARG(reader->place), column),
                "value_is_invalid", STR_NULL, "one JSON object: %s",
                json->error != NULL ? json->error : "something follows it");
    return false;
}

static void take_text(const struct event_reader *reader, const char *name, enum json_token token,
                      const struct json_reader *json, struct str *text)
{
    bool is_text = token == JSON_STRING || (reader->is_lenient && token == JSON_NUMBER);
    *text = is_text ? json->text : STR_NULL;
    if (!is_text && token != JSON_NULL)
        event_bad(reader, name, "invalid_type", STR_NULL, "a text");
}

static void take_number(const struct event_reader *reader, const char *name, enum json_token token,
                        const struct json_reader *json, struct str *text)
{
    bool is_number = token == JSON_STRING || token == JSON_NUMBER;
    *text = is_number ? json->text : STR_NULL;
    if (!is_number && token != JSON_NULL)
        event_bad(reader, name, "invalid_type", STR_NULL, "a number, or a text that is one");
}

static void take_time(const struct event_reader *reader, enum json_token token,
                      const struct json_reader *json, int64_t *at_us)
{
    if (token == JSON_NULL)
        return;
    if (token != JSON_STRING && token != JSON_NUMBER)
        event_bad(reader, "timestamp", "invalid_type", STR_NULL,
                  "an instant such as 2024-01-31T10:00:00Z, or unix seconds");
    else if (!event_time_parse(json->text, at_us))
        event_bad(reader, "timestamp", "value_is_invalid", json->text,
                  "an instant such as 2024-01-31T10:00:00Z, or unix seconds");
}

/* A known field's value has begun with `token`. */
static bool take_field(const struct event_reader *reader, struct json_reader *json,
                       enum field field, enum json_token token, struct event_input *event)
{
    struct str raw = STR_NULL;
    if (token == JSON_OBJECT_START || token == JSON_ARRAY_START) {
        if (!json_skip(json, &raw))
            return false;
    }
    if (field == FIELD_TRANSACTION_ID)
        take_text(reader, "transaction_id", token, json, &event->transaction_id);
    else if (field == FIELD_SUBSCRIPTION)
        take_text(reader, "external_subscription_id", token, json,
                  &event->external_subscription_id);
    else if (field == FIELD_CODE)
        take_text(reader, "code", token, json, &event->code);
    else if (field == FIELD_CENTS)
        take_number(reader, "precise_total_amount_cents", token, json,
                    &event->precise_total_amount_cents);
    else if (field == FIELD_TIMESTAMP)
        take_time(reader, token, json, &event->occurred_at);
    else if (token == JSON_OBJECT_START)
        event->properties = raw;
    else if (token != JSON_NULL)
        event_bad(reader, "properties", "invalid_type", STR_NULL, "a JSON object");
    return true;
}

static bool take_member(const struct event_reader *reader, struct json_reader *json, unsigned *seen,
                        struct event_input *event)
{
    struct str name = json->text;
    enum field field = field_of(name);
    struct str passed;
    if (field == FIELD_UNKNOWN) {
        if (!reader->is_lenient)
            event_bad(reader, arena_cstr(reader->arena, name), "unknown_field", STR_NULL,
                      "transaction_id, external_subscription_id, code, timestamp, properties or "
                      "precise_total_amount_cents");
        return json_skip(json, &passed);
    }
    if ((*seen & (unsigned)field) != 0)
        event_bad(reader, arena_cstr(reader->arena, name), "duplicate_field", STR_NULL,
                  "each field once");
    *seen |= (unsigned)field;
    enum json_token token = json_next(json);
    return token != JSON_ERROR && take_field(reader, json, field, token, event);
}

/* Whether the object has a member `specversion`; a malformed one is found later. */
static bool is_cloud_event(struct arena *arena, struct str text)
{
    struct json_reader json;
    struct str passed;
    json_reader_init(&json, arena, text);
    if (json_next(&json) != JSON_OBJECT_START)
        return false;
    while (json_next(&json) == JSON_KEY) {
        if (str_eq(json.text, STR("specversion")))
            return true;
        if (str_find(json.text, '_') >= 0) /* no attribute's name has one */
            return false;
        if (!json_skip(&json, &passed))
            return false;
    }
    return false;
}

bool event_of_json(const struct event_reader *reader, struct str text, struct event_input *event)
{
    struct json_reader json;
    unsigned seen = 0;
    size_t noted = reader->fault->field_count + reader->fault->field_dropped;
    *event = (struct event_input){.occurred_at = TIME_NONE};
    if (reader->only_cloud_events || is_cloud_event(reader->arena, text))
        return cloud_event_of_json(reader, text, event);
    json_reader_init(&json, reader->arena, text);
    enum json_token token = json_next(&json);
    if (token != JSON_OBJECT_START && token != JSON_ERROR) {
        event_bad(reader, "event", "invalid_type", str_slice(text, 0, 100), "a JSON object");
        return false;
    }
    while (token != JSON_ERROR && (token = json_next(&json)) == JSON_KEY) {
        if (!take_member(reader, &json, &seen, event))
            return bad_json(reader, &json);
    }
    if (token != JSON_OBJECT_END || json_next(&json) != JSON_END)
        return bad_json(reader, &json);
    if (event->transaction_id.len == 0 && (seen & FIELD_TRANSACTION_ID) == 0)
        event_bad(reader, "transaction_id", "value_is_mandatory", STR_NULL,
                  "an id of 1 to 255 bytes");
    if (event->code.len == 0 && (seen & FIELD_CODE) == 0)
        event_bad(reader, "code", "value_is_mandatory", STR_NULL, "the code of a billable metric");
    return reader->fault->field_count + reader->fault->field_dropped == noted;
}

/* ---- CSV ------------------------------------------------------------------------------------- */

bool event_columns_of(const struct event_reader *reader, const struct csv *csv,
                      struct event_columns *columns)
{
    static const char *const names[] = {"transaction_id", "external_subscription_id", "code",
                                        "timestamp", "precise_total_amount_cents"};
    bool has[EVENT_COLUMN_PROPERTY] = {false};
    *columns = (struct event_columns){
        .kinds = ARENA_ARRAY(reader->arena, csv->column_count, enum event_column),
        .properties = ARENA_ARRAY(reader->arena, csv->column_count, struct str),
        .count = csv->column_count,
    };
    for (size_t i = 0; i < csv->column_count; i++) {
        struct str name = csv->columns[i];
        unsigned kind = 0;
        while (kind < EVENT_COLUMN_PROPERTY && !str_eq(name, str_of(names[kind])))
            kind++;
        columns->kinds[i] = (enum event_column)kind;
        if (kind < EVENT_COLUMN_PROPERTY) {
            has[kind] = true;
            continue;
        }
        if (str_starts(name, STR("properties.")))
            name = str_slice(name, sizeof "properties." - 1, name.len);
        columns->properties[i] = name;
        for (size_t k = 0; k < i; k++) {
            if (columns->kinds[k] == EVENT_COLUMN_PROPERTY && str_eq(columns->properties[k], name))
                event_bad(reader, arena_cstr(reader->arena, csv->columns[i]), "duplicate_field",
                          STR_NULL, "a column for each property");
        }
    }
    for (unsigned kind = 0; kind < EVENT_COLUMN_TIMESTAMP; kind++) {
        if (!has[kind])
            event_bad(reader, names[kind], "value_is_mandatory", STR_NULL,
                      "a column of this name in the header");
    }
    return reader->fault->field_count == 0;
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?: what JSON takes as a number, without exponent. */
static bool is_plain_number(struct str text)
{
    size_t i = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;
    size_t first = i;
    while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9')
        i++;
    if (i == first || (text.ptr[first] == '0' && i - first > 1))
        return false;
    if (i == text.len)
        return true;
    if (text.ptr[i] != '.' || i + 1 == text.len)
        return false;
    for (i++; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    return true;
}

static struct str properties_of(const struct event_reader *reader,
                                const struct event_columns *columns, const struct csv *csv)
{
    struct buf text;
    struct json_writer out;
    bool is_first = true;
    buf_init(&text, reader->arena, PROPERTIES_BYTES_MAX);
    buf_char(&text, '{');
    json_writer_init(&out, &text);
    for (size_t i = 0; i < columns->count; i++) {
        struct csv_field cell = csv->fields[i];
        if (columns->kinds[i] != EVENT_COLUMN_PROPERTY || cell.text.len == 0)
            continue;
        if (!is_first)
            buf_char(&text, ',');
        is_first = false;
        out.need_comma = false;
        json_str(&out, NULL, columns->properties[i]);
        buf_char(&text, ':');
        out.need_comma = false;
        if (!cell.is_quoted && is_plain_number(cell.text))
            buf_add(&text, cell.text);
        else
            json_str(&out, NULL, cell.text);
    }
    buf_char(&text, '}');
    if (!buf_ok(&text))
        event_bad(reader, "properties", "value_is_too_long", STR_NULL, "at most 65536 bytes");
    return buf_str(&text);
}

bool event_of_csv(const struct event_reader *reader, const struct event_columns *columns,
                  const struct csv *csv, struct event_input *event)
{
    size_t noted = reader->fault->field_count + reader->fault->field_dropped;
    ASSERT(csv->field_count == columns->count);
    *event = (struct event_input){.occurred_at = TIME_NONE};
    for (size_t i = 0; i < columns->count; i++) {
        struct str cell = csv->fields[i].text;
        switch (columns->kinds[i]) {
        case EVENT_COLUMN_TRANSACTION_ID:
            event->transaction_id = arena_str(reader->arena, cell);
            break;
        case EVENT_COLUMN_SUBSCRIPTION:
            event->external_subscription_id =
                cell.len > 0 ? arena_str(reader->arena, cell) : STR_NULL;
            break;
        case EVENT_COLUMN_CODE:
            event->code = arena_str(reader->arena, cell);
            break;
        case EVENT_COLUMN_TIMESTAMP:
            if (cell.len > 0 && !event_time_parse(cell, &event->occurred_at))
                event_bad(reader, "timestamp", "value_is_invalid", cell,
                          "an instant such as 2024-01-31T10:00:00Z, or unix seconds");
            break;
        case EVENT_COLUMN_CENTS:
            event->precise_total_amount_cents =
                cell.len > 0 ? arena_str(reader->arena, cell) : STR_NULL;
            break;
        case EVENT_COLUMN_PROPERTY:
            break;
        }
    }
    event->properties = properties_of(reader, columns, csv);
    return reader->fault->field_count + reader->fault->field_dropped == noted;
}
