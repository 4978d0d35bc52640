/* url.h - the text forms of paths and query strings (RFC 3986, and HTML forms' '+'). */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "base/arena.h"
#include "base/str.h"
#include "http/request.h"

#include <stdbool.h>
#include <stddef.h>

/* "%41+b" to "A b" ('+' is a space only where `plus_is_space`).  A view of `encoded` where nothing
 * had to be decoded, else in the arena.  false when an escape is malformed or the result is not
 * UTF-8 without U+0000. */
bool url_decode(struct arena *arena, struct str encoded, bool plus_is_space, struct str *decoded);

enum url_query_result { URL_QUERY_READ, URL_QUERY_BAD_TEXT, URL_QUERY_TOO_MANY };

/* "a=1&b=&c" to three parameters, in their order, decoded; without '=' the value is "".  At most
 * HTTP_QUERY_PARAMS_MAX.  Where it is not read there are none: *count is 0. */
enum url_query_result url_query(struct arena *arena, struct str query,
                                const struct http_param **params, size_t *count);

/* The same for the body of a form, with another limit. */
enum url_query_result url_form(struct arena *arena, struct str body, size_t max,
                               const struct http_param **params, size_t *count);

#endif
