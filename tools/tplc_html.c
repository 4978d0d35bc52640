/* tplc_html.c - follows the HTML of a template, so that each value is escaped for its place. */
#include "tools/tplc.h"

#include <ctype.h>
#include <string.h>

static const char *const void_tags[] = {"area",  "base", "br",   "col",    "embed", "hr", "img",
                                        "input", "link", "meta", "source", "track", "wbr"};
static const char *const url_attributes[] = {"href", "src", "action", "formaction"};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}
#define IS_ONE_OF(name, names) is_one_of((name), (names), sizeof(names) / sizeof(names)[0])

static void name_start(struct html_state *state)
{
    state->name_len = 0;
    state->name[0] = '\0';
}

static void name_add(struct html_state *state, char c)
{
    if (state->name_len + 1 >= sizeof state->name)
        return;
    state->name[state->name_len++] = (char)tolower((unsigned char)c);
    state->name[state->name_len] = '\0';
}

/* ---- elements ---- */

static const char *innermost(const struct html_state *state)
{
    return state->depth > 0 ? state->tags[state->depth - 1] : "";
}

/* The tag's name is complete. */
static void element_open(struct tplc *tplc, struct html_state *state)
{
    memset(state->tag, 0, sizeof state->tag);
    memcpy(state->tag, state->name,
           state->name_len < sizeof state->tag ? state->name_len : sizeof state->tag - 1);
    state->is_self_closed = false;
    state->has_src = false;
    if (IS_ONE_OF(state->tag, void_tags))
        return;
    if (state->depth == TPLC_TAGS_MAX) {
        tplc_complain(tplc, "more than %d elements are open", TPLC_TAGS_MAX);
        return;
    }
    memcpy(state->tags[state->depth++], state->tag, sizeof state->tag);
}

static void element_close(struct tplc *tplc, struct html_state *state)
{
    if (state->depth == 0 || strncmp(innermost(state), state->name, sizeof state->tags[0] - 1) != 0)
        tplc_complain(tplc, "</%s> closes nothing: <%s> is open", state->name, innermost(state));
    else
        state->depth--;
}

static void attribute_named(struct tplc *tplc, struct html_state *state)
{
    memcpy(state->attribute, state->name, sizeof state->attribute);
    state->has_src |= strcmp(state->name, "src") == 0;
    if (strcmp(state->name, "style") == 0 || strcmp(state->name, "srcdoc") == 0 ||
        strncmp(state->name, "on", 2) == 0)
        tplc_complain(tplc, "%s= is not allowed: the pages' security policy refuses it",
                      state->name);
}

/* ">" of an opening tag. */
static void tag_done(struct tplc *tplc, struct html_state *state)
{
    if (strcmp(state->tag, "style") == 0 || (strcmp(state->tag, "script") == 0 && !state->has_src))
        tplc_complain(tplc, "<%s> is not allowed: put it into assets/", state->tag);
    if (state->is_self_closed && !IS_ONE_OF(state->tag, void_tags) && state->depth > 0)
        state->depth--; /* <path/> */
    state->place = HTML_TEXT;
}

/* ---- one character ---- */

static bool keeps_space(const struct html_state *state)
{
    return strcmp(innermost(state), "pre") == 0 || strcmp(innermost(state), "textarea") == 0;
}

static void feed_tag(struct tplc *tplc, struct html_state *state, char c)
{
    if (c == '>') {
        tag_done(tplc, state);
    } else if (c == '/') {
        state->is_self_closed = true;
    } else if (!isspace((unsigned char)c)) {
        name_start(state);
        name_add(state, c);
        state->place = HTML_NAME;
    }
}

static void feed_less(struct tplc *tplc, struct html_state *state, char c)
{
    name_start(state);
    if (c == '!') {
        state->place = HTML_COMMENT;
    } else if (c == '/') {
        state->place = HTML_CLOSE;
    } else if (isalpha((unsigned char)c)) {
        name_add(state, c);
        state->place = HTML_TAG_NAME;
    } else {
        tplc_complain(tplc, "\"<\" in text is written &lt;");
        state->place = HTML_TEXT;
    }
}

