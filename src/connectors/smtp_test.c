/* What smtp_send does with servers: tests/cli/mail.py, against a real one. */
#include "connectors/smtp.h"

#include "tests/test.h"

static const char *words(const char *text)
{
    return text == NULL ? "none" : text;
}

TEST(smtp_servers_are_read)
{
    static const struct {
        const char *name, *password;
        enum err err;
        const char *address, *user, *sign_in;
        enum smtp_tls tls;
    } cases[] = {
        {"smtp://mail.example", NULL, ERR_NONE, "smtp://mail.example:587", NULL, NULL,
         SMTP_TLS_REQUIRED},
        {"smtps://mail.example", NULL, ERR_NONE, "smtps://mail.example:465", NULL, NULL,
         SMTP_TLS_IMPLICIT},
        {"smtp://a%40b:p%3aq@mail.example:25", NULL, ERR_NONE, "smtp://mail.example:25", "a@b",
         "p:q", SMTP_TLS_REQUIRED},
        {"smtp://a@mail.example", "secret", ERR_NONE, "smtp://mail.example:587", "a", "secret",
         SMTP_TLS_REQUIRED},
        {"smtp://127.0.0.1:2525", NULL, ERR_NONE, "smtp://127.0.0.1:2525", NULL, NULL,
         SMTP_TLS_IF_OFFERED},
        {"smtp://[::1]:2525/", NULL, ERR_NONE, "smtp://[::1]:2525", NULL, NULL,
         SMTP_TLS_IF_OFFERED},
        {"smtp://mail.example?starttls=never", NULL, ERR_NONE, "smtp://mail.example:587", NULL,
         NULL, SMTP_TLS_NEVER},
        {"smtp://localhost?starttls=required", NULL, ERR_NONE, "smtp://localhost:587", NULL, NULL,
         SMTP_TLS_REQUIRED},
        {"http://mail.example", NULL, ERR_INVALID, NULL, NULL, NULL, SMTP_TLS_REQUIRED},
        {"mail.example", NULL, ERR_INVALID, NULL, NULL, NULL, SMTP_TLS_REQUIRED},
        {"smtp://", NULL, ERR_INVALID, NULL, NULL, NULL, SMTP_TLS_REQUIRED},
        {"smtp://mail.example/path", NULL, ERR_INVALID, NULL, NULL, NULL, SMTP_TLS_REQUIRED},
        {"smtp://mail.example?starttls=maybe", NULL, ERR_INVALID, NULL, NULL, NULL,
         SMTP_TLS_REQUIRED},
        {"smtps://mail.example?starttls=never", NULL, ERR_INVALID, NULL, NULL, NULL,
         SMTP_TLS_REQUIRED},
        {"smtp://a@mail.example", NULL, ERR_INVALID, NULL, NULL, NULL, SMTP_TLS_REQUIRED},
        {"smtp://mail.example", "secret", ERR_INVALID, NULL, NULL, NULL, SMTP_TLS_REQUIRED},
        {"smtp://mail.example:99999", NULL, ERR_INVALID, NULL, NULL, NULL, SMTP_TLS_REQUIRED},
    };
    struct arena arena;
    struct fault fault;
    arena_init(&arena);
    fault_init(&fault, &arena);
    EACH(c, cases) {
        struct smtp_server server;
        fault_reset(&fault);
        enum err err = smtp_parse(str_of(c->name), str_of(c->password), &arena, &fault, &server);
        CHECK_INT(err, c->err);
        if (err != ERR_NONE || c->err != ERR_NONE)
            continue;
        CHECK_STR(str_of(server.address), c->address);
        CHECK_STR(str_of(words(server.user)), words(c->user));
        CHECK_STR(str_of(words(server.password)), words(c->sign_in));
        CHECK(server.tls == c->tls);
    }
    arena_clear(&arena);
}

/* The password must not be shown. */
TEST(smtp_refusals_keep_the_password)
{
    struct arena arena;
    struct fault fault;
    struct smtp_server server;
    arena_init(&arena);
    fault_init(&fault, &arena);
    CHECK(smtp_parse(STR("smtp://a:hunter2@mail.example/x"), STR_NULL, &arena, &fault, &server) ==
          ERR_INVALID);
    for (size_t i = 0; i + 7 <= fault.message.len; i++)
        CHECK(memcmp(fault.message.ptr + i, "hunter2", 7) != 0);
    arena_clear(&arena);
}
