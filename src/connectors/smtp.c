#include "connectors/smtp.h"

#include "base/assert.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 300 /* bytes of the server's answer that are kept */

static enum err bad_url(struct fault *fault, const char *what)
{
    return fault_set(fault, ERR_INVALID,
                     "the mail server's URL: %s; wanted smtp://USER:PASSWORD@HOST:PORT or "
                     "smtps://USER:PASSWORD@HOST:PORT",
                     what);
}

/* A part of the URL, decoded; NULL: it has none. */
static const char *part_of(CURLU *url, CURLUPart part, unsigned flags, struct arena *arena)
{
    char *text = NULL;
    const char *copy = NULL;
    if (curl_url_get(url, part, &text, flags) == CURLUE_OK && text[0] != '\0')
        copy = arena_cstr(arena, str_of(text));
    curl_free(text);
    return copy;
}

static bool is_local(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
           strcmp(host, "[::1]") == 0;
}

static enum err read_tls(const char *scheme, const char *host, const char *query,
                         struct fault *fault, enum smtp_tls *tls)
{
    if (strcmp(scheme, "smtps") == 0) {
        *tls = SMTP_TLS_IMPLICIT;
        return query == NULL ? ERR_NONE : bad_url(fault, "smtps:// takes nothing behind \"?\"");
    }
    if (strcmp(scheme, "smtp") != 0)
        return bad_url(fault, "it begins with neither smtp:// nor smtps://");
    *tls = is_local(host) ? SMTP_TLS_IF_OFFERED : SMTP_TLS_REQUIRED;
    if (query == NULL)
        return ERR_NONE;
    if (strcmp(query, "starttls=required") == 0)
        *tls = SMTP_TLS_REQUIRED;
    else if (strcmp(query, "starttls=if-offered") == 0)
        *tls = SMTP_TLS_IF_OFFERED;
    else if (strcmp(query, "starttls=never") == 0)
        *tls = SMTP_TLS_NEVER;
    else
        return bad_url(fault, "behind \"?\" stands something else than starttls=required, "
                              "if-offered or never");
    return ERR_NONE;
}

static enum err read_parts(CURLU *url, struct str password, struct arena *arena,
                           struct fault *fault, struct smtp_server *server)
{
    const char *scheme = part_of(url, CURLUPART_SCHEME, 0, arena);
    const char *host = part_of(url, CURLUPART_HOST, 0, arena);
    const char *port = part_of(url, CURLUPART_PORT, 0, arena);
    const char *path = part_of(url, CURLUPART_PATH, 0, arena);
    if (scheme == NULL || host == NULL)
        return bad_url(fault, "it has no host");
    if (path != NULL && strcmp(path, "/") != 0)
        return bad_url(fault, "there is a path behind the host");
    TRY(read_tls(scheme, host, part_of(url, CURLUPART_QUERY, 0, arena), fault, &server->tls));
    if (port == NULL)
        port = server->tls == SMTP_TLS_IMPLICIT ? "465" : "587";
    server->address = arena_fmt(arena, "%s://%s:%s", scheme, host, port).ptr;
    server->user = part_of(url, CURLUPART_USER, CURLU_URLDECODE, arena);
    server->password = part_of(url, CURLUPART_PASSWORD, CURLU_URLDECODE, arena);
    if (!str_is_null(password))
        server->password = arena_cstr(arena, password);
    if (server->user == NULL && server->password != NULL)
        return bad_url(fault, "a password was given, but no user");
    if (server->user != NULL && server->password == NULL)
        return bad_url(fault, "a user was given, but no password");
    return ERR_NONE;
}

