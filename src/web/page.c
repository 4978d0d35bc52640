/* A page from the request to the answer. */
#include "web/page_private.h"

#include "app/token.h"
#include "base/assert.h"
#include "base/log.h"
#include "http/url.h"
#include "web/errors.h"
#include "web/menu.h"
#include "web/templates.h"

#include <string.h>

struct page_mounted {
    const struct web_env *web;
    const struct page_route *route;
};

#define FORM_TYPE "application/x-www-form-urlencoded"

/* ---- the frame ------------------------------------------------------------------------------- */

struct frame page_frame(struct page *page, const char *english, const char *current_url)
{
    struct frame frame;
    struct str title = english == NULL ? STR("") : page_words(page, english);
    struct notice *notice = ARENA_NEW(page->arena, struct notice);
    frame_init(&frame, page->locale);
    frame.title = title;
    frame.csrf = page->csrf;
    menu_fill(page, &frame, str_of(current_url == NULL ? "" : current_url));
    if (!str_is_null(page->notice.words)) {
        *notice = (struct notice){.tone = page->notice.kind == NOTICE_GOOD ? TONE_GOOD : TONE_BAD,
                                  .words = page->notice.words};
        frame.notices = notice;
        frame.notice_count = 1;
    }
    return frame;
}

/* ---- errors ---------------------------------------------------------------------------------- */

static int status_of_error(enum err err)
{
    int status = err_http_status(err);
    return err == ERR_INVALID ? 400 : status;
}

void page_error(struct page *page, enum err err)
{
    struct page_private *own = page->own;
    int status = status_of_error(err);
    struct error_view view = {.frame = page_frame(page, NULL, NULL)};
    if (status >= 500 && !err_is_retryable(err))
        log_error("page failed", LOG_STR("code", str_of(err_code(err))),
                  LOG_STR("why", str_is_null(page->ctx->fault->message)
                                     ? STR("")
                                     : page->ctx->fault->message),
                  LOG_STR("path", page->http->path));
    *own->answer = (struct http_answer){0};
    own->disposition = NULL;
    own->sets_session = false;
    own->new_notice.words = STR_NULL;
    error_view_fill(&view, page->locale, status, page->http->id);
    tpl_plain_error(page_writer_of(page), &view);
    if (page_show(page, status) != ERR_NONE)
        ASSERT(false);
    own->shows_notice = false;
    if (status == 503)
        page_retry_after(page, 1);
}

/* ---- who ------------------------------------------------------------------------------------- */

struct session_place page_place(const struct page *page)
{
    struct str agent = http_request_header(page->http, "User-Agent");
    if (str_is_null(agent) || !str_is_text(agent))
        agent = STR("");
    return (struct session_place){.address = http_request_address(page->http), .user_agent = agent};
}

static enum err find_user(struct page *page)
{
    struct session_place place = page_place(page);
    struct session_user *user = ARENA_NEW(page->arena, struct session_user);
    struct str token = page_cookie(page->http, COOKIE_SESSION);
    if (str_is_null(token))
        return ERR_NONE;
    enum err err = session_check(page->ctx, token, &place, user);
    if (err == ERR_UNAUTHORIZED) {
        fault_reset(page->ctx->fault);
        return ERR_NONE;
    }
    TRY(err);
    page->user = user;
    page->own->token = token;
    page->ctx->actor = arena_fmt(page->arena, "user:%.*s", STR_ARG(user->email));
    return ERR_NONE;
}

static enum err find_visitor(struct page *page)
{
    struct session_place place = page_place(page);
    struct portal_visitor *visitor = ARENA_NEW(page->arena, struct portal_visitor);
    struct str token = page_cookie(page->http, COOKIE_PORTAL);
    if (str_is_null(token))
        return ERR_NONE;
    enum err err = portal_session_check(page->ctx, token, &place, visitor);
    if (err == ERR_UNAUTHORIZED) {
        fault_reset(page->ctx->fault);
        return ERR_NONE;
    }
    TRY(err);
    page->portal = visitor;
    page->own->token = token;
    page->ctx->actor =
        arena_fmt(page->arena, "customer:%.*s", STR_ARG(visitor->customer.external_id));
    return ERR_NONE;
}

/* Whether there are words in the language of a tag: "de-AT" is read in "de". */
static bool speaks(struct str tag)
{
    struct str language;
    return !str_is_null(tag) && str_split(&tag, '-', &language) && locales_is_known(language);
}

/* What the reader chose on a page, then what the user has set or the customer's documents are
 * written in, then what the browser asks for. */
