#include "api/lago/lago.h"
#include "http/request.h"

/* Whether a field has stood before: its codes were written with its first. */
static bool is_written(const struct fault *fault, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (str_eq(fault->fields[i].field, fault->fields[index].field))
            return true;
    }
    return false;
}

/* {"name": ["value_is_mandatory"], ...} */
static void write_details(struct json_writer *w, const struct fault *fault)
{
    json_object(w, "error_details");
    for (size_t i = 0; i < fault->field_count; i++) {
        if (is_written(fault, i))
            continue;
        /* The writer's keys are literals; this one is data, so it is written as text is. */
        json_str(w, NULL, fault->fields[i].field);
        buf_char(w->buf, ':');
        w->need_comma = false;
        json_array(w, NULL);
        for (size_t k = i; k < fault->field_count; k++) {
            if (str_eq(fault->fields[k].field, fault->fields[i].field))
                json_str(w, NULL, fault->fields[k].code);
        }
        json_array_end(w);
    }
    json_object_end(w);
}

void lago_write_error(struct json_writer *w, const struct face_error *error)
{
    json_object(w, NULL);
    json_int(w, "status", error->status);
    if (error->durable_lines != NULL)
        json_int(w, "durable_lines", *error->durable_lines);
    /* 400 has no code there: its words say what is wrong. */
    if (error->status == 400) {
        json_str(w, "error", arena_fmt(error->arena, "Bad Request: %.*s", STR_ARG(error->detail)));
        json_object_end(w);
        return;
    }
    json_str(w, "error", str_of(http_status_name(error->status)));
    if (error->status != 401)
        json_str(w, "code", error->code);
    if (error->status == 422 && error->fault != NULL)
        write_details(w, error->fault);
    json_object_end(w);
}
