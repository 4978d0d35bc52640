/* tplc_test.c - what the template compiler refuses, with which words; and a line of what it makes.
 */
#include "tests/test.h"
#include "tools/tplc.h"

#define VIEW "{% view struct v x from \"v.h\" %}"

static struct buf errors;

static struct str compile(struct tplc *tplc, const char *text, struct buf *c)
{
    static struct template templates[3];
    tplc_init(tplc);
    buf_init(&errors, &tplc->arena, 10000);
    buf_init(c, &tplc->arena, 100000);
    tplc->errors = &errors;
    templates[0] = (struct template){.name = STR("t"), .file = STR("t.html"), .text = str_of(text)};
    templates[1] =
        (struct template){.name = STR("_frame"),
                          .file = STR("f.html"),
                          .text = STR("{% view struct f y from \"f.h\" %}<i>{% content %}</i>")};
    templates[2] = (struct template){.name = STR("a/_b"),
                                     .file = STR("b.html"),
                                     .text = STR("{% view struct b y from \"b.h\" %}<b></b>")};
    tplc->templates = templates;
    tplc->template_count = 3;
    for (size_t i = 0; i < 3; i++)
        template_read_view(tplc, &templates[i]);
    if (tplc->error_count == 0)
        template_write(tplc, &templates[0], c);
    return errors.len > 0 ? buf_str(&errors) : STR("");
}

// clang-format off
static const struct { const char *name, *text, *want; } cases[] = {
    {"good", VIEW "<p>{{ x->a.b }}</p>", ""},
    {"no view", "<p>", "t.html:1: begins with {% view struct TYPE NAME from \"HEADER\" %}\n"},
    {"view without header", "{% view struct v x %}", "t.html:1: begins with {% view struct TYPE NAME from \"HEADER\" %}\n"},
    {"unknown name", VIEW "\n<p>{{ y }}</p>", "t.html:2: there is no y here\n"},
    {"code", VIEW "{{ f(x) }}", "t.html:1: \"f(x)\" is no path: wanted NAME->MEMBER.MEMBER\n"},
    {"arithmetic", VIEW "{{ x->a+1 }}", "t.html:1: \"x->a+1\" is no path: wanted NAME->MEMBER.MEMBER\n"},
    {"half a path", VIEW "{{ x-> }}", "t.html:1: \"x->\" is no path: wanted NAME->MEMBER.MEMBER\n"},
    {"not closed", VIEW "\n\n{{ x", "t.html:3: \"{{\" is not closed by }}\n"},
    {"unknown statement", VIEW "{% for x %}", "t.html:1: \"for\" is no statement: if, else, each, end, use, icon, layout, content\n"},
    {"no end", VIEW "\n{% if x %}", "t.html:2: the block of line 2 has no end\n"},
    {"end of nothing", VIEW "{% end %}", "t.html:1: end without if or each\n"},
    {"else of nothing", VIEW "{% else %}", "t.html:1: else without if\n"},
    {"else of each", VIEW "{% each a in x->b count x->c %}{% else %}{% end %}", "t.html:1: else without if\n"},
    {"else twice", VIEW "{% if x %}{% else %}{% else %}{% end %}", "t.html:1: else without if\n"},
    {"too much", VIEW "{% if x y %}{% end %}", "t.html:1: \"y\" is too much\n"},
    {"name taken", VIEW "{% each x in x->b count x->c %}{% end %}", "t.html:1: x is taken\n"},
    {"each without count", VIEW "{% each a in x->b %}", "t.html:1: wanted {% each NAME in PATH count PATH %}\n"},
    {"its name is gone behind it", VIEW "{% each a in x->b count x->c %}{% end %}{{ a }}", "t.html:1: there is no a here\n"},

    {"tag not closed", VIEW "<p><b></b>", "t.html:1: <p> is not closed\n"},
    {"wrong order", VIEW "<p><b></p></b>", "t.html:1: </p> closes nothing: <b> is open\n"
                    "t.html:1: <p> is not closed\n"},
    {"void tags close themselves", VIEW "<p><br><img src=\"a\" alt=\"/\"/><input></p>", ""},
    {"svg", VIEW "<svg><path d=\"M0\"/><g><use href=\"#a\"/></g></svg>", ""},
    {"block that opens a tag", VIEW "{% if x %}<p>{% end %}</p>",
     "t.html:1: the block of line 1 ends elsewhere in the HTML than it began; its tags must close in it\n"
     "t.html:1: </p> closes nothing: <> is open\n"},
    {"branch that opens a tag", VIEW "<p>{% if x %}</p>{% else %}<p>{% end %}</p>",
     "t.html:1: the block of line 1 ends elsewhere in the HTML than it began; its tags must close in it\n"
     "t.html:1: the block of line 1 ends elsewhere in the HTML than it began; its tags must close in it\n"},
    {"ends in a tag", VIEW "<br", "t.html:1: ends inside a tag\n"},
    {"less-than", VIEW "a < b", "t.html:1: \"<\" in text is written &lt;\n"},

    {"style attribute", VIEW "<p style=\"a\"></p>", "t.html:1: style= is not allowed: the pages' security policy refuses it\n"},
    {"handler", VIEW "<p onclick=\"a\"></p>", "t.html:1: onclick= is not allowed: the pages' security policy refuses it\n"},
    {"script", VIEW "<script></script>", "t.html:1: <script> is not allowed: put it into assets/\n"},
    {"script from a file", VIEW "<script src=\"/a.js\" defer></script>", ""},
    {"style", VIEW "<style></style>", "t.html:1: <style> is not allowed: put it into assets/\n"},
    {"value as attribute", VIEW "<p {{ x->a }}></p>", "t.html:1: a value stands in text or in a quoted attribute\n"},
    {"value without quotes", VIEW "<p class={{ x->a }}></p>", "t.html:1: a value stands in text or in a quoted attribute\n"
                             "t.html:1: the value of class= stands in quotes\nt.html:1: <p> is not closed\n"},
    {"value in a comment", VIEW "<!-- {{ x->a }} -->", "t.html:1: a value stands in text or in a quoted attribute\n"},
    {"value in a name", VIEW "<p{{ x->a }}></p>", "t.html:1: a value stands in text or in a quoted attribute\n"},

    {"layout behind text", VIEW "<p></p>{% layout _frame with x %}", "t.html:1: a layout is said once, behind the view\n"},
    {"layout without content", VIEW "{% layout a/_b with x %}", "t.html:1: a/_b has no {% content %}\n"},
    {"use of a layout", VIEW "{% use _frame with x %}", "t.html:1: _frame is a layout\n"},
    {"use of nothing", VIEW "{% use _b with x %}", "t.html:1: there is no template _b\n"},
    {"use in a tag", VIEW "<p class=\"{% use a/_b with x %}\"></p>", "t.html:1: a template stands in text\n"},
    {"words without quotes", VIEW "{{_ words }}", "t.html:1: wanted {{_ \"words\" }}\n"},
    {"no words", VIEW "{{_ }}", "t.html:1: wanted {{_ \"words\" }}\n"},
    {"words as an address", VIEW "<a href=\"{{_ \"x\" }}\"></a>", "t.html:1: an address is not translated\n"},
};
// clang-format on

