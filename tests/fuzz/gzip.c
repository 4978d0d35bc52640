/* gzip.c - unpacking on the way gives what zlib gives in one go; what was packed comes back; what
 * was damaged is an error or the same bytes, never others. */
#include "base/fault.h"
#include "base/input.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <zlib.h>

#define CONTENT_MAX ((size_t)256 << 10) /* a bomb is cut off here by both */

/* All that comes, or the error. */
static enum err read_all(struct arena *arena, struct str bytes, struct str *content)
{
    struct fault fault;
    struct str part = STR_NULL;
    fault_init(&fault, arena);
    struct input *input = input_of(bytes, &fault);
    char *out = arena_alloc(arena, CONTENT_MAX);
    size_t len = 0;
    enum err err = input_next(input, &part);
    while (err == ERR_NONE && part.len > 0 && len + part.len <= CONTENT_MAX) {
        memcpy(out + len, part.ptr, part.len);
        len += part.len;
        err = input_next(input, &part);
    }
    FUZZ_CHECK((err == ERR_NONE) == (fault.err == ERR_NONE));
    input_close(input);
    *content = (struct str){out, len};
    return err;
}

/* The same by zlib: members one behind the other, nothing else.  false: damaged; *is_cut: a bomb.
 */
static bool unpacked(struct arena *arena, struct str bytes, struct str *content, bool *is_cut)
{
    unsigned char *out = arena_alloc(arena, CONTENT_MAX);
    size_t len = 0;
    size_t at = 0;
    do {
        z_stream stream = {0};
        FUZZ_CHECK(inflateInit2(&stream, 15 + 16) == Z_OK);
        stream.next_in = (unsigned char *)(uintptr_t)(bytes.ptr + at);
        stream.avail_in = (unsigned)(bytes.len - at);
        stream.next_out = out + len;
        stream.avail_out = (unsigned)(CONTENT_MAX - len);
        int result = inflate(&stream, Z_FINISH);
        at = bytes.len - stream.avail_in;
        len = CONTENT_MAX - stream.avail_out;
        *is_cut = stream.avail_out == 0;
        inflateEnd(&stream);
        if (result != Z_STREAM_END || *is_cut)
            return false;
    } while (at < bytes.len);
    *content = (struct str){(const char *)out, len};
    return true;
}

static struct str packed(struct arena *arena, struct str content)
{
    z_stream stream = {0};
    FUZZ_CHECK(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    size_t room = deflateBound(&stream, content.len) + 32;
    unsigned char *out = arena_alloc(arena, room);
    stream.next_in = (unsigned char *)(uintptr_t)content.ptr;
    stream.avail_in = (unsigned)content.len;
    stream.next_out = out;
    stream.avail_out = (unsigned)room;
    FUZZ_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    size_t len = room - stream.avail_out;
    deflateEnd(&stream);
    return (struct str){(const char *)out, len};
}

static bool same(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Any bytes. */
static void as_it_is(struct arena *arena, struct str input)
{
    struct str got = STR_NULL;
    struct str want = STR_NULL;
    bool is_cut = false;
    enum err err = read_all(arena, input, &got);
    bool is_gzip = str_starts(input, STR("\x1f\x8b"));
    if (!is_gzip) {
        FUZZ_CHECK(err == ERR_NONE && same(got, input));
    } else if (unpacked(arena, input, &want, &is_cut)) {
        FUZZ_CHECK(err == ERR_NONE && same(got, want));
    } else {
        FUZZ_CHECK(is_cut || err == ERR_MALFORMED);
    }
}

/* Two members, and then one byte of them changed. */
static void there_and_back(struct arena *arena, struct str input)
{
    size_t cut = fuzz_choice(&input, 64) * input.len / 64;
    size_t place = fuzz_choice(&input, 256) * 256 + fuzz_choice(&input, 256);
    unsigned bit = fuzz_choice(&input, 8);
    struct str first = packed(arena, str_slice(input, 0, cut));
    struct str second = packed(arena, str_slice(input, cut, input.len));
    size_t len = first.len + second.len;
    char *both = arena_alloc(arena, len);
    struct str got = STR_NULL;
    memcpy(both, first.ptr, first.len);
    memcpy(both + first.len, second.ptr, second.len);
    FUZZ_CHECK(read_all(arena, (struct str){both, len}, &got) == ERR_NONE);
    FUZZ_CHECK(same(got, input));
    size_t at = 2 + place % (len - 2); /* the magic bytes stay */
    both[at] = (char)(both[at] ^ (char)(1u << bit));
    enum err err = read_all(arena, (struct str){both, len}, &got);
    FUZZ_CHECK(err == ERR_MALFORMED || same(got, input));
    /* Cut off anywhere but between the members it is an error. */
    size_t end = 2 + place % (len - 2);
    both[at] = (char)(both[at] ^ (char)(1u << bit));
    err = read_all(arena, (struct str){both, end}, &got);
    FUZZ_CHECK(err == ERR_MALFORMED || end == first.len);
}

void fuzz_one(struct arena *arena, struct str input)
{
    if (fuzz_choice(&input, 2) == 0)
        as_it_is(arena, input);
    else
        there_and_back(arena, input);
}
