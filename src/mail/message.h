/* message.h - a mail as bytes: headers (RFC 5322, RFC 2047), text and HTML, a file attached (MIME).
 *
 * GMime encodes; what is special in names and subjects can't become a header: control characters
 * are blanked, and an address that is not plainly one is refused.  The same message gives the same
 * bytes. */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stdint.h>

#define MESSAGE_BYTES_MAX ((size_t)96 << 20)
#define ADDRESS_BYTES_MAX 254 /* RFC 5321 4.5.3.1.3 */

struct message_party {
    struct str name; /* STR_NULL: none */
    struct str address;
};

struct message {
    struct uuid id; /* becomes the Message-ID, at the sender's domain */
    int64_t date_at;
    struct message_party from, to;
    struct str reply_to; /* an address; STR_NULL: none */
    struct str subject;
    struct str language; /* a BCP 47 tag */
    struct str text, html;
    struct str file_name; /* of the attachment; STR_NULL: none */
    struct str file_bytes;
    const char *file_type; /* "application/pdf" */
};

/* Whether it is an address that goes into headers as it stands: ASCII without spaces, control
 * characters and what is special in them; one "@", something before it, a domain behind it. */
bool message_address_is_valid(struct str address);

/* Reads "Name <address>" or "address".  ERR_INVALID: neither. */
MUST_CHECK enum err message_party_parse(struct str text, struct arena *arena, struct fault *fault,
                                        struct message_party *party);

/* Appends the message to `out`.  ERR_INVALID: an address is not valid; ERR_TOO_LARGE: it does not
 * fit. */
MUST_CHECK enum err message_write(const struct message *message, struct arena *arena,
                                  struct fault *fault, struct buf *out);

#endif
