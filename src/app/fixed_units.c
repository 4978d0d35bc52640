#include "app/fixed_units.h"

#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/fixed.h"

enum err fixed_changes_read(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                            struct uuid subscription_id, struct uuid version_id, int64_t until_at,
                            struct fixed_changes *changes)
{
    *changes = (struct fixed_changes){0};
    TRY(fixed_charges_load(ctx, tx, version_id, &changes->base, &changes->base_count));
    TRY(fixed_units_of_versions(
        tx,
        &(struct fixed_units_of_versions_in){
            .id = version_id, .until_at = until_at, .subscription_id = subscription_id},
        &changes->versions, &changes->version_count));
    return fixed_units_list(tx,
                            &(struct fixed_units_list_in){.customer_id = customer_id,
                                                          .subscription_id = subscription_id},
                            &changes->own, &changes->own_count);
}

static void add(struct fixed_units *units, int64_t at, struct decimal value, struct uuid change_id)
{
    units->steps[units->count++] = (struct fixed_step){at, value, change_id};
}

static bool holds_at_start(const struct fixed_units_row *row, const struct zone *zone,
                           int64_t from_at)
{
    if (row->from_day != DAY_NONE)
        return row->from_day <= zone_day(zone, from_at);
    return row->from_at <= from_at;
}

/* The newest of the subscription's own that holds when the period begins; NULL: none. */
static const struct fixed_units_row *own_at_start(const struct fixed_changes *changes,
                                                  struct uuid lineage_id, const struct zone *zone,
                                                  int64_t from_at)
{
    const struct fixed_units_row *newest = NULL;
    for (size_t i = 0; i < changes->own_count; i++) {
        const struct fixed_units_row *row = &changes->own[i];
        if (uuid_eq(row->lineage_id, lineage_id) && holds_at_start(row, zone, from_at))
            newest = row;
    }
    return newest;
}

/* The plan's changes inside the period, before the subscription has units of its own. */
static void add_versions(const struct fixed_changes *changes, struct uuid lineage_id,
                         int64_t until_at, struct fixed_units *units)
{
    for (size_t i = 0; i < changes->version_count; i++) {
        const struct fixed_units_of_versions_row *row = &changes->versions[i];
        if (uuid_eq(row->lineage_id, lineage_id) && row->effective_at < until_at)
            add(units, row->effective_at, row->units, row->plan_version_id);
    }
}

struct fixed_units fixed_units_of(struct arena *arena, const struct fixed_changes *changes,
                                  struct uuid lineage_id, const struct zone *zone, int64_t from_at,
                                  int64_t to_at)
{
    struct fixed_units units = {
        .steps =
            ARENA_ARRAY(arena, 1 + changes->version_count + changes->own_count, struct fixed_step)};
    const struct fixed_charge_view *base =
        fixed_charge_of(changes->base, changes->base_count, lineage_id);
    const struct fixed_units_row *own = own_at_start(changes, lineage_id, zone, from_at);
    int64_t own_at = INT64_MAX; /* the first of its own inside the period */
    for (size_t i = 0; i < changes->own_count; i++) {
        const struct fixed_units_row *row = &changes->own[i];
        if (uuid_eq(row->lineage_id, lineage_id) && row->from_at != TIME_NONE &&
            row->from_at > from_at && row->from_at < own_at)
            own_at = row->from_at;
    }
    if (own != NULL)
        add(&units, from_at, own->units, UUID_NIL);
    else
        add(&units, from_at, base == NULL ? DECIMAL_ZERO : base->row.units, UUID_NIL);
    if (own == NULL)
        add_versions(changes, lineage_id, own_at < to_at ? own_at : to_at, &units);
    for (size_t i = 0; i < changes->own_count; i++) {
        const struct fixed_units_row *row = &changes->own[i];
        if (uuid_eq(row->lineage_id, lineage_id) && row->from_at != TIME_NONE &&
            row->from_at > from_at && row->from_at < to_at)
            add(&units, row->from_at, row->units, row->change_id);
    }
    return units;
}
