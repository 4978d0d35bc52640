#include "base/config.h"

#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const names[] = {"database", "listen", "log-level", NULL};

/* Reads `text` as a file; the fault's words are in *words. */
static enum err read_text(struct arena *arena, const char *text, struct config *config,
                          struct str *words)
{
    struct fault fault;
    char path[] = "/tmp/billow-config-XXXXXX";
    int fd = mkstemp(path);
    REQUIRE(fd >= 0);
    REQUIRE(write(fd, text, str_of(text).len) == (ssize_t)str_of(text).len);
    close(fd);
    fault_init(&fault, arena);
    enum err err = config_read(str_of(path), names, arena, &fault, config);
    unlink(path);
    /* Without the path, which is another one each time. */
    *words =
        str_is_null(fault.message) ? STR_NULL : str_slice(fault.message, sizeof path - 1, SIZE_MAX);
    return err;
}

TEST(config_takes_settings_and_comments)
{
    struct arena arena;
    struct config config;
    struct str words;
    arena_init(&arena);
    CHECK(read_text(&arena,
                    "# all\n\n database = sqlite:a=b.db \r\nlog-level=debug\n  # end\nlisten =",
                    &config, &words) == ERR_NONE);
    CHECK_INT((int64_t)config.count, 3);
    CHECK_STR(config_get(&config, "database"), "sqlite:a=b.db");
    CHECK_STR(config_get(&config, "log-level"), "debug");
    CHECK_STR(config_get(&config, "listen"), "");
    CHECK(str_is_null(config_get(&config, "other")));
    CHECK_STR(str_of(config.settings[1].env), "BILLOW_LOG_LEVEL");
    arena_clear(&arena);
}

TEST(config_says_what_is_wrong_and_where)
{
    // clang-format off
    static const struct { const char *name, *words; } cases[] = {
        {"listen = a\nnonsense\n", ", line 2: \"nonsense\" is no NAME = VALUE"},
        {"lisen = a", ", line 1: lisen is no setting; known are database, listen, log-level"},
        {" = a", ", line 1:  is no setting; known are database, listen, log-level"},
        {"listen=a\nlisten=b", ", line 2: listen stands there twice"},
        {"listen = \xff", ", line 1: no UTF-8 text"},
    };
    // clang-format on
    EACH(c, cases) {
        struct arena arena;
        struct config config;
        struct str words;
        arena_init(&arena);
        CHECK(read_text(&arena, c->name, &config, &words) == ERR_INVALID);
        CHECK_STR(words, c->words);
        arena_clear(&arena);
    }
}

TEST(config_goes_behind_the_environment)
{
    struct arena arena;
    struct config config;
    struct str words;
    arena_init(&arena);
    setenv("BILLOW_LISTEN", "given", 1);
    unsetenv("BILLOW_DATABASE");
    CHECK(read_text(&arena, "listen = file\ndatabase = file\n", &config, &words) == ERR_NONE);
    config_apply(&config);
    CHECK_STR(str_of(getenv("BILLOW_LISTEN")), "given");
    CHECK_STR(str_of(getenv("BILLOW_DATABASE")), "file");
    unsetenv("BILLOW_LISTEN");
    unsetenv("BILLOW_DATABASE");
    arena_clear(&arena);
}
