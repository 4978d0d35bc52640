/* logo_test.c - what is taken as a logo and what is refused, why; that what is taken is drawn. */
#include "tests/font_caches.h"
#include "tests/test.h"

#include "base/buf.h"
#include "document/logo.h"

#include <string.h>

#define HEAD  "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 20'"
#define PAINT "<rect width='40' height='20' fill='#0f766e'/>"

static struct str reason_of(struct arena *arena, const char *type, struct str content)
{
    struct str reason;
    bool is_good = logo_check(arena, str_of(type), content, &reason);
    CHECK(is_good == str_is_null(reason));
    return is_good ? STR("good") : reason;
}

static bool is_part(struct str text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

TEST(an_svg_is_taken_or_refused_with_a_reason)
{
    static const struct {
        const char *svg;
        const char *reason; /* a part of it */
    } cases[] = {
        {HEAD ">" PAINT "</svg>", "good"},
        {"\xEF\xBB\xBF<?xml version='1.0' encoding='UTF-8'?><!-- made by hand -->" HEAD ">" PAINT
         "</svg>",
         "good"},
        {HEAD " width='40' height='20' id='a'><defs><linearGradient id='g'><stop offset='0' "
              "stop-color='red'/></linearGradient><clipPath id='c'>" PAINT "</clipPath></defs>"
              "<g clip-path='url(#c)'><path d='M0 0h40v20z' fill=\"url('#g')\"/></g></svg>",
         "good"},
        {HEAD " xmlns:xlink='http://www.w3.org/1999/xlink'><g id='s'>" PAINT
              "</g><use xlink:href='#s'/></svg>",
         "good"},
        {HEAD "><style>.a{fill:#123456}</style><path class='a' d='M0 0h40v20z'/></svg>", "good"},
        {HEAD "><text x='2' y='14' font-size='12'>Ünïcode</text></svg>", "good"},
        /* what runs */
        {HEAD "><script>alert(1)</script></svg>", "without <script>"},
        {HEAD " onload='alert(1)'>" PAINT "</svg>", "without scripts"},
        {HEAD "><rect ONCLICK='x'/></svg>", "without scripts"},
        {HEAD " xmlns:x='http://www.w3.org/1999/xhtml'><x:script>1</x:script></svg>", "<x:script>"},
        {HEAD "><foreignObject/></svg>", "<foreignObject>"},
        {HEAD "><animate attributeName='href' to='x'/></svg>", "<animate>"},
        {HEAD "><a href='javascript:alert(1)'>" PAINT "</a></svg>", "<a>"},
        {HEAD "><g xmlns='http://www.w3.org/1999/xhtml'/></svg>", "other formats"},
        /* what loads */
        {HEAD "><image href='file:///etc/passwd'/></svg>", "<image>"},
        {HEAD "><use href='http://evil.example/x.svg#a'/></svg>", "its own parts"},
        {HEAD "><use href='&#x68;ttp://evil.example/x.svg#a'/></svg>", "its own parts"},
        {HEAD "><rect fill='url(http://evil.example/#a)'/></svg>", "its own parts"},
        {HEAD "><rect style='fill:uRl( \"http://evil.example/#a\" )'/></svg>", "its own parts"},
        {HEAD "><rect style='fill:\\75rl(http://evil.example/)'/></svg>", "in its styles"},
        {HEAD "><style>@import 'http://evil.example/a.css';</style></svg>", "style sheet"},
        {HEAD "><style>rect{fill:url(http://evil.example/)}</style></svg>", "style sheet"},
        {"<?xml-stylesheet href='http://evil.example/a.css'?>" HEAD ">" PAINT "</svg>", "DOCTYPE"},
        {HEAD " xml:base='http://evil.example/'>" PAINT "</svg>", "xml:base"},
        /* entities */
        {"<!DOCTYPE svg [<!ENTITY a 'x'>]>" HEAD "><text>&a;</text></svg>", "DOCTYPE"},
        {"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" HEAD "><text>&a;</text></svg>",
         "DOCTYPE"},
        /* few bytes, much work: 8 levels of 10 references are 10^8 elements */
        {HEAD "><g id='a'>" PAINT "</g><use href='#b'/><g id='b'><use href='#b'/></g></svg>",
         "refer to each other less"},
        {HEAD "><rect width='40' height='20' stroke='red' stroke-dasharray='0.0000001'/></svg>",
         "in its styles"},
        {HEAD "><rect width='40' height='20' style='stroke-dasharray:1e-9'/></svg>",
         "in its styles"},
        {HEAD "><filter id='f'/></svg>", "<filter>"},
        /* what is no picture */
        {"", "1 to 262144 bytes"},
        {"hello", "well-formed"},
        {HEAD ">" PAINT, "well-formed"},
        {"<html><body/></html>", "<html>"},
        {"<g/>", "outermost"},
        {"<svg viewBox='0 0 4 4'>" PAINT "</svg>", "xmlns="},
        {HEAD "/>", "shows something"},
        {"<svg xmlns='http://www.w3.org/2000/svg'>" PAINT "</svg>", "viewBox"},
        {"<svg xmlns='http://www.w3.org/2000/svg' width='100000' height='10'>" PAINT "</svg>",
         "4000 pixels"},
        {"<svg xmlns='http://www.w3.org/2000/svg' width='2100' height='100'>" PAINT "</svg>",
         "20 times"},
        {"<?xml version='1.0' encoding='ISO-8859-1'?>" HEAD ">" PAINT "</svg>", "UTF-8"},
        {HEAD "><text>\xff</text></svg>", "UTF-8"},
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str reason = reason_of(&arena, LOGO_SVG, str_of(cases[i].svg));
        if (!is_part(reason, cases[i].reason))
            printf("%s\n  wanted: %s\n  got: %.*s\n", cases[i].svg, cases[i].reason,
                   STR_ARG(reason));
        CHECK(is_part(reason, cases[i].reason));
    }
    arena_clear(&arena);
}

/* Each part uses the next ten times: a few hundred bytes that stand for a hundred million shapes.
 */
static struct str bomb(struct arena *arena, const char *element, const char *before,
                       const char *after)
{
    struct buf svg;
    buf_init(&svg, arena, 1 << 16);
    buf_fmt(&svg, HEAD ">");
    for (int level = 0; level < 8; level++) {
        buf_fmt(&svg, "<%s id='l%d'>", element, level);
        for (int i = 0; i < 10; i++)
            buf_fmt(&svg, "%s#l%d%s", before, level + 1, after);
        buf_fmt(&svg, "</%s>", element);
    }
    buf_fmt(&svg, "<%s id='l8'>" PAINT "</%s></svg>", element, element);
    return buf_str(&svg);
}

TEST(what_repeats_counts_as_often_as_it_is_drawn)
{
    struct arena arena;
    arena_init(&arena);
    CHECK(is_part(reason_of(&arena, LOGO_SVG, bomb(&arena, "g", "<use href='", "'/>")),
                  "refer to each other less"));
    CHECK(is_part(reason_of(&arena, LOGO_SVG,
                            bomb(&arena, "mask", "<rect width='9' height='9' mask='url(", ")'/>")),
                  "refer to each other less"));
    arena_clear(&arena);
}

TEST(an_svg_is_bounded)
{
    struct arena arena;
    struct buf svg;
    arena_init(&arena);
    buf_init(&svg, &arena, LOGO_BYTES_MAX);
    buf_fmt(&svg, HEAD ">");
    for (int i = 0; i < 65; i++)
        buf_fmt(&svg, "<g>");
    CHECK(is_part(reason_of(&arena, LOGO_SVG, buf_str(&svg)), "64 deep"));
    buf_init(&svg, &arena, LOGO_BYTES_MAX);
    buf_fmt(&svg, HEAD ">");
    for (int i = 0; i < 5000; i++)
        buf_fmt(&svg, "<path d='M0 0h9'/>");
    CHECK(is_part(reason_of(&arena, LOGO_SVG, buf_str(&svg)), "5000 elements"));
    struct str large = {arena_alloc_array(&arena, LOGO_BYTES_MAX + 1, 1), LOGO_BYTES_MAX + 1};
    CHECK(is_part(reason_of(&arena, LOGO_SVG, large), "262144 bytes"));
    arena_clear(&arena);
}

/* ---- PNG ---- */

static cairo_status_t add_bytes(void *arg, const unsigned char *data, unsigned int len)
{
    buf_add(arg, (struct str){(const char *)data, len});
    return CAIRO_STATUS_SUCCESS;
}

static struct str png(struct arena *arena, int width, int height, bool is_painted)
{
    struct buf *out = ARENA_NEW(arena, struct buf);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    cairo_t *cairo = cairo_create(surface);
    buf_init(out, arena, 1 << 20);
    if (is_painted) {
        cairo_set_source_rgb(cairo, 0.06, 0.46, 0.43);
        cairo_paint(cairo);
    }
    CHECK(cairo_surface_write_to_png_stream(surface, add_bytes, out) == CAIRO_STATUS_SUCCESS);
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return buf_str(out);
}

TEST(a_png_is_taken_or_refused_with_a_reason)
{
    struct arena arena;
    arena_init(&arena);
    struct str good = png(&arena, 90, 30, true);
    CHECK_STR(reason_of(&arena, LOGO_PNG, good), "good");
    CHECK(is_part(reason_of(&arena, LOGO_SVG, good), "UTF-8"));
    CHECK(is_part(reason_of(&arena, "image/gif", good), "image/svg+xml or image/png"));
    CHECK(is_part(reason_of(&arena, LOGO_PNG, STR(HEAD ">" PAINT "</svg>")), "as its type says"));
    CHECK(is_part(reason_of(&arena, LOGO_PNG, str_slice(good, 0, good.len / 2)), "can't be drawn"));
    CHECK(is_part(reason_of(&arena, LOGO_PNG, str_slice(good, 0, 20)), "1 to 1000000 pixels"));
    CHECK(is_part(reason_of(&arena, LOGO_PNG, png(&arena, 9, 9, false)), "shows something"));
    CHECK(is_part(reason_of(&arena, LOGO_PNG, png(&arena, 210, 10, true)), "20 times"));
    CHECK(is_part(reason_of(&arena, LOGO_PNG, png(&arena, 1001, 1000, true)), "1000000 pixels"));
    /* A size that is a lie would be 16 GB. */
    static const unsigned char large[8] = {0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff};
    char *lie = arena_alloc_array(&arena, good.len, 1);
    memcpy(lie, good.ptr, good.len);
    memcpy(lie + 16, large, sizeof large);
    CHECK(is_part(reason_of(&arena, LOGO_PNG, (struct str){lie, good.len}), "1000000 pixels"));
    arena_clear(&arena);
}

/* ---- drawing ---- */

TEST(a_logo_fits_its_box_and_keeps_its_shape)
{
    struct arena arena;
    double width = 0;
    double height = 0;
    arena_init(&arena);
    REQUIRE(logo_fit(STR(HEAD ">" PAINT "</svg>"), 180, 40, &width, &height)); /* 2 to 1 */
    CHECK(width > 79.99 && width < 80.01 && height > 39.99 && height < 40.01);
    REQUIRE(logo_fit(png(&arena, 90, 10, true), 180, 40, &width, &height)); /* 9 to 1 */
    CHECK(width > 179.99 && width < 180.01 && height > 19.99 && height < 20.01);
    CHECK(!logo_fit(STR("nothing"), 180, 40, &width, &height));
    arena_clear(&arena);
}
