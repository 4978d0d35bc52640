#include "mail/message.h"

#include "mail/letter.h"
#include "tests/test.h"

static struct arena arena;
static struct fault fault;

static void begin(void)
{
    arena_init(&arena);
    fault_init(&fault, &arena);
}

TEST(message_addresses_are_refused_unless_plain)
{
    static const struct {
        const char *name;
        bool is_valid;
    } cases[] = {
        {"a@b.example", true},
        {"o'hara+x=y@mail.b-c.example", true},
        {"a@localhost", true},
        {"", false},
        {"a", false},
        {"@b.example", false},
        {"a@", false},
        {"a@b@c.example", false},
        {"a@.example", false},
        {"a@-b.example", false},
        {"a@b.example.", false},
        {"a b@c.example", false},
        {"a@b.example\r\nBcc: x@y.example", false},
        {"a@b.example\nX: y", false},
        {"<a@b.example>", false},
        {"a@b.example,c@d.example", false},
        {"a@b.example;c@d.example", false},
        {"\"a\"@b.example", false},
        {"\xc3\xbc@b.example", false}, /* would need SMTPUTF8 */
        {"a@b.example\x7f", false},
    };
    EACH(c, cases) {
        CHECK(message_address_is_valid(str_of(c->name)) == c->is_valid);
    }
    char longest[ADDRESS_BYTES_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[10] = '@';
    CHECK(message_address_is_valid((struct str){longest, ADDRESS_BYTES_MAX}));
    CHECK(!message_address_is_valid((struct str){longest, ADDRESS_BYTES_MAX + 1}));
    CHECK(!message_address_is_valid(STR_NULL));
}

TEST(message_senders_are_read)
{
    static const struct {
        const char *name, *display, *address;
    } cases[] = {
        {"a@b.example", NULL, "a@b.example"},
        {" Acme Billing <a@b.example> ", "Acme Billing", "a@b.example"},
        {"\"Acme, Inc.\" <a@b.example>", "Acme, Inc.", "a@b.example"},
        {"<a@b.example>", NULL, "a@b.example"},
        {"Acme", NULL, NULL},
        {"Acme <a@b.example", NULL, NULL},
        {"Acme <a@b.example> x", NULL, NULL},
        {"", NULL, NULL},
    };
    begin();
    EACH(c, cases) {
        struct message_party party;
        fault_reset(&fault);
        enum err err = message_party_parse(str_of(c->name), &arena, &fault, &party);
        CHECK((err == ERR_NONE) == (c->address != NULL));
        if (err != ERR_NONE || c->address == NULL)
            continue;
        CHECK(str_eq(party.name, str_of(c->display)));
        CHECK_STR(party.address, c->address);
    }
    arena_clear(&arena);
}

static struct message hostile(void)
{
    return (struct message){
        .id = {.bytes = {1, 2, 3}},
        .date_at = INT64_C(1767225600000000), /* 2026-01-01 */
        .from = {STR("Acme\r\nBcc: a@evil.example"), STR("billing@acme.example")},
        .to = {STR("\"Bobby\" <b@evil.example>,\n c@evil.example"), STR("bob@example.com")},
        .reply_to = STR_NULL,
        .subject = STR("Hi\r\n\r\n<script>\xe2\x80\xa8X-Evil: 1"),
        .language = STR("en\r\nX-Evil: 1"),
        .text = STR("text\n.\n"),
        .html = STR("<p>text</p>"),
        .file_name = STR("a\r\nX-Evil: 1\".pdf"),
        .file_bytes = STR("%PDF-"),
        .file_type = "application/pdf",
    };
}

static bool has(struct str text, const char *part)
{
    struct str wanted = str_of(part);
    for (size_t i = 0; i + wanted.len <= text.len; i++) {
        if (memcmp(text.ptr + i, wanted.ptr, wanted.len) == 0)
            return true;
    }
    return false;
}

/* No line of the message begins with what was smuggled; tests/cli/mail.py parses the rest. */
TEST(message_headers_cannot_be_smuggled_in)
{
    struct buf out;
    struct message message = hostile();
    begin();
    buf_init(&out, &arena, MESSAGE_BYTES_MAX);
    REQUIRE(message_write(&message, &arena, &fault, &out) == ERR_NONE);
    struct str text = buf_str(&out);
    CHECK(!has(text, "\nBcc:"));
    CHECK(!has(text, "\nX-Evil"));
    CHECK(!has(text, "\n c@evil"));
    CHECK(has(text, "\r\nTo: "));
    CHECK(has(text, "Message-Id: <01020300-0000-0000-0000-000000000000@acme.example>\r\n") ||
          has(text, "Message-ID: <01020300-0000-0000-0000-000000000000@acme.example>\r\n"));
    for (size_t i = 0; i < text.len; i++)
        CHECK(text.ptr[i] != '\n' || (i > 0 && text.ptr[i - 1] == '\r'));
    arena_clear(&arena);
}

TEST(message_bytes_are_the_same_each_time)
{
    struct buf first;
    struct buf second;
    struct message message = hostile();
    begin();
    buf_init(&first, &arena, MESSAGE_BYTES_MAX);
    buf_init(&second, &arena, MESSAGE_BYTES_MAX);
    REQUIRE(message_write(&message, &arena, &fault, &first) == ERR_NONE);
    REQUIRE(message_write(&message, &arena, &fault, &second) == ERR_NONE);
    CHECK(str_eq(buf_str(&first), buf_str(&second)));
    arena_clear(&arena);
}

TEST(message_with_a_bad_address_is_not_written)
{
    struct buf out;
    struct message message = hostile();
    begin();
    buf_init(&out, &arena, MESSAGE_BYTES_MAX);
    message.to.address = STR("bob@example.com\r\nRCPT TO:<x@y.example>");
    CHECK(message_write(&message, &arena, &fault, &out) == ERR_INVALID);
    CHECK_INT((int64_t)out.len, 0);
    arena_clear(&arena);
}

TEST(letter_is_escaped_in_html_and_one_line_each_in_text)
{
    const struct letter_paragraph paragraphs[] = {{STR("Hello <b>\"Bob\" & \xd8\xb9\r\nX,")}};
    const struct letter_fact facts[] = {{STR("Total"), STR("<1>")}};
    const struct letter letter = {
        .language = STR("ar"),
        .direction = STR("rtl"),
        .sender = STR("A&B"),
        .title = STR("T"),
        .paragraphs = paragraphs,
        .paragraph_count = 1,
        .facts = facts,
        .fact_count = 1,
        .action = STR("Go"),
        .action_url = STR("javascript:alert(1)"),
        .footer = STR("F"),
    };
    begin();
    struct str html = letter_html(&letter, &arena);
    CHECK(has(html, "dir=\"rtl\""));
    CHECK(has(html, "Hello &lt;b&gt;"));
    CHECK(has(html, "&lt;1&gt;"));
    CHECK(!has(html, "<b>"));
    CHECK(!has(html, "javascript:"));
    struct str text = letter_text(&letter, &arena);
    CHECK(has(text, "Hello <b>\"Bob\" & \xd8\xb9  X,\n"));
    CHECK(has(text, "Total: <1>\n"));
    arena_clear(&arena);
}
