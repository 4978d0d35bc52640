#include "base/input.h"

#include "base/assert.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define PACKED_BYTES 65536

struct input {
    int file;         /* -1: memory */
    struct str bytes; /* what is left of memory */
    unsigned char packed[PACKED_BYTES];
    size_t start, end; /* of what is read and not used */
    bool source_ended;
    bool begun;   /* the first bytes have been looked at */
    bool is_gzip;
    bool in_member; /* between a gzip member's start and its end */
    z_stream zip;
    const char *code;
    crypto_hash_sha256_state hash;
};

static struct input *input_new(void)
{
    struct input *input = calloc(1, sizeof *input);
    if (input == NULL)
        abort(); /* out of memory ends the process, see base/arena.h */
    input->file = -1;
    crypto_hash_sha256_init(&input->hash);
    return input;
}

enum err input_open(struct str path, struct fault *fault, struct input **input)
{
    int file = STDIN_FILENO;
    if (!str_eq(path, STR("-")))
        file = open(arena_cstr(fault->arena, path), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return fault_set(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%.*s: %s",
                         STR_ARG(path), errno == ENOENT ? "no such file" : strerror(errno));
    *input = input_new();
    (*input)->file = file;
    return ERR_NONE;
}

struct input *input_of(struct str bytes)
{
    struct input *input = input_new();
    input->bytes = bytes;
    return input;
}

void input_close(struct input *input)
{
    if (input == NULL)
        return;
    if (input->file > STDIN_FILENO)
        close(input->file);
    if (input->is_gzip)
        inflateEnd(&input->zip);
    free(input);
}

/* Makes sure that something is in `packed`, unless the source has ended. */
static enum err fill(struct input *input, struct fault *fault)
{
    if (input->start < input->end || input->source_ended)
        return ERR_NONE;
    input->start = input->end = 0;
    if (input->file < 0) {
        size_t len = input->bytes.len < PACKED_BYTES ? input->bytes.len : PACKED_BYTES;
        if (len > 0)
            memcpy(input->packed, input->bytes.ptr, len);
        input->bytes = str_slice(input->bytes, len, input->bytes.len);
        input->end = len;
    } else {
        ssize_t len = 0;
        do {
            len = read(input->file, input->packed, PACKED_BYTES);
        } while (len < 0 && errno == EINTR);
        if (len < 0)
            return fault_set(fault, ERR_IO, "reading failed: %s", strerror(errno));
        input->end = (size_t)len;
    }
    input->source_ended = input->end == 0;
    return ERR_NONE;
}

/* Looks at the first two bytes. */
static enum err begin(struct input *input, struct fault *fault)
{
    TRY(fill(input, fault));
    if (input->end - input->start == 1 && input->file >= 0) { /* a pipe may give one byte first */
        ssize_t more = read(input->file, input->packed + input->end, 1);
        input->end += more > 0 ? 1 : 0;
    }
    input->begun = true;
    input->is_gzip = input->end - input->start >= 2 && input->packed[input->start] == 0x1f &&
                     input->packed[input->start + 1] == 0x8b;
    if (input->is_gzip && inflateInit2(&input->zip, 16 + MAX_WBITS) != Z_OK)
        abort();
    input->in_member = input->is_gzip;
    return ERR_NONE;
}

static enum err damaged(struct input *input, const char *code, struct fault *fault)
{
    input->code = code;
    return fault_set(fault, ERR_MALFORMED, "%s",
                     strcmp(code, "truncated_gzip") == 0 ? "the compressed file ends too early"
                                                         : "the compressed file is damaged");
}

static enum err unpack(struct input *input, char *bytes, size_t size, size_t *len,
                       struct fault *fault)
{
    input->zip.next_out = (unsigned char *)bytes;
    input->zip.avail_out = (unsigned)size;
    while (input->zip.avail_out == size) {
        TRY(fill(input, fault));
        if (input->source_ended && !input->in_member)
            break;
        if (input->source_ended)
            return damaged(input, "truncated_gzip", fault);
        if (!input->in_member) { /* another member follows */
            inflateReset(&input->zip);
            input->in_member = true;
        }
        input->zip.next_in = input->packed + input->start;
        input->zip.avail_in = (unsigned)(input->end - input->start);
        int code = inflate(&input->zip, Z_NO_FLUSH);
        input->start = input->end - input->zip.avail_in;
        if (code == Z_STREAM_END)
            input->in_member = false;
        else if (code != Z_OK && code != Z_BUF_ERROR)
            return damaged(input, "bad_gzip", fault);
    }
    *len = size - input->zip.avail_out;
    return ERR_NONE;
}

enum err input_read(struct input *input, char *bytes, size_t size, size_t *len,
                    struct fault *fault)
{
    ASSERT(size > 0 && size <= UINT32_MAX);
    if (!input->begun)
        TRY(begin(input, fault));
    if (input->is_gzip) {
        TRY(unpack(input, bytes, size, len, fault));
    } else {
        TRY(fill(input, fault));
        *len = input->end - input->start < size ? input->end - input->start : size;
        memcpy(bytes, input->packed + input->start, *len);
        input->start += *len;
    }
    crypto_hash_sha256_update(&input->hash, (const unsigned char *)bytes, *len);
    return ERR_NONE;
}

const char *input_code(const struct input *input)
{
    return input->code;
}

void input_sha256(struct input *input, unsigned char digest[32])
{
    crypto_hash_sha256_state copy = input->hash;
    crypto_hash_sha256_final(&copy, digest);
}
