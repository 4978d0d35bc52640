#include "base/json_indent.h"

#include <stdbool.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void break_line(struct buf *out, size_t depth)
{
    buf_char(out, '\n');
    for (size_t i = 0; i < depth && buf_ok(out); i++)
        buf_add(out, STR("  "));
}

/* The index behind the text that begins at `at` with a quotation mark. */
static size_t text_end(struct str json, size_t at)
{
    at++;
    while (at < json.len && json.ptr[at] != '"')
        at += json.ptr[at] == '\\' ? 2 : 1;
    return at < json.len ? at + 1 : json.len;
}

static size_t skip_spaces(struct str json, size_t at)
{
    while (at < json.len && is_space(json.ptr[at]))
        at++;
    return at;
}

/* The bracket at `at`, with the one that closes it when nothing is between; the index behind. */
static size_t open_one(struct buf *out, struct str json, size_t at, size_t *depth)
{
    size_t next = skip_spaces(json, at + 1);
    buf_char(out, json.ptr[at]);
    if (next < json.len && (json.ptr[next] == '}' || json.ptr[next] == ']')) {
        buf_char(out, json.ptr[next]);
        return next + 1;
    }
    break_line(out, ++*depth);
    return next;
}

void json_indent(struct buf *out, struct str json)
{
    size_t depth = 0;
    size_t at = skip_spaces(json, 0);
    while (at < json.len) {
        char c = json.ptr[at];
        size_t start = at;
        if (c == '"') {
            at = text_end(json, at);
            buf_add(out, str_slice(json, start, at));
        } else if (c == '{' || c == '[') {
            at = open_one(out, json, at, &depth);
        } else {
            if (c == '}' || c == ']')
                break_line(out, depth > 0 ? --depth : 0);
            buf_char(out, c);
            at++;
            if (c == ',')
                break_line(out, depth);
            else if (c == ':')
                buf_char(out, ' ');
        }
        at = skip_spaces(json, at);
    }
    buf_char(out, '\n');
}
