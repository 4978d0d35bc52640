/* fixed_units.h - how many units of a fixed charge a subscription has, and since when.
 *
 * A period of fixed charges begins with the units of the plan's version that holds then.  Inside
 * it they change where a later version says that its units hold at once; any other change waits for
 * the next period.  A subscription may have units of its own; from when they hold on, those of the
 * plan, and its later changes, count for nothing.  All of it follows from rows that never change.
 */
#ifndef APP_FIXED_UNITS_H
#define APP_FIXED_UNITS_H

#include "app/ctx.h"
#include "app/fixed_charge.h"
#include "base/zone.h"
#include "store/sql/rows.h"

struct fixed_units_of_versions_row;

/* All changes that may fall into a subscription's period. */
struct fixed_changes {
    struct fixed_charge_view *base; /* of the version with which the period begins */
    size_t base_count;
    struct fixed_units_of_versions_row *versions;
    size_t version_count;
    struct fixed_units_row *own;
    size_t own_count;
};

struct fixed_step {
    int64_t at;
    struct decimal units;
    struct uuid change_id; /* the plan's version or the own change; nil: the period's start */
};

/* The steps of one fixed charge in a period; the first at its start. */
struct fixed_units {
    struct fixed_step *steps;
    size_t count;
};

/* Within a transaction.
 *   version_id  with which the period begins
 *   until_at    its end; changes from then on are none of it */
MUST_CHECK enum err fixed_changes_read(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                                       struct uuid subscription_id, struct uuid version_id,
                                       int64_t until_at, struct fixed_changes *changes);

/* Those of a lineage from from_at up to, and not with, to_at. */
struct fixed_units fixed_units_of(struct arena *arena, const struct fixed_changes *changes,
                                  struct uuid lineage_id, const struct zone *zone, int64_t from_at,
                                  int64_t to_at);

#endif
