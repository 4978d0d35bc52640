/* Events as text: what is taken, and how what is not is named. */
#include "app/cloud_event.h"
#include "app/event_line.h"
#include "base/time.h"
#include "tests/test.h"

static struct arena arena;
static struct fault fault;

static struct event_reader reader_at(const char *place)
{
    arena_clear(&arena);
    arena_init(&arena);
    fault_init(&fault, &arena);
    return (struct event_reader){.arena = &arena, .fault = &fault, .place = str_of(place)};
}

/* "field code; field code" */
static struct str noted(void)
{
    struct buf text;
    buf_init(&text, &arena, 10000);
    for (size_t i = 0; i < fault.field_count; i++)
        buf_fmt(&text, "%s%.*s %.*s", i > 0 ? "; " : "", STR_ARG(fault.fields[i].field),
                STR_ARG(fault.fields[i].code));
    return buf_str(&text);
}

/* 2024-01-31T10:00:00Z is 1706695200 (date -u -d 2024-01-31T10:00:00Z +%s). */
#define T_US ((int64_t)1706695200000000)

TEST(event_line_reads_native_events)
{
    // clang-format off
    static const struct { const char *name, *line; int64_t at; const char *properties; } cases[] = {
        {"least", "{\"transaction_id\":\"t\",\"code\":\"c\"}", TIME_NONE, NULL},
        {"all", " {\"properties\": {\"a\": [1, {}]}, \"timestamp\":\"2024-01-31T10:00:00Z\",\"transaction_id\":\"t\",\"external_subscription_id\":\"s\",\"code\":\"c\"} ", T_US, "{\"a\": [1, {}]}"},
        {"zone", "{\"transaction_id\":\"t\",\"code\":\"c\",\"timestamp\":\"2024-01-31T11:00:00+01:00\"}", T_US, NULL},
        {"seconds", "{\"transaction_id\":\"t\",\"code\":\"c\",\"timestamp\":1706695200}", T_US, NULL},
        {"cut off", "{\"transaction_id\":\"t\",\"code\":\"c\",\"timestamp\":\"1706695200.0000019\"}", T_US + 1, NULL},
        {"null", "{\"transaction_id\":\"t\",\"code\":\"c\",\"timestamp\":null,\"properties\":null}", TIME_NONE, NULL},
        {"escapes", "{\"transaction\\u005fid\":\"\\u0074\",\"code\":\"c\"}", TIME_NONE, NULL},
    };
    // clang-format on
    EACH(c, cases) {
        struct event_reader reader = reader_at("line 7, ");
        struct event_input event;
        CHECK(event_of_json(&reader, str_of(c->line), &event));
        CHECK_STR(event.transaction_id, "t");
        CHECK_STR(event.code, "c");
        CHECK(event.occurred_at == c->at);
        CHECK(str_eq(event.properties, str_of(c->properties)));
        CHECK(str_is_null(event.source));
    }
    arena_clear(&arena);
}

TEST(event_line_names_what_is_bad)
{
    // clang-format off
    static const struct { const char *name, *line, *noted; } cases[] = {
        {"empty object", "{}", "line 7, transaction_id value_is_mandatory; line 7, code value_is_mandatory"},
        {"not JSON", "{\"code\":", "line 7, column 9 value_is_invalid"},
        {"two values", "{\"transaction_id\":\"t\",\"code\":\"c\"} {}", "line 7, column 35 value_is_invalid"},
        {"an array", "[]", "line 7, event invalid_type"},
        {"unknown", "{\"transaction_id\":\"t\",\"code\":\"c\",\"codes\":{\"a\":[]}}", "line 7, codes unknown_field"},
        {"twice", "{\"transaction_id\":\"t\",\"code\":\"c\",\"code\":\"d\"}", "line 7, code duplicate_field"},
        {"types", "{\"transaction_id\":1,\"code\":true,\"timestamp\":[1],\"properties\":\"x\"}",
         "line 7, transaction_id invalid_type; line 7, code invalid_type; line 7, timestamp invalid_type; line 7, properties invalid_type"},
        {"time", "{\"transaction_id\":\"t\",\"code\":\"c\",\"timestamp\":\"2024-02-30T00:00:00Z\"}", "line 7, timestamp value_is_invalid"},
        {"amount", "{\"transaction_id\":\"t\",\"code\":\"c\",\"precise_total_amount_cents\":{}}", "line 7, precise_total_amount_cents invalid_type"},
    };
    // clang-format on
    EACH(c, cases) {
        struct event_reader reader = reader_at("line 7, ");
        struct event_input event;
        CHECK(!event_of_json(&reader, str_of(c->line), &event));
        CHECK_STR(noted(), c->noted);
    }
    struct event_reader lenient = reader_at("");
    struct event_input event;
    lenient.is_lenient = true;
    CHECK(event_of_json(&lenient, STR("{\"transaction_id\":1,\"code\":\"c\",\"x\":[1],\"y\":{}}"),
                        &event));
    CHECK_STR(event.transaction_id, "1");
    arena_clear(&arena);
}

