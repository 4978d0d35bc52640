#include "connectors/http_call.h"

#include "base/assert.h"
#include "base/buf.h"
#include "connectors/gateway.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER_BYTES_MAX ((size_t)8 << 10)

static void start_curl(void)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    ASSERT(code == CURLE_OK);
}

/* The answer as far as it is kept. */
struct taking {
    const struct http_call *call;
    struct buf body;
    bool is_cut;
    bool is_forbidden; /* the address was not one to be reached */
};

static size_t take(const char *bytes, size_t size, size_t count, void *arg)
{
    struct taking *taking = arg;
    struct str piece = {bytes, size * count};
    size_t max = taking->call->answer_head_max;
    if (max > 0 && taking->body.len + piece.len > max) {
        piece.len = max - taking->body.len;
        taking->is_cut = true;
    }
    buf_add(&taking->body, piece);
    return buf_ok(&taking->body) && !taking->is_cut ? size * count : 0; /* 0 ends the transfer */
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct taking *taking = arg;
    (void)purpose;
    if (!taking->call->may_reach(&address->addr, taking->call->may_reach_arg)) {
        taking->is_forbidden = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static struct curl_slist *header_list(struct arena *arena, const struct http_call *call)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* no waiting for a 100 */
    for (int i = 0; i < HTTP_CALL_HEADERS_MAX && call->headers[i].name != NULL; i++) {
        struct str line =
            arena_fmt(arena, "%s: %.*s", call->headers[i].name, STR_ARG(call->headers[i].value));
        ASSERT(line.len < HEADER_BYTES_MAX);
        list = curl_slist_append(list, line.ptr);
    }
    return list;
}

static void set_up(CURL *curl, struct arena *arena, const struct http_call *call,
                   struct taking *taking, char *words)
{
    long timeout_ms = call->timeout_ms == 0 ? GATEWAY_TIMEOUT_S * 1000L : call->timeout_ms;
    long connect_ms = GATEWAY_CONNECT_S * 1000L;
    curl_easy_setopt(curl, CURLOPT_URL, arena_cstr(arena, call->url));
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     timeout_ms < connect_ms ? timeout_ms : connect_ms);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Billow");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, taking);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
    if (call->may_reach != NULL) {
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, taking);
    }
    if (!str_is_null(call->body)) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body.ptr);
    }
}

enum err http_call(struct arena *arena, struct fault *fault, const struct http_call *call,
                   struct http_reply *reply)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char words[CURL_ERROR_SIZE] = "";
    char origin[GATEWAY_ADDRESS_BYTES];
    struct taking taking = {.call = call};
    long status = 0;
    pthread_once(&once, start_curl);
    if (!gateway_origin_of(call->url, origin))
        return fault_set(fault, ERR_GATEWAY, "%.*s is no http or https address",
                         STR_ARG(call->url));
    CURL *curl = curl_easy_init();
    if (curl == NULL)
        return fault_set(fault, ERR_GATEWAY, "no memory to call %s", origin);
    buf_init(&taking.body, arena, GATEWAY_ANSWER_MAX);
    struct curl_slist *headers = header_list(arena, call);
    set_up(curl, arena, call, &taking, words);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    if (taking.is_forbidden && status == 0)
        return fault_set(fault, ERR_GATEWAY, "%s lies where nothing may be sent", origin);
    if (code != CURLE_OK && !taking.is_cut)
        return fault_set(fault, ERR_GATEWAY, "%s gave no answer: %s", origin,
                         words[0] != '\0' ? words : curl_easy_strerror(code));
    *reply = (struct http_reply){.status = status, .body = buf_str(&taking.body)};
    return ERR_NONE;
}
