/* stream.h - private to http: a body that is handed on while it comes (see request.h).
 *
 * Three buffers of HTTP_STREAM_BYTES: the network thread fills one; a worker owns the other two,
 * what it took from the first, and what is unpacked and not used.  While a worker is busy the
 * network thread goes on filling; when the buffer is full the connection is suspended until the
 * worker takes it.  So a busy handler gets large parts and an idle one gets small ones at once.
 *
 * The HTTP library sends no answer amid a body; an answer that can't wait for the body's end is
 * written to the socket past it, the connection is shut for writing, and what still comes is thrown
 * away. */
#ifndef HTTP_STREAM_H
#define HTTP_STREAM_H

#include "http/exchange.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

/* Network thread: the headers are complete.  Suspends the connection and lets the handler open the
 * stream, or refuses. */
void stream_begin(struct exchange *exchange);
/* Network thread: whether the library has not come back yet after the opening. */
bool stream_is_opening(struct exchange *exchange);
/* Network thread: it has.  false: the answer stands and is to be sent instead of reading. */
bool stream_body_begins(struct exchange *exchange);
/* Network thread: bytes have come; *size becomes the number of those not taken. */
enum MHD_Result stream_take(struct exchange *exchange, const char *data, size_t *size);
/* Network thread: the body is complete. */
enum MHD_Result stream_body_end(struct exchange *exchange);
/* Network thread: the connection is gone, or the answer sent.  true: a worker still has the
 * exchange and will give it back. */
bool stream_left(struct exchange *exchange);

/* Worker: calls the handler, if there is something to be told. */
void stream_run(struct exchange *exchange);
void stream_answer(struct exchange *exchange, const struct http_answer *answer);

/* Tells all open streams to end; the server's lock is held, and is_stopping set. */
void streams_stop(struct http_server *server);
void stream_free(struct exchange *exchange);

#endif
