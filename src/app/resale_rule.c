#include "app/resale_rule.h"

#include "app/audit.h"
#include "app/cost_due.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "core/resale.h"
#include "store/sql/cost.h"
#include "store/sql/customer.h"

struct creating {
    const struct resale_rule_input *input;
    struct resale_rule_view *view;
};

static void check_words(struct ctx *ctx, const struct resale_rule_input *input,
                        struct str cost_column)
{
    enum resale_method method;
    enum cost_column column;
    if (!resale_method_parse(input->method, &method))
        fault_field(ctx->fault, STR("method"), "value_is_invalid", input->method,
                    "markup, margin or discount");
    else if (decimal_is_none(input->percent) || !resale_percent_is_valid(method, input->percent))
        fault_field(ctx->fault, STR("percent"), "value_is_out_of_range",
                    decimal_is_none(input->percent) ? STR_NULL
                                                    : decimal_text(ctx->arena, input->percent),
                    "a percentage with at most %d decimals: of a markup from 0 to 10000, of a "
                    "margin or discount from 0 to below 100",
                    RESALE_DECIMALS_MAX);
    if (!cost_column_parse(cost_column, &column))
        fault_field(ctx->fault, STR("cost_column"), "value_is_invalid", cost_column,
                    "billed_cost, effective_cost, list_cost or contracted_cost");
}

/* Cost that waited for a rule is looked at again. */
static enum err reopen(struct ctx *ctx, struct tx *tx)
{
    struct cost_exception_period_list_row *waiting = NULL;
    size_t count = 0;
    TRY(cost_exception_period_list(tx, &waiting, &count));
    for (size_t i = 0; i < count; i++) {
        struct customer_row customer;
        struct customer_cost_period_row period;
        bool found = false;
        TRY(customer_lock(tx, &(struct customer_lock_in){.id = waiting[i].customer_id}, &customer,
                          &found));
        ASSERT(found);
        TRY(cost_period_load(tx,
                             &(struct cost_period_load_in){
                                 .customer_id = customer.id,
                                 .period_start_at = waiting[i].period_start_at,
                             },
                             &period, &found));
        ASSERT(found);
        TRY(cost_period_changed(ctx, tx, &customer, period.period_start_at, period.period_end_at));
    }
    return ERR_NONE;
}

static enum err create(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct creating *creating = arg;
    const struct resale_rule_input *input = creating->input;
    struct customer_id_by_external_row customer = {0};
    struct organization_row organization;
    struct resale_rule_row taken;
    bool found = false;
    struct str column =
        str_is_null(input->cost_column) ? cost_column_word(COST_BILLED) : input->cost_column;
    check_words(ctx, input, column);
    TRY(cost_lock(tx, &(struct cost_lock_in){.id = ctx->app->organization_id}, &organization,
                  &found));
    TRY(resale_rule_by_code(tx, &(struct resale_rule_by_code_in){.code = input->code}, &taken,
                            &found));
    if (found)
        fault_field(ctx->fault, STR("code"), "value_already_exist", input->code,
                    "a code that no resale rule has yet");
    if (!str_is_null(input->external_customer_id)) {
        TRY(customer_id_by_external(
            tx, &(struct customer_id_by_external_in){.external_id = input->external_customer_id},
            &customer, &found));
        if (!found)
            fault_field(ctx->fault, STR("external_customer_id"), "customer_not_found",
                        input->external_customer_id, "the external id of a customer");
    }
    TRY(fault_check(ctx->fault));
    struct resale_rule_row row = {
        .id = ctx_new_id(ctx),
        .code = input->code,
        .name = input->name,
        .resale_method = input->method,
        .percent = input->percent,
        .cost_column = column,
        .rule_customer_id = customer.customer_id,
        .provider_name = input->provider_name,
        .service_name = input->service_name,
        .valid_from_at = input->valid_from_at == TIME_NONE ? 0 : input->valid_from_at,
        .created_at = ctx_now(ctx),
    };
    TRY(resale_rule_insert(tx, &row));
    TRY(reopen(ctx, tx));
    *creating->view = (struct resale_rule_view){row, input->external_customer_id};
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "resale_rule.create",
                         .object_id = row.id,
                         .after = resale_rule_row_json(ctx->arena, &row),
                     });
}

enum err resale_rule_create(struct ctx *ctx, const struct resale_rule_input *input,
                            struct resale_rule_view *view)
{
    struct creating creating = {input, view};
    return tx_run(ctx, TX_WRITE, create, &creating);
}

struct listing {
    int64_t limit, offset, total;
    struct resale_rule_view *views;
    size_t count;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    struct resale_rule_page_row *rows = NULL;
    struct resale_rule_count_row counted;
    bool found = false;
    TRY(resale_rule_count(tx, &counted, &found));
    listing->total = counted.total;
    TRY(resale_rule_page(
        tx, &(struct resale_rule_page_in){.limit = listing->limit, .offset = listing->offset},
        &rows, &listing->count));
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct resale_rule_view);
    for (size_t i = 0; i < listing->count; i++) {
        const struct resale_rule_page_row *row = &rows[i];
        listing->views[i] = (struct resale_rule_view){
            .row = {.id = row->id,
                    .code = row->code,
                    .name = row->name,
                    .resale_method = row->resale_method,
                    .percent = row->percent,
                    .cost_column = row->cost_column,
                    .rule_customer_id = row->rule_customer_id,
                    .provider_name = row->provider_name,
                    .service_name = row->service_name,
                    .valid_from_at = row->valid_from_at,
                    .created_at = row->created_at},
            .external_customer_id = row->external_id,
        };
    }
    return ERR_NONE;
}

enum err resale_rule_list(struct ctx *ctx, int64_t limit, int64_t offset,
                          struct resale_rule_view **views, size_t *count, int64_t *total)
{
    struct listing listing = {.limit = limit, .offset = offset};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}
