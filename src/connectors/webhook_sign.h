/* webhook_sign.h - HMAC-SHA256 signatures of webhooks, as most gateways make them.
 *
 * Standard Webhooks (https://www.standardwebhooks.com): three headers
 *   webhook-id         the message, the same at each try
 *   webhook-timestamp  when this try was made, unix seconds
 *   webhook-signature  "v1,BASE64", several with spaces between while a secret is changed; each is
 *                      over ID.TIMESTAMP.BODY
 * and a secret "whsec_BASE64" of 24 to 64 bytes.  All comparing takes the same time whatever
 * differs. */
#ifndef CONNECTORS_WEBHOOK_SIGN_H
#define CONNECTORS_WEBHOOK_SIGN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEBHOOK_DIGEST_BYTES     32
#define WEBHOOK_KEY_BYTES_MIN    24
#define WEBHOOK_KEY_BYTES_MAX    64
#define WEBHOOK_ID_BYTES_MAX     255
#define WEBHOOK_SIGNATURE_MAX    16 /* in one header; more are not looked at */
#define WEBHOOK_SIGNATURE_PREFIX "v1,"

/* HMAC-SHA256 (RFC 2104) over the parts, one after the other. */
void webhook_hmac(struct str key, const struct str *parts, size_t count,
                  unsigned char digest[WEBHOOK_DIGEST_BYTES]);

/* Whether `text` is the digest: 64 hex digits in any case, or base64 with padding. */
bool webhook_is_hex_of(struct str text, const unsigned char digest[WEBHOOK_DIGEST_BYTES]);
bool webhook_is_base64_of(struct str text, const unsigned char digest[WEBHOOK_DIGEST_BYTES]);

struct webhook_key {
    unsigned char bytes[WEBHOOK_KEY_BYTES_MAX];
    size_t len;
};

/* "whsec_BASE64"; false: something else. */
bool webhook_key_parse(struct str text, struct webhook_key *key);

/* A new secret of 32 unguessable bytes, as text. */
struct str webhook_secret_new(struct arena *arena);

struct webhook_headers {
    struct str id, timestamp, signature; /* STR_NULL: not sent */
};

/* The signature for a message of ours: "v1,BASE64". */
struct str webhook_sign(struct arena *arena, const struct webhook_key *key, struct str id,
                        int64_t now_s, struct str body);

/* The base64 of the HMAC over a body alone, whose key is the text as it is. */
struct str webhook_sign_body(struct arena *arena, struct str key, struct str body);

/* ERR_UNAUTHORIZED, with the reason as fault: a header is missing or malformed, the timestamp is
 * more than `tolerance_s` away from now, or no signature is right. */
MUST_CHECK enum err webhook_check(const struct webhook_key *key,
                                  const struct webhook_headers *headers, struct str body,
                                  int64_t now_s, int64_t tolerance_s, struct fault *fault);

#endif
