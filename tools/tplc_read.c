/* tplc_read.c - the statements of a template, and the C that each becomes.
 *
 * The template is gone through once; a stack of blocks remembers where in the HTML each began. */
#include "tools/tplc.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BLOCKS_MAX 32

void tplc_init(struct tplc *tplc)
{
    *tplc = (struct tplc){0};
    arena_init(&tplc->arena);
}

void tplc_clear(struct tplc *tplc)
{
    arena_clear(&tplc->arena);
}

void tplc_complain(struct tplc *tplc, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str words = arena_vfmt(&tplc->arena, format, args);
    va_end(args);
    struct str line =
        arena_fmt(&tplc->arena, "%.*s:%d: %.*s\n", STR_ARG(tplc->file), tplc->line, STR_ARG(words));
    if (tplc->errors != NULL)
        buf_add(tplc->errors, line);
    else
        fputs(line.ptr, stderr);
    tplc->error_count++;
}

static int lines_in(struct str text)
{
    int lines = 0;
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    return lines;
}

/* ---- words of a statement ---- */

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_name_char(s.ptr[i]))
            return false;
    }
    return s.len > 0 && !isdigit((unsigned char)s.ptr[0]);
}

/* The next word, or a text in double quotes without them. */
static struct str next_word(struct str *rest)
{
    struct str trimmed = str_trim(*rest);
    size_t end = 0;
    if (trimmed.len == 0)
        return STR("");
    if (trimmed.ptr[0] == '"') {
        struct str quoted = str_slice(trimmed, 1, trimmed.len);
        ptrdiff_t close = str_find(quoted, '"');
        if (close < 0)
            return STR("");
        *rest = str_slice(quoted, (size_t)close + 1, quoted.len);
        return str_slice(quoted, 0, (size_t)close);
    }
    while (end < trimmed.len && !isspace((unsigned char)trimmed.ptr[end]))
        end++;
    *rest = str_slice(trimmed, end, trimmed.len);
    return str_slice(trimmed, 0, end);
}

static bool take_word(struct str *rest, const char *word)
{
    struct str ahead = *rest;
    if (!str_eq(next_word(&ahead), str_of(word)))
        return false;
    *rest = ahead;
    return true;
}

/* ---- one template being written ---- */

struct block {
    bool is_each;
    bool has_else;
    int line;
    struct html_state html; /* where it began */
    struct str variable;    /* of each */
};

struct writing {
    struct tplc *tplc;
    const struct template *template;
    struct buf *c;
    struct buf literal; /* not written yet */
    int literal_line;
    struct html_state html;
    struct block blocks[BLOCKS_MAX];
    int block_count;
    const struct template *layout; /* NULL: none */
    struct str layout_argument;
    bool has_begun;   /* something stands behind the view */
    bool has_content; /* {% content %} has come */
};

static void put_line(struct writing *w)
{
    buf_fmt(w->c, "#line %d \"%.*s\"\n", w->tplc->line, STR_ARG(w->template->file));
}

static void put_c_text(struct buf *c, struct str text)
{
    buf_add(c, STR("STR(\""));
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        if (byte == '"' || byte == '\\')
            buf_fmt(c, "\\%c", byte);
        else if (byte == '\n')
            buf_add(c, i + 1 < text.len ? STR("\\n\"\n        \"") : STR("\\n"));
        else if (byte < ' ' || byte >= 127 || byte == '?')
            buf_fmt(c, "\\%03o", byte);
        else
            buf_char(c, (char)byte);
    }
    buf_add(c, STR("\")"));
}

static void flush_literal(struct writing *w)
{
    if (w->literal.len == 0)
        return;
    buf_add(w->c, STR("    buf_add(w->buf, "));
    put_c_text(w->c, buf_str(&w->literal));
    buf_add(w->c, STR(");\n"));
    buf_reset(&w->literal);
}

/* ---- paths ---- */

static bool is_known(const struct writing *w, struct str name)
{
    if (str_eq(name, w->template->variable))
        return true;
    for (int i = 0; i < w->block_count; i++) {
        if (w->blocks[i].is_each && str_eq(name, w->blocks[i].variable))
            return true;
    }
    return false;
}