static void feed(struct tplc *tplc, struct html_state *state, char c)
{
    switch (state->place) {
    case HTML_TEXT:
        if (c == '<')
            state->place = HTML_LESS;
        break;
    case HTML_LESS:
        feed_less(tplc, state, c);
        break;
    case HTML_COMMENT:
        if (c == '>')
            state->place = HTML_TEXT;
        break;
    case HTML_CLOSE:
        if (c != '>') {
            name_add(state, c);
        } else {
            element_close(tplc, state);
            state->place = HTML_TEXT;
        }
        break;
    case HTML_TAG_NAME:
        if (c != '>' && c != '/' && !isspace((unsigned char)c)) {
            name_add(state, c);
            break;
        }
        element_open(tplc, state);
        state->place = HTML_TAG;
        feed_tag(tplc, state, c);
        break;
    case HTML_TAG:
        feed_tag(tplc, state, c);
        break;
    case HTML_NAME:
        if (c == '=') {
            attribute_named(tplc, state);
            state->place = HTML_BEFORE;
        } else if (c == '>' || c == '/' || isspace((unsigned char)c)) {
            state->place = HTML_TAG;
            feed_tag(tplc, state, c);
        } else {
            name_add(state, c);
        }
        break;
    case HTML_BEFORE:
        if (c != '"' && c != '\'')
            tplc_complain(tplc, "the value of %s= stands in quotes", state->attribute);
        state->quote = c;
        state->value_has_text = false;
        state->place = HTML_VALUE;
        break;
    case HTML_VALUE:
        if (c == state->quote)
            state->place = HTML_TAG;
        else
            state->value_has_text = true;
        break;
    }
}

void html_feed(struct tplc *tplc, struct html_state *state, struct str literal, struct buf *out)
{
    size_t at = 0;
    while (at < literal.len) {
        size_t end = at;
        bool has_line = false;
        while (end < literal.len && isspace((unsigned char)literal.ptr[end]))
            has_line |= literal.ptr[end++] == '\n';
        if (end == at) {
            feed(tplc, state, literal.ptr[at]);
            buf_char(out, literal.ptr[at++]);
            continue;
        }
        bool is_tidied = has_line && !keeps_space(state) && state->place != HTML_VALUE;
        if (is_tidied)
            buf_char(out, '\n');
        for (; at < end; at++) {
            feed(tplc, state, literal.ptr[at]);
            tplc->line += literal.ptr[at] == '\n';
            if (!is_tidied)
                buf_char(out, literal.ptr[at]);
        }
    }
}

void html_pause(struct tplc *tplc, struct html_state *state)
{
    if (state->place == HTML_TAG_NAME)
        element_open(tplc, state);
    if (state->place == HTML_TAG_NAME || state->place == HTML_NAME)
        state->place = HTML_TAG;
}

const char *html_value_writer(struct tplc *tplc, struct html_state *state)
{
    if (state->place == HTML_TEXT)
        return "PAGE_VALUE";
    if (state->place != HTML_VALUE) {
        tplc_complain(tplc, "a value stands in text or in a quoted attribute");
        return NULL;
    }
    bool is_first = !state->value_has_text;
    state->value_has_text = true;
    if (!IS_ONE_OF(state->attribute, url_attributes))
        return "PAGE_ATTRIBUTE";
    return is_first ? "PAGE_URL" : "PAGE_URL_PART";
}

bool html_same_place(const struct html_state *a, const struct html_state *b)
{
    if (a->place != b->place || a->depth != b->depth)
        return false;
    if (a->place == HTML_VALUE && (a->quote != b->quote || strcmp(a->attribute, b->attribute) != 0))
        return false;
    for (size_t i = 0; i < a->depth; i++) {
        if (strcmp(a->tags[i], b->tags[i]) != 0)
            return false;
    }
    return true;
}
