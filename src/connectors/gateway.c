#include "connectors/gateway.h"

#include <string.h>

struct gateway *gateways_find(const struct gateways *gateways, struct str code)
{
    for (size_t i = 0; i < gateways->count; i++) {
        if (str_eq(code, str_of(gateways->items[i]->code)))
            return gateways->items[i];
    }
    return NULL;
}

void gateways_close(struct gateways *gateways)
{
    for (size_t i = 0; i < gateways->count; i++)
        gateways->items[i]->driver->close(gateways->items[i]);
    gateways->count = 0;
}

/* What may stand in a host and port; so no user, and nothing that ends a CSP source. */
static bool is_host_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == ':' || c == '[' || c == ']';
}

bool gateway_origin_of(struct str url, char origin[GATEWAY_ADDRESS_BYTES])
{
    size_t scheme = 0;
    if (str_starts(url, STR("https://")))
        scheme = strlen("https://");
    else if (str_starts(url, STR("http://")))
        scheme = strlen("http://");
    else
        return false;
    size_t end = scheme;
    while (end < url.len && is_host_byte(url.ptr[end]))
        end++;
    if (end == scheme || end >= GATEWAY_ADDRESS_BYTES)
        return false;
    if (end < url.len && url.ptr[end] != '/' && url.ptr[end] != '?' && url.ptr[end] != '#')
        return false;
    memcpy(origin, url.ptr, end);
    origin[end] = '\0';
    return true;
}

bool gateway_url_is_under(struct str url, const char *origin)
{
    char of_url[GATEWAY_ADDRESS_BYTES];
    return gateway_origin_of(url, of_url) && strcmp(of_url, origin) == 0;
}
