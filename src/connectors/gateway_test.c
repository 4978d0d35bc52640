/* gateway_test.c - where an address leads, as a Content-Security-Policy means it. */
#include "tests/test.h"

#include "connectors/gateway.h"

TEST(gateway_origin)
{
    // clang-format off
    static const struct { const char *name; const char *want; } cases[] = {
        {"http://localhost:9090/pay/cs_1", "http://localhost:9090"},
        {"https://pay.example", "https://pay.example"},
        {"https://pay.example?x=1", "https://pay.example"},
        {"https://[::1]:8443/", "https://[::1]:8443"},
        {"https://pay.example.evil/", "https://pay.example.evil"},
        {"https://pay.example@evil.example/", NULL}, {"ftp://pay.example/", NULL}, {"https://", NULL}, {"pay.example", NULL},
        {"https://pay.example; script-src *", NULL}, {"javascript:alert(1)", NULL}, {"", NULL},
    };
    // clang-format on
    EACH(c, cases) {
        char origin[GATEWAY_ADDRESS_BYTES];
        CHECK_INT(gateway_origin_of(str_of(c->name), origin), c->want != NULL);
        if (c->want != NULL)
            CHECK_STR(str_of(origin), c->want);
    }
}

TEST(gateway_address_lies_under_its_origin)
{
    CHECK_INT(gateway_url_is_under(STR("https://pay.example/x"), "https://pay.example"), true);
    CHECK_INT(gateway_url_is_under(STR("https://pay.example.evil/x"), "https://pay.example"),
              false);
    CHECK_INT(gateway_url_is_under(STR("http://pay.example/x"), "https://pay.example"), false);
    CHECK_INT(gateway_url_is_under(STR("/x"), "https://pay.example"), false);
}
