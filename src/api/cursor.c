/* Cursors that carry what their list is ordered by: a JSON array in hex, which nobody but us needs
 * to understand. */
#include "api/frame.h"

#include "base/assert.h"
#include "base/json_read.h"
#include "base/none.h"
#include "base/sign.h"

#include <string.h>

#define KEY_BYTES_MAX 16384

struct str api_key_text(struct arena *arena, const struct list_key *key)
{
    struct buf json;
    struct buf text;
    struct json_writer out;
    buf_init(&json, arena, KEY_BYTES_MAX);
    json_writer_init(&out, &json);
    json_array(&out, NULL);
    json_int(&out, NULL, key->at);
    json_int(&out, NULL, key->number);
    json_uuid(&out, NULL, key->id);
    for (size_t i = 0; i < LIST_KEY_TEXTS && !str_is_null(key->texts[i]); i++)
        json_str(&out, NULL, key->texts[i]);
    json_array_end(&out);
    ASSERT(buf_ok(&json));
    buf_init(&text, arena, 2 * json.len + 1);
    buf_hex(&text, json.ptr, json.len);
    return buf_str(&text);
}

static bool read_int(struct json_reader *in, int64_t *value)
{
    return json_next(in) == JSON_NUMBER && str_to_int64(in->text, value) && *value != INT_NONE &&
           *value != INT64_MAX;
}

/* What another list's cursor lacks is empty. */
static bool read_texts(struct json_reader *in, struct list_key *key)
{
    enum json_token token;
    size_t count = 0;
    for (size_t i = 0; i < LIST_KEY_TEXTS; i++)
        key->texts[i] = STR("");
    while ((token = json_next(in)) == JSON_STRING && count < LIST_KEY_TEXTS)
        key->texts[count++] = in->text;
    return token == JSON_ARRAY_END;
}

bool api_key_parse(struct arena *arena, struct str text, struct list_key *key)
{
    struct json_reader in;
    size_t len = text.len / 2;
    if (len == 0 || len > KEY_BYTES_MAX)
        return false;
    unsigned char *json = ARENA_ARRAY(arena, len, unsigned char);
    if (!sign_parse_hex(text, json, len))
        return false;
    json_reader_init(&in, arena, (struct str){(const char *)json, len});
    *key = (struct list_key){.is_set = true};
    if (json_next(&in) != JSON_ARRAY_START || !read_int(&in, &key->at) ||
        !read_int(&in, &key->number))
        return false;
    enum json_token token = json_next(&in);
    if (token != JSON_NULL && (token != JSON_STRING || !uuid_parse(in.text, &key->id)))
        return false;
    return read_texts(&in, key) && json_next(&in) == JSON_END;
}
