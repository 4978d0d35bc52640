/* Answering: bodies, cookies, headers. */
#include "web/page_private.h"

#include "app/security.h"
#include "app/token.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/json_indent.h"

#include <string.h>

#define NOTICE_BYTES_MAX 400

static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'%s%.*s; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'";

bool page_is_portal(const struct page *page)
{
    return (page->own->route->flags & PAGE_PORTAL) != 0;
}

/* ---- cookies --------------------------------------------------------------------------------- */

struct str page_cookie(struct http_request *request, const char *name)
{
    struct str rest = http_request_header(request, "Cookie");
    struct str part;
    while (str_split(&rest, ';', &part)) {
        struct str value = str_trim(part);
        struct str key;
        if (str_split(&value, '=', &key) && str_eq(key, str_of(name)))
            return value;
    }
    return STR_NULL;
}

static bool is_https(const struct page *page)
{
    return str_starts(page->web->app->public_url, STR("https://"));
}

/* As long as the browser runs, or `max_age_s`; "" ends it. */
static void set_cookie(struct page *page, const char *name, struct str value, const char *path,
                       int64_t max_age_s)
{
    struct buf text;
    buf_init(&text, page->arena, 4096);
    buf_fmt(&text, "%s=%.*s; Path=%s", name, STR_ARG(value), path);
    if (max_age_s > 0 || value.len == 0)
        buf_fmt(&text, "; Max-Age=%lld", (long long)(value.len == 0 ? 0 : max_age_s));
    buf_add(&text, STR("; HttpOnly; SameSite=Lax"));
    if (is_https(page))
        buf_add(&text, STR("; Secure"));
    http_answer_header(page->http, page->own->answer, "Set-Cookie", buf_str(&text));
}

void page_set_session(struct page *page, struct str token)
{
    page->own->sets_session = true;
    page->own->new_session = token;
}

void page_set_language(struct page *page, struct str tag)
{
    page->own->new_language = STR("");
    if (tag.len == 0)
        tag = locales_choose(http_request_header(page->http, "Accept-Language"));
    locales_give(page->web->locales, page->locale);
    page->locale = locales_take(page->web->locales, tag);
}

/* ---- notices: what is said once, in a cookie that only we can write -------------------------- */

static void notice_mac(const struct page *page, struct str session, struct str text, char mac[32])
{
    struct hash_stream stream;
    unsigned char digest[32];
    struct buf hex;
    const struct app *app = page->web->app;
    hash_init(&stream, (struct str){(const char *)app->dedup_secret, sizeof app->dedup_secret});
    hash_add(&stream, STR("notice\n"));
    hash_add(&stream, str_is_null(session) ? STR("") : session);
    hash_add(&stream, STR("\n"));
    hash_add(&stream, text);
    hash_end(&stream, digest);
    buf_fixed(&hex, mac, 32);
    buf_hex(&hex, digest, 16);
}

void page_notice(struct page *page, enum page_notice_kind kind, struct str words)
{
    page->own->new_notice = (struct page_notice){kind, words};
}

/* Of the session that the browser has after this answer. */
static struct str session_after(const struct page *page)
{
    return page->own->sets_session ? page->own->new_session : page->own->token;
}

static size_t cut_to_text(struct str words, size_t max)
{
    size_t len = words.len < max ? words.len : max;
    while (len < words.len && len > 0 && (words.ptr[len] & 0xC0) == 0x80)
        len--;
    return len;
}

