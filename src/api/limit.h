/* limit.h - rate limits: a token bucket for each key, and for each address that brings bad keys.
 *
 * A bucket holds as much as a minute brings and fills evenly, so a burst of a minute's worth may
 * come at once.  What costs more than a whole bucket is taken when the bucket is full, and is made
 * up for afterwards.  The table has a fixed size: a key or address that has not been seen for long
 * is forgotten, which gives it a full bucket.  Counted in each process by itself, in memory.  It
 * also remembers when each key was last seen, until limits_take_uses writes that down.  Safe from
 * any thread. */
#ifndef API_LIMIT_H
#define API_LIMIT_H

#include "app/api_key.h"
#include "base/str.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIMIT_REQUESTS_DEFAULT 6000 /* a minute, for each key */
#define LIMIT_FAILURES_DEFAULT 60   /* a minute, for each address: requests without a good key */
#define LIMIT_MAX              1000000000

struct limit_config {
    int64_t requests; /* a minute; 0: no limit */
    int64_t events;
    int64_t failures;
};

/* What the headers say. */
struct limit_state {
    int64_t limit;
    int64_t remaining;
    int64_t reset_s; /* until the bucket is full */
    int64_t retry_s; /* until the same would be taken; 0: it was */
};

struct limits;

struct limits *limits_new(const struct limit_config *config);
void limits_free(struct limits *limits); /* NULL is fine */
/* Other limits from now on; what was used stays used. */
void limits_change(struct limits *limits, const struct limit_config *config);

/* Each takes its cost if there is enough, and says so; *state is filled where there is a limit (its
 * `limit` is 0 else).  `now_us` is monotonic. */
bool limit_request(struct limits *limits, struct uuid key_id, int64_t now_us,
                   struct limit_state *state);
bool limit_events(struct limits *limits, struct uuid key_id, int64_t count, int64_t now_us,
                  struct limit_state *state);
bool limit_failure(struct limits *limits, struct str address, int64_t now_us,
                   struct limit_state *state);

/* Notes that a key was used, at an instant of the application's clock. */
void limit_note_use(struct limits *limits, struct uuid key_id, int64_t used_at);
/* The uses noted since the last call, at most `max`; returns how many. */
size_t limits_take_uses(struct limits *limits, struct api_key_use *uses, size_t max);

#endif