#define CE "\"specversion\":\"1.0\",\"id\":\"t\",\"source\":\"/m\",\"type\":\"c\",\"subject\":\"s\""

TEST(cloud_event_reads_the_structured_form)
{
    // clang-format off
    static const struct { const char *name, *line; int64_t at; const char *properties; } cases[] = {
        {"least", "{" CE "}", TIME_NONE, NULL},
        {"all", "{" CE ",\"time\":\"2024-01-31T10:00:00Z\",\"datacontenttype\":\"application/json; charset=utf-8\",\"dataschema\":\"/x\",\"data\":{\"a\":1}}", T_US, "{\"a\":1}"},
        {"extensions", "{\"traceparent\":\"00-1\",\"sequence\":3,\"flag\":true," CE ",\"none\":null}", TIME_NONE, NULL},
        {"null data", "{" CE ",\"data\":null,\"time\":null}", TIME_NONE, NULL},
        {"+json", "{" CE ",\"datacontenttype\":\"application/vnd.x+JSON\",\"data\":{}}", TIME_NONE, "{}"},
    };
    // clang-format on
    EACH(c, cases) {
        struct event_reader reader = reader_at("");
        struct event_input event;
        CHECK(event_of_json(&reader, str_of(c->line), &event));
        CHECK_STR(noted(), "");
        CHECK_STR(event.transaction_id, "t");
        CHECK_STR(event.external_subscription_id, "s");
        CHECK_STR(event.code, "c");
        CHECK_STR(event.source, "/m");
        CHECK(event.occurred_at == c->at);
        CHECK(str_eq(event.properties, str_of(c->properties)));
    }
    arena_clear(&arena);
}

TEST(cloud_event_names_the_attribute)
{
    // clang-format off
    static const struct { const char *name, *line, *noted; } cases[] = {
        {"nothing", "{\"specversion\":\"1.0\"}", "id value_is_mandatory; source value_is_mandatory; type value_is_mandatory; subject value_is_mandatory"},
        {"version", "{\"id\":\"t\",\"source\":\"/m\",\"type\":\"c\",\"subject\":\"s\",\"specversion\":\"0.3\"}", "specversion not_supported"},
        {"empty", "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"\",\"type\":\"c\",\"subject\":\"s\"}", "id value_is_mandatory; source value_is_mandatory"},
        {"time", "{" CE ",\"time\":\"1706695200\"}", "time value_is_invalid"},
        {"types", "{" CE ",\"time\":5,\"data\":[1]}", "time invalid_type; data invalid_type"},
        {"content", "{" CE ",\"datacontenttype\":\"text/xml\",\"data\":\"<a/>\"}", "datacontenttype not_supported"},
        {"base64", "{" CE ",\"data_base64\":\"e30=\"}", "data_base64 not_supported"},
        {"name", "{" CE ",\"Trace_Id\":\"1\"}", "Trace_Id unknown_field"},
        {"extension type", "{" CE ",\"ext\":{\"a\":1}}", "ext invalid_type"},
        {"twice", "{" CE ",\"id\":\"u\"}", "id duplicate_field"},
        {"not JSON", "{" CE, "column 69 value_is_invalid"},
    };
    // clang-format on
    EACH(c, cases) {
        struct event_reader reader = reader_at("");
        struct event_input event;
        CHECK(!event_of_json(&reader, str_of(c->line), &event));
        CHECK_STR(noted(), c->noted);
    }
    struct event_reader reader = reader_at("");
    struct event_input event;
    reader.only_cloud_events = true;
    CHECK(!event_of_json(&reader, STR("{\"transaction_id\":\"t\",\"code\":\"c\"}"), &event));
    CHECK(str_starts(noted(),
                     STR("transaction_id unknown_field; specversion value_is_mandatory; id ")));
    arena_clear(&arena);
}

