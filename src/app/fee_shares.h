/* fee_shares.h - how the units of a fee are told apart on documents: by those of its charge's
 * presentation_group_keys that want to be displayed there. */
#ifndef APP_FEE_SHARES_H
#define APP_FEE_SHARES_H

#include "app/invoice.h"
#include "core/pricing/charge.h"

/* The keys of a charge, or of its filter, that stand on documents. */
struct group_keys fee_shares_keys(struct arena *arena, const struct charge *model);

struct fee_share {
    struct str name; /* "team a, –"; of events with these values */
    struct decimal units;
};

/* At most this many; the fee has all of them. */
#define FEE_SHARES_MAX 200

/* None where nothing is to be displayed.  They live in `arena`. */
struct fee_share *fee_shares(struct arena *arena, const struct fee_view *fee, size_t *count);

#endif
