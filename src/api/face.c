#include "api/face.h"

#include "api/lago/lago.h"
#include "base/assert.h"
#include "http/request.h"

#include <stdio.h>

#define KEY_BYTES 64

static void write_id(struct json_writer *w, struct uuid id)
{
    json_uuid(w, "id", id);
}

static void write_ref(struct json_writer *w, const char *noun, struct uuid id)
{
    char key[KEY_BYTES];
    int len = snprintf(key, sizeof key, "%s_id", noun);
    ASSERT(len > 0 && (size_t)len < sizeof key);
    json_uuid(w, key, id);
}

/* RFC 9457.  The type stays about:blank: `code` is what programs read. */
static void write_error(struct json_writer *w, const struct face_error *error)
{
    json_object(w, NULL);
    json_str(w, "type", STR("about:blank"));
    json_str(w, "title", str_of(http_status_name(error->status)));
    json_int(w, "status", error->status);
    json_str(w, "detail", error->detail);
    json_str(w, "code", error->code);
    json_array(w, "errors");
    for (size_t i = 0; error->fault != NULL && i < error->fault->field_count; i++) {
        const struct fault_field *field = &error->fault->fields[i];
        json_object(w, NULL);
        json_str(w, "field", field->field);
        json_str(w, "code", field->code);
        json_str(w, "value", field->value);
        json_str(w, "expected", field->expected);
        json_object_end(w);
    }
    json_array_end(w);
    json_str(w, "request_id", error->request_id);
    if (error->durable_lines != NULL)
        json_int(w, "durable_lines", *error->durable_lines);
    json_object_end(w);
}

const struct face face_native = {
    .name = "native",
    .prefix = "/api/v1",
    .error_type = "application/problem+json",
    .created_status = 201,
    .write_id = write_id,
    .write_ref = write_ref,
    .write_number = json_decimal,
    .write_error = write_error,
};

const struct face face_lago = {
    .name = "lago",
    .prefix = "/lago/api/v1",
    .error_type = "application/json",
    .is_lago = true,
    .is_lenient = true,
    .created_status = 200,
    .write_id = lago_write_id,
    .write_ref = lago_write_ref,
    .write_number = lago_write_number,
    .write_error = lago_write_error,
};

void face_id(struct json_writer *w, const struct face *face, struct uuid id)
{
    face->write_id(w, id);
}

void face_ref(struct json_writer *w, const struct face *face, const char *noun, struct uuid id)
{
    face->write_ref(w, noun, id);
}

void face_number(struct json_writer *w, const struct face *face, const char *key,
                 struct decimal value)
{
    face->write_number(w, key, value);
}

const struct face *face_of_path(struct str path)
{
    struct str prefix = str_of(face_lago.prefix);
    bool is_below =
        str_starts(path, prefix) && (path.len == prefix.len || path.ptr[prefix.len] == '/');
    return is_below ? &face_lago : &face_native;
}
