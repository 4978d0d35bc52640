#include "connectors/webhook_target.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* ---- addresses ------------------------------------------------------------------------------- */

enum place { PLACE_PUBLIC, PLACE_MACHINE, PLACE_PRIVATE, PLACE_NOWHERE };

/* By IANA's registries of special-purpose addresses. */
// clang-format off
static const struct { uint32_t net; int bits; enum place place; } places4[] = {
    {0x00000000,  8, PLACE_NOWHERE}, /* 0.0.0.0/8: this network */
    {0x0A000000,  8, PLACE_PRIVATE}, /* 10.0.0.0/8 */
    {0x64400000, 10, PLACE_PRIVATE}, /* 100.64.0.0/10: behind a carrier's NAT */
    {0x7F000000,  8, PLACE_MACHINE}, /* 127.0.0.0/8 */
    {0xA9FE0000, 16, PLACE_NOWHERE}, /* 169.254.0.0/16: link-local */
    {0xAC100000, 12, PLACE_PRIVATE}, /* 172.16.0.0/12 */
    {0xC0000000, 24, PLACE_NOWHERE}, /* 192.0.0.0/24: protocol assignments */
    {0xC0000200, 24, PLACE_NOWHERE}, /* 192.0.2.0/24: documentation */
    {0xC0A80000, 16, PLACE_PRIVATE}, /* 192.168.0.0/16 */
    {0xC6120000, 15, PLACE_PRIVATE}, /* 198.18.0.0/15: benchmarks */
    {0xC6336400, 24, PLACE_NOWHERE}, /* 198.51.100.0/24: documentation */
    {0xCB007100, 24, PLACE_NOWHERE}, /* 203.0.113.0/24: documentation */
    {0xE0000000,  4, PLACE_NOWHERE}, /* 224.0.0.0/4: multicast */
    {0xF0000000,  4, PLACE_NOWHERE}, /* 240.0.0.0/4: reserved, broadcast */
};
// clang-format on

static enum place place_of4(uint32_t address)
{
    for (size_t i = 0; i < sizeof places4 / sizeof places4[0]; i++) {
        if ((address ^ places4[i].net) >> (32 - places4[i].bits) == 0)
            return places4[i].place;
    }
    return PLACE_PUBLIC;
}

static uint32_t number4(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Addresses that stand for an IPv4 address go where that goes. */
static enum place place_of6(const unsigned char bytes[16])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const unsigned char nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    static const unsigned char zeros[15] = {0};
    if (memcmp(bytes, mapped, sizeof mapped) == 0 || memcmp(bytes, nat64, sizeof nat64) == 0)
        return place_of4(number4(bytes + 12));
    if (bytes[0] == 0x20 && bytes[1] == 0x02) /* 6to4 */
        return place_of4(number4(bytes + 2));
    if (memcmp(bytes, zeros, sizeof zeros) == 0 && bytes[15] == 1)
        return PLACE_MACHINE;
    if ((bytes[0] & 0xfe) == 0xfc) /* fc00::/7: unique local */
        return PLACE_PRIVATE;
    return (bytes[0] & 0xe0) == 0x20 ? PLACE_PUBLIC : PLACE_NOWHERE; /* 2000::/3 is public */
}

static bool may_reach(enum place place, enum webhook_reach reach)
{
    switch (place) {
    case PLACE_PUBLIC:
        return true;
    case PLACE_MACHINE:
        return reach != WEBHOOK_REACH_PUBLIC;
    case PLACE_PRIVATE:
        return reach == WEBHOOK_REACH_PRIVATE;
    case PLACE_NOWHERE:
        break;
    }
    return false;
}

bool webhook_target_may_reach(const struct sockaddr *address, enum webhook_reach reach)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
        return may_reach(place_of4(ntohl(v4->sin_addr.s_addr)), reach);
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
        return may_reach(place_of6(v6->sin6_addr.s6_addr), reach);
    }
    return false;
}

/* ---- URLs ------------------------------------------------------------------------------------ */

/* Where a host that is written as an address lies; names are looked at when they are resolved, but
 * for the machine's own. */
static enum place place_of_host(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    char inside[64];
    size_t len = strlen(host);
    if (strcasecmp(host, "localhost") == 0)
        return PLACE_MACHINE;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return place_of4(ntohl(v4.s_addr));
    if (host[0] != '[' || len < 3 || len - 2 >= sizeof inside)
        return PLACE_PUBLIC;
    memcpy(inside, host + 1, len - 2);
    inside[len - 2] = '\0';
    return inet_pton(AF_INET6, inside, &v6) == 1 ? place_of6(v6.s6_addr) : PLACE_NOWHERE;
}

static const char *wrong_host(const char *scheme, const char *host, enum webhook_reach reach)
{
    enum place place = place_of_host(host);
    if (!may_reach(place, reach))
        return reach == WEBHOOK_REACH_PRIVATE
                   ? "a host that can be reached: no link-local, multicast or reserved address"
                   : "a public host (BILLOW_WEBHOOK_REACH=private allows private networks)";
    if (strcmp(scheme, "https") == 0 || place == PLACE_MACHINE || reach == WEBHOOK_REACH_PRIVATE)
        return NULL;
    return "https://…; http:// goes to the machine itself alone (BILLOW_WEBHOOK_REACH=private "
           "allows it everywhere)";
}

static const char *wrong_parts(CURLU *url, enum webhook_reach reach)
{
    char *scheme = NULL;
    char *host = NULL;
    char *user = NULL;
    const char *wrong = "https://HOST/… or http://HOST/…";
    bool has_user = curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK;
    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0))
        wrong = has_user ? "an address without user and password: messages are signed"
                         : wrong_host(scheme, host, reach);
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    return wrong;
}

const char *webhook_target_wrong(struct str url, enum webhook_reach reach)
{
    char text[WEBHOOK_URL_MAX + 1];
    if (url.len == 0 || url.len > WEBHOOK_URL_MAX || memchr(url.ptr, '\0', url.len) != NULL)
        return "an address of up to 2000 bytes";
    memcpy(text, url.ptr, url.len);
    text[url.len] = '\0';
    CURLU *parts = curl_url();
    const char *wrong = "https://HOST/…";
    if (parts != NULL && curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK)
        wrong = wrong_parts(parts, reach);
    curl_url_cleanup(parts);
    return wrong;
}