static void set_notice(struct page *page)
{
    const struct page_notice *notice = &page->own->new_notice;
    struct buf text;
    char mac[32];
    buf_init(&text, page->arena, 4096);
    buf_char(&text, notice->kind == NOTICE_GOOD ? 'g' : 'b');
    buf_hex(&text, notice->words.ptr, cut_to_text(notice->words, NOTICE_BYTES_MAX));
    notice_mac(page, session_after(page), buf_str(&text), mac);
    buf_char(&text, '.');
    buf_add(&text, (struct str){mac, sizeof mac});
    set_cookie(page, COOKIE_NOTICE, buf_str(&text), "/", 60);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unhex(struct arena *arena, struct str hex, struct str *text)
{
    char *bytes = arena_alloc(arena, hex.len / 2 + 1);
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        int high = hex_value(hex.ptr[i]);
        int low = hex_value(hex.ptr[i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i / 2] = (char)(high << 4 | low);
    }
    *text = (struct str){bytes, hex.len / 2};
    return hex.len % 2 == 0 && str_is_text(*text);
}

void page_take_notice(struct page *page)
{
    struct str mac = page_cookie(page->http, COOKIE_NOTICE);
    struct str text;
    struct str words;
    char wanted[32];
    if (!str_split(&mac, '.', &text) || text.len < 2 || mac.len != sizeof wanted)
        return;
    notice_mac(page, page->own->token, text, wanted);
    if (sodium_memcmp(mac.ptr, wanted, sizeof wanted) != 0 ||
        !unhex(page->arena, str_slice(text, 1, text.len), &words))
        return;
    page->notice = (struct page_notice){text.ptr[0] == 'g' ? NOTICE_GOOD : NOTICE_BAD, words};
}

/* ---- tokens of forms ------------------------------------------------------------------------- */

struct str page_csrf_of(struct arena *arena, struct str secret)
{
    struct hash_stream stream;
    unsigned char digest[32];
    struct buf text;
    hash_init(&stream, secret);
    hash_add(&stream, STR("csrf"));
    hash_end(&stream, digest);
    buf_init(&text, arena, 2 * sizeof digest);
    buf_hex(&text, digest, sizeof digest);
    return buf_str(&text);
}

/* "https://host:port" of what begins with it. */
static struct str origin_of(struct str url)
{
    for (size_t i = 0, slashes = 0; i < url.len; i++) {
        if (url.ptr[i] == '/' && ++slashes == 3)
            return str_slice(url, 0, i);
    }
    return url;
}

static bool is_our_origin(struct page *page, struct str origin)
{
    struct str host = http_request_header(page->http, "Host");
    if (str_eq_nocase(origin, origin_of(page->web->app->public_url)))
        return true;
    if (str_is_null(host) || host.len == 0)
        return false;
    return str_eq_nocase(origin, arena_fmt(page->arena, "http://%.*s", STR_ARG(host))) ||
           str_eq_nocase(origin, arena_fmt(page->arena, "https://%.*s", STR_ARG(host)));
}

static const char *why_not_ours(struct page *page)
{
    struct str site = http_request_header(page->http, "Sec-Fetch-Site");
    struct str origin = http_request_header(page->http, "Origin");
    struct str token = page_form_value(page, "csrf");
    if (!str_is_null(site) && !str_eq(site, STR("same-origin")))
        return "sent from another site";
    if (!str_is_null(origin) && !is_our_origin(page, origin))
        return "sent from another origin";
    if (str_is_null(token) || token.len == 0)
        return "no token";
    if (token.len != page->csrf.len || sodium_memcmp(token.ptr, page->csrf.ptr, token.len) != 0)
        return "not this session's token";
    return NULL;
}

bool page_is_from_us(struct page *page)
{
    const char *why = why_not_ours(page);
    if (why == NULL)
        return true;
    page_security(page, "csrf_refused", STR_NULL, str_of(why));
    return false;
}

void page_security(const struct page *page, const char *event, struct str who, struct str reason)
{
    if (str_is_null(who) && page->user != NULL)
        who = page->user->email;
    else if (str_is_null(who) && page->portal != NULL)
        who = page->portal->customer.external_id;
    security_log(event, who, http_request_address(page->http), reason);
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static struct str translate(void *arg, struct str words)
{
    return locale_words(arg, words);
}

struct page_writer *page_writer_of(struct page *page)
{
    struct page_private *own = page->own;
    buf_init(&own->body, page->arena, PAGE_BYTES_MAX);
    own->writer =
        (struct page_writer){.buf = &own->body, .translate = translate, .arg = page->locale};
    return &own->writer;
}

enum err page_show(struct page *page, int status)
{
    struct page_private *own = page->own;
    if (!buf_ok(&own->body))
        return fail(page->ctx, ERR_STORE, "the page is larger than %zu bytes", PAGE_BYTES_MAX);
    own->answer->status = status;
    own->answer->content_type = "text/html; charset=utf-8";
    own->answer->body = buf_str(&own->body);
    own->shows_notice = true;
    own->is_answered = true;
    return ERR_NONE;
}

bool page_is_own_path(struct str path)
{
    if (path.len == 0 || path.len > PAGE_PATH_MAX || path.ptr[0] != '/' ||
        (path.len > 1 && (path.ptr[1] == '/' || path.ptr[1] == '\\')))
        return false;
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        if (c <= 0x20 || c >= 0x7F || c == '\\')
            return false;
    }
    return true;
}

static enum err go_to(struct page *page, struct str url)
{
    page->own->answer->status = 303;
    page->own->answer->content_type = NULL;
    page->own->answer->body = STR("");
    http_answer_header(page->http, page->own->answer, "Location", url);
    page->own->is_answered = true;
    return ERR_NONE;
}

enum err page_redirect(struct page *page, struct str path)
{
    ASSERT(page_is_own_path(path));
    return go_to(page, path);
}

enum err page_redirect_away(struct page *page, struct str url)
{
    ASSERT(str_starts(url, STR("https://")) || str_starts(url, STR("http://")));
    return go_to(page, url);
}

static enum err give_file(struct page *page, const char *content_type, const char *disposition,
                          struct str name, struct str body)
{
    struct page_private *own = page->own;
    own->answer->status = 200;
    own->answer->content_type = content_type;
    own->answer->body = body;
    own->disposition = disposition;
    own->file_name = name;
    own->is_answered = true;
    return ERR_NONE;
}

enum err page_csv(struct page *page, struct str name, struct str body)
{
    return give_file(page, "text/csv; charset=utf-8; header=present", "attachment", name, body);
}

enum err page_file(struct page *page, const char *content_type, struct str name, struct str body)
{
    return give_file(page, content_type, "attachment", name, body);
}

enum err page_inline(struct page *page, const char *content_type, struct str name, struct str body)
{
    return give_file(page, content_type, "inline", name, body);
}

enum err page_api(struct page *page, const char *path, struct str param,
                  const struct http_param *query, size_t query_count)
{
    struct str json;
    struct buf *body = &page->own->body;
    if (page->web->api_read == NULL)
        return page_not_found(page);
    TRY(page->web->api_read(page->ctx, path, param, query, query_count, &json));
    buf_init(body, page->arena, PAGE_BYTES_MAX);
    json_indent(body, json);
    TRY(page_show(page, 200));
    page->own->answer->content_type = "application/json";
    page->own->shows_notice = false;
    return ERR_NONE;
}

enum err page_not_found(struct page *page)
{
    return fail(page->ctx, ERR_NOT_FOUND, "there is no such page");
}

enum err page_forbidden(struct page *page)
{
    return fail(page->ctx, ERR_FORBIDDEN, "this is not allowed");
}

void page_retry_after(struct page *page, int64_t wait_s)
{
    http_answer_header(page->http, page->own->answer, "Retry-After",
                       arena_fmt(page->arena, "%lld", (long long)wait_s));
}

void page_form_action(struct page *page, struct str origin)
{
    page->own->form_action = origin;
}

/* ---- the portal ------------------------------------------------------------------------------ */

struct uuid page_customer_id(const struct page *page)
{
    ASSERT(page->portal != NULL);
    return page->portal->customer.id;
}

enum err page_own(struct page *page, struct uuid customer_id, const char *what, struct uuid id)
{
    if (uuid_eq(customer_id, page_customer_id(page)))
        return ERR_NONE;
    page_security(page, "not_owned", STR_NULL,
                  arena_fmt(page->arena, "%s %.*s of another customer", what,
                            STR_ARG(uuid_text(page->arena, id))));
    return page_not_found(page);
}

/* ---- the answer's headers -------------------------------------------------------------------- */

static void tell_file(struct page *page)
{
    const struct page_private *own = page->own;
    struct buf name;
    buf_init(&name, page->arena, 255);
    for (size_t i = 0; i < own->file_name.len; i++) {
        char c = own->file_name.ptr[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        buf_char(&name, (char)(is_plain ? c : '_'));
    }
    http_answer_header(
        page->http, own->answer, "Content-Disposition",
        arena_fmt(page->arena, "%s; filename=\"%.*s\"", own->disposition, STR_ARG(buf_str(&name))));
}

static void tell_etag(struct page *page)
{
    struct http_answer *answer = page->own->answer;
    struct hash_stream stream;
    unsigned char digest[32];
    struct buf etag;
    struct str known = http_request_header(page->http, "If-None-Match");
    struct str part;
    if (page->http->method != HTTP_GET || answer->status != 200)
        return;
    hash_init(&stream, STR_NULL);
    hash_add(&stream, answer->body);
    hash_end(&stream, digest);
    buf_init(&etag, page->arena, 64);
    buf_char(&etag, '"');
    buf_hex(&etag, digest, 16);
    buf_char(&etag, '"');
    http_answer_header(page->http, answer, "ETag", buf_str(&etag));
    while (str_split(&known, ',', &part)) {
        part = str_trim(part);
        if (str_starts(part, STR("W/")))
            part = str_slice(part, 2, part.len);
        if (!str_eq(part, buf_str(&etag)))
            continue;
        answer->status = 304;
        answer->content_type = NULL;
        answer->body = STR("");
        return;
    }
}

static void tell_security(struct page *page)
{
    struct http_answer *answer = page->own->answer;
    struct str origin = page->own->form_action;
    http_answer_header(page->http, answer, "Content-Security-Policy",
                       arena_fmt(page->arena, policy, origin.len > 0 ? " " : "", STR_ARG(origin)));
    http_answer_header(page->http, answer, "Cross-Origin-Opener-Policy", STR("same-origin"));
    http_answer_header(page->http, answer, "Cross-Origin-Resource-Policy", STR("same-origin"));
    http_answer_header(page->http, answer, "Referrer-Policy", STR("same-origin"));
    http_answer_header(page->http, answer, "Permissions-Policy",
                       STR("camera=(), geolocation=(), microphone=(), payment=(), usb=()"));
    if (is_https(page))
        http_answer_header(page->http, answer, "Strict-Transport-Security",
                           STR("max-age=31536000; includeSubDomains"));
    http_answer_header(page->http, answer, "Cache-Control", STR("private, no-cache"));
}

static void tell_cookies(struct page *page)
{
    struct page_private *own = page->own;
    bool portal = page_is_portal(page);
    bool shows = own->shows_notice && own->answer->status < 300;
    if (own->sets_session) {
        struct str token = str_is_null(own->new_session) ? STR("") : own->new_session;
        set_cookie(page, portal ? COOKIE_PORTAL : COOKIE_SESSION, token, portal ? "/portal" : "/",
                   (portal ? PORTAL_LIFE_US : SESSION_LIFE_US) / TIME_SECOND);
    }
    if (own->sets_visit && own->shows_notice && own->token.ptr == NULL)
        set_cookie(page, COOKIE_VISIT, own->visit, "/", 0);
    if (!str_is_null(own->new_language))
        set_cookie(page, COOKIE_LANGUAGE, own->new_language, "/", 365 * TIME_DAY / TIME_SECOND);
    if (!str_is_null(own->new_notice.words))
        set_notice(page);
    else if (shows && !str_is_null(page->notice.words))
        set_cookie(page, COOKIE_NOTICE, STR(""), "/", 0);
}

void page_finish(struct page *page)
{
    ASSERT(page->own->is_answered);
    if (page->own->disposition != NULL)
        tell_file(page);
    tell_etag(page);
    tell_security(page);
    tell_cookies(page);
}
