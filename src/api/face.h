/* face.h - the two wire formats of the one API.
 *
 * The native face is /api/v1, the other speaks the format of Lago's API under /lago/api/v1 so that
 * its clients work.  Handlers are the same; what differs goes through these functions, and the
 * differences themselves stand in api/lago/, one file each. */
#ifndef API_FACE_H
#define API_FACE_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/fault.h"
#include "base/json_write.h"
#include "base/str.h"
#include "base/uuid.h"

#include <stdbool.h>

/* An error as a face shows it. */
struct face_error {
    struct arena *arena;
    int status;
    struct str code;           /* "customer_not_found", "validation_errors" */
    struct str detail;         /* a sentence for a person */
    const struct fault *fault; /* its fields; NULL: none */
    struct str request_id;
    const int64_t *durable_lines; /* of a stream; NULL: it is none */
};

struct face {
    const char *name;       /* "native", "lago" */
    const char *prefix;     /* of the paths */
    const char *error_type; /* content type of errors */
    bool is_lago;           /* for what is too small for a function of its own */
    bool is_lenient;        /* how bodies are read (api/bind.h) */
    int created_status;     /* of a resource that has been made */
    void (*write_id)(struct json_writer *w, struct uuid id);
    void (*write_ref)(struct json_writer *w, const char *noun, struct uuid id);
    void (*write_number)(struct json_writer *w, const char *key, struct decimal value);
    void (*write_error)(struct json_writer *w, const struct face_error *error);
};

extern const struct face face_native;
extern const struct face face_lago;

/* The object's own id: "id" / "lago_id". */
void face_id(struct json_writer *w, const struct face *face, struct uuid id);
/* Another object's: face_ref(w, face, "customer", id) writes "customer_id" / "lago_customer_id". */
void face_ref(struct json_writer *w, const struct face *face, const char *noun, struct uuid id);
/* A decimal that Lago shows as a JSON number (a tax's rate): text / number.  Where both faces show
 * text, use json_decimal. */
void face_number(struct json_writer *w, const struct face *face, const char *key,
                 struct decimal value);

/* The face of a path: by its prefix, else native. */
const struct face *face_of_path(struct str path);

#endif