enum err smtp_parse(struct str text, struct str password, struct arena *arena, struct fault *fault,
                    struct smtp_server *server)
{
    CURLU *url = curl_url();
    if (url == NULL)
        return fault_set(fault, ERR_UNAVAILABLE, "no memory for the mail server's URL");
    *server = (struct smtp_server){0};
    enum err err = curl_url_set(url, CURLUPART_URL, arena_cstr(arena, text),
                                CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK
                       ? read_parts(url, password, arena, fault, server)
                       : bad_url(fault, "it can't be read");
    curl_url_cleanup(url);
    return err;
}

/* ---- one message ----------------------------------------------------------------------------- */

struct sending {
    struct str rest; /* of the message */
    char answer[WORDS_MAX + 1];
};

static size_t give(char *to, size_t size, size_t count, void *arg)
{
    struct sending *sending = arg;
    size_t len = size * count < sending->rest.len ? size * count : sending->rest.len;
    if (len > 0)
        memcpy(to, sending->rest.ptr, len);
    sending->rest = str_slice(sending->rest, len, sending->rest.len);
    return len;
}

/* The newest line that says no: what came of the step that failed, and not the farewell. */
static size_t take_answer(const char *line, size_t size, size_t count, void *arg)
{
    struct sending *sending = arg;
    struct str text = str_trim((struct str){line, size * count});
    size_t len = text.len < WORDS_MAX ? text.len : WORDS_MAX;
    if (text.len < 3 || (text.ptr[0] != '4' && text.ptr[0] != '5'))
        return size * count;
    while (len > 0 && !str_is_text(str_slice(text, 0, len)))
        len--;
    memcpy(sending->answer, text.ptr, len);
    sending->answer[len] = '\0';
    return size * count;
}

static void set_up(CURL *curl, const struct smtp_server *server, const char *from,
                   struct curl_slist *to, struct sending *sending, char *why)
{
    static const long use_ssl[] = {[SMTP_TLS_REQUIRED] = CURLUSESSL_ALL,
                                   [SMTP_TLS_IF_OFFERED] = CURLUSESSL_TRY,
                                   [SMTP_TLS_NEVER] = CURLUSESSL_NONE,
                                   [SMTP_TLS_IMPLICIT] = CURLUSESSL_ALL};
    curl_easy_setopt(curl, CURLOPT_URL, server->address);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)SMTP_CONNECT_MAX_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)SMTP_TIME_MAX_S);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, use_ssl[server->tls]);
    if (server->ca_file != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, server->ca_file);
    if (server->user != NULL) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, server->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, server->password);
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, sending);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_answer);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, sending);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, sending);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
}

static enum smtp_result result_of(CURL *curl, CURLcode code, const struct smtp_server *server,
                                  const struct sending *sending, const char *why,
                                  struct fault *fault)
{
    long status = 0;
    if (code == CURLE_OK)
        return SMTP_ACCEPTED;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    const char *words = why[0] != '\0' ? why : curl_easy_strerror(code);
    if (status >= 400 && sending->answer[0] != '\0')
        (void)fault_set(fault, ERR_IO, "%s: %s", server->address, sending->answer);
    else
        (void)fault_set(fault, ERR_IO, "%s: %s", server->address, words);
    /* What is wrong with the sign-in or with TLS is mended by the operator, not by giving up. */
    bool is_of_message = code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY ||
                         code == CURLE_UPLOAD_FAILED || code == CURLE_RECV_ERROR;
    return is_of_message && status >= 500 && status < 600 ? SMTP_REFUSED : SMTP_LATER;
}

static void init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum smtp_result smtp_send(const struct smtp_server *server, const char *from, const char *to,
                           struct str message, struct fault *fault)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct sending sending = {.rest = message};
    char why[CURL_ERROR_SIZE] = "";
    pthread_once(&once, init);
    CURL *curl = curl_easy_init();
    struct curl_slist *list = curl_slist_append(NULL, to);
    enum smtp_result result = SMTP_LATER;
    if (curl == NULL || list == NULL) {
        (void)fault_set(fault, ERR_UNAVAILABLE, "no memory for a mail");
    } else {
        set_up(curl, server, from, list, &sending, why);
        result = result_of(curl, curl_easy_perform(curl), server, &sending, why, fault);
    }
    curl_slist_free_all(list);
    curl_easy_cleanup(curl);
    return result;
}
