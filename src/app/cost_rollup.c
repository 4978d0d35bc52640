#include "app/cost_rollup.h"

#include "base/assert.h"
#include "base/none.h"
#include "core/resale.h"

#include <string.h>

#define SLOTS_FIRST 1024

void cost_rollup_init(struct cost_rollup *rollup, struct arena *arena)
{
    *rollup = (struct cost_rollup){
        .arena = arena,
        .billed_cost = DECIMAL_ZERO,
        .effective_cost = DECIMAL_ZERO,
        .list_cost = DECIMAL_ZERO,
        .contracted_cost = DECIMAL_ZERO,
    };
}

size_t cost_rollup_batch(struct cost_rollup *rollup, const struct cost_row_row *row)
{
    for (size_t i = 0; i < rollup->batch_count; i++) {
        if (rollup->batches[i].period_start_at == row->billing_period_start_at &&
            str_eq(rollup->batches[i].billing_account_id, row->billing_account_id))
            return i;
    }
    rollup->batches = arena_grow(rollup->arena, rollup->batches, rollup->batch_count,
                                 &rollup->batch_capacity, sizeof *rollup->batches);
    rollup->batches[rollup->batch_count] = (struct cost_batch_row){
        .billing_account_id = arena_str(rollup->arena, row->billing_account_id),
        .period_start_at = row->billing_period_start_at,
        .period_end_at = row->billing_period_end_at,
    };
    return rollup->batch_count++;
}

/* ---- the hash table -------------------------------------------------------------------------- */

static struct str sub_account_of(const struct cost_row_row *row)
{
    return str_is_null(row->sub_account_id) ? STR("") : row->sub_account_id;
}

static uint64_t mix(uint64_t hash, struct str text)
{
    return (hash ^ str_hash(text)) * 0x9E3779B97F4A7C15U;
}

static size_t *find_slot(const struct cost_rollup *r, size_t batch, struct str provider,
                         struct str account, struct str service, struct str currency)
{
    uint64_t hash = mix(mix(mix(mix(batch, provider), account), service), currency);
    size_t at = (size_t)(hash >> 32) & (r->slot_count - 1);
    while (r->slots[at] != 0) {
        size_t i = r->slots[at] - 1;
        const struct cost_rollup_row *sum = &r->sums[i];
        if (r->sum_batches[i] == batch && str_eq(sum->provider_name, provider) &&
            str_eq(sum->sub_account_id, account) && str_eq(sum->service_name, service) &&
            str_eq(sum->currency, currency))
            break;
        at = (at + 1) & (r->slot_count - 1);
    }
    return &r->slots[at];
}

static void grow_slots(struct cost_rollup *r)
{
    if (2 * (r->sum_count + 1) <= r->slot_count)
        return;
    r->slot_count = r->slot_count == 0 ? SLOTS_FIRST : 2 * r->slot_count;
    r->slots = ARENA_ARRAY(r->arena, r->slot_count, size_t);
    for (size_t i = 0; i < r->sum_count; i++) {
        const struct cost_rollup_row *sum = &r->sums[i];
        *find_slot(r, r->sum_batches[i], sum->provider_name, sum->sub_account_id, sum->service_name,
                   sum->currency) = i + 1;
    }
}

static struct cost_rollup_row *sum_of(struct cost_rollup *r, size_t batch,
                                      const struct cost_row_row *row)
{
    grow_slots(r);
    size_t *slot = find_slot(r, batch, row->provider_name, sub_account_of(row), row->service_name,
                             row->billing_currency);
    if (*slot != 0)
        return &r->sums[*slot - 1];
    r->sums = arena_grow(r->arena, r->sums, r->sum_count, &r->sum_capacity, sizeof *r->sums);
    r->sum_batches = arena_grow(r->arena, r->sum_batches, r->sum_count, &r->sum_batch_capacity,
                                sizeof *r->sum_batches);
    r->sums[r->sum_count] = (struct cost_rollup_row){
        .provider_name = arena_str(r->arena, row->provider_name),
        .sub_account_id = arena_str(r->arena, sub_account_of(row)),
        .service_name = arena_str(r->arena, row->service_name),
        .currency = arena_str(r->arena, row->billing_currency),
        .sub_account_name = arena_str(r->arena, row->sub_account_name),
        .billed_cost = DECIMAL_ZERO,
        .effective_cost = DECIMAL_ZERO,
        .list_cost = DECIMAL_ZERO,
        .contracted_cost = DECIMAL_ZERO,
        .missing_columns = STR(""),
    };
    r->sum_batches[r->sum_count] = batch;
    *slot = ++r->sum_count;
    return &r->sums[r->sum_count - 1];
}

/* ---- adding ---------------------------------------------------------------------------------- */

static enum err add(struct cost_rollup *rollup, const char *column, struct decimal *sum,
                    struct decimal value)
{
    enum err err = decimal_is_none(value) ? ERR_NONE : decimal_add(*sum, value, sum);
    if (err != ERR_NONE)
        rollup->too_long = column;
    return err;
}

/* Of the four costs only ContractedCost may be null on a row that was read. */
static enum err add_costs(struct cost_rollup *rollup, struct cost_rollup_row *sum,
                          const struct cost_row_row *row)
{
    TRY(add(rollup, "BilledCost", &sum->billed_cost, row->billed_cost));
    TRY(add(rollup, "EffectiveCost", &sum->effective_cost, row->effective_cost));
    TRY(add(rollup, "ListCost", &sum->list_cost, row->list_cost));
    TRY(add(rollup, "ContractedCost", &sum->contracted_cost, row->contracted_cost));
    if (decimal_is_none(row->contracted_cost))
        sum->missing_columns = cost_column_word(COST_CONTRACTED);
    return ERR_NONE;
}

enum err cost_rollup_add(struct cost_rollup *rollup, const struct cost_row_row *row,
                         bool is_generated, size_t *batch)
{
    *batch = cost_rollup_batch(rollup, row);
    struct cost_rollup_row *sum = sum_of(rollup, *batch, row);
    TRY(add_costs(rollup, sum, row));
    sum->row_count++;
    sum->is_generated |= is_generated;
    rollup->batches[*batch].row_count++;
    rollup->row_count++;
    TRY(add(rollup, "BilledCost", &rollup->billed_cost, row->billed_cost));
    TRY(add(rollup, "EffectiveCost", &rollup->effective_cost, row->effective_cost));
    TRY(add(rollup, "ListCost", &rollup->list_cost, row->list_cost));
    return add(rollup, "ContractedCost", &rollup->contracted_cost, row->contracted_cost);
}
