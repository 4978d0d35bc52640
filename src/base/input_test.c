#include "tests/test.h"

#include "base/buf.h"
#include "base/input.h"

/* gzip of "abc" twice, made with: printf abc | gzip -n */
#define MEMBER \
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\x4c\x4a\x06\x00\xc2\x41\x24\x35\x03\x00\x00\x00"

static enum err read_all(struct arena *arena, struct str content, struct str *text,
                         struct str *digest)
{
    struct fault fault;
    struct buf all;
    struct buf hex;
    unsigned char hash[32];
    struct str part = STR("");
    enum err err = ERR_NONE;
    arena_init(arena);
    fault_init(&fault, arena);
    buf_init(&all, arena, 1 << 20);
    buf_init(&hex, arena, 100);
    struct input *input = input_of(content, &fault);
    do {
        err = input_next(input, &part);
        buf_add(&all, part);
    } while (err == ERR_NONE && part.len > 0);
    if (err == ERR_NONE) {
        input_sha256(input, hash);
        buf_hex(&hex, hash, sizeof hash);
        *text = buf_str(&all);
        *digest = buf_str(&hex);
    }
    input_close(input);
    return err;
}

/* Digests by sha256sum. */
TEST(input_reads_plain_and_gzip)
{
    // clang-format off
    static const struct { const char *name; struct str content; const char *text, *digest; } cases[] = {
        {"plain",       {"abc", 3}, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"empty",       {"", 0}, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"gzip",        {MEMBER, sizeof MEMBER - 1}, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"two members", {MEMBER MEMBER, 2 * (sizeof MEMBER - 1)}, "abcabc", "bbb59da3af939f7af5f360f2ceb80a496e3bae1cd87dde426db0ae40677e1c2c"},
    };
    // clang-format on
    EACH(c, cases) {
        struct arena arena;
        struct str text = STR("");
        struct str digest = STR("");
        REQUIRE(read_all(&arena, c->content, &text, &digest) == ERR_NONE);
        CHECK(str_eq(text, str_of(c->text)) || text.len == strlen(c->text));
        CHECK_STR(digest, c->digest);
        arena_clear(&arena);
    }
}

TEST(input_refuses_damaged_gzip)
{
    static char damaged[] = MEMBER;
    struct arena arena;
    struct str text;
    struct str digest;
    for (size_t len = 3; len < sizeof MEMBER - 1; len++) {
        CHECK_INT(read_all(&arena, (struct str){MEMBER, len}, &text, &digest), ERR_MALFORMED);
        arena_clear(&arena);
    }
    damaged[sizeof MEMBER - 8] ^= 1; /* its checksum */
    CHECK_INT(read_all(&arena, (struct str){damaged, sizeof MEMBER - 1}, &text, &digest),
              ERR_MALFORMED);
    arena_clear(&arena);
    CHECK_INT(read_all(&arena, (struct str){MEMBER "x", sizeof MEMBER}, &text, &digest),
              ERR_MALFORMED);
    arena_clear(&arena);
}
