#include "app/vendor_account.h"

#include "app/audit.h"
#include "app/cost_due.h"
#include "base/assert.h"
#include "base/none.h"
#include "store/sql/customer.h"

#define NAME_BYTES_MAX 500

struct assigning {
    const struct vendor_account_input *input;
    struct vendor_account_row *row;
};

static void check_name(struct ctx *ctx, const char *field, struct str value)
{
    if (value.len == 0 || value.len > NAME_BYTES_MAX)
        fault_field(ctx->fault, str_of(field), "value_is_invalid", value,
                    "a name of 1 to %d bytes, as in the vendor's file", NAME_BYTES_MAX);
}

/* In order of id, so that nobody waits in a circle; `old` may be nil. */
static enum err lock_both(struct tx *tx, struct uuid old_id, struct uuid new_id,
                          struct customer_row *old, struct customer_row *now)
{
    bool found = false;
    bool old_first = uuid_cmp(old_id, new_id) < 0;
    if (!uuid_is_nil(old_id) && old_first)
        TRY(customer_lock(tx, &(struct customer_lock_in){.id = old_id}, old, &found));
    TRY(customer_lock(tx, &(struct customer_lock_in){.id = new_id}, now, &found));
    ASSERT(found);
    if (!uuid_is_nil(old_id) && !old_first)
        TRY(customer_lock(tx, &(struct customer_lock_in){.id = old_id}, old, &found));
    return ERR_NONE;
}

static enum err take_from(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                          const struct vendor_account_row *account)
{
    struct customer_cost_row *costs = NULL;
    size_t count = 0;
    TRY(customer_cost_of_account(tx,
                                 &(struct customer_cost_of_account_in){
                                     .customer_id = customer->id,
                                     .provider_name = account->provider_name,
                                     .sub_account_id = account->sub_account_id,
                                 },
                                 &costs, &count));
    TRY(customer_cost_drop_account(tx,
                                   &(struct customer_cost_drop_account_in){
                                       .customer_id = customer->id,
                                       .provider_name = account->provider_name,
                                       .sub_account_id = account->sub_account_id,
                                   },
                                   NULL));
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || costs[i].period_start_at != costs[i - 1].period_start_at)
            TRY(cost_period_changed(ctx, tx, customer, costs[i].period_start_at,
                                    costs[i].period_end_at));
    }
    return ERR_NONE;
}

static enum err give_to(struct ctx *ctx, struct tx *tx, const struct customer_row *customer,
                        const struct vendor_account_row *account)
{
    struct cost_rollup_of_account_row *sums = NULL;
    size_t count = 0;
    TRY(cost_rollup_of_account(tx,
                               &(struct cost_rollup_of_account_in){
                                   .provider_name = account->provider_name,
                                   .sub_account_id = account->sub_account_id,
                               },
                               &sums, &count));
    for (size_t i = 0; i < count; i++) {
        const struct cost_rollup_of_account_row *sum = &sums[i];
        TRY(customer_cost_insert(tx, &(struct customer_cost_row){
                                         .customer_id = customer->id,
                                         .period_start_at = sum->period_start_at,
                                         .batch_id = sum->batch_id,
                                         .provider_name = sum->provider_name,
                                         .sub_account_id = sum->sub_account_id,
                                         .service_name = sum->service_name,
                                         .currency = sum->currency,
                                         .period_end_at = sum->period_end_at,
                                         .row_count = sum->row_count,
                                         .billed_cost = sum->billed_cost,
                                         .effective_cost = sum->effective_cost,
                                         .list_cost = sum->list_cost,
                                         .contracted_cost = sum->contracted_cost,
                                         .missing_columns = sum->missing_columns,
                                         .is_generated = sum->is_generated,
                                     }));
        if (i == 0 || sum->period_start_at != sums[i - 1].period_start_at)
            TRY(cost_period_changed(ctx, tx, customer, sum->period_start_at, sum->period_end_at));
    }
    return ERR_NONE;
}

