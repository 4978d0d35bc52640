/* lago.h - private to api: what the Lago face writes differently, one file for each difference. */
#ifndef API_LAGO_LAGO_H
#define API_LAGO_LAGO_H

#include "api/face.h"

/* lago/id.c: ids are "lago_id" and "lago_customer_id", since "id" is the caller's own there. */
void lago_write_id(struct json_writer *w, struct uuid id);
void lago_write_ref(struct json_writer *w, const char *noun, struct uuid id);

/* lago/number.c: rates and the like are JSON numbers. */
void lago_write_number(struct json_writer *w, const char *key, struct decimal value);

/* lago/error.c: {"status", "error", "code", "error_details": {field: [codes]}}. */
void lago_write_error(struct json_writer *w, const struct face_error *error);

#endif
