#include "app/billable_metric.h"

#include "app/audit.h"
#include "core/metering.h"
#include "store/sql/catalog.h"

struct metric_creating {
    const struct billable_metric_input *input;
    struct billable_metric_row *row;
};

static enum err create(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct metric_creating *creating = arg;
    const struct billable_metric_input *input = creating->input;
    struct billable_metric_row row = {
        .id = ctx_new_id(ctx),
        .code = input->code,
        .name = input->name,
        .description = input->description,
        .aggregation_type = input->aggregation_type,
        .field_name = input->field_name,
        .created_at = ctx_now(ctx),
    };
    struct billable_metric_row taken;
    enum aggregation aggregation;
    bool found = false;
    TRY(aggregation_parse(input->aggregation_type, STR("aggregation_type"), ctx->fault,
                          &aggregation));
    if (aggregation == AGGREGATION_COUNT)
        row.field_name = STR_NULL;
    else if (str_is_null(input->field_name) || input->field_name.len == 0)
        fault_field(ctx->fault, STR("field_name"), "value_is_mandatory", input->field_name,
                    "the event property to aggregate");
    TRY(billable_metric_by_code(tx, &(struct billable_metric_by_code_in){.code = input->code},
                                &taken, &found));
    if (found)
        fault_field(ctx->fault, STR("code"), "value_already_exist", input->code,
                    "a code that no billable metric has yet");
    TRY(fault_check(ctx->fault));
    TRY(billable_metric_insert(tx, &row));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = ctx->app->organization_id,
                      .action = "billable_metric.create",
                      .object_id = row.id,
                      .after = billable_metric_row_json(ctx->arena, &row),
                  }));
    *creating->row = row;
    return ERR_NONE;
}

enum err billable_metric_create(struct ctx *ctx, const struct billable_metric_input *input,
                                struct billable_metric_row *row)
{
    struct metric_creating creating = {.input = input, .row = row};
    return tx_run(ctx, TX_WRITE, create, &creating);
}

struct metric_getting {
    struct str code;
    struct billable_metric_row *row;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct metric_getting *getting = arg;
    bool found = false;
    TRY(billable_metric_by_code(tx, &(struct billable_metric_by_code_in){.code = getting->code},
                                getting->row, &found));
    if (!found)
        return fail_not_found(ctx, "billable_metric", getting->code);
    return ERR_NONE;
}

enum err billable_metric_get(struct ctx *ctx, struct str code, struct billable_metric_row *row)
{
    struct metric_getting getting = {.code = code, .row = row};
    return tx_run(ctx, TX_READ, get, &getting);
}

struct metric_listing {
    int64_t limit, offset, total;
    struct billable_metric_row *rows;
    size_t count;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    (void)ctx;
    struct metric_listing *listing = arg;
    struct billable_metric_count_row counted;
    bool found = false;
    TRY(billable_metric_count(tx, &counted, &found));
    listing->total = counted.total;
    return billable_metric_page(
        tx, &(struct billable_metric_page_in){.limit = listing->limit, .offset = listing->offset},
        &listing->rows, &listing->count);
}

enum err billable_metric_list_page(struct ctx *ctx, int64_t limit, int64_t offset,
                                   struct billable_metric_row **rows, size_t *count, int64_t *total)
{
    struct metric_listing listing = {.limit = limit, .offset = offset};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *rows = listing.rows;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}
