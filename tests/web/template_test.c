/* template_test.c - what compiled templates write. */
#include "tests/test.h"

#include "tests/web/views.h"
#include "web/templates.h"

static struct str shout(void *arg, struct str words)
{
    (void)arg;
    return str_eq(words, STR("Nothing <yet>.")) ? STR("NOCH <NICHTS>.") : words;
}

static struct str render(struct buf *buf, const struct list_view *view)
{
    struct page_writer writer = {.buf = buf, .translate = shout};
    buf_reset(buf);
    tpl_list(&writer, view);
    REQUIRE(buf_ok(buf));
    return buf_str(buf);
}

#define HEAD "\n<!doctype html>\n<title>T &amp; Co</title>\n<main>\n"
#define TAIL "\n</main>\n"

TEST(template_empty_list_speaks_the_readers_language)
{
    static char storage[10000];
    struct buf buf;
    buf_fixed(&buf, storage, sizeof storage);
    CHECK_STR(render(&buf, &(struct list_view){.frame = {STR("T & Co")},
                                               .is_open = true,
                                               .chart = {STR("<svg></svg>")}}),
              HEAD "\n<p>NOCH &lt;NICHTS&gt;.</p>\n\n\n<svg></svg><pre>\n  kept\n</pre>\n" TAIL);
    CHECK_STR(render(&buf, &(struct list_view){.frame = {STR("T & Co")},
                                               .note = STR("a<b"),
                                               .mood = MOOD_CROSS}),
              HEAD "\n<p>a&lt;b</p>\n\n<hr><br/>\n<pre>\n  kept\n</pre>\n" TAIL);
}

TEST(template_values_are_escaped_for_their_place)
{
    static char storage[10000];
    struct buf buf;
    const struct badge_view second = {STR("2nd")};
    const struct order_view orders[] = {
        {.name = STR("<a href='x'>\"&"),
         .url = STR("javascript:alert(1)"),
         .count = -3,
         .badge = {STR("new")}},
        {.name = STR("ä/b c"), .url = STR("/x?a=1&b=2"), .count = 7, .second = &second},
    };
    buf_fixed(&buf, storage, sizeof storage);
    CHECK_STR(render(&buf, &(struct list_view){.frame = {STR("T & Co")},
                                               .orders = orders,
                                               .order_count = 2,
                                               .is_open = true}),
              HEAD "\n<ul class=\"open\">\n\n"
                   "<li title=\"&lt;a href=&#39;x&#39;&gt;&quot;&amp;\"><a href=\"#\">"
                   "&lt;a href=&#39;x&#39;&gt;&quot;&amp;</a> "
                   "<a href=\"/orders/%3Ca%20href%3D%27x%27%3E%22%26?n=-3\">-3</a>\n"
                   "<b>new</b></li>\n\n"
                   "<li title=\"ä/b c\"><a href=\"/x?a=1&amp;b=2\">ä/b c</a> "
                   "<a href=\"/orders/%C3%A4%2Fb%20c?n=7\">7</a>\n"
                   "<b></b><b>2nd</b></li>\n\n</ul>\n\n\n<pre>\n  kept\n</pre>\n" TAIL);
}

TEST(template_addresses_with_a_bad_scheme_are_lost)
{
    // clang-format off
    static const struct { const char *name, *want; } cases[] = {
        {"/a", "/a"}, {"a:b", "#"}, {"//x.example/a", "//x.example/a"}, {"?a=b:c", "?a=b:c"}, {"#a:b", "#a:b"},
        {"HTTPS://x", "HTTPS://x"}, {"mailto:a@b", "mailto:a@b"}, {"", ""},
        {"JaVaScRiPt:x", "#"}, {" javascript:x", "#"}, {"java\tscript:x", "#"}, {"\x01javascript:x", "#"},
        {"data:text/html,x", "#"}, {"vbscript:x", "#"}, {"http\\:x", "#"},
    };
    // clang-format on
    char storage[200];
    struct buf buf;
    struct page_writer writer = {.buf = &buf};
    EACH(c, cases) {
        buf_fixed(&buf, storage, sizeof storage);
        page_url(&writer, str_of(c->name));
        CHECK_STR(buf_str(&buf), c->want);
    }
}
