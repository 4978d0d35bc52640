#include "api/face.h"

#include "tests/test.h"

static struct arena arena;
static struct buf buf;
static struct json_writer writer;

static struct json_writer *begin(void)
{
    arena_clear(&arena);
    arena_init(&arena);
    buf_init(&buf, &arena, 65536);
    json_writer_init(&writer, &buf);
    return &writer;
}

static void write_sample(struct json_writer *w, const struct face *face)
{
    struct uuid id;
    REQUIRE(uuid_parse(STR("01890a5d-ac96-774b-bcce-b302099a8057"), &id));
    json_object(w, NULL);
    face_id(w, face, id);
    face_ref(w, face, "customer", id);
    face_ref(w, face, "plan", UUID_NIL);
    face_number(w, face, "rate", decimal_lit("20.5"));
    face_number(w, face, "none", DECIMAL_NONE);
    json_decimal(w, "units", decimal_lit("0.1"));
    json_object_end(w);
}

TEST(face_native_writes_ids_and_numbers)
{
    write_sample(begin(), &face_native);
    CHECK_STR(buf_str(&buf), "{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\","
                             "\"customer_id\":\"01890a5d-ac96-774b-bcce-b302099a8057\","
                             "\"plan_id\":null,\"rate\":\"20.5\",\"none\":null,\"units\":\"0.1\"}");
}

TEST(face_lago_writes_ids_and_numbers)
{
    write_sample(begin(), &face_lago);
    CHECK_STR(buf_str(&buf),
              "{\"lago_id\":\"01890a5d-ac96-774b-bcce-b302099a8057\","
              "\"lago_customer_id\":\"01890a5d-ac96-774b-bcce-b302099a8057\","
              "\"lago_plan_id\":null,\"rate\":20.5,\"none\":null,\"units\":\"0.1\"}");
}

static struct face_error error_with_fields(struct fault *fault)
{
    fault_init(fault, &arena);
    fault_field(fault, STR("name"), "value_is_mandatory", STR_NULL, "text");
    fault_field(fault, STR("a\"b"), "unknown_field", STR_NULL, "none");
    fault_field(fault, STR("name"), "value_is_too_long", STR("xx"), "text of %d", 1);
    return (struct face_error){.arena = &arena,
                               .status = 422,
                               .code = STR("validation_errors"),
                               .detail = STR("3 fields are invalid"),
                               .fault = fault,
                               .request_id = STR("r1")};
}

TEST(face_native_writes_problems)
{
    struct fault fault;
    struct json_writer *w = begin();
    struct face_error error = error_with_fields(&fault);
    face_native.write_error(w, &error);
    CHECK_STR(buf_str(&buf),
              "{\"type\":\"about:blank\",\"title\":\"Unprocessable Entity\",\"status\":422,"
              "\"detail\":\"3 fields are invalid\",\"code\":\"validation_errors\",\"errors\":["
              "{\"field\":\"name\",\"code\":\"value_is_mandatory\",\"value\":null,"
              "\"expected\":\"text\"},"
              "{\"field\":\"a\\\"b\",\"code\":\"unknown_field\",\"value\":null,"
              "\"expected\":\"none\"},"
              "{\"field\":\"name\",\"code\":\"value_is_too_long\",\"value\":\"xx\","
              "\"expected\":\"text of 1\"}],\"request_id\":\"r1\"}");
}

TEST(face_lago_gathers_codes_by_field)
{
    struct fault fault;
    struct json_writer *w = begin();
    struct face_error error = error_with_fields(&fault);
    face_lago.write_error(w, &error);
    CHECK_STR(buf_str(&buf),
              "{\"status\":422,\"error\":\"Unprocessable Entity\",\"code\":\"validation_errors\","
              "\"error_details\":{\"name\":[\"value_is_mandatory\",\"value_is_too_long\"],"
              "\"a\\\"b\":[\"unknown_field\"]}}");
}

/* The forms of ApiErrorBadRequest, Unauthorized, Forbidden, NotFound, NotAllowed and
 * UnprocessableEntity in the types of Lago's JavaScript client. */
TEST(face_lago_writes_each_error_in_its_form)
{
    // clang-format off
    static const struct { const char *name; int status; const char *code; const char *want; } cases[] = {
        {"400", 400, "bad_request",  "{\"status\":400,\"error\":\"Bad Request: why\"}"},
        {"401", 401, "unauthorized", "{\"status\":401,\"error\":\"Unauthorized\"}"},
        {"403", 403, "forbidden",    "{\"status\":403,\"error\":\"Forbidden\",\"code\":\"forbidden\"}"},
        {"404", 404, "tax_not_found", "{\"status\":404,\"error\":\"Not Found\",\"code\":\"tax_not_found\"}"},
        {"405", 405, "not_allowed",  "{\"status\":405,\"error\":\"Method Not Allowed\",\"code\":\"not_allowed\"}"},
    };
    // clang-format on
    EACH(c, cases) {
        struct json_writer *w = begin();
        struct face_error error = {.arena = &arena,
                                   .status = c->status,
                                   .code = str_of(c->code),
                                   .detail = STR("why"),
                                   .request_id = STR("r1")};
        face_lago.write_error(w, &error);
        CHECK_STR(buf_str(&buf), c->want);
    }
}

TEST(face_is_found_by_path)
{
    CHECK(face_of_path(STR("/lago/api/v1/taxes")) == &face_lago);
    CHECK(face_of_path(STR("/lago/api/v1")) == &face_lago);
    CHECK(face_of_path(STR("/lago/api/v10")) == &face_native);
    CHECK(face_of_path(STR("/api/v1/taxes")) == &face_native);
    CHECK(face_of_path(STR("/")) == &face_native);
}
