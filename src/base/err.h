/* err.h - every error the program knows, once.
 *
 * The enum, the API's stable codes, the HTTP statuses and the retry rule all come from ERR_MAP.
 * A function that can fail returns enum err, is MUST_CHECK, and gives its result by its last
 * pointer; on error the result is untouched unless its header says otherwise.  The words for a
 * person are said once, where the fault is found (see base/fault.h); nobody logs and returns. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

/*  name            http  stable api code       worth retrying */
#define ERR_MAP(X)                                      \
    X(INVALID, 422, "validation_errors", false)         \
    X(MALFORMED, 400, "bad_request", false)             \
    X(UNAUTHORIZED, 401, "unauthorized", false)         \
    X(FORBIDDEN, 403, "forbidden", false)               \
    X(NOT_FOUND, 404, "not_found", false)               \
    X(NOT_ALLOWED, 405, "not_allowed", false)           \
    X(CONFLICT, 409, "conflict", false)                 \
    X(PRECONDITION, 412, "precondition_failed", false)  \
    X(TOO_LARGE, 413, "too_large", false)               \
    X(MEDIA_TYPE, 415, "unsupported_media_type", false) \
    X(TOO_SLOW, 408, "too_slow", false)                 \
    X(STOPPING, 503, "stopping", true)                  \
    X(REUSED, 422, "idempotency_key_reused", false)     \
    X(LIMITED, 429, "rate_limited", false)              \
    X(NOT_SUPPORTED, 422, "not_supported", false)       \
    X(OVERFLOW, 422, "amount_overflow", false)          \
    X(INEXACT, 422, "amount_inexact", false)            \
    X(BUSY, 503, "store_busy", true)                    \
    X(UNAVAILABLE, 503, "store_unavailable", true)      \
    X(FULL, 507, "store_full", false)                   \
    X(STORE, 500, "store_error", false)                 \
    X(IO, 500, "io_error", false)                       \
    X(CORRUPT, 500, "data_corrupt", false)              \
    X(GATEWAY, 502, "gateway_error", false)

enum err {
    ERR_NONE = 0,
#define X(name, http, code, retry) ERR_##name,
    ERR_MAP(X)
#undef X
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* Passes an error up. */
#define TRY(call)                   \
    do {                            \
        enum err try_err_ = (call); \
        if (try_err_ != ERR_NONE)   \
            return try_err_;        \
    } while (0)

/* The HTTP status of an error; 200 for ERR_NONE. */
int err_http_status(enum err err);

/* The stable code that the API shows, such as "not_found"; "ok" for ERR_NONE. */
const char *err_code(enum err err);

/* Whether the same call may succeed when repeated unchanged. */
bool err_is_retryable(enum err err);

#endif
