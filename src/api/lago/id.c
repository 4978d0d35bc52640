#include "api/lago/lago.h"
#include "base/assert.h"

#include <stdio.h>

#define KEY_BYTES 64

void lago_write_id(struct json_writer *w, struct uuid id)
{
    json_uuid(w, "lago_id", id);
}

void lago_write_ref(struct json_writer *w, const char *noun, struct uuid id)
{
    char key[KEY_BYTES];
    int len = snprintf(key, sizeof key, "lago_%s_id", noun);
    ASSERT(len > 0 && (size_t)len < sizeof key);
    json_uuid(w, key, id);
}
