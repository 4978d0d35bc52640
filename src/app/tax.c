#include "app/tax.h"

#include "app/audit.h"
#include "base/assert.h"
#include "store/sql/catalog.h"

#define RATE_DECIMALS_MAX 6

static enum err load_view(struct ctx *ctx, struct tx *tx, const struct tax_row *row,
                          struct tax_view *view)
{
    struct tax_entity_codes_row *codes = NULL;
    view->row = *row;
    TRY(tax_entity_codes(tx, &(struct tax_entity_codes_in){.tax_id = row->id}, &codes,
                         &view->entity_code_count));
    view->entity_codes = ARENA_ARRAY(ctx->arena, view->entity_code_count, struct str);
    for (size_t i = 0; i < view->entity_code_count; i++)
        view->entity_codes[i] = codes[i].code;
    return ERR_NONE;
}

struct tax_creating {
    const struct tax_input *input;
    struct tax_view *view;
};

static enum err create(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct tax_creating *creating = arg;
    const struct tax_input *input = creating->input;
    struct tax_row row = {
        .id = ctx_new_id(ctx),
        .code = input->code,
        .name = input->name,
        .description = input->description,
        .rate = input->rate,
        .created_at = ctx_now(ctx),
    };
    struct tax_row taken;
    struct billing_entity_row entity;
    bool found = false;
    if (decimal_sign(input->rate) < 0 || decimal_cmp(input->rate, decimal_of(100)) > 0 ||
        decimal_decimals(input->rate) > RATE_DECIMALS_MAX)
        fault_field(ctx->fault, STR("rate"), "value_is_out_of_range",
                    decimal_text(ctx->arena, input->rate),
                    "a percentage from 0 to 100 with at most %d decimals", RATE_DECIMALS_MAX);
    TRY(tax_by_code(tx, &(struct tax_by_code_in){.code = input->code}, &taken, &found));
    if (found)
        fault_field(ctx->fault, STR("code"), "value_already_exist", input->code,
                    "a code that no tax has yet");
    TRY(fault_check(ctx->fault));
    TRY(tax_insert(tx, &row));
    if (input->applied_to_organization) {
        TRY(billing_entity_by_code(tx, &(struct billing_entity_by_code_in){.code = STR("default")},
                                   &entity, &found));
        ASSERT(found);
        TRY(billing_entity_tax_insert(tx, &(struct billing_entity_tax_row){
                                              .billing_entity_id = entity.id, .tax_id = row.id}));
    }
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = ctx->app->organization_id,
                      .action = "tax.create",
                      .object_id = row.id,
                      .after = tax_row_json(ctx->arena, &row),
                  }));
    return load_view(ctx, tx, &row, creating->view);
}

enum err tax_create(struct ctx *ctx, const struct tax_input *input, struct tax_view *view)
{
    struct tax_creating creating = {.input = input, .view = view};
    return tx_run(ctx, TX_WRITE, create, &creating);
}

struct tax_getting {
    struct str code;
    struct tax_view *view;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct tax_getting *getting = arg;
    struct tax_row row;
    bool found = false;
    TRY(tax_by_code(tx, &(struct tax_by_code_in){.code = getting->code}, &row, &found));
    if (!found)
        return fail_not_found(ctx, "tax", getting->code);
    return load_view(ctx, tx, &row, getting->view);
}

enum err tax_get(struct ctx *ctx, struct str code, struct tax_view *view)
{
    struct tax_getting getting = {.code = code, .view = view};
    return tx_run(ctx, TX_READ, get, &getting);
}

struct tax_listing {
    int64_t limit, offset, total;
    struct tax_view *views;
    size_t count;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct tax_listing *listing = arg;
    struct tax_row *rows = NULL;
    struct tax_count_row counted;
    bool found = false;
    TRY(tax_count(tx, &counted, &found));
    listing->total = counted.total;
    TRY(tax_page(tx, &(struct tax_page_in){.limit = listing->limit, .offset = listing->offset},
                 &rows, &listing->count));
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct tax_view);
    for (size_t i = 0; i < listing->count; i++)
        TRY(load_view(ctx, tx, &rows[i], &listing->views[i]));
    return ERR_NONE;
}

enum err tax_list(struct ctx *ctx, int64_t limit, int64_t offset, struct tax_view **views,
                  size_t *count, int64_t *total)
{
    struct tax_listing listing = {.limit = limit, .offset = offset};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}
