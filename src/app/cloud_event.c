#include "app/cloud_event.h"

#include "base/json_read.h"
#include "base/none.h"
#include "base/time.h"

#define ATTRIBUTE_BYTES_MAX 1024

static struct str *attribute_of(struct cloud_event *cloud, struct str name)
{
    const struct {
        struct str name;
        struct str *value;
    } attributes[] = {
        {STR("specversion"), &cloud->specversion},
        {STR("id"), &cloud->id},
        {STR("source"), &cloud->source},
        {STR("type"), &cloud->type},
        {STR("subject"), &cloud->subject},
        {STR("time"), &cloud->time},
        {STR("datacontenttype"), &cloud->datacontenttype},
    };
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (str_eq(name, attributes[i].name))
            return attributes[i].value;
    }
    return NULL;
}

static bool is_attribute_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            return false;
    }
    return name.len > 0;
}

/* ---- structured form ------------------------------------------------------------------------- */

static bool take_data(struct json_reader *json, struct cloud_event *cloud)
{
    struct str raw;
    if (!json_skip(json, &raw))
        return false;
    cloud->data = str_eq(raw, STR("null")) ? STR_NULL : raw;
    return true;
}

static bool take_member(const struct event_reader *reader, struct json_reader *json,
                        struct cloud_event *cloud)
{
    struct str name = json->text;
    const char *shown = arena_cstr(reader->arena, name);
    struct str *attribute = attribute_of(cloud, name);
    struct str raw;
    if (str_eq(name, STR("data")))
        return take_data(json, cloud);
    enum json_token token = json_next(json);
    if (token == JSON_ERROR)
        return false;
    if (attribute != NULL && !str_is_null(*attribute))
        event_bad(reader, shown, "duplicate_field", STR_NULL, "each attribute once");
    if (attribute != NULL && token == JSON_STRING)
        *attribute = json->text;
    else if (attribute != NULL && token != JSON_NULL)
        event_bad(reader, shown, "invalid_type", STR_NULL, "a text");
    else if (str_eq(name, STR("data_base64")) && token != JSON_NULL)
        event_bad(reader, shown, "not_supported", STR_NULL, "a JSON object in data");
    else if (!str_eq(name, STR("data_base64")) && !is_attribute_name(name))
        event_bad(reader, shown, "unknown_field", STR_NULL,
                  "an attribute's name, of lower-case letters and digits");
    else if (attribute == NULL && (token == JSON_OBJECT_START || token == JSON_ARRAY_START))
        event_bad(reader, shown, "invalid_type", STR_NULL, "a text, a number or a boolean");
    return (token != JSON_OBJECT_START && token != JSON_ARRAY_START) || json_skip(json, &raw);
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

bool cloud_event_of_json(const struct event_reader *reader, struct str text,
                         struct event_input *event)
{
    struct json_reader json;
    struct cloud_event cloud = {0};
    size_t noted = reader->fault->field_count + reader->fault->field_dropped;
    json_reader_init(&json, reader->arena, text);
    enum json_token token = json_next(&json);
    if (token != JSON_OBJECT_START && token != JSON_ERROR) {
        event_bad(reader, "event", "invalid_type", str_slice(text, 0, 100), "a JSON object");
        return false;
    }
    while (token != JSON_ERROR && (token = json_next(&json)) == JSON_KEY) {
        if (!take_member(reader, &json, &cloud))
            return bad_json(reader, &json);
    }
    if (token != JSON_OBJECT_END || json_next(&json) != JSON_END)
        return bad_json(reader, &json);
    (void)cloud_event_check(reader, &cloud, event);
    return reader->fault->field_count + reader->fault->field_dropped == noted;
}

/* ---- checks ---------------------------------------------------------------------------------- */

static void check_present(const struct event_reader *reader, const char *name, struct str value,
                          const char *expected)
{
    if (value.len == 0)
        event_bad(reader, name, "value_is_mandatory", value, expected);
    else if (value.len > ATTRIBUTE_BYTES_MAX)
        event_bad(reader, name, "value_is_too_long", value, expected);
}

bool cloud_event_check(const struct event_reader *reader, const struct cloud_event *cloud,
                       struct event_input *event)
{
    size_t noted = reader->fault->field_count + reader->fault->field_dropped;
    *event = (struct event_input){
        .transaction_id = cloud->id,
        .external_subscription_id = cloud->subject,
        .code = cloud->type,
        .occurred_at = TIME_NONE,
        .properties = cloud->data,
        .source = cloud->source,
    };
    if (str_is_null(cloud->specversion))
        event_bad(reader, "specversion", "value_is_mandatory", STR_NULL, "1.0");
    else if (!str_eq(cloud->specversion, STR("1.0")))
        event_bad(reader, "specversion", "not_supported", cloud->specversion, "1.0");
    check_present(reader, "id", cloud->id, "the transaction id, of 1 to 255 bytes");
    check_present(reader, "source", cloud->source, "who sends it, of 1 to 1024 bytes");
    check_present(reader, "type", cloud->type, "the code of a billable metric");
    check_present(reader, "subject", cloud->subject, "the external id of a subscription");
    if (!str_is_null(cloud->time) && time_parse(cloud->time, &event->occurred_at) != ERR_NONE)
        event_bad(reader, "time", "value_is_invalid", cloud->time,
                  "an instant such as 2024-01-31T10:00:00Z");
    if (!str_is_null(cloud->datacontenttype) && !cloud_event_is_json(cloud->datacontenttype))
        event_bad(reader, "datacontenttype", "not_supported", cloud->datacontenttype,
                  "application/json");
    else if (!str_is_null(cloud->data) && !str_starts(cloud->data, STR("{")))
        event_bad(reader, "data", "invalid_type", cloud->data, "a JSON object");
    return reader->fault->field_count + reader->fault->field_dropped == noted;
}

bool cloud_event_is_json(struct str media_type)
{
    struct str type = STR_NULL;
    (void)str_split(&media_type, ';', &type);
    type = str_trim(type);
    size_t suffix = type.len > 5 ? type.len - 5 : 0;
    return str_eq_nocase(type, STR("application/json")) || str_eq_nocase(type, STR("text/json")) ||
           str_eq_nocase(str_slice(type, suffix, type.len), STR("+json"));
}

/* ---- headers --------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A text in double quotes without them, "\x" being x; other texts as they are. */
static bool unquote(struct str value, char *out, size_t *len)
{
    bool is_quoted = str_starts(value, STR("\""));
    *len = 0;
    if (is_quoted && (value.len < 2 || value.ptr[value.len - 1] != '"'))
        return false;
    size_t end = is_quoted ? value.len - 1 : value.len;
    for (size_t i = is_quoted; i < end; i++) {
        if (is_quoted && value.ptr[i] == '\\' && ++i == end)
            return false; /* the last quote was escaped: it is open */
        out[(*len)++] = value.ptr[i];
    }
    return true;
}

bool cloud_event_header(struct arena *arena, struct str value, struct str *decoded)
{
    char *text = arena_alloc(arena, value.len + 1);
    size_t len = 0;
    size_t to = 0;
    if (!unquote(value, text, &len))
        return false;
    for (size_t from = 0; from < len; from++) {
        char c = text[from];
        if (c == '%') {
            int high = from + 2 < len ? hex_digit(text[from + 1]) : -1;
            int low = from + 2 < len ? hex_digit(text[from + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            from += 2;
        }
        if ((unsigned char)c < 0x20 || c == 0x7F)
            return false;
        text[to++] = c;
    }
    *decoded = (struct str){text, to};
    return str_is_text(*decoded);
}
