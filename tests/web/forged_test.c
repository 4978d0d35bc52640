/* Every POST of web_routes: what a page of ours did not send, or a session that is over, changes
 * nothing, gets 403 and stands in the security log.  New pages are met by themselves. */
#include "app/attempts.h"
#include "app/portal_link.h"
#include "app/token.h"
#include "app/user.h"
#include "base/log.h"
#include "http/server.h"
#include "http/test_client.h"
#include "store/sql/audit.h"
#include "store/sql/session.h"
#include "tests/app/world.h"
#include "web/routes.h"

#define PASSWORD  "correct horse battery"
#define NOBODY    "01900000-0000-7000-8000-000000000000" /* in the place of each {name} */
#define PATH_MAX_ 300

struct site {
    struct world world;
    struct router router;
    struct web_env web;
    struct http_server *server;
    FILE *log;
    int kept_stderr;
};

static void site_start(struct site *s)
{
    s->log = tmpfile();
    REQUIRE(s->log != NULL);
    s->kept_stderr = dup(STDERR_FILENO);
    dup2(fileno(s->log), STDERR_FILENO);
    log_configure(LOG_WARN, true);
    world_open(&s->world);
    at(&s->world, "2024-05-01T00:00:00Z");
    router_init(&s->router, &s->world.arena);
    s->web = (struct web_env){
        .app = &s->world.app, .attempts = attempts_new(), .locales = locales_new()};
    page_mount(&s->router, &s->web, web_routes);
    MUST(&s->world, http_server_start(&(struct http_config){.listen = STR("127.0.0.1:0"),
                                                            .router = &s->router,
                                                            .env = &s->web},
                                      &s->world.fault, &s->server));
    s->world.app.public_url =
        arena_fmt(&s->world.arena, "http://127.0.0.1:%d", http_server_port(s->server));
}

static void site_stop(struct site *s)
{
    http_server_stop(s->server);
    attempts_free(s->web.attempts);
    locales_free(s->web.locales);
    world_close(&s->world);
    dup2(s->kept_stderr, STDERR_FILENO);
    close(s->kept_stderr);
    fclose(s->log);
}