/* NAME, then ->MEMBER or .MEMBER any number of times. */
static bool is_path(struct str rest)
{
    for (;;) {
        size_t len = 0;
        while (len < rest.len && is_name_char(rest.ptr[len]))
            len++;
        if (!is_name(str_slice(rest, 0, len)))
            return false;
        rest = str_slice(rest, len, rest.len);
        if (rest.len == 0)
            return true;
        size_t joint = str_starts(rest, STR("->")) ? 2 : str_starts(rest, STR(".")) ? 1 : 0;
        if (joint == 0)
            return false;
        rest = str_slice(rest, joint, rest.len);
    }
}

/* "row->customer.name": false, with a complaint, when it is none. */
static bool check_path(struct writing *w, struct str path)
{
    size_t len = 0;
    if (!is_path(path)) {
        tplc_complain(w->tplc, "\"%.*s\" is no path: wanted NAME->MEMBER.MEMBER", STR_ARG(path));
        return false;
    }
    while (len < path.len && is_name_char(path.ptr[len]))
        len++;
    if (is_known(w, str_slice(path, 0, len)))
        return true;
    tplc_complain(w->tplc, "there is no %.*s here", (int)len, path.ptr);
    return false;
}

static bool expect_end(struct writing *w, struct str rest)
{
    rest = str_trim(rest);
    if (rest.len == 0)
        return true;
    tplc_complain(w->tplc, "\"%.*s\" is too much", STR_ARG(rest));
    return false;
}

/* ---- values ---- */

static void write_value(struct writing *w, struct str path)
{
    const char *writer = html_value_writer(w->tplc, &w->html);
    if (!check_path(w, path) || writer == NULL)
        return;
    flush_literal(w);
    put_line(w);
    buf_fmt(w->c, "    %s(w, %.*s);\n", writer, STR_ARG(path));
}

/* ICON_NAME or a path, and "small" */
static void write_icon(struct writing *w, struct str rest)
{
    struct str icon = next_word(&rest);
    bool is_small = take_word(&rest, "small");
    bool is_constant = str_starts(icon, STR("ICON_")) && is_name(icon);
    if ((!is_constant && !check_path(w, icon)) || !expect_end(w, rest))
        return;
    if (w->html.place != HTML_TEXT)
        tplc_complain(w->tplc, "an icon stands in text");
    flush_literal(w);
    put_line(w);
    buf_fmt(w->c, "    page_icon(w, %.*s, %s);\n", STR_ARG(icon), is_small ? "true" : "false");
}

static void write_words(struct writing *w, struct str inside)
{
    bool is_quoted = str_starts(str_trim(inside), STR("\""));
    struct str words = next_word(&inside);
    const char *writer = html_value_writer(w->tplc, &w->html);
    if (!is_quoted || words.len == 0) {
        tplc_complain(w->tplc, "wanted {{_ \"words\" }}");
        return;
    }
    if (!expect_end(w, inside) || writer == NULL)
        return;
    if (strncmp(writer, "PAGE_URL", 8) == 0) {
        tplc_complain(w->tplc, "an address is not translated");
        return;
    }
    flush_literal(w);
    buf_add(w->c, STR("    page_translate(w, "));
    put_c_text(w->c, words);
    buf_add(w->c, STR(");\n"));
}

/* ---- blocks ---- */

static void write_condition(struct writing *w, struct str rest)
{
    bool is_not = take_word(&rest, "not");
    struct str path = next_word(&rest);
    bool compares = take_word(&rest, "is");
    struct str constant = compares ? next_word(&rest) : STR("");
    if (!check_path(w, path) || !expect_end(w, rest)) {
        buf_add(w->c, STR("false")); /* the file fails anyway */
        return;
    }
    if (compares && !is_name(constant))
        tplc_complain(w->tplc, "wanted: is CONSTANT");
    buf_add(w->c, is_not ? STR("!(") : STR("("));
    if (compares)
        buf_fmt(w->c, "%.*s == %.*s)", STR_ARG(path), STR_ARG(constant));
    else
        buf_fmt(w->c, "PAGE_IS(%.*s))", STR_ARG(path));
}

static struct block *push_block(struct writing *w)
{
    if (w->block_count == BLOCKS_MAX) {
        tplc_complain(w->tplc, "more than %d blocks are open", BLOCKS_MAX);
        w->block_count--;
    }
    struct block *block = &w->blocks[w->block_count++];
    *block = (struct block){.line = w->tplc->line, .html = w->html};
    return block;
}

