#include "base/err.h"

int err_http_status(enum err err)
{
    switch (err) {
    case ERR_NONE:
        return 200;
#define X(name, http, code, retry) \
    case ERR_##name:               \
        return http;
        ERR_MAP(X)
#undef X
    }
    return 500;
}

const char *err_code(enum err err)
{
    switch (err) {
    case ERR_NONE:
        return "ok";
#define X(name, http, code, retry) \
    case ERR_##name:               \
        return code;
        ERR_MAP(X)
#undef X
    }
    return "internal_error";
}

bool err_is_retryable(enum err err)
{
    switch (err) {
    case ERR_NONE:
        return false;
#define X(name, http, code, retry) \
    case ERR_##name:               \
        return retry;
        ERR_MAP(X)
#undef X
    }
    return false;
}