TEST(tplc_says_what_is_wrong_and_where)
{
    EACH(c, cases) {
        struct tplc tplc;
        struct buf out;
        struct str got = compile(&tplc, c->text, &out);
        if (!str_eq(got, str_of(c->want)))
            printf("    %s\n", c->name);
        CHECK_STR(got, c->want);
        CHECK_INT(tplc.error_count > 0, c->want[0] != '\0');
        tplc_clear(&tplc);
    }
}

TEST(tplc_values_carry_the_line_of_the_template)
{
    struct tplc tplc;
    struct buf c;
    CHECK_STR(compile(&tplc, VIEW "\n<p>\n{{ x->name }}</p>", &c), "");
    CHECK_STR(buf_str(&c), "/* Made by tools/tplc from t.html. */\n"
                           "#include \"web/templates.h\"\n\n"
                           "#include \"web/page_writer.h\"\n#include \"v.h\"\n\n"
                           "void tpl_t(struct page_writer *w, const struct v *x)\n{\n    (void)x;\n"
                           "    buf_add(w->buf, STR(\"\\n\"\n        \"<p>\\n\"));\n"
                           "#line 3 \"t.html\"\n"
                           "    PAGE_VALUE(w, x->name);\n"
                           "    buf_add(w->buf, STR(\"</p>\"));\n"
                           "}\n");
    tplc_clear(&tplc);
}
