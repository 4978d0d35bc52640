#include "http/url.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool url_decode(struct arena *arena, struct str encoded, bool plus_is_space, struct str *decoded)
{
    if (str_find(encoded, '%') < 0 && (!plus_is_space || str_find(encoded, '+') < 0)) {
        *decoded = encoded;
        return str_is_text(encoded);
    }
    char *out = arena_alloc(arena, encoded.len);
    size_t len = 0;
    for (size_t i = 0; i < encoded.len; i++) {
        char c = encoded.ptr[i];
        if (c == '%') {
            if (encoded.len - i < 3)
                return false;
            int high = hex_digit(encoded.ptr[i + 1]);
            int low = hex_digit(encoded.ptr[i + 2]);
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        out[len++] = c;
    }
    *decoded = (struct str){out, len};
    return str_is_text(*decoded);
}

enum url_query_result url_query(struct arena *arena, struct str query,
                                const struct http_param **params, size_t *count)
{
    return url_form(arena, query, HTTP_QUERY_PARAMS_MAX, params, count);
}

enum url_query_result url_form(struct arena *arena, struct str body, size_t max,
                               const struct http_param **params, size_t *count)
{
    struct http_param *list = NULL;
    size_t capacity = 0;
    size_t found = 0;
    struct str part;
    *params = NULL;
    *count = 0;
    while (str_split(&body, '&', &part)) {
        if (part.len == 0)
            continue;
        if (found == max)
            return URL_QUERY_TOO_MANY;
        struct str value = part;
        struct str name;
        str_split(&value, '=', &name);
        if (str_is_null(value))
            value = STR("");
        list = arena_grow(arena, list, found, &capacity, sizeof *list);
        struct http_param *param = &list[found];
        if (!url_decode(arena, name, true, &param->name) ||
            !url_decode(arena, value, true, &param->value))
            return URL_QUERY_BAD_TEXT;
        found++;
    }
    *params = list;
    *count = found;
    return URL_QUERY_READ;
}
