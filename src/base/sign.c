#include "base/sign.h"

#include "base/assert.h"

#include <sodium.h>

void sign_keys(const unsigned char seed[SIGN_SEED_BYTES], unsigned char secret[SIGN_SECRET_BYTES],
               unsigned char public_key[SIGN_PUBLIC_BYTES])
{
    int failed = crypto_sign_seed_keypair(public_key, secret, seed);
    ASSERT(failed == 0);
}

void sign_make(const unsigned char secret[SIGN_SECRET_BYTES], struct str message,
               unsigned char signature[SIGN_BYTES])
{
    int failed = crypto_sign_detached(signature, NULL, (const unsigned char *)message.ptr,
                                      message.len, secret);
    ASSERT(failed == 0);
}

bool sign_is_good(const unsigned char public_key[SIGN_PUBLIC_BYTES], struct str message,
                  const unsigned char signature[SIGN_BYTES])
{
    return crypto_sign_verify_detached(signature, (const unsigned char *)message.ptr, message.len,
                                       public_key) == 0;
}

bool sign_parse_hex(struct str hex, unsigned char *bytes, size_t count)
{
    size_t made = 0;
    return hex.len == 2 * count &&
           sodium_hex2bin(bytes, count, hex.ptr, hex.len, NULL, &made, NULL) == 0 && made == count;
}

void sign_forget(void *bytes, size_t count)
{
    sodium_memzero(bytes, count);
}
