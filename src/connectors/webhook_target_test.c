/* webhook_target_test.c - where messages may be sent.  Addresses: IANA's registries of
 * special-purpose addresses (RFC 6890 and its updates). */
#include "tests/test.h"

#include "connectors/webhook_target.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static bool reaches(const char *text, enum webhook_reach reach)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return webhook_target_may_reach((const struct sockaddr *)&v4, reach);
    REQUIRE(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
    return webhook_target_may_reach((const struct sockaddr *)&v6, reach);
}

TEST(webhook_target_addresses)
{
    // clang-format off
    static const struct { const char *name; bool machine, public, private; } cases[] = {
        {"8.8.8.8",            true,  true,  true},
        {"1.1.1.1",            true,  true,  true},
        {"127.0.0.1",          true,  false, true},
        {"127.255.255.254",    true,  false, true},
        {"10.0.0.1",           false, false, true},
        {"10.255.255.255",     false, false, true},
        {"11.0.0.0",           true,  true,  true},
        {"172.15.255.255",     true,  true,  true},
        {"172.16.0.1",         false, false, true},
        {"172.31.255.255",     false, false, true},
        {"172.32.0.0",         true,  true,  true},
        {"192.168.1.1",        false, false, true},
        {"192.169.0.1",        true,  true,  true},
        {"100.64.0.1",         false, false, true},
        {"100.128.0.1",        true,  true,  true},
        {"169.254.169.254",    false, false, false}, /* metadata of clouds */
        {"0.0.0.0",            false, false, false},
        {"224.0.0.1",          false, false, false},
        {"255.255.255.255",    false, false, false},
        {"192.0.2.1",          false, false, false},
        {"::1",                true,  false, true},
        {"::",                 false, false, false},
        {"2606:4700:4700::1111", true, true, true},
        {"fd00::1",            false, false, true},
        {"fe80::1",            false, false, false},
        {"fd00:ec2::254",      false, false, true},
        {"ff02::1",            false, false, false},
        {"::ffff:127.0.0.1",   true,  false, true},
        {"::ffff:10.0.0.1",    false, false, true},
        {"::ffff:169.254.169.254", false, false, false},
        {"64:ff9b::a00:1",     false, false, true},  /* 10.0.0.1 */
        {"2002:a00:1::",       false, false, true},  /* 10.0.0.1 */
        {"2002:a9fe:a9fe::1",  false, false, false},
    };
    // clang-format on
    EACH(c, cases) {
        CHECK_INT(reaches(c->name, WEBHOOK_REACH_MACHINE), c->machine);
        CHECK_INT(reaches(c->name, WEBHOOK_REACH_PUBLIC), c->public);
        CHECK_INT(reaches(c->name, WEBHOOK_REACH_PRIVATE), c->private);
    }
}

TEST(webhook_target_urls)
{
    // clang-format off
    static const struct { const char *name; bool machine, public, private; } cases[] = {
        {"https://hooks.example/x",      true,  true,  true},
        {"https://hooks.example:8443",   true,  true,  true},
        {"https://hooks.example/x?a=b",  true,  true,  true},
        {"HTTPS://hooks.example/",       true,  true,  true},
        {"http://hooks.example/x",       false, false, true},
        {"http://localhost:3000/x",      true,  false, true},
        {"http://127.0.0.1/x",           true,  false, true},
        {"http://2130706433/",           true,  false, true},  /* 127.0.0.1 as one number */
        {"https://0x7f.1/",              true,  false, true},  /* 127.0.0.1 again */
        {"http://[::1]:80/",             true,  false, true},
        {"https://10.0.0.1/",            false, false, true},
        {"https://169.254.169.254/",     false, false, false},
        {"https://[fe80::1]/",           false, false, false},
        {"https://user:word@hooks.example/", false, false, false},
        {"https://user@hooks.example/",  false, false, false},
        {"ftp://hooks.example/",         false, false, false},
        {"file:///etc/passwd",           false, false, false},
        {"gopher://127.0.0.1:25/x",      false, false, false},
        {"https://",                     false, false, false},
        {"hooks.example",                false, false, false},
        {"/x",                           false, false, false},
        {"",                             false, false, false},
    };
    // clang-format on
    EACH(c, cases) {
        struct str url = str_of(c->name);
        bool machine = webhook_target_wrong(url, WEBHOOK_REACH_MACHINE) == NULL;
        bool public = webhook_target_wrong(url, WEBHOOK_REACH_PUBLIC) == NULL;
        bool private = webhook_target_wrong(url, WEBHOOK_REACH_PRIVATE) == NULL;
        CHECK_INT(machine, c->machine);
        CHECK_INT(public, c->public);
        CHECK_INT(private, c->private);
    }
}

TEST(webhook_target_long)
{
    char text[WEBHOOK_URL_MAX + 2] = "https://hooks.example/";
    memset(text + strlen(text), 'a', WEBHOOK_URL_MAX + 1 - strlen(text));
    CHECK(webhook_target_wrong((struct str){text, WEBHOOK_URL_MAX}, WEBHOOK_REACH_PUBLIC) == NULL);
    CHECK(webhook_target_wrong((struct str){text, WEBHOOK_URL_MAX + 1}, WEBHOOK_REACH_PUBLIC) !=
          NULL);
}
