/* page.h - what a page is given and how it answers: the glue between http and a page.
 *
 * One file for each page in web/admin/ or web/portal/: it fills a view struct and shows a template.
 *
 *   // web/admin/taxes.c
 *   static enum err taxes_page(struct page *page)
 *   {
 *       struct taxes_view view = {.frame = page_frame(page, "Taxes", "/taxes")};
 *       TRY(tax_list(page->ctx, 50, 0, &view.taxes));         // the use case, in app/
 *       return PAGE_SHOW(page, tpl_admin_taxes, &view);
 *   }
 *
 *   static enum err tax_save(struct page *page)               // POST: the CSRF token was checked
 *   {
 *       struct tax_form form = {.name = {.name = "name", .chars_max = 100, .flags =
 * FIELD_REQUIRED}}; if (!page_field(page, &form.name))                    // the field holds what
 * was typed and return show_form(page, &form);                    // the words of what is wrong
 * with it TRY(tax_create(page->ctx, ...)); page_notice(page, NOTICE_GOOD, page_words(page,
 * "Saved.")); return page_redirect(page, STR("/taxes"));            // 303: a reload sends nothing
 * again
 *   }
 *
 *   const struct page_route taxes_pages[] = {
 *       {HTTP_GET, "/taxes", taxes_page},
 *       {HTTP_POST, "/taxes", tax_save},
 *       {0},
 *   };
 *
 * and in web/routes.c a line for the table.  A page returns what its last call returned: one of the
 * answers below, or the error of a use case: NOT_FOUND, FORBIDDEN, BUSY and so on become an error
 * page that tells nothing but the request id.
 *
 * What is done around the pages, which know nothing of it: session and sign-in, CSRF (the token of
 * the session, and where the request says it came from), roles, security headers, ETag and 304,
 * cookies, the reader's language.  Only POST changes anything; its body is
 * application/x-www-form-urlencoded. */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "app/attempts.h"
#include "app/ctx.h"
#include "app/portal_session.h"
#include "app/session.h"
#include "base/buf.h"
#include "http/request.h"
#include "http/router.h"
#include "locale/locale.h"
#include "locale/locales.h"
#include "web/frame.h"
#include "web/page_writer.h"
#include "web/parts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES_MAX      ((size_t)8 << 20)   /* of an answer */
#define PAGE_FORM_BYTES_MAX ((size_t)256 << 10) /* of a POST's body; beyond: 413 */
#define PAGE_FORM_PARTS_MAX 1000                /* fields in it; beyond: 400 */
#define PAGE_PATH_MAX       2000                /* bytes of a path that is led to */

/* Shared by all pages; made once by whoever mounts them. */
struct web_env {
    struct app *app;           /* its public_url says whether cookies are Secure */
    struct attempts *attempts; /* at signing in */
    struct locales *locales;
    /* What the API answers to a GET of an object (inside_read of api/inside.h): the pages write no
     * JSON of their own.  NULL: there is no API, and page_api says that nothing is found. */
    enum err (*api_read)(struct ctx *ctx, const char *path, struct str param,
                         const struct http_param *query, size_t query_count, struct str *answer);
};

enum page_notice_kind { NOTICE_GOOD, NOTICE_BAD };

/* Says something on the next page, once. */
struct page_notice {
    enum page_notice_kind kind;
    struct str words; /* STR_NULL: nothing to say */
};

struct page {
    struct arena *arena;
    struct ctx *ctx; /* for use cases; actor "user:EMAIL" or "customer:EXTERNAL_ID" */
    struct http_request *http;
    const struct web_env *web;
    struct locale *locale;               /* the reader's */
    const struct session_user *user;     /* NULL on the portal, and where nobody is signed in */
    const struct portal_visitor *portal; /* likewise; NULL on the console */
    struct str csrf; /* in frame.csrf, too: <input type="hidden" name="csrf" value="…"> */
    struct page_notice notice; /* that this page is to show; the frame does */
    struct page_private *own;
};

/* Whether who is signed in may change anything but one's own things. */
bool page_may_write(const struct page *page);

enum {
    PAGE_PUBLIC = 1,  /* needs no sign-in */
    PAGE_PORTAL = 2,  /* for customers: the portal's session counts, not the console's */
    PAGE_ANY_ROLE = 4 /* a POST that a user who may only read may make, too: one's own things */
};

struct page_route {
    enum http_method method; /* HTTP_GET or HTTP_POST */
    const char *path;        /* "/invoices/{id}"; NULL ends the table */
    enum err (*answer)(struct page *page);
    unsigned flags;
};

/* Adds tables of pages (the last one NULL) to `router`.  `web` must outlive it. */
void page_mount(struct router *router, const struct web_env *web,
                const struct page_route *const *tables);

/* For http_config.refuse: where a browser asks for a page, what the server answers by itself is an
 * error page; else nothing is done.  Whether it was. */
bool page_refuse(const struct web_env *web, struct http_request *request, const char *code,
                 struct str detail, struct http_answer *answer);

/* What the layout is given: language, menu, who is signed in, notice.
 *   english      the title, a msgid; NULL: the page sets frame.title itself
 *   current_url  the entry of the menu that the page belongs to; NULL: none */
struct frame page_frame(struct page *page, const char *english, const char *current_url);

/* ---- words ---- */

/* In the reader's language; `english` is a msgid of po/. */
struct str page_words(const struct page *page, const char *english);
/* With "{}" replaced in order. */
struct str page_words_with(const struct page *page, const char *english, const struct str *values,
                           size_t count);

/* ---- reading the address ---- */

/* The `index`th {name} of the route's path. */
struct str page_path(const struct page *page, size_t index);
/* As an id.  ERR_NOT_FOUND when it is none. */
MUST_CHECK enum err page_path_id(struct page *page, size_t index, struct uuid *id);

