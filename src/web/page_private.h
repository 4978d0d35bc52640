/* page_private.h - private to web: how a page comes to its answer. */
#ifndef WEB_PAGE_PRIVATE_H
#define WEB_PAGE_PRIVATE_H

#include "web/page.h"

#define COOKIE_SESSION  "billow_session" /* of the console */
#define COOKIE_PORTAL   "billow_portal"
#define COOKIE_VISIT    "billow_visit" /* gives forms a token where nobody is signed in */
#define COOKIE_NOTICE   "billow_notice"
#define COOKIE_LANGUAGE "billow_language"

struct page_private {
    const struct page_route *route;
    struct http_answer *answer;
    struct buf body;
    struct page_writer writer;
    const struct http_param *form;
    size_t form_count;
    struct str token;  /* of the session; STR_NULL: nobody is signed in */
    struct str visit;  /* of billow_visit; made where it is missing */
    bool sets_visit;   /* it was made now */
    bool sets_session; /* to new_session; STR_NULL: none any more */
    struct str new_session;
    struct page_notice new_notice; /* for the next page */
    bool shows_notice;             /* the notice was shown, and is forgotten */
    struct str form_action;        /* origins beside our own */
    const char *disposition;       /* "attachment", "inline", NULL */
    struct str file_name;
    struct str new_language; /* that the reader chose; STR_NULL: nothing was chosen */
    bool is_answered;
};

/* The value of a cookie; STR_NULL: none. */
struct str page_cookie(struct http_request *request, const char *name);
/* The token of this visitor's forms. */
struct str page_csrf_of(struct arena *arena, struct str secret);
/* Whether the POST comes from a page of ours; says in the security log why not. */
bool page_is_from_us(struct page *page);
/* Reads the notice that the request brings. */
void page_take_notice(struct page *page);
/* Cookies, security headers, ETag, of the answer as it stands. */
void page_finish(struct page *page);
bool page_is_portal(const struct page *page);
struct session_place page_place(const struct page *page);

/* An error page in place of whatever was written.  `wait_s` 0: none. */
void page_error(struct page *page, enum err err);

#endif