static void choose_language(struct page *page)
{
    const char *const *known = locales_languages();
    struct str tag = page_cookie(page->http, COOKIE_LANGUAGE);
    int chosen = page_query_choice(page, "lang", known);
    if (chosen >= 0) {
        tag = str_of(known[chosen]);
        page->own->new_language = tag;
    } else if (!str_is_null(tag) && locales_is_known(tag)) {
        tag = arena_str(page->arena, tag);
    } else if (page->user != NULL && page->user->language.len > 0) {
        tag = page->user->language;
    } else if (page->portal != NULL && speaks(page->portal->customer.document_locale)) {
        tag = page->portal->customer.document_locale;
    } else {
        tag = locales_choose(http_request_header(page->http, "Accept-Language"));
    }
    page->locale = locales_take(page->web->locales, tag);
}

/* The secret that forms' tokens are made of: the session's, or the visit's. */
static void choose_secret(struct page *page)
{
    struct page_private *own = page->own;
    own->visit = page_cookie(page->http, COOKIE_VISIT);
    if (str_is_null(own->token) && (str_is_null(own->visit) || !token_is_formed(own->visit))) {
        own->visit = token_new(page->arena);
        own->sets_visit = true;
    }
    page->csrf = page_csrf_of(page->arena, str_is_null(own->token) ? own->visit : own->token);
}

/* ---- what a page is not asked ---------------------------------------------------------------- */

/* U+0000 can't stand in a text.  It becomes U+0001, which no field takes either, so that what is
 * wrong is told at the field and the others keep what was typed. */
static struct str without_nul(struct arena *arena, struct str body)
{
    char *text = arena_alloc(arena, body.len + 1);
    for (size_t i = 0; i < body.len; i++) {
        bool is_encoded = i >= 2 && body.ptr[i] == '0' && text[i - 1] == '0' && text[i - 2] == '%';
        text[i] = body.ptr[i];
        if (is_encoded)
            text[i] = '1';
        else if (body.ptr[i] == '\0')
            text[i] = '\1';
    }
    return (struct str){text, body.len};
}

static enum err read_form(struct page *page)
{
    struct str type = http_request_header(page->http, "Content-Type");
    struct str kind;
    const struct http_param *params = NULL;
    size_t count = 0;
    if (!str_split(&type, ';', &kind) || !str_eq_nocase(str_trim(kind), STR(FORM_TYPE)))
        return fail(page->ctx, ERR_MEDIA_TYPE, "a form is wanted: " FORM_TYPE);
    if (url_form(page->arena, without_nul(page->arena, page->http->body), PAGE_FORM_PARTS_MAX,
                 &params, &count) != URL_QUERY_READ)
        return fail(page->ctx, ERR_MALFORMED, "the form is malformed");
    page->own->form = params;
    page->own->form_count = count;
    return ERR_NONE;
}

static enum err to_sign_in(struct page *page)
{
    const char *path = page_is_portal(page) ? "/portal/sign-in" : "/sign-in";
    struct buf url;
    buf_init(&url, page->arena, (size_t)2 * PAGE_PATH_MAX);
    buf_add(&url, str_of(path));
    if (page->http->method == HTTP_GET && !page_is_portal(page) && page->http->path.len > 1 &&
        page_is_own_path(page->http->path)) {
        struct page_writer writer = {.buf = &url};
        buf_add(&url, STR("?next="));
        page_url_part(&writer, page_url_with(page, NULL, 0));
    }
    return page_redirect(page, buf_ok(&url) && page_is_own_path(buf_str(&url)) ? buf_str(&url)
                                                                               : str_of(path));
}

bool page_may_write(const struct page *page)
{
    return page->user == NULL || !str_eq(page->user->role, STR("viewer"));
}

static enum err answer_page(struct page *page)
{
    unsigned flags = page->own->route->flags;
    bool is_signed_in = page->user != NULL || page->portal != NULL;
    if (page->http->method == HTTP_POST) {
        TRY(read_form(page));
        if (!page_is_from_us(page)) {
            /* a form left open over the end of its session is no attack */
            if (!is_signed_in && (flags & PAGE_PUBLIC) == 0)
                return to_sign_in(page);
            return page_forbidden(page);
        }
    } else {
        page_take_notice(page);
    }
    if (!is_signed_in && (flags & PAGE_PUBLIC) == 0)
        return to_sign_in(page);
    if (page->http->method == HTTP_POST &&
        !(page_may_write(page) || (flags & PAGE_ANY_ROLE) != 0)) {
        page_security(page, "role_refused", STR_NULL, STR("may only look"));
        return page_forbidden(page);
    }
    return page->own->route->answer(page);
}

