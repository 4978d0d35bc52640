#include "base/gunzip.h"

#include "base/assert.h"

#include <limits.h>
#include <stdlib.h>
#define ZLIB_CONST /* next_in is not written to */
#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* the largest window, gzip's header */

struct gunzip {
    z_stream stream;
    bool is_fresh;  /* nothing of the next member has come */
    bool is_ended;  /* at least one member is complete */
    bool is_broken; /* sticky */
};

struct gunzip *gunzip_new(void)
{
    struct gunzip *gunzip = calloc(1, sizeof *gunzip);
    ASSERT(gunzip != NULL);
    int state = inflateInit2(&gunzip->stream, GZIP_WINDOW);
    ASSERT(state == Z_OK);
    gunzip->is_fresh = true;
    return gunzip;
}

void gunzip_free(struct gunzip *gunzip)
{
    if (gunzip == NULL)
        return;
    inflateEnd(&gunzip->stream);
    free(gunzip);
}

/* One call of the library; false when it found damage. */
static bool step(struct gunzip *gunzip, struct str *packed, char *out, size_t room, size_t *made)
{
    z_stream *z = &gunzip->stream;
    if (gunzip->is_fresh)
        inflateReset(z);
    gunzip->is_fresh = false;
    size_t offered = packed->len < UINT_MAX ? packed->len : UINT_MAX;
    size_t wanted = room < UINT_MAX ? room : UINT_MAX;
    z->next_in = (const unsigned char *)packed->ptr;
    z->avail_in = (unsigned)offered;
    z->next_out = (unsigned char *)out;
    z->avail_out = (unsigned)wanted;
    int state = inflate(z, Z_NO_FLUSH);
    *packed = str_slice(*packed, offered - z->avail_in, packed->len);
    *made = wanted - z->avail_out;
    if (state == Z_STREAM_END) {
        gunzip->is_fresh = true;
        gunzip->is_ended = true;
    }
    return state == Z_OK || state == Z_STREAM_END || state == Z_BUF_ERROR;
}

bool gunzip_feed(struct gunzip *gunzip, struct str *packed, char *out, size_t room, size_t *made)
{
    *made = 0;
    while (!gunzip->is_broken && *made < room) {
        size_t added = 0;
        if (packed->len == 0 && gunzip->is_fresh)
            break;
        size_t before = packed->len;
        gunzip->is_broken = !step(gunzip, packed, out + *made, room - *made, &added);
        *made += added;
        if (added == 0 && packed->len == before)
            break; /* it wants more input */
    }
    return !gunzip->is_broken;
}

bool gunzip_is_complete(const struct gunzip *gunzip)
{
    return gunzip->is_ended && gunzip->is_fresh && !gunzip->is_broken;
}
