/* test.h - the test harness: cases register themselves, main runs them.
 *
 * A test file includes this once and defines TEST(name) functions; it is its own program.
 *   prog                run everything, end with "N passed, N failed"
 *   prog NAME...        run the tests whose name contains one of the words
 *   prog --list         print the names
 * Random tests draw from test_random(), seeded by SEED in the environment or by the clock; a
 * failure prints the seed.  CHECK notes a failure and goes on; REQUIRE ends the test. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct test {
    const char *name;
    void (*run)(void);
    struct test *next;
};

static struct test *test_first;
static struct test **test_tail = &test_first;
static jmp_buf test_escape;
static int test_failures; /* of the running test */
static uint64_t test_seed;
static uint64_t test_state;
static const char *test_case = ""; /* set by EACH tables that name their rows */

#define TEST(id)                                                      \
    static void test_##id(void);                                      \
    __attribute__((constructor)) static void test_register_##id(void) \
    {                                                                 \
        static struct test entry = {#id, test_##id, NULL};            \
        *test_tail = &entry;                                          \
        test_tail = &entry.next;                                      \
    }                                                                 \
    static void test_##id(void)

// NOLINTBEGIN(bugprone-macro-parentheses): the row is declared by it
/* Goes through a table whose rows begin with `const char *name`. */
#define EACH(row, table)                                                              \
    for (size_t each_i_ = 0; each_i_ < sizeof(table) / sizeof((table)[0]); each_i_++) \
        for (__typeof__(&(table)[0]) row = &(table)[each_i_];                         \
             row != NULL && (test_case = row->name, true); row = NULL)
// NOLINTEND(bugprone-macro-parentheses)

static void test_fail(const char *file, int line, const char *what)
{
    printf("    %s:%d: %s%s%s\n", file, line, test_case, *test_case ? ": " : "", what);
    test_failures++;
}

#define CHECK(condition)                               \
    do {                                               \
        if (!(condition))                              \
            test_fail(__FILE__, __LINE__, #condition); \
    } while (0)

#define REQUIRE(condition)                             \
    do {                                               \
        if (!(condition)) {                            \
            test_fail(__FILE__, __LINE__, #condition); \
            longjmp(test_escape, 1);                   \
        }                                              \
    } while (0)

#define CHECK_INT(got, want)                                                                \
    do {                                                                                    \
        int64_t got_ = (int64_t)(got), want_ = (int64_t)(want);                             \
        if (got_ != want_) {                                                                \
            char text_[256];                                                                \
            snprintf(text_, sizeof text_, "%s is %" PRId64 ", wanted %" PRId64, #got, got_, \
                     want_);                                                                \
            test_fail(__FILE__, __LINE__, text_);                                           \
        }                                                                                   \
    } while (0)

/* got: struct str; want: terminated text */
#define CHECK_STR(got, want)                                                               \
    do {                                                                                   \
        struct str got_ = (got);                                                           \
        const char *want_ = (want);                                                        \
        if (got_.ptr == NULL || strlen(want_) != got_.len ||                               \
            memcmp(got_.ptr, want_, got_.len) != 0) {                                      \
            char text_[1024];                                                              \
            snprintf(text_, sizeof text_, "%s is \"%.*s\", wanted \"%s\"", #got,           \
                     got_.ptr ? (int)got_.len : 6, got_.ptr ? got_.ptr : "(null)", want_); \
            test_fail(__FILE__, __LINE__, text_);                                          \
        }                                                                                  \
    } while (0)

/* BILLOW_TEST_ALL=true: the long form of what is drawn or spread otherwise. */
__attribute__((unused)) static bool test_is_all(void)
{
    const char *all = getenv("BILLOW_TEST_ALL");
    return all != NULL && strcmp(all, "true") == 0;
}

/* A new folder for what lives as long as the test, without a slash at its end: below TMPDIR, or
 * else in memory where there is such a place, since a commit must reach the disk otherwise. */
__attribute__((unused)) static void test_folder(char *path, size_t size)
{
    const char *base = getenv("TMPDIR");
    if (base == NULL || *base == '\0')
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    int length = snprintf(path, size, "%s/billow-test-XXXXXX", base);
    if (length < 0 || (size_t)length >= size || mkdtemp(path) == NULL) {
        printf("no folder for a test in %s\n", base);
        exit(1);
    }
}

/* splitmix64 */
__attribute__((unused)) static uint64_t test_random(void)
{
    uint64_t x = test_state += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* A number in [low, high]. */
__attribute__((unused)) static int64_t test_between(int64_t low, int64_t high)
{
    uint64_t width = (uint64_t)(high - low) + 1;
    return width == 0 ? (int64_t)test_random() : low + (int64_t)(test_random() % width);
}

static bool test_wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strstr(name, argv[i]) != NULL)
            return true;
    }
    return argc < 2;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (struct test *t = test_first; t != NULL; t = t->next)
            printf("%s\n", t->name);
        return 0;
    }
    const char *seed = getenv("SEED");
    test_seed = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    int passed = 0;
    int failed = 0;
    for (struct test *t = test_first; t != NULL; t = t->next) {
        if (!test_wanted(t->name, argc, argv))
            continue;
        test_failures = 0;
        test_case = "";
        test_state = test_seed;
        if (setjmp(test_escape) == 0)
            t->run();
        if (test_failures > 0) {
            failed++;
            printf("not ok %s (SEED=%" PRIu64 ")\n", t->name, test_seed);
        } else {
            passed++;
        }
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0 || passed == 0;
}

#endif