static enum err save(struct ctx *ctx, struct tx *tx, const struct vendor_account_row *row,
                     bool is_known)
{
    TRY(vendor_account_owner_insert(tx, &(struct vendor_account_owner_row){
                                            .provider_name = row->provider_name,
                                            .sub_account_id = row->sub_account_id,
                                            .owned_from_at = ctx_now(ctx),
                                            .id = ctx_new_id(ctx),
                                            .customer_id = row->customer_id,
                                        }));
    if (!is_known)
        return vendor_account_insert(tx, row);
    return vendor_account_move(tx,
                               &(struct vendor_account_move_in){
                                   .customer_id = row->customer_id,
                                   .provider_name = row->provider_name,
                                   .sub_account_id = row->sub_account_id,
                               },
                               NULL);
}

static enum err assign(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct assigning *assigning = arg;
    const struct vendor_account_input *input = assigning->input;
    struct organization_row organization;
    struct customer_id_by_external_row customer_id = {0};
    struct customer_row old = {0};
    struct customer_row customer;
    struct vendor_account_row before = {0};
    bool is_known = false;
    bool found = false;
    check_name(ctx, "provider_name", input->provider_name);
    check_name(ctx, "sub_account_id", input->sub_account_id);
    TRY(cost_lock(tx, &(struct cost_lock_in){.id = ctx->app->organization_id}, &organization,
                  &found));
    TRY(customer_id_by_external(
        tx, &(struct customer_id_by_external_in){.external_id = input->external_customer_id},
        &customer_id, &found));
    if (!found)
        fault_field(ctx->fault, STR("external_customer_id"), "customer_not_found",
                    input->external_customer_id, "the external id of a customer");
    TRY(fault_check(ctx->fault));
    TRY(vendor_account_load(tx,
                            &(struct vendor_account_load_in){
                                .provider_name = input->provider_name,
                                .sub_account_id = input->sub_account_id,
                            },
                            &before, &is_known));
    *assigning->row = (struct vendor_account_row){
        .provider_name = input->provider_name,
        .sub_account_id = input->sub_account_id,
        .customer_id = customer_id.customer_id,
        .created_at = is_known ? before.created_at : ctx_now(ctx),
    };
    if (is_known && uuid_eq(before.customer_id, customer_id.customer_id))
        return ERR_NONE;
    TRY(lock_both(tx, is_known ? before.customer_id : UUID_NIL, customer_id.customer_id, &old,
                  &customer));
    if (is_known)
        TRY(take_from(ctx, tx, &old, &before));
    TRY(save(ctx, tx, assigning->row, is_known));
    TRY(give_to(ctx, tx, &customer, assigning->row));
    return audit_add(
        ctx, tx,
        &(struct audit){
            .chain_id = customer.id,
            .action = "vendor_account.assign",
            .object_id = customer.id,
            .before = is_known ? vendor_account_row_json(ctx->arena, &before) : STR_NULL,
            .after = vendor_account_row_json(ctx->arena, assigning->row),
        });
}

enum err vendor_account_assign(struct ctx *ctx, const struct vendor_account_input *input,
                               struct vendor_account_row *row)
{
    struct assigning assigning = {input, row};
    return tx_run(ctx, TX_WRITE, assign, &assigning);
}

struct listing {
    int64_t limit, offset, total;
    struct vendor_account_page_row *rows;
    size_t count;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    struct vendor_account_count_row counted;
    bool found = false;
    (void)ctx;
    TRY(vendor_account_count(tx, &counted, &found));
    listing->total = counted.total;
    return vendor_account_page(
        tx, &(struct vendor_account_page_in){.limit = listing->limit, .offset = listing->offset},
        &listing->rows, &listing->count);
}

enum err vendor_account_list(struct ctx *ctx, int64_t limit, int64_t offset,
                             struct vendor_account_page_row **rows, size_t *count, int64_t *total)
{
    struct listing listing = {.limit = limit, .offset = offset};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *rows = listing.rows;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}