static void check_branch_end(struct writing *w, const struct block *block)
{
    if (!html_same_place(&block->html, &w->html))
        tplc_complain(
            w->tplc,
            "the block of line %d ends elsewhere in the HTML than it began; its tags must "
            "close in it",
            block->line);
    bool has_text = w->html.value_has_text;
    w->html = block->html;
    w->html.value_has_text |= has_text;
}

static void write_if(struct writing *w, struct str rest)
{
    flush_literal(w);
    put_line(w);
    buf_add(w->c, STR("    if ("));
    write_condition(w, rest);
    buf_add(w->c, STR(") {\n"));
    push_block(w);
}

static void write_else(struct writing *w, struct str rest)
{
    struct block *block = w->block_count > 0 ? &w->blocks[w->block_count - 1] : NULL;
    if (block == NULL || block->is_each || block->has_else) {
        tplc_complain(w->tplc, "else without if");
        return;
    }
    flush_literal(w);
    check_branch_end(w, block);
    if (take_word(&rest, "if")) {
        put_line(w);
        buf_add(w->c, STR("    } else if ("));
        write_condition(w, rest);
        buf_add(w->c, STR(") {\n"));
    } else if (expect_end(w, rest)) {
        buf_add(w->c, STR("    } else {\n"));
        block->has_else = true;
    }
}

static void write_each(struct writing *w, struct str rest)
{
    struct str variable = next_word(&rest);
    bool in = take_word(&rest, "in");
    struct str path = next_word(&rest);
    bool counted = take_word(&rest, "count");
    struct str count = next_word(&rest);
    if (!in || !counted || !is_name(variable)) {
        tplc_complain(w->tplc, "wanted {%% each NAME in PATH count PATH %%}");
        return;
    }
    if (is_known(w, variable))
        tplc_complain(w->tplc, "%.*s is taken", STR_ARG(variable));
    bool good = check_path(w, path) && check_path(w, count) && expect_end(w, rest);
    int depth = w->block_count;
    flush_literal(w);
    if (good) {
        put_line(w);
        buf_fmt(w->c,
                "    for (size_t i_%d = 0; i_%d < (size_t)(%.*s); i_%d++) {\n"
                "#line %d \"%.*s\"\n"
                "    __typeof__(&(%.*s)[0]) %.*s = &(%.*s)[i_%d];\n",
                depth, depth, STR_ARG(count), depth, w->tplc->line, STR_ARG(w->template->file),
                STR_ARG(path), STR_ARG(variable), STR_ARG(path), depth);
    }
    struct block *block = push_block(w);
    block->is_each = true;
    block->variable = variable;
}

static void write_end(struct writing *w, struct str rest)
{
    flush_literal(w);
    if (!expect_end(w, rest))
        return;
    if (w->block_count == 0) {
        tplc_complain(w->tplc, "end without if or each");
        return;
    }
    check_branch_end(w, &w->blocks[w->block_count - 1]);
    buf_add(w->c, STR("    }\n"));
    w->block_count--;
}

/* ---- other templates ---- */

static const struct template *find_template(struct writing *w, struct str name)
{
    for (size_t i = 0; i < w->tplc->template_count; i++) {
        if (str_eq(w->tplc->templates[i].name, name))
            return &w->tplc->templates[i];
    }
    tplc_complain(w->tplc, "there is no template %.*s", STR_ARG(name));
    return NULL;
}

/* NAME with PATH */
static const struct template *read_use(struct writing *w, struct str rest, struct str *path)
{
    struct str name = next_word(&rest);
    bool with = take_word(&rest, "with");
    *path = next_word(&rest);
    const struct template *used = find_template(w, name);
    if (used == NULL)
        return NULL;
    if (!with)
        tplc_complain(w->tplc, "wanted NAME with PATH");
    if (!with || !check_path(w, *path) || !expect_end(w, rest))
        return NULL;
    return used;
}

/* The argument may be a struct or a pointer to one. */
static void write_call(struct writing *w, const struct template *used, const char *part,
                       struct str path)
{
    put_line(w);
    buf_fmt(w->c, "    tpl_%.*s%s(w, _Generic((%.*s), struct %.*s: &(%.*s), default: (%.*s)));\n",
            STR_ARG(used->c_name), part, STR_ARG(path), STR_ARG(used->type), STR_ARG(path),
            STR_ARG(path));
}

