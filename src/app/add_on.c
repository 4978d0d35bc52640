#include "app/add_on.h"

#include "app/audit.h"
#include "app/tax.h"
#include "base/assert.h"
#include "base/json_write.h"
#include "core/currency.h"
#include "store/sql/catalog.h"
#include "store/sql/fixed.h"

#define AUDIT_BYTES_MAX ((size_t)4 << 20)

static enum err load_taxes(struct tx *tx, struct add_on_view *view)
{
    return add_on_tax_list(tx, &(struct add_on_tax_list_in){.add_on_id = view->row.id},
                           &view->taxes, &view->tax_count);
}

static enum err load(struct ctx *ctx, struct tx *tx, struct str code, bool lock,
                     struct add_on_view *view)
{
    bool found = false;
    TRY(add_on_by_code(tx, &(struct add_on_by_code_in){.code = code}, &view->row, &found));
    if (found && lock)
        TRY(add_on_lock(tx, &(struct add_on_lock_in){.id = view->row.id}, &view->row, &found));
    if (!found)
        return fail_not_found(ctx, "add_on", code);
    return load_taxes(tx, view);
}

static struct str audit_text(struct arena *arena, const struct add_on_view *view)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, arena, AUDIT_BYTES_MAX);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    json_raw(&out, "add_on", add_on_row_json(arena, &view->row));
    json_array(&out, "tax_codes");
    for (size_t i = 0; i < view->tax_count; i++)
        json_str(&out, NULL, view->taxes[i].code);
    json_array_end(&out);
    json_object_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

static enum err add_audit(struct ctx *ctx, struct tx *tx, const char *action,
                          const struct add_on_view *before, const struct add_on_view *after)
{
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = action,
                         .object_id = (after == NULL ? before : after)->row.id,
                         .before = before == NULL ? STR_NULL : audit_text(ctx->arena, before),
                         .after = after == NULL ? STR_NULL : audit_text(ctx->arena, after),
                     });
}

/* ---- writing --------------------------------------------------------------------------------- */

static void check_fields(struct ctx *ctx, const struct add_on_row *row)
{
    if (currency_find(row->currency) == NULL)
        fault_field(ctx->fault, STR("amount_currency"), "value_is_invalid", row->currency,
                    "an ISO 4217 code such as EUR");
    if (row->amount_minor < 0)
        fault_field(ctx->fault, STR("amount_cents"), "value_is_out_of_range",
                    arena_fmt(ctx->arena, "%lld", (long long)row->amount_minor), "0 or more");
}

static enum err check_code(struct ctx *ctx, struct tx *tx, struct str code)
{
    struct add_on_row taken;
    bool found = false;
    TRY(add_on_by_code(tx, &(struct add_on_by_code_in){.code = code}, &taken, &found));
    if (found)
        fault_field(ctx->fault, STR("code"), "value_already_exist", code,
                    "a code that no add-on has yet");
    return ERR_NONE;
}

static enum err write_taxes(struct tx *tx, struct uuid add_on_id, const struct tax_row *taxes,
                            size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(add_on_tax_insert(
            tx, &(struct add_on_tax_row){.add_on_id = add_on_id, .tax_id = taxes[i].id}));
    return ERR_NONE;
}

struct add_on_writing {
    struct str code; /* of the one that changes */
    const struct add_on_input *input;
    struct add_on_view *view;
};

static enum err create(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct add_on_writing *writing = arg;
    const struct add_on_input *input = writing->input;
    struct tax_row *taxes = ARENA_ARRAY(ctx->arena, input->tax_code_count, struct tax_row);
    *writing->view = (struct add_on_view){
        .row =
            {
                .id = ctx_new_id(ctx),
                .code = input->code,
                .name = input->name,
                .invoice_display_name = input->invoice_display_name,
                .description = input->description,
                .amount_minor = input->amount_minor,
                .currency = input->currency,
                .created_at = ctx_now(ctx),
                .updated_at = ctx_now(ctx),
            },
    };
    check_fields(ctx, &writing->view->row);
    TRY(check_code(ctx, tx, input->code));
    TRY(taxes_find(ctx, tx, STR(""), input->tax_codes, input->tax_code_count, taxes));
    TRY(fault_check(ctx->fault));
    TRY(add_on_insert(tx, &writing->view->row));
    TRY(write_taxes(tx, writing->view->row.id, taxes, input->tax_code_count));
    TRY(load_taxes(tx, writing->view));
    return add_audit(ctx, tx, "add_on.create", NULL, writing->view);
}

enum err add_on_create(struct ctx *ctx, const struct add_on_input *input, struct add_on_view *view)
{
    struct add_on_writing writing = {.input = input, .view = view};
    return tx_run(ctx, TX_WRITE, create, &writing);
}

