#include "connectors/webhook_sign.h"

#include "base/assert.h"
#include "base/buf.h"
#include "base/sign.h"

#include <sodium.h>
#include <string.h>

#define SECRET_PREFIX "whsec_"

void webhook_hmac(struct str key, const struct str *parts, size_t count,
                  unsigned char digest[WEBHOOK_DIGEST_BYTES])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.ptr, key.len);
    for (size_t i = 0; i < count; i++)
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)parts[i].ptr, parts[i].len);
    crypto_auth_hmacsha256_final(&state, digest);
    sodium_memzero(&state, sizeof state);
}

bool webhook_is_hex_of(struct str text, const unsigned char digest[WEBHOOK_DIGEST_BYTES])
{
    unsigned char bytes[WEBHOOK_DIGEST_BYTES];
    return sign_parse_hex(text, bytes, sizeof bytes) &&
           sodium_memcmp(bytes, digest, sizeof bytes) == 0;
}

static bool base64_read(struct str text, unsigned char *bytes, size_t max, size_t *len)
{
    return sodium_base642bin(bytes, max, text.ptr, text.len, NULL, len, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0;
}

bool webhook_is_base64_of(struct str text, const unsigned char digest[WEBHOOK_DIGEST_BYTES])
{
    unsigned char bytes[WEBHOOK_DIGEST_BYTES];
    size_t len = 0;
    return base64_read(text, bytes, sizeof bytes, &len) && len == sizeof bytes &&
           sodium_memcmp(bytes, digest, sizeof bytes) == 0;
}

bool webhook_key_parse(struct str text, struct webhook_key *key)
{
    struct str prefix = STR(SECRET_PREFIX);
    struct webhook_key read = {.len = 0};
    if (!str_starts(text, prefix) ||
        !base64_read(str_slice(text, prefix.len, text.len), read.bytes, sizeof read.bytes,
                     &read.len) ||
        read.len < WEBHOOK_KEY_BYTES_MIN)
        return false;
    *key = read;
    return true;
}

static void digest_of(const struct webhook_key *key, struct str id, struct str timestamp,
                      struct str body, unsigned char digest[WEBHOOK_DIGEST_BYTES])
{
    const struct str parts[] = {id, STR("."), timestamp, STR("."), body};
    webhook_hmac((struct str){(const char *)key->bytes, key->len}, parts, 5, digest);
}

static struct str base64_of(struct arena *arena, const unsigned char bytes[WEBHOOK_DIGEST_BYTES])
{
    char text[sodium_base64_ENCODED_LEN(WEBHOOK_DIGEST_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    sodium_bin2base64(text, sizeof text, bytes, WEBHOOK_DIGEST_BYTES,
                      sodium_base64_VARIANT_ORIGINAL);
    return arena_str(arena, str_of(text));
}

struct str webhook_secret_new(struct arena *arena)
{
    unsigned char bytes[WEBHOOK_DIGEST_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    struct str text = arena_fmt(arena, SECRET_PREFIX "%.*s", STR_ARG(base64_of(arena, bytes)));
    sodium_memzero(bytes, sizeof bytes);
    return text;
}

struct str webhook_sign_body(struct arena *arena, struct str key, struct str body)
{
    unsigned char digest[WEBHOOK_DIGEST_BYTES];
    webhook_hmac(key, &body, 1, digest);
    return base64_of(arena, digest);
}

struct str webhook_sign(struct arena *arena, const struct webhook_key *key, struct str id,
                        int64_t now_s, struct str body)
{
    unsigned char digest[WEBHOOK_DIGEST_BYTES];
    digest_of(key, id, arena_fmt(arena, "%lld", (long long)now_s), body, digest);
    return arena_fmt(arena, WEBHOOK_SIGNATURE_PREFIX "%.*s", STR_ARG(base64_of(arena, digest)));
}

static enum err check_headers(const struct webhook_headers *headers, int64_t now_s,
                              int64_t tolerance_s, struct fault *fault)
{
    int64_t sent_s = 0;
    if (str_is_null(headers->id) || str_is_null(headers->timestamp) ||
        str_is_null(headers->signature))
        return fault_set(fault, ERR_UNAUTHORIZED, "the webhook is not signed");
    if (headers->id.len == 0 || headers->id.len > WEBHOOK_ID_BYTES_MAX ||
        !str_is_text(headers->id) || !str_to_int64(headers->timestamp, &sent_s) || sent_s < 0)
        return fault_set(fault, ERR_UNAUTHORIZED, "the webhook's id or timestamp is malformed");
    if (sent_s < now_s - tolerance_s || sent_s > now_s + tolerance_s)
        return fault_set(fault, ERR_UNAUTHORIZED,
                         "the webhook's timestamp is more than %lld s from now",
                         (long long)tolerance_s);
    return ERR_NONE;
}

enum err webhook_check(const struct webhook_key *key, const struct webhook_headers *headers,
                       struct str body, int64_t now_s, int64_t tolerance_s, struct fault *fault)
{
    unsigned char digest[WEBHOOK_DIGEST_BYTES];
    struct str prefix = STR(WEBHOOK_SIGNATURE_PREFIX);
    struct str rest = headers->signature;
    struct str one;
    bool is_good = false;
    TRY(check_headers(headers, now_s, tolerance_s, fault));
    digest_of(key, headers->id, headers->timestamp, body, digest);
    for (int i = 0; i < WEBHOOK_SIGNATURE_MAX && str_split(&rest, ' ', &one); i++) {
        if (str_starts(one, prefix) &&
            webhook_is_base64_of(str_slice(one, prefix.len, one.len), digest))
            is_good = true;
    }
    return is_good ? ERR_NONE
                   : fault_set(fault, ERR_UNAUTHORIZED, "the webhook's signature is wrong");
}