static void write_use(struct writing *w, struct str rest)
{
    struct str path;
    const struct template *used = read_use(w, rest, &path);
    if (used == NULL)
        return;
    if (used->is_layout) {
        tplc_complain(w->tplc, "%.*s is a layout", STR_ARG(used->name));
        return;
    }
    if (w->html.place != HTML_TEXT)
        tplc_complain(w->tplc, "a template stands in text");
    flush_literal(w);
    write_call(w, used, "", path);
}

static void write_layout(struct writing *w, struct str rest)
{
    if (w->has_begun || w->layout != NULL) {
        tplc_complain(w->tplc, "a layout is said once, behind the view");
        return;
    }
    w->layout = read_use(w, rest, &w->layout_argument);
    if (w->layout == NULL)
        return;
    if (!w->layout->is_layout) {
        tplc_complain(w->tplc, "%.*s has no {%% content %%}", STR_ARG(w->layout->name));
        w->layout = NULL;
        return;
    }
    write_call(w, w->layout, "_begin", w->layout_argument);
}

static void write_signature(struct writing *w, const char *part)
{
    buf_fmt(w->c,
            "void tpl_%.*s%s(struct page_writer *w, const struct %.*s *%.*s)\n{\n    (void)%.*s;\n",
            STR_ARG(w->template->c_name), part, STR_ARG(w->template->type),
            STR_ARG(w->template->variable), STR_ARG(w->template->variable));
}

static void write_content(struct writing *w, struct str rest)
{
    if (!expect_end(w, rest))
        return;
    if (w->has_content || w->block_count > 0 || w->html.place != HTML_TEXT) {
        tplc_complain(w->tplc, "content stands once, in text, in no block");
        return;
    }
    w->has_content = true;
    flush_literal(w);
    buf_add(w->c, STR("}\n\n"));
    write_signature(w, "_end");
}

/* ---- statements ---- */

static void write_statement(struct writing *w, struct str rest)
{
    struct str word = next_word(&rest);
    html_pause(w->tplc, &w->html);
    if (str_eq(word, STR("layout"))) {
        write_layout(w, rest);
        return;
    }
    w->has_begun = true;
    if (str_eq(word, STR("if")))
        write_if(w, rest);
    else if (str_eq(word, STR("else")))
        write_else(w, rest);
    else if (str_eq(word, STR("each")))
        write_each(w, rest);
    else if (str_eq(word, STR("end")))
        write_end(w, rest);
    else if (str_eq(word, STR("use")))
        write_use(w, rest);
    else if (str_eq(word, STR("icon")))
        write_icon(w, rest);
    else if (str_eq(word, STR("content")))
        write_content(w, rest);
    else
        tplc_complain(w->tplc,
                      "\"%.*s\" is no statement: if, else, each, end, use, icon, layout, content",
                      STR_ARG(word));
}

/* The piece up to the closing brackets; an unclosed one is complained of and ends the file. */
static struct str take_piece(struct writing *w, struct str *rest, const char *close)
{
    for (size_t i = 2; i + 1 < rest->len; i++) {
        if (rest->ptr[i] == close[0] && rest->ptr[i + 1] == close[1]) {
            struct str inside = str_slice(*rest, 2, i);
            *rest = str_slice(*rest, i + 2, rest->len);
            return inside;
        }
    }
    tplc_complain(w->tplc, "\"%.*s\" is not closed by %s", 2, rest->ptr, close);
    *rest = STR("");
    return STR_NULL;
}

static void write_literal(struct writing *w, struct str literal)
{
    if (!w->has_begun && str_trim(literal).len == 0) { /* between view and layout */
        w->tplc->line += lines_in(literal);
        return;
    }
    w->has_begun = true;
    html_feed(w->tplc, &w->html, literal, &w->literal);
}

static void write_body(struct writing *w, struct str rest)
{
    while (rest.len > 0) {
        size_t end = 0;
        while (end < rest.len && !str_starts(str_slice(rest, end, rest.len), STR("{{")) &&
               !str_starts(str_slice(rest, end, rest.len), STR("{%")) &&
               !str_starts(str_slice(rest, end, rest.len), STR("{#")))
            end++;
        write_literal(w, str_slice(rest, 0, end));
        rest = str_slice(rest, end, rest.len);
        if (rest.len == 0)
            break;
        char kind = rest.ptr[1];
        struct str piece = take_piece(w, &rest, kind == '{' ? "}}" : kind == '%' ? "%}" : "#}");
        if (str_is_null(piece))
            break;
        if (kind == '{' && str_starts(piece, STR("_")))
            write_words(w, str_slice(piece, 1, piece.len));
        else if (kind == '{')
            write_value(w, str_trim(piece));
        else if (kind == '%')
            write_statement(w, piece);
        w->has_begun |= kind == '{';
        w->tplc->line += lines_in(piece);
    }
}

