/* kit_server - serves the kit's test pages on any free port, which it prints, until it is ended. */
#include "kit_pages.h"

#include "base/buf.h"
#include "base/fault.h"
#include "base/log.h"
#include "http/server.h"
#include "web/assets.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* For constants. */
#define TEXT(literal)                      \
    {                                      \
        "" literal, sizeof("" literal) - 1 \
    }

#define PAGE_BYTES_MAX ((size_t)4 << 20)
#define LANGUAGES_MAX  4

static const struct str csp =
    TEXT("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
         "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
         "frame-ancestors 'none'; object-src 'none'");

static struct str translate(void *arg, struct str words)
{
    const struct locale *locale = arg;
    return locale_words(locale, words);
}

/* Kept, as the server keeps them; there is one worker. */
static struct locale *kept[LANGUAGES_MAX];

static struct locale *locale_of(struct str tag)
{
    for (size_t i = 0; i < LANGUAGES_MAX; i++) {
        if (kept[i] == NULL && locale_open(tag, &kept[i]) != ERR_NONE)
            return NULL;
        if (str_eq(locale_tag(kept[i]), tag))
            return kept[i];
    }
    return NULL;
}

static void show(struct http_request *request, struct http_answer *answer)
{
    const struct kit_page *page = request->route->arg;
    struct str tag = STR("en");
    struct locale *locale = NULL;
    struct buf out;
    for (size_t i = 0; i < request->query_count; i++) {
        if (str_eq(request->query[i].name, STR("lang")))
            tag = request->query[i].value;
    }
    locale = locale_of(tag);
    if (locale == NULL) {
        answer->status = 404;
        return;
    }
    buf_init(&out, request->arena, PAGE_BYTES_MAX);
    struct page_writer writer = {.buf = &out, .translate = translate, .arg = locale};
    page->write(&writer, request->arena, locale);
    answer->status = 200;
    answer->content_type = "text/html; charset=utf-8";
    answer->body = arena_str(request->arena, buf_str(&out));
    http_answer_header(request, answer, "Content-Security-Policy", csp);
    http_answer_header(request, answer, "Referrer-Policy", STR("same-origin"));
}

int main(void)
{
    struct arena arena;
    struct fault fault;
    struct router router;
    struct http_server *server = NULL;
    sigset_t signals;
    int number = 0;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    log_configure(LOG_ERROR, false);
    arena_init(&arena);
    fault_init(&fault, &arena);
    router_init(&router, &arena);
    router_add_all(&router, "", assets_routes);
    for (const struct kit_page *page = kit_pages; page->path != NULL; page++)
        router_add(&router, "",
                   &(struct route){
                       .method = HTTP_GET, .pattern = page->path, .handle = show, .arg = page});
    if (http_server_start(&(struct http_config){.listen = STR("127.0.0.1:0"),
                                                .router = &router,
                                                .worker_count = 1},
                          &fault, &server) != ERR_NONE)
        return EXIT_FAILURE;
    printf("serving on http://%.*s\n", STR_ARG(http_server_address(server)));
    fflush(stdout);
    sigwait(&signals, &number);
    http_server_stop(server);
    for (size_t i = 0; i < LANGUAGES_MAX; i++)
        locale_close(kept[i]);
    arena_clear(&arena);
    return EXIT_SUCCESS;
}