/* Query parameters.  Whatever does not fit counts as not given: an old or mistyped address shows
 * the page. */

/* Trimmed; STR_NULL: not given, empty, or more than chars_max characters. */
struct str page_query(const struct page *page, const char *name, size_t chars_max);
int64_t page_query_int(const struct page *page, const char *name, int64_t min, int64_t max,
                       int64_t preset);
/* The index in `choices`, which ends with NULL; -1: none of them. */
int page_query_choice(const struct page *page, const char *name, const char *const *choices);
/* The nil id: not given. */
struct uuid page_query_id(const struct page *page, const char *name);
/* DAY_NONE: not given. */
int32_t page_query_day(const struct page *page, const char *name);

/* ---- this page's address otherwise ---- */

struct page_param {
    const char *name;
    struct str value; /* empty or STR_NULL: left out */
};

/* The request's path and query, with these in place of parameters of the same names. */
struct str page_url_with(const struct page *page, const struct page_param *params, size_t count);

/* ---- reading a form ---- */

enum {
    FIELD_REQUIRED = 1,
    FIELD_LINES = 2,  /* line breaks may stand in it */
    FIELD_SECRET = 4, /* a password: not trimmed, and not shown again */
    FIELD_EMAIL = 8,  /* one address */
};

/* One control of a form.  The caller sets the first four members (chars_min 0: none); reading sets
 * the others.  A template shows `shown` in the control and `error`, if any, beside it. */
struct page_field {
    const char *name;
    size_t chars_max;
    size_t chars_min;
    unsigned flags;
    struct str value; /* what was sent, trimmed; STR("") when nothing was */
    struct str shown; /* what was typed, to be shown again */
    struct str error; /* in the reader's language; STR_NULL: none */
};

/* Reads one; true when it is good. */
bool page_field(struct page *page, struct page_field *field);
/* As page_field; a day, YYYY-MM-DD. */
bool page_field_day(struct page *page, struct page_field *field, int32_t *day);
/* The first value of that name as sent; STR_NULL: none.  For hidden fields. */
struct str page_form_value(const struct page *page, const char *name);

/* The error of a field, said by the page; returns false. */
bool page_field_error(struct page *page, struct page_field *field, const char *english);
/* Where a use case has refused input: gives the words to the field with the name that the fault
 * says and forgets the error.  false: the error is of no field here, and is to be returned. */
bool page_fault(struct page *page, enum err err, struct page_field *const *fields, size_t count);

/* The part "_input" of a field: name, length, what was typed, error; the page sets type and the
 * rest. */
struct input page_input(const struct page *page, const struct page_field *field, struct str label);

/* ---- answering ---- */

/* Shows a compiled template (web/templates.h) with its view. */
#define PAGE_SHOW(page, template, view) \
    ((template)(page_writer_of(page), (view)), page_show(page, 200))
/* The same form again, with errors at its fields: 422. */
#define PAGE_SHOW_AGAIN(page, template, view) \
    ((template)(page_writer_of(page), (view)), page_show(page, 422))
struct page_writer *page_writer_of(struct page *page);
MUST_CHECK enum err page_show(struct page *page, int status);

/* 303 to a path of our own, "/invoices?page=2" (else our bug, asserted). */
MUST_CHECK enum err page_redirect(struct page *page, struct str path);
/* 303 to an address elsewhere, that our own code made: the gateway's. */
MUST_CHECK enum err page_redirect_away(struct page *page, struct str url);
/* Whether it leads to a path of our own and nowhere else. */
bool page_is_own_path(struct str path);

/* On the next page that is shown. */
void page_notice(struct page *page, enum page_notice_kind kind, struct str words);

/* A file to save; `name` as "invoices.csv".  page_csv: the body was written by base/csv.h. */
MUST_CHECK enum err page_csv(struct page *page, struct str name, struct str body);
MUST_CHECK enum err page_file(struct page *page, const char *content_type, struct str name,
                              struct str body);
/* The same, shown by the browser itself: a PDF. */
MUST_CHECK enum err page_inline(struct page *page, const char *content_type, struct str name,
                                struct str body);

/* An object as the API shows it, laid out for the eye; `path` of the API "/invoices/{id}", `param`
 * for its {name}. */
MUST_CHECK enum err page_api(struct page *page, const char *path, struct str param,
                             const struct http_param *query, size_t query_count);

/* ERR_NOT_FOUND, ERR_FORBIDDEN, to be returned. */
MUST_CHECK enum err page_not_found(struct page *page);
MUST_CHECK enum err page_forbidden(struct page *page);

/* With an answer of 429 or 503. */
void page_retry_after(struct page *page, int64_t wait_s);
/* This page's forms may lead to another origin: "https://gateway.example" (CSP form-action). */
void page_form_action(struct page *page, struct str origin);

/* ---- the portal ---- */

/* Whose data the portal shows now. */
struct uuid page_customer_id(const struct page *page);
/* To be asked of whatever was found by an id from the address: ERR_NOT_FOUND with a line in the
 * security log where it is another customer's.
 *   what   "invoice" */
MUST_CHECK enum err page_own(struct page *page, struct uuid customer_id, const char *what,
                             struct uuid id);

/* ---- sessions (sign-in pages alone) ---- */

/* The session of this browser from now on, on the console or the portal; STR_NULL: none. */
void page_set_session(struct page *page, struct str token);
/* What the user has set counts from now on, not what was chosen on a page; "": neither. */
void page_set_language(struct page *page, struct str tag);
/* Writes a line of the security log: event, who (STR_NULL: nobody), address, reason. */
void page_security(const struct page *page, const char *event, struct str who, struct str reason);

#endif
