/* cloud_event.c - CloudEvents: headers are decoded as a plain decoder does, what is decoded comes
 * back from its own percent-encoded form, and the binary and the structured form of one event are
 * the same usage event, or both refused.
 *
 * Input: a line for each of ce-specversion, -id, -source, -type, -subject, -time and Content-Type
 * ("-" for an absent one), then the body. */
#include "app/cloud_event.h"
#include "base/buf.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/none.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define INPUT_BYTES_MAX 65536
#define VALUE_COUNT     7

static bool is_hex(char c)
{
    return c != '\0' && strchr("0123456789abcdefABCDEF", c) != NULL;
}

/* Quotes off, then escapes: two passes, by the words of the HTTP binding. */
static bool plainly(struct arena *arena, struct str value, struct str *decoded)
{
    char *text = arena_alloc(arena, value.len + 1);
    char *out = arena_alloc(arena, value.len + 1);
    size_t len = 0;
    size_t to = 0;
    if (value.len > 0 && value.ptr[0] == '"') {
        size_t i = 1;
        while (i < value.len && value.ptr[i] != '"') {
            if (value.ptr[i] == '\\' && ++i == value.len)
                return false;
            text[len++] = value.ptr[i++];
        }
        if (i + 1 != value.len) {
            /* A quote inside that is not escaped: taken as it stands, if the last one closes. */
            if (i >= value.len || value.ptr[value.len - 1] != '"')
                return false;
            len = 0;
            for (i = 1; i < value.len - 1; i++) {
                if (value.ptr[i] == '\\' && ++i == value.len - 1)
                    return false;
                text[len++] = value.ptr[i];
            }
        }
    } else {
        memcpy(text, value.ptr, value.len);
        len = value.len;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned byte = (unsigned char)text[i];
        if (text[i] == '%') {
            if (i + 2 >= len || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))
                return false;
            byte = (unsigned)strtoul((const char[]){text[i + 1], text[i + 2], '\0'}, NULL, 16);
            i += 2;
        }
        if (byte < 0x20 || byte == 0x7F)
            return false;
        out[to++] = (char)byte;
    }
    *decoded = (struct str){out, to};
    return str_is_text(*decoded);
}

static struct str encoded(struct arena *arena, struct str text)
{
    struct buf out;
    buf_init(&out, arena, 3 * text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        buf_fmt(&out, "%%%02X", (unsigned)(unsigned char)text.ptr[i]);
    return (struct str){out.len == 0 ? "" : out.ptr, out.len};
}

static bool same(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* One header's value; false: it is refused. */
static bool take_header(struct arena *arena, struct str value, struct str *decoded)
{
    struct str want = STR_NULL;
    struct str again = STR_NULL;
    bool is_good = cloud_event_header(arena, value, decoded);
    FUZZ_CHECK(is_good == plainly(arena, value, &want));
    if (!is_good)
        return false;
    FUZZ_CHECK(same(*decoded, want));
    FUZZ_CHECK(cloud_event_header(arena, encoded(arena, *decoded), &again));
    FUZZ_CHECK(same(again, *decoded));
    return true;
}

static void member(struct json_writer *out, const char *key, struct str value)
{
    if (!str_is_null(value))
        json_str(out, key, value);
}

static bool read_structured(struct arena *arena, const struct cloud_event *cloud,
                            struct event_input *event)
{
    struct fault fault;
    struct buf text;
    struct json_writer out;
    fault_init(&fault, arena);
    buf_init(&text, arena, 6 * INPUT_BYTES_MAX + 1024);
    json_writer_init(&out, &text);
    json_object(&out, NULL);
    member(&out, "specversion", cloud->specversion);
    member(&out, "id", cloud->id);
    member(&out, "source", cloud->source);
    member(&out, "type", cloud->type);
    member(&out, "subject", cloud->subject);
    member(&out, "time", cloud->time);
    member(&out, "datacontenttype", cloud->datacontenttype);
    if (!str_is_null(cloud->data))
        json_raw(&out, "data", cloud->data);
    json_object_end(&out);
    struct event_reader reader = {
        .arena = arena, .fault = &fault, .only_cloud_events = true, .place = STR("")};
    bool is_good = cloud_event_of_json(&reader, buf_str(&text), event);
    FUZZ_CHECK(is_good == (fault.field_count == 0));
    return is_good;
}

void fuzz_one(struct arena *arena, struct str input)
{
    struct fault fault;
    struct cloud_event cloud = {0};
    struct event_input binary = {0};
    struct event_input structured = {0};
    struct str error = STR_NULL;
    struct str *values[VALUE_COUNT] = {&cloud.specversion,    &cloud.id,      &cloud.source,
                                       &cloud.type,           &cloud.subject, &cloud.time,
                                       &cloud.datacontenttype};
    bool is_good = true;
    if (input.len > INPUT_BYTES_MAX)
        return;
    for (int i = 0; i < VALUE_COUNT; i++) {
        struct str line = STR_NULL;
        (void)str_split(&input, '\n', &line);
        if (!str_is_null(line) && !str_eq(line, STR("-")))
            is_good = take_header(arena, line, values[i]) && is_good;
    }
    if (!is_good)
        return;
    cloud.data = str_trim(input);
    if (cloud.data.len == 0 || str_eq(cloud.data, STR("null")))
        cloud.data = STR_NULL;
    else if (!json_is_valid(arena, cloud.data, &error))
        return;
    fault_init(&fault, arena);
    struct event_reader reader = {.arena = arena, .fault = &fault, .place = STR("")};
    is_good = cloud_event_check(&reader, &cloud, &binary);
    FUZZ_CHECK(is_good == (fault.field_count == 0));
    FUZZ_CHECK(is_good == read_structured(arena, &cloud, &structured));
    if (!is_good)
        return;
    FUZZ_CHECK(same(binary.transaction_id, structured.transaction_id));
    FUZZ_CHECK(same(binary.external_subscription_id, structured.external_subscription_id));
    FUZZ_CHECK(same(binary.code, structured.code) && same(binary.source, structured.source));
    FUZZ_CHECK(same(binary.properties, structured.properties));
    FUZZ_CHECK(binary.occurred_at == structured.occurred_at);
    FUZZ_CHECK(binary.transaction_id.len > 0 && str_is_text(binary.transaction_id));
}
