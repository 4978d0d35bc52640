/* log.h - one line per happening on standard error: text for people or JSON lines for programs.
 *
 *   log_info("invoice finalized", LOG_STR("number", n), LOG_INT("amount_cents", c))
 * A request id set for the thread (log_request) stands on each of its lines.  Safe from any
 * thread; a line is written whole; a JSON line is well-formed whatever
 * is in its texts, which are cut where they are long.  Never log secrets or whole bodies. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
    const char *key; /* NULL ends the list */
    struct str text;
    int64_t number;
    bool is_number;
};

#define LOG_STR(k, s) ((struct log_field){.key = (k), .text = (s)})
#define LOG_INT(k, n) ((struct log_field){.key = (k), .number = (n), .is_number = true})

/* Once at start, before threads. */
void log_configure(enum log_level least, bool json);
bool log_level_parse(struct str text, enum log_level *level);
/* The request id of this thread's next lines; STR_NULL for none.  Copied, cut to 64 bytes. */
void log_request(struct str request_id);
void log_write(enum log_level level, const char *message, const struct log_field *fields);

#define LOG_END_ ((struct log_field){.key = NULL})
#define LOG_WRITE_(level, message, ...) \
    log_write(level, message, (const struct log_field[]){__VA_ARGS__})
#define log_debug(...) LOG_WRITE_(LOG_DEBUG, __VA_ARGS__, LOG_END_)
#define log_info(...)  LOG_WRITE_(LOG_INFO, __VA_ARGS__, LOG_END_)
#define log_warn(...)  LOG_WRITE_(LOG_WARN, __VA_ARGS__, LOG_END_)
#define log_error(...) LOG_WRITE_(LOG_ERROR, __VA_ARGS__, LOG_END_)

#endif
