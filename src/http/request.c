#include "http/request.h"

#include "base/assert.h"
#include "http/exchange.h"

#include <arpa/inet.h>

static const char *const method_names[HTTP_METHOD_COUNT] = {"GET", "POST", "PUT", "PATCH",
                                                            "DELETE"};

const char *http_method_name(enum http_method method)
{
    ASSERT(method < HTTP_METHOD_COUNT);
    return method_names[method];
}

const char *http_status_name(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 422:
        return "Unprocessable Entity";
    case 429:
        return "Too Many Requests";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    case 507:
        return "Insufficient Storage";
    default:
        return "Unknown";
    }
}

struct str http_request_header(struct http_request *request, const char *name)
{
    struct exchange *exchange = (struct exchange *)request;
    return str_of(MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name));
}

/* Who connects from this machine is the reverse proxy, which says behind what others have claimed
 * from whom it has the request. */
struct str http_request_address(struct http_request *request)
{
    struct str rest = http_request_header(request, "X-Forwarded-For");
    struct str last = STR_NULL;
    unsigned char bytes[16];
    bool is_local =
        str_eq(request->client, STR("127.0.0.1")) || str_eq(request->client, STR("::1"));
    if (!is_local || str_is_null(rest))
        return request->client;
    while (str_split(&rest, ',', &last))
        continue;
    last = str_trim(last);
    if (last.len == 0 || last.len > 45)
        return request->client;
    const char *text = arena_cstr(request->arena, last);
    bool is_address = inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
    return is_address ? str_of(text) : request->client;
}

void http_answer_header(struct http_request *request, struct http_answer *answer, const char *name,
                        struct str value)
{
    ASSERT(answer->header_count < HTTP_ANSWER_HEADERS_MAX);
    /* A line end in a header value would let data write headers of its own. */
    char *clean = arena_alloc(request->arena, value.len + 1);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        clean[i] = (char)(c >= 0x20 && c < 0x7F ? c : '?');
    }
    answer->headers[answer->header_count++] = (struct http_header){name, {clean, value.len}};
}
