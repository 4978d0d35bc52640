#include "base/log.h"

#include "base/json_read.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What one line on standard error becomes. */
static struct str logged(struct arena *arena, const char *key, struct str text, size_t times)
{
    struct log_field fields[9] = {{0}};
    char *got = arena_alloc(arena, 8192);
    FILE *file = tmpfile();
    REQUIRE(file != NULL);
    for (size_t i = 0; i < times; i++)
        fields[i] = (struct log_field){.key = key, .text = text};
    int kept = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    log_write(LOG_ERROR, "message", fields);
    dup2(kept, STDERR_FILENO);
    close(kept);
    ssize_t len = pread(fileno(file), got, 8192, 0);
    fclose(file);
    REQUIRE(len > 0);
    CHECK(got[len - 1] == '\n');
    return (struct str){got, (size_t)len - 1};
}

TEST(log_lines_are_json_whatever_is_in_them)
{
    static char quotes[8192];
    static char controls[8192];
    static char wide[8192];
    static const struct {
        const char *name;
        struct str text;
    } cases[] = {
        {"quotes and line ends", {"a\"b\\c\n}\r\t{", 11}},
        {"no UTF-8", {"\xff\xfe\x80", 3}},
        {"a sequence that is cut", {"x\xe2\x82", 3}},
        {"a surrogate", {"\xed\xa0\x80", 3}},
        {"U+0000", {"a\0b", 3}},
        {"many quotes", {quotes, sizeof quotes}},
        {"many controls", {controls, sizeof controls}},
        {"many long sequences", {wide, sizeof wide}},
        {"empty", {"", 0}},
        {"none", {NULL, 0}},
    };
    memset(quotes, '"', sizeof quotes);
    memset(controls, 1, sizeof controls);
    for (size_t i = 0; i < sizeof wide; i++)
        wide[i] = "\xe2\x82\xac"[i % 3];
    log_configure(LOG_INFO, true);
    EACH(c, cases) {
        for (size_t times = 1; times <= 8; times += 7) {
            struct arena arena;
            struct str error = STR_NULL;
            arena_init(&arena);
            struct str line = logged(&arena, "path", c->text, times);
            CHECK(memchr(line.ptr, '\n', line.len) == NULL);
            CHECK(json_is_valid(&arena, line, &error));
            CHECK(line.len < 4096);
            arena_clear(&arena);
        }
    }
    log_configure(LOG_INFO, false);
}

TEST(log_text_lines_hold_no_control_characters)
{
    struct arena arena;
    arena_init(&arena);
    struct str line = logged(&arena, "path", STR("a\nb\033[2J"), 1);
    for (size_t i = 0; i < line.len; i++)
        CHECK((unsigned char)line.ptr[i] >= 0x20);
    arena_clear(&arena);
}
