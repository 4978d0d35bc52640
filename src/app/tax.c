#include "app/tax.h"

#include "app/audit.h"
#include "base/assert.h"
#include "base/json_write.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/fixed.h"
#include "store/sql/invoice.h"

#define RATE_DECIMALS_MAX   6
#define TAX_CODES_BYTES_MAX ((size_t)4 << 20)

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

enum err taxes_find(struct ctx *ctx, struct tx *tx, struct str path, const struct str *codes,
                    size_t count, struct tax_row *taxes)
{
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        TRY(tax_by_code(tx, &(struct tax_by_code_in){.code = codes[i]}, &taxes[i], &found));
        if (!found)
            fault_field(ctx->fault, arena_fmt(ctx->arena, "%.*stax_codes.%zu", STR_ARG(path), i),
                        "tax_not_found", codes[i], "the code of a tax");
    }
    return ERR_NONE;
}

static void check_rate(struct ctx *ctx, struct decimal rate)
{
    if (decimal_sign(rate) < 0 || decimal_cmp(rate, decimal_of(100)) > 0 ||
        decimal_decimals(rate) > RATE_DECIMALS_MAX)
        fault_field(ctx->fault, STR("rate"), "value_is_out_of_range",
                    decimal_text(ctx->arena, rate),
                    "a percentage from 0 to 100 with at most %d decimals", RATE_DECIMALS_MAX);
}

const struct str *tax_codes_of(struct arena *arena, const struct tax_row *taxes, size_t count)
{
    struct str *codes = ARENA_ARRAY(arena, count, struct str);
    for (size_t i = 0; i < count; i++)
        codes[i] = taxes[i].code;
    return codes;
}

struct str tax_codes_json(struct arena *arena, const struct tax_row *taxes, size_t count)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, arena, TAX_CODES_BYTES_MAX);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    json_array(&out, "tax_codes");
    for (size_t i = 0; i < count; i++)
        json_str(&out, NULL, taxes[i].code);
    json_array_end(&out);
    json_object_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
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
    check_rate(ctx, input->rate);
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

/* ---- changing and removing ------------------------------------------------------------------- */

struct tax_changing {
    struct str code;
    uint64_t sent;
    const struct tax_input *input;
    struct tax_view *view;
};

static enum err load(struct ctx *ctx, struct tx *tx, struct str code, struct tax_row *row)
{
    bool found = false;
    TRY(tax_by_code(tx, &(struct tax_by_code_in){.code = code}, row, &found));
    return found ? ERR_NONE : fail_not_found(ctx, "tax", code);
}

static enum err apply(struct ctx *ctx, struct tx *tx, const struct tax_changing *changing,
                      struct tax_row *row)
{
    const struct tax_input *input = changing->input;
    if ((changing->sent & TAX_NAME) != 0)
        row->name = input->name;
    if ((changing->sent & TAX_DESCRIPTION) != 0)
        row->description = input->description;
    if ((changing->sent & TAX_RATE) != 0)
        row->rate = input->rate;
    check_rate(ctx, row->rate);
    if ((changing->sent & TAX_CODE) != 0 && !str_eq(row->code, input->code)) {
        struct tax_row taken;
        bool found = false;
        TRY(tax_by_code(tx, &(struct tax_by_code_in){.code = input->code}, &taken, &found));
        if (found)
            fault_field(ctx->fault, STR("code"), "value_already_exist", input->code,
                        "a code that no tax has yet");
        row->code = input->code;
    }
    return fault_check(ctx->fault);
}

/* On or off the billing entity `default`, whose drafts follow. */
static enum err apply_to_default(struct ctx *ctx, struct tx *tx, bool applied,
                                 const struct tax_row *row)
{
    struct billing_entity_row entity;
    bool found = false;
    TRY(billing_entity_by_code(tx, &(struct billing_entity_by_code_in){.code = STR("default")},
                               &entity, &found));
    ASSERT(found);
    TRY(tax_off_entity(
        tx, &(struct tax_off_entity_in){.tax_id = row->id, .billing_entity_id = entity.id}, NULL));
    if (applied)
        TRY(billing_entity_tax_insert(tx, &(struct billing_entity_tax_row){
                                              .billing_entity_id = entity.id, .tax_id = row->id}));
    return invoice_stale_by_entity(tx,
                                   &(struct invoice_stale_by_entity_in){
                                       .stale_at = ctx_now(ctx), .billing_entity_id = entity.id},
                                   NULL);
}

static enum err mark_drafts(struct ctx *ctx, struct tx *tx, struct uuid tax_id)
{
    return invoice_stale_by_tax(
        tx, &(struct invoice_stale_by_tax_in){.stale_at = ctx_now(ctx), .tax_id = tax_id}, NULL);
}

static enum err change(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct tax_changing *changing = arg;
    struct tax_row row;
    TRY(load(ctx, tx, changing->code, &row));
    struct tax_row old = row;
    TRY(apply(ctx, tx, changing, &row));
    TRY(tax_update(tx,
                   &(struct tax_update_in){
                       .code = row.code,
                       .name = row.name,
                       .description = row.description,
                       .rate = row.rate,
                       .id = row.id,
                   },
                   NULL));
    TRY(mark_drafts(ctx, tx, row.id));
    if ((changing->sent & TAX_APPLIED_TO_ORGANIZATION) != 0)
        TRY(apply_to_default(ctx, tx, changing->input->applied_to_organization, &row));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = ctx->app->organization_id,
                      .action = "tax.update",
                      .object_id = row.id,
                      .before = tax_row_json(ctx->arena, &old),
                      .after = tax_row_json(ctx->arena, &row),
                  }));
    return load_view(ctx, tx, &row, changing->view);
}

enum err tax_change(struct ctx *ctx, struct str code, uint64_t sent, const struct tax_input *input,
                    struct tax_view *view)
{
    struct tax_changing changing = {code, sent, input, view};
    return tx_run(ctx, TX_WRITE, change, &changing);
}

static enum err remove_one(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct tax_changing *removing = arg;
    struct tax_row row;
    TRY(load(ctx, tx, removing->code, &row));
    TRY(load_view(ctx, tx, &row, removing->view));
    TRY(mark_drafts(ctx, tx, row.id));
    TRY(tax_off_entities(tx, &(struct tax_off_entities_in){.tax_id = row.id}, NULL));
    TRY(tax_off_customers(tx, &(struct tax_off_customers_in){.tax_id = row.id}, NULL));
    TRY(tax_off_plans(tx, &(struct tax_off_plans_in){.tax_id = row.id}, NULL));
    TRY(tax_off_charges(tx, &(struct tax_off_charges_in){.tax_id = row.id}, NULL));
    TRY(tax_off_add_ons(tx, &(struct tax_off_add_ons_in){.tax_id = row.id}, NULL));
    TRY(tax_off_fixed_charges(tx, &(struct tax_off_fixed_charges_in){.tax_id = row.id}, NULL));
    TRY(tax_delete(tx, &(struct tax_delete_in){.id = row.id}, NULL));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "tax.delete",
                         .object_id = row.id,
                         .before = tax_row_json(ctx->arena, &row),
                     });
}

enum err tax_remove(struct ctx *ctx, struct str code, struct tax_view *view)
{
    struct tax_changing removing = {.code = code, .view = view};
    return tx_run(ctx, TX_WRITE, remove_one, &removing);
}
