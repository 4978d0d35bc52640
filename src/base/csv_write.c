#include "base/csv_write.h"

#include <stdbool.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "-12.50": what a spreadsheet takes for the number that it is. */
static bool is_number(struct str text)
{
    size_t i = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;
    size_t first = i;
    while (i < text.len && is_digit(text.ptr[i]))
        i++;
    if (i == first)
        return false;
    if (i < text.len && text.ptr[i] == '.') {
        size_t point = i++;
        while (i < text.len && is_digit(text.ptr[i]))
            i++;
        if (i == point + 1)
            return false;
    }
    return i == text.len;
}

/* Spreadsheets run text that begins like this as a formula; full-width signs count too. */
static bool is_formula(struct str text)
{
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
                                       "\xef\xbc\xa0"};
    if (text.len == 0 || is_number(text))
        return false;
    if (str_find(STR("=+-@\t\r\n"), text.ptr[0]) >= 0)
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        if (str_starts(text, str_of(wide[i])))
            return true;
    }
    return false;
}

/* An apostrophe in front makes it text for a spreadsheet. */
struct str csv_defused(struct arena *arena, struct str text)
{
    return is_formula(text) ? arena_fmt(arena, "'%.*s", STR_ARG(text)) : text;
}

static void write_cell(struct buf *out, struct str text)
{
    bool is_plain = true;
    for (size_t i = 0; i < text.len && is_plain; i++)
        is_plain = str_find(STR("\",\r\n"), text.ptr[i]) < 0;
    if (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' '))
        is_plain = false;
    if (is_plain) {
        buf_add(out, text);
        return;
    }
    buf_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_char(out, '"');
        buf_char(out, text.ptr[i]);
    }
    buf_char(out, '"');
}

void csv_write_row(struct buf *out, const struct str *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_char(out, ',');
        write_cell(out, cells[i]);
    }
    buf_add(out, STR("\r\n"));
}