/* The text behind {% view … %}, and what it says. */
static struct str read_view(struct tplc *tplc, struct template *template)
{
    struct str rest = template->text;
    tplc->file = template->file;
    tplc->line = 1;
    ptrdiff_t close = str_find(rest, '}');
    struct str first = close < 0 ? STR("") : str_slice(rest, 0, (size_t)close + 1);
    bool good = str_starts(first, STR("{%")) && str_ends(first, STR("%}"));
    struct str words = good ? str_slice(first, 2, first.len - 2) : STR("");
    good = good && take_word(&words, "view") && take_word(&words, "struct");
    template->type = next_word(&words);
    template->variable = next_word(&words);
    good = good && take_word(&words, "from");
    template->header = next_word(&words);
    if (!good || !is_name(template->type) || !is_name(template->variable) ||
        template->header.len == 0)
        tplc_complain(tplc, "begins with {%% view struct TYPE NAME from \"HEADER\" %%}");
    return str_slice(rest, first.len, rest.len);
}

static struct str c_name(struct tplc *tplc, struct str name)
{
    struct buf out;
    buf_init(&out, &tplc->arena, name.len);
    for (size_t i = 0; i < name.len; i++)
        buf_add(&out, is_name_char(name.ptr[i]) ? str_slice(name, i, i + 1) : STR("_"));
    return buf_str(&out);
}

void template_read_view(struct tplc *tplc, struct template *template)
{
    struct str rest = read_view(tplc, template);
    template->c_name = c_name(tplc, template->name);
    template->is_layout = false;
    for (size_t i = 0; i < rest.len && !template->is_layout; i++) {
        struct str at = str_slice(rest, i, rest.len);
        if (str_starts(at, STR("{%"))) {
            at = str_slice(at, 2, at.len);
            template->is_layout = take_word(&at, "content");
        }
    }
}

void template_write(struct tplc *tplc, const struct template *template, struct buf *c)
{
    struct writing *w = ARENA_NEW(&tplc->arena, struct writing);
    struct template view = *template;
    w->tplc = tplc;
    w->template = template;
    w->c = c;
    buf_init(&w->literal, &tplc->arena, TPLC_TEXT_MAX);
    buf_fmt(c,
            "/* Made by tools/tplc from %.*s. */\n#include \"%s/templates.h\"\n\n"
            "#include \"web/page_writer.h\"\n#include \"%.*s\"\n\n",
            STR_ARG(template->file), tplc->folder == NULL ? "web" : tplc->folder,
            STR_ARG(template->header));
    write_signature(w, template->is_layout ? "_begin" : "");
    write_body(w, read_view(tplc, &view));
    flush_literal(w);
    if (w->block_count > 0)
        tplc_complain(tplc, "the block of line %d has no end", w->blocks[w->block_count - 1].line);
    else if (w->html.depth > 0)
        tplc_complain(tplc, "<%s> is not closed", w->html.tags[w->html.depth - 1]);
    else if (w->html.place != HTML_TEXT)
        tplc_complain(tplc, "ends inside a tag");
    if (w->layout != NULL)
        write_call(w, w->layout, "_end", w->layout_argument);
    buf_add(c, STR("}\n"));
}

static void write_declaration(struct buf *h, const struct template *template, const char *part)
{
    buf_fmt(h, "void tpl_%.*s%s(struct page_writer *w, const struct %.*s *view);\n",
            STR_ARG(template->c_name), part, STR_ARG(template->type));
}

void templates_write_header(const struct tplc *tplc, struct buf *h)
{
    buf_add(h, STR("/* templates.h - the templates as functions.  Made by tools/tplc. */\n"
                   "#ifndef WEB_TEMPLATES_H\n#define WEB_TEMPLATES_H\n\nstruct page_writer;\n\n"));
    for (size_t i = 0; i < tplc->template_count; i++) {
        const struct template *template = &tplc->templates[i];
        buf_fmt(h, "struct %.*s;\n", STR_ARG(template->type));
        write_declaration(h, template, template->is_layout ? "_begin" : "");
        if (template->is_layout)
            write_declaration(h, template, "_end");
    }
    buf_add(h, STR("\n#endif\n"));
}