/* ---- one request ----------------------------------------------------------------------------- */

static struct page *page_new(struct http_request *request, const struct web_env *web,
                             const struct page_route *route, struct http_answer *answer)
{
    struct arena *arena = request->arena;
    struct page *page = ARENA_NEW(arena, struct page);
    struct fault *fault = ARENA_NEW(arena, struct fault);
    fault_init(fault, arena);
    *page = (struct page){
        .arena = arena,
        .ctx = ARENA_NEW(arena, struct ctx),
        .http = request,
        .web = web,
        .notice = {.words = STR_NULL},
        .own = ARENA_NEW(arena, struct page_private),
    };
    *page->ctx = (struct ctx){
        .app = web->app,
        .arena = arena,
        .fault = fault,
        .actor = STR("anyone"),
        .origin = arena_fmt(arena, "%.*s %.*s", STR_ARG(request->id), STR_ARG(request->client)),
    };
    *page->own = (struct page_private){.route = route,
                                       .answer = answer,
                                       .token = STR_NULL,
                                       .new_session = STR_NULL,
                                       .new_notice = {.words = STR_NULL},
                                       .form_action = STR(""),
                                       .new_language = STR_NULL};
    return page;
}

static void handle(struct http_request *request, struct http_answer *answer)
{
    const struct page_mounted *mounted = request->route->arg;
    struct page *page = page_new(request, mounted->web, mounted->route, answer);
    enum err err = page_is_portal(page) ? find_visitor(page) : find_user(page);
    choose_language(page);
    choose_secret(page);
    if (err == ERR_NONE)
        err = answer_page(page);
    if (err != ERR_NONE)
        page_error(page, err);
    page_finish(page);
    locales_give(page->web->locales, page->locale);
}

void page_mount(struct router *router, const struct web_env *web,
                const struct page_route *const *tables)
{
    for (; *tables != NULL; tables++) {
        for (const struct page_route *route = *tables; route->path != NULL; route++) {
            struct page_mounted *mounted = ARENA_NEW(router->arena, struct page_mounted);
            ASSERT(route->method == HTTP_GET || route->method == HTTP_POST);
            ASSERT(str_starts(str_of(route->path), STR("/portal")) ==
                   ((route->flags & PAGE_PORTAL) != 0));
            *mounted = (struct page_mounted){web, route};
            router_add(router, "",
                       &(struct route){.method = route->method,
                                       .pattern = route->path,
                                       .handle = handle,
                                       .body_bytes_max = PAGE_FORM_BYTES_MAX,
                                       .arg = mounted});
        }
    }
}

/* ---- what the server answers by itself ------------------------------------------------------- */

static bool wants_page(struct http_request *request)
{
    struct str rest = http_request_header(request, "Accept");
    struct str part;
    struct str type;
    if (str_starts(request->path, STR("/api/")))
        return false;
    while (str_split(&rest, ',', &part)) {
        if (str_split(&part, ';', &type) && str_eq_nocase(str_trim(type), STR("text/html")))
            return true;
    }
    return false;
}

static enum err error_of_status(int status)
{
    switch (status) {
    case 404:
        return ERR_NOT_FOUND;
    case 405:
        return ERR_NOT_ALLOWED;
    case 413:
        return ERR_TOO_LARGE;
    case 415:
        return ERR_MEDIA_TYPE;
    case 503:
        return ERR_BUSY;
    default:
        return ERR_MALFORMED;
    }
}

/* Allow and Retry-After, which stand already, stay. */
bool page_refuse(const struct web_env *web, struct http_request *request, const char *code,
                 struct str detail, struct http_answer *answer)
{
    static const struct page_route console = {.path = "/", .flags = PAGE_PUBLIC};
    static const struct page_route portal = {.path = "/portal", .flags = PAGE_PUBLIC | PAGE_PORTAL};
    struct http_answer before = *answer;
    if (!wants_page(request))
        return false;
    bool is_portal = str_starts(request->path, STR("/portal"));
    struct page *page = page_new(request, web, is_portal ? &portal : &console, answer);
    (void)code;
    (void)detail;
    choose_language(page);
    page->csrf = STR("");
    page_error(page, error_of_status(before.status));
    answer->status = before.status;
    answer->header_count = before.header_count;
    memcpy(answer->headers, before.headers, sizeof answer->headers);
    page_finish(page);
    locales_give(web->locales, page->locale);
    return true;
}
