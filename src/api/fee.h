/* fee.h - how a fee is written; invoices show theirs with it. */
#ifndef API_FEE_H
#define API_FEE_H

#include "api/face.h"
#include "app/invoice.h"

void fee_write(struct json_writer *out, const struct face *face, const char *key,
               const struct fee_view *view);

/* Members of a fee that stand in more than one kind of object: its amounts and quantity. */
void fee_amounts_write(struct json_writer *out, const struct face *face, const struct fee_row *row);

/* What the face calls its kind. */
struct str fee_type_shown(const struct face *face, const struct fee_row *row);

/* An instant that ends something, as people read it: the last second before a midnight in the
 * zone, or the instant itself where it lies inside a day.  Usage of a subscription that someone
 * ended has its last instant at `ended_at` (TIME_NONE: none did).  TIME_NONE stays. */
int64_t last_instant(struct str timezone, int64_t end_at, int64_t ended_at);

#endif