/* The examples of the HTTP protocol binding 1.0.2, section 3.1.3.2, and what is malformed. */
TEST(cloud_event_headers_are_decoded)
{
    // clang-format off
    static const struct { const char *name, *value; bool is_good; const char *decoded; } cases[] = {
        {"plain",            "my-event-id",            true,  "my-event-id"},
        {"euro and emoji",   "Euro%20%E2%82%AC%20%F0%9F%98%80", true, "Euro \xE2\x82\xAC \xF0\x9F\x98\x80"},
        {"lower case",       "%e2%82%ac",              true,  "\xE2\x82\xAC"},
        {"needless",         "%41",                    true,  "A"},
        {"quotes",           "\"a b\"",                true,  "a b"},
        {"escaped quote",    "\"a \\\"b\\\"\"",        true,  "a \"b\""},
        {"quoted percent",   "\"%22\"",                true,  "\""},
        {"raw UTF-8",        "\xE2\x82\xAC",           true,  "\xE2\x82\xAC"},
        {"empty",            "",                       true,  ""},
        {"cut escape",       "a%2",                    false, NULL},
        {"lone percent",     "100%",                   false, NULL},
        {"no hex",           "%zz",                    false, NULL},
        {"half a character", "%E2%82",                 false, NULL},
        {"overlong",         "%C0%80",                 false, NULL},
        {"U+0000",           "%00",                    false, NULL},
        {"line end",         "a%0Db",                  false, NULL},
        {"open quote",       "\"a",                    false, NULL},
        {"one quote",        "\"",                     false, NULL},
        {"escaped end",      "\"a\\\"",                false, NULL},
    };
    // clang-format on
    EACH(c, cases) {
        struct str decoded = STR_NULL;
        (void)reader_at("");
        CHECK(cloud_event_header(&arena, str_of(c->value), &decoded) == c->is_good);
        if (c->is_good)
            CHECK_STR(decoded, c->decoded);
    }
    arena_clear(&arena);
}

static bool read_csv(const char *text, struct event_input *event)
{
    struct event_reader reader = reader_at("row 2, ");
    struct event_columns columns;
    struct csv csv;
    bool found = false;
    struct input *input = input_of(str_of(text), &fault);
    bool is_good = csv_open(&csv, input, &arena, &fault) == ERR_NONE &&
                   event_columns_of(&reader, &csv, &columns) &&
                   csv_next(&csv, &found) == ERR_NONE && found && !csv.is_bad &&
                   event_of_csv(&reader, &columns, &csv, event);
    input_close(input);
    return is_good;
}

TEST(event_line_reads_csv)
{
    // clang-format off
    static const struct { const char *name, *text, *properties; } cases[] = {
        {"bare", "transaction_id,external_subscription_id,code\nt,s,c\n", "{}"},
        {"prefixed", "code,properties.a,transaction_id,external_subscription_id,b\nc,1.50,t,s,x y\n", "{\"a\":1.50,\"b\":\"x y\"}"},
        {"quoted is text", "code,a,transaction_id,external_subscription_id\nc,\"1\",t,s\n", "{\"a\":\"1\"}"},
        {"leading zero is text", "code,a,b,c,transaction_id,external_subscription_id\nc,01,-0.5,1e3,t,s\n", "{\"a\":\"01\",\"b\":-0.5,\"c\":\"1e3\"}"},
        {"empty is none", "code,a,b,transaction_id,external_subscription_id\nc,,\"\",t,s\n", "{}"},
        {"escaped", "code,\"a\"\"b\",transaction_id,external_subscription_id\nc,\"x\"\"y\nz\",t,s\n", "{\"a\\\"b\":\"x\\\"y\\nz\"}"},
    };
    // clang-format on
    EACH(c, cases) {
        struct event_input event = {0};
        CHECK(read_csv(c->text, &event));
        CHECK_STR(noted(), "");
        CHECK_STR(event.transaction_id, "t");
        CHECK_STR(event.external_subscription_id, "s");
        CHECK_STR(event.code, "c");
        CHECK_STR(event.properties, c->properties);
    }
    struct event_input event;
    CHECK(!read_csv("transaction_id,a,properties.a\nt,1,2\n", &event));
    CHECK_STR(noted(), "row 2, properties.a duplicate_field; row 2, external_subscription_id "
                       "value_is_mandatory; row 2, code value_is_mandatory");
    CHECK(
        !read_csv("transaction_id,external_subscription_id,code,timestamp\nt,s,c,noon\n", &event));
    CHECK_STR(noted(), "row 2, timestamp value_is_invalid");
    arena_clear(&arena);
}
