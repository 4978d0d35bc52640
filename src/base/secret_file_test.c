/* secret_file_test.c - what is read, and each file that is refused. */
#include "tests/test.h"

#include "base/secret_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    struct arena arena;
    struct fault fault;
    char path[64];
};

static void open_folder(struct folder *f)
{
    *f = (struct folder){.path = "/tmp/secret-file-XXXXXX"};
    arena_init(&f->arena);
    fault_init(&f->fault, &f->arena);
    REQUIRE(mkdtemp(f->path) != NULL);
}

static const char *make(struct folder *f, const char *name, const char *content, size_t len,
                        mode_t mode)
{
    const char *path = arena_fmt(&f->arena, "%s/%s", f->path, name).ptr;
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    REQUIRE(file >= 0 && write(file, content, len) == (ssize_t)len && fchmod(file, mode) == 0);
    close(file);
    return path;
}

static enum err got(struct folder *f, const char *path, struct str *secret)
{
    fault_reset(&f->fault);
    *secret = STR_NULL;
    enum err err = secret_file_read(path, &f->arena, &f->fault, secret);
    CHECK((err == ERR_NONE) == !str_is_null(*secret));
    unlink(path);
    return err;
}

TEST(a_secret_is_what_stands_between_white_space)
{
    struct folder f;
    struct str secret;
    open_folder(&f);
    CHECK_INT(got(&f, make(&f, "a", "  pass word\r\n", 13, 0600), &secret), ERR_NONE);
    CHECK_STR(secret, "pass word");
    CHECK_INT(got(&f, make(&f, "a", "x", 1, 0400), &secret), ERR_NONE);
    CHECK_STR(secret, "x");
    rmdir(f.path);
    arena_clear(&f.arena);
}

TEST(what_others_can_see_is_no_secret)
{
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0601, 0610, 0644};
    struct folder f;
    struct str secret;
    open_folder(&f);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        CHECK_INT(got(&f, make(&f, "a", "x", 1, modes[i]), &secret), ERR_INVALID);
        CHECK(str_ends(f.fault.message, arena_fmt(&f.arena, "chmod 600 %s/a", f.path)));
    }
    rmdir(f.path);
    arena_clear(&f.arena);
}

TEST(what_is_no_secret_file_is_refused)
{
    static char large[SECRET_FILE_BYTES_MAX + 1];
    struct folder f;
    struct str secret;
    open_folder(&f);
    memset(large, 'x', sizeof large);
    const char *pipe = arena_fmt(&f.arena, "%s/pipe", f.path).ptr;
    REQUIRE(mkfifo(pipe, 0600) == 0);
    CHECK_INT(got(&f, make(&f, "a", large, sizeof large - 1, 0600), &secret), ERR_NONE);
    CHECK_INT((int64_t)secret.len, SECRET_FILE_BYTES_MAX);
    CHECK_INT(got(&f, make(&f, "a", large, sizeof large, 0600), &secret), ERR_INVALID);
    CHECK_INT(got(&f, make(&f, "a", " \n", 2, 0600), &secret), ERR_INVALID);
    CHECK_INT(got(&f, pipe, &secret), ERR_INVALID); /* and does not wait for its writer */
    CHECK_INT(got(&f, f.path, &secret), ERR_INVALID);
    CHECK_INT(got(&f, "/nowhere/at/all", &secret), ERR_NOT_FOUND);
    rmdir(f.path);
    arena_clear(&f.arena);
}
