#include "base/input.h"

#include "base/assert.h"
#include "base/gunzip.h"
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW_BYTES ((size_t)64 << 10)
#define HEAD_BYTES   3 /* enough to tell gzip, and for a byte order mark */

struct input {
    struct fault *fault;
    int fd; /* -1: memory */
    struct str name;
    struct str memory;  /* what is left of it */
    int64_t size_bytes; /* of the file; -1: not known */
    int64_t read_bytes;
    struct str raw; /* read, but not passed on or unpacked yet */
    bool is_started;
    bool is_ended;
    struct gunzip *gunzip; /* NULL: not packed */
    crypto_hash_sha256_state hash;
    unsigned char raw_bytes[WINDOW_BYTES];
    unsigned char out_bytes[WINDOW_BYTES];
};

static struct input *input_new(struct fault *fault)
{
    struct input *input = calloc(1, sizeof *input);
    ASSERT(input != NULL);
    input->fault = fault;
    input->fd = -1;
    crypto_hash_sha256_init(&input->hash);
    return input;
}

enum err input_open(struct str path, struct fault *fault, struct input **input)
{
    int fd = STDIN_FILENO;
    struct stat about;
    if (!str_eq(path, STR("-"))) {
        fd = open(arena_cstr(fault->arena, path), O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return fault_errno(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, path);
    }
    if (fstat(fd, &about) != 0)
        about = (struct stat){0};
    if (S_ISDIR(about.st_mode)) {
        if (fd != STDIN_FILENO)
            close(fd);
        return fault_set(fault, ERR_IO, "%.*s is a directory, not a file", STR_ARG(path));
    }
    *input = input_new(fault);
    (*input)->fd = fd;
    (*input)->size_bytes = S_ISREG(about.st_mode) ? about.st_size : -1;
    (*input)->name = arena_str(fault->arena, path);
    return ERR_NONE;
}

struct input *input_of(struct str content, struct fault *fault)
{
    struct input *input = input_new(fault);
    input->memory = content;
    input->name = STR("the content");
    input->size_bytes = (int64_t)content.len;
    return input;
}

void input_close(struct input *input)
{
    if (input == NULL)
        return;
    gunzip_free(input->gunzip);
    if (input->fd > STDIN_FILENO)
        close(input->fd);
    free(input);
}

/* Adds to what is in `raw`; *got 0 at the end of the file. */
static enum err read_more(struct input *input, size_t *got)
{
    if (input->raw.len > 0)
        memmove(input->raw_bytes, input->raw.ptr, input->raw.len);
    size_t room = WINDOW_BYTES - input->raw.len;
    unsigned char *to = input->raw_bytes + input->raw.len;
    if (input->fd < 0) {
        *got = input->memory.len < room ? input->memory.len : room;
        if (*got > 0)
            memcpy(to, input->memory.ptr, *got);
        input->memory = str_slice(input->memory, *got, input->memory.len);
    } else {
        ssize_t len;
        do
            len = read(input->fd, to, room);
        while (len < 0 && errno == EINTR);
        if (len < 0)
            return fault_errno(input->fault, ERR_IO, input->name);
        *got = (size_t)len;
    }
    input->read_bytes += (int64_t)*got;
    input->raw = (struct str){(const char *)input->raw_bytes, input->raw.len + *got};
    return ERR_NONE;
}

static enum err start(struct input *input)
{
    size_t got = 1;
    while (got > 0 && input->raw.len < HEAD_BYTES)
        TRY(read_more(input, &got));
    input->is_started = true;
    if (!str_starts(input->raw, STR("\x1f\x8b")))
        return ERR_NONE;
    input->gunzip = gunzip_new();
    return ERR_NONE;
}

static enum err damaged(struct input *input, const char *how)
{
    return fault_set(input->fault, ERR_MALFORMED, "%.*s is a gzip that %s", STR_ARG(input->name),
                     how);
}

/* Unpacks until there is something to show or the file ends. */
static enum err unpack(struct input *input, struct str *part)
{
    size_t made = 0;
    *part = STR("");
    while (made == 0) {
        size_t got = 1;
        if (input->raw.len == 0)
            TRY(read_more(input, &got));
        bool is_good =
            gunzip_feed(input->gunzip, &input->raw, (char *)input->out_bytes, WINDOW_BYTES, &made);
        if (!is_good)
            return damaged(input, "is damaged");
        if (made == 0 && got == 0)
            return gunzip_is_complete(input->gunzip) ? ERR_NONE : damaged(input, "ends too early");
    }
    *part = (struct str){(const char *)input->out_bytes, made};
    return ERR_NONE;
}

enum err input_next(struct input *input, struct str *part)
{
    size_t got = 0;
    *part = STR("");
    if (!input->is_started)
        TRY(start(input));
    if (input->gunzip != NULL) {
        TRY(unpack(input, part));
    } else {
        if (input->raw.len == 0)
            TRY(read_more(input, &got));
        *part = input->raw;
        input->raw = STR("");
    }
    if (part->len == 0)
        input->is_ended = true;
    crypto_hash_sha256_update(&input->hash, (const unsigned char *)part->ptr, part->len);
    return ERR_NONE;
}

void input_progress(const struct input *input, int64_t *done_bytes, int64_t *size_bytes)
{
    *done_bytes = input->read_bytes;
    *size_bytes = input->size_bytes;
}

void input_sha256(struct input *input, unsigned char digest[32])
{
    ASSERT(input->is_ended);
    crypto_hash_sha256_final(&input->hash, digest);
}
