/* sign.h - Ed25519 signatures (RFC 8032, libsodium). */
#ifndef BASE_SIGN_H
#define BASE_SIGN_H

#include "base/str.h"

#include <stdbool.h>

#define SIGN_SEED_BYTES   32
#define SIGN_PUBLIC_BYTES 32
#define SIGN_SECRET_BYTES 64 /* seed and public key */
#define SIGN_BYTES        64

void sign_keys(const unsigned char seed[SIGN_SEED_BYTES], unsigned char secret[SIGN_SECRET_BYTES],
               unsigned char public_key[SIGN_PUBLIC_BYTES]);
void sign_make(const unsigned char secret[SIGN_SECRET_BYTES], struct str message,
               unsigned char signature[SIGN_BYTES]);
bool sign_is_good(const unsigned char public_key[SIGN_PUBLIC_BYTES], struct str message,
                  const unsigned char signature[SIGN_BYTES]);

/* `count` bytes from twice as many hex digits; false when it is something else. */
bool sign_parse_hex(struct str hex, unsigned char *bytes, size_t count);
/* Overwrites what was secret. */
void sign_forget(void *bytes, size_t count);

#endif