static void apply(struct ctx *ctx, const struct add_on_input *input, struct add_on_row *row)
{
    if ((input->sent & ADD_ON_CODE) != 0)
        row->code = input->code;
    if ((input->sent & ADD_ON_NAME) != 0)
        row->name = input->name;
    if ((input->sent & ADD_ON_DISPLAY_NAME) != 0)
        row->invoice_display_name = input->invoice_display_name;
    if ((input->sent & ADD_ON_DESCRIPTION) != 0)
        row->description = input->description;
    if ((input->sent & ADD_ON_AMOUNT) != 0)
        row->amount_minor = input->amount_minor;
    if ((input->sent & ADD_ON_CURRENCY) != 0)
        row->currency = input->currency;
    row->updated_at = ctx_now(ctx);
}

static enum err change(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct add_on_writing *writing = arg;
    const struct add_on_input *input = writing->input;
    struct tax_row *taxes = ARENA_ARRAY(ctx->arena, input->tax_code_count, struct tax_row);
    struct add_on_view old;
    TRY(load(ctx, tx, writing->code, true, &old));
    *writing->view = old;
    struct add_on_row *row = &writing->view->row;
    apply(ctx, input, row);
    check_fields(ctx, row);
    if (!str_eq(row->code, old.row.code))
        TRY(check_code(ctx, tx, row->code));
    TRY(taxes_find(ctx, tx, STR(""), input->tax_codes, input->tax_code_count, taxes));
    TRY(fault_check(ctx->fault));
    TRY(add_on_update(tx,
                      &(struct add_on_update_in){
                          .id = row->id,
                          .code = row->code,
                          .name = row->name,
                          .invoice_display_name = row->invoice_display_name,
                          .description = row->description,
                          .amount_minor = row->amount_minor,
                          .currency = row->currency,
                          .updated_at = row->updated_at,
                      },
                      NULL));
    if ((input->sent & ADD_ON_TAX_CODES) != 0) {
        TRY(add_on_tax_clear(tx, &(struct add_on_tax_clear_in){.add_on_id = row->id}, NULL));
        TRY(write_taxes(tx, row->id, taxes, input->tax_code_count));
        TRY(load_taxes(tx, writing->view));
    }
    return add_audit(ctx, tx, "add_on.update", &old, writing->view);
}

enum err add_on_change(struct ctx *ctx, struct str code, const struct add_on_input *input,
                       struct add_on_view *view)
{
    struct add_on_writing writing = {.code = code, .input = input, .view = view};
    return tx_run(ctx, TX_WRITE, change, &writing);
}

static enum err remove_unsold(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct add_on_writing *removing = arg;
    struct fixed_charge_of_add_on_row sold;
    bool found = false;
    TRY(load(ctx, tx, removing->code, true, removing->view));
    struct uuid id = removing->view->row.id;
    TRY(fixed_charge_of_add_on(tx, &(struct fixed_charge_of_add_on_in){.add_on_id = id}, &sold,
                               &found));
    if (found) {
        fault_field(ctx->fault, STR("code"), "add_on_in_use", removing->code,
                    "an add-on that no plan sells");
        return fail(ctx, ERR_NOT_ALLOWED, "add-on %.*s is part of a plan", STR_ARG(removing->code));
    }
    TRY(add_on_tax_clear(tx, &(struct add_on_tax_clear_in){.add_on_id = id}, NULL));
    TRY(add_on_delete(tx, &(struct add_on_delete_in){.id = id}, NULL));
    return add_audit(ctx, tx, "add_on.delete", removing->view, NULL);
}

enum err add_on_remove(struct ctx *ctx, struct str code, struct add_on_view *view)
{
    struct add_on_writing removing = {.code = code, .view = view};
    return tx_run(ctx, TX_WRITE, remove_unsold, &removing);
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct add_on_writing *getting = arg;
    return load(ctx, tx, getting->code, false, getting->view);
}

enum err add_on_get(struct ctx *ctx, struct str code, struct add_on_view *view)
{
    struct add_on_writing getting = {.code = code, .view = view};
    return tx_run(ctx, TX_READ, get, &getting);
}

struct add_on_listing {
    int64_t limit, offset, total;
    struct add_on_view *views;
    size_t count;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct add_on_listing *listing = arg;
    struct add_on_row *rows = NULL;
    struct add_on_count_row counted;
    bool found = false;
    TRY(add_on_count(tx, &counted, &found));
    listing->total = counted.total;
    TRY(add_on_page(tx,
                    &(struct add_on_page_in){.limit = listing->limit, .offset = listing->offset},
                    &rows, &listing->count));
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct add_on_view);
    for (size_t i = 0; i < listing->count; i++) {
        listing->views[i].row = rows[i];
        TRY(load_taxes(tx, &listing->views[i]));
    }
    return ERR_NONE;
}

enum err add_on_list(struct ctx *ctx, int64_t limit, int64_t offset, struct add_on_view **views,
                     size_t *count, int64_t *total)
{
    struct add_on_listing listing = {.limit = limit, .offset = offset};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}