/* How many lines of the log are security lines of an event. */
static int logged(struct site *s, const char *event)
{
    static char text[1 << 20];
    char wanted[80];
    int count = 0;
    ssize_t len = pread(fileno(s->log), text, sizeof text - 1, 0);
    REQUIRE(len >= 0 && (size_t)len < sizeof text - 1);
    text[len] = '\0';
    snprintf(wanted, sizeof wanted, "\"event\":\"%s\"", event);
    for (const char *found = strstr(text, wanted); found != NULL; found = strstr(found + 1, wanted))
        count++;
    return count;
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* A browser's cookies of one visitor, and the token of its forms. */
struct visitor {
    char cookie[200];
    char token[65];
};

static struct reply ask(struct site *s, const char *method, const char *path, const char *cookie,
                        const char *more, const char *body)
{
    static char request[4096];
    struct reply reply;
    int fd = client_dial(http_server_port(s->server));
    int len = snprintf(request, sizeof request,
                       "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: %s\r\n"
                       "%sContent-Type: application/x-www-form-urlencoded\r\n"
                       "Content-Length: %zu\r\n\r\n%s",
                       method, path, cookie, more, strlen(body), body);
    REQUIRE(len > 0 && (size_t)len < sizeof request);
    REQUIRE(put_text(fd, request));
    read_reply(fd, true, &reply);
    close(fd);
    return reply;
}

static struct reply post(struct site *s, const char *path, const struct visitor *visitor,
                         const char *more, const char *token)
{
    char body[200];
    snprintf(body, sizeof body, "name=Forged&csrf=%s", token);
    return ask(s, "POST", path, visitor->cookie, more, body);
}

/* The token of a page's forms. */
static void read_token(struct site *s, const char *path, struct visitor *visitor)
{
    struct reply reply = ask(s, "GET", path, visitor->cookie, "", "");
    reply.body[reply.body_len] = '\0';
    const char *at = strstr(reply.body, "name=\"csrf\" value=\"");
    REQUIRE(reply.status == 200 && at != NULL);
    snprintf(visitor->token, sizeof visitor->token, "%.64s", at + strlen("name=\"csrf\" value=\""));
}

static void sign_in(struct site *s, const char *email, struct visitor *visitor)
{
    struct str token;
    int64_t wait_s = 0;
    MUST(&s->world, session_sign_in(&s->world.ctx,
                                    &(struct session_sign_in){
                                        .email = str_of(email),
                                        .password = STR(PASSWORD),
                                        .place = {STR("192.0.2.1"), STR("test")},
                                        .attempts = s->web.attempts,
                                        .now_us = 1,
                                    },
                                    &wait_s, &token));
    snprintf(visitor->cookie, sizeof visitor->cookie, "billow_session=%.*s", STR_ARG(token));
    read_token(s, "/account", visitor);
}

static enum err insert_link(struct ctx *ctx, struct tx *tx, void *arg)
{
    (void)ctx;
    return portal_link_insert(tx, arg);
}

static void enter_portal(struct site *s, const char *customer, struct visitor *visitor)
{
    struct world *w = &s->world;
    struct customer_view view;
    struct str token = token_new(&w->arena);
    struct str session;
    MUST(w, customer_get(&w->ctx, str_of(customer), &view));
    struct portal_link_row row = {
        .id = ctx_new_id(&w->ctx),
        .token_hash = token_hash(&w->arena, token),
        .link_customer_id = view.row.id,
        .link_email = STR_NULL,
        .created_at = ctx_now(&w->ctx),
        .expires_at = ctx_now(&w->ctx) + PORTAL_LINK_US,
        .used_at = TIME_NONE,
    };
    MUST(w, tx_run(&w->ctx, TX_WRITE, insert_link, &row));
    MUST(w, portal_link_open(&w->ctx, token, &(struct session_place){STR("192.0.2.1"), STR("test")},
                             &session));
    snprintf(visitor->cookie, sizeof visitor->cookie, "billow_portal=%.*s", STR_ARG(session));
    read_token(s, "/portal/account", visitor);
}

/* ---- the walk -------------------------------------------------------------------------------- */

static void fill_path(const char *pattern, char path[PATH_MAX_])
{
    size_t len = 0;
    while (*pattern != '\0') {
        if (*pattern == '{') {
            len += (size_t)snprintf(path + len, PATH_MAX_ - len, "%s", NOBODY);
            pattern += strcspn(pattern, "}") + 1;
        } else {
            path[len++] = *pattern++;
        }
        REQUIRE(len < PATH_MAX_ - 1);
    }
    path[len] = '\0';
}

static enum err count_entries(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct audit_count_row row;
    bool found = false;
    TRY(audit_count(tx,
                    &(struct audit_count_in){.wanted_chain_id = ctx->app->organization_id,
                                             .wanted_actor = STR_NULL,
                                             .action_like = STR_NULL,
                                             .created_from = TIME_NONE,
                                             .created_to = TIME_NONE},
                    &row, &found));
    *(int64_t *)arg = row.total;
    return ERR_NONE;
}

struct world_of {
    struct visitor us, another, ended; /* signed in, signed in as well, signed out */
};

/* Sent without what a form of ours has; `with` is who is signed in. */
static void check_refused(struct site *s, const struct page_route *route, const char *path,
                          const struct world_of *with, const struct world_of *elsewhere)
{
    const struct {
        const char *name, *more, *token;
    } cases[] = {
        {"no token", "", ""},
        {"a made-up token", "", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
        {"too short", "", "0"},
        {"another user's token", "", with->another.token},
        {"the token of a session that was signed out", "", with->ended.token},
        {"a token of the other site", "", elsewhere->us.token},
        {"from another origin", "Origin: https://evil.example\r\n", with->us.token},
        {"from no origin that can be told", "Origin: null\r\n", with->us.token},
        {"from another site", "Sec-Fetch-Site: cross-site\r\n", with->us.token},
        {"from a sibling of ours", "Sec-Fetch-Site: same-site\r\n", with->us.token},
    };
    EACH(c, cases) {
        int before = logged(s, "csrf_refused");
        struct reply reply = post(s, path, &with->us, c->more, c->token);
        if (reply.status != 403)
            printf("    POST %s\n", route->path);
        CHECK_INT(reply.status, 403);
        CHECK_INT(logged(s, "csrf_refused"), before + 1);
        reply.body[reply.body_len] = '\0';
        CHECK(strstr(reply.body, "Forged") == NULL);
    }
    test_case = "";
    /* a session that was signed out, with all that it had */
    int before = logged(s, "csrf_refused");
    int ended = logged(s, "ended_session_used");
    struct reply reply = post(s, path, &with->ended, "", with->ended.token);
    bool is_public = (route->flags & PAGE_PUBLIC) != 0;
    CHECK_INT(reply.status, is_public ? 403 : 303);
    if (!is_public)
        CHECK(strstr(header(&reply, "Location"), "sign-in") != NULL);
    CHECK_INT(logged(s, "csrf_refused"), before + 1);
    CHECK_INT(logged(s, "ended_session_used"), ended + 1);
}

static void end(struct site *s, const char *path, const struct visitor *visitor)
{
    CHECK_INT(post(s, path, visitor, "", visitor->token).status, 303);
}

TEST(no_form_is_taken_that_no_page_of_ours_sent)
{
    struct site s;
    struct world_of console;
    struct world_of portal;
    struct visitor looks;
    struct app_user_row user;
    int64_t entries = 0;
    int64_t entries_after = 0;
    int walked = 0;
    site_start(&s);
    for (int i = 0; i < 3; i++)
        MUST(&s.world, user_add(&s.world.ctx,
                                &(struct user_input){
                                    .email = arena_fmt(&s.world.arena, "user%d@example.com", i),
                                    .role = i == 2 ? STR("viewer") : STR_NULL,
                                    .password = STR(PASSWORD)},
                                &user));
    make_customer(&s.world, "a", "UTC");
    make_customer(&s.world, "b", "UTC");
    sign_in(&s, "user0@example.com", &console.us);
    sign_in(&s, "user1@example.com", &console.another);
    sign_in(&s, "user0@example.com", &console.ended);
    sign_in(&s, "user2@example.com", &looks);
    enter_portal(&s, "a", &portal.us);
    enter_portal(&s, "b", &portal.another);
    enter_portal(&s, "a", &portal.ended);
    end(&s, "/sign-out", &console.ended);
    end(&s, "/portal/sign-out", &portal.ended);
    MUST(&s.world, tx_run(&s.world.ctx, TX_READ, count_entries, &entries));
    for (const struct page_route *const *table = web_routes; *table != NULL; table++) {
        for (const struct page_route *route = *table; route->path != NULL; route++) {
            bool is_portal = (route->flags & PAGE_PORTAL) != 0;
            char path[PATH_MAX_];
            if (route->method != HTTP_POST)
                continue;
            fill_path(route->path, path);
            check_refused(&s, route, path, is_portal ? &portal : &console,
                          is_portal ? &console : &portal);
            if ((route->flags & (PAGE_PUBLIC | PAGE_PORTAL | PAGE_ANY_ROLE)) == 0) {
                int before = logged(&s, "role_refused");
                CHECK_INT(post(&s, path, &looks, "", looks.token).status, 403);
                CHECK_INT(logged(&s, "role_refused"), before + 1);
            }
            walked++;
        }
    }
    MUST(&s.world, tx_run(&s.world.ctx, TX_READ, count_entries, &entries_after));
    CHECK_INT(entries_after, entries);
    CHECK(walked >= 10);
    /* and the same with what a page of ours has is no forgery */
    CHECK_INT(post(&s, "/account", &console.us, "", console.us.token).status, 303);
    end(&s, "/portal/sign-out", &portal.us);
    end(&s, "/sign-out", &console.us);
    site_stop(&s);
}
