#include "app/fixed_charge.h"

#include "app/tax.h"
#include "base/assert.h"
#include "core/pricing/charge.h"
#include "store/sql/catalog.h"
#include "store/sql/fixed.h"

const struct fixed_charge_view *fixed_charge_of(const struct fixed_charge_view *views, size_t count,
                                                struct uuid lineage_id)
{
    for (size_t i = 0; i < count; i++) {
        if (uuid_eq(views[i].row.lineage_id, lineage_id))
            return &views[i];
    }
    return NULL;
}

bool fixed_charges_any(const struct fixed_charge_view *views, size_t count, bool in_advance)
{
    for (size_t i = 0; i < count; i++) {
        if (views[i].row.pay_in_advance == in_advance)
            return true;
    }
    return false;
}

/* ---- writing --------------------------------------------------------------------------------- */

static struct str below(struct ctx *ctx, struct str path, const char *field)
{
    return arena_fmt(ctx->arena, "%.*s.%s", STR_ARG(path), field);
}

/* Held, where it is to be written down, so that it is not deleted meanwhile. */
static enum err read_add_on(struct tx *tx, struct uuid id, bool hold, struct add_on_row *add_on,
                            bool *found)
{
    if (hold)
        return add_on_lock(tx, &(struct add_on_lock_in){.id = id}, add_on, found);
    return add_on_load(tx, &(struct add_on_load_in){.id = id}, add_on, found);
}

static enum err find_add_on(struct ctx *ctx, struct tx *tx, struct str path, bool hold,
                            const struct fixed_charge_input *input, struct add_on_row *add_on)
{
    struct uuid id;
    bool found = false;
    bool by_id = !str_is_null(input->add_on_id);
    struct str value = by_id ? input->add_on_id : input->add_on_code;
    if (!by_id && !str_is_null(value))
        TRY(add_on_by_code(tx, &(struct add_on_by_code_in){.code = value}, add_on, &found));
    else if (by_id && uuid_parse(value, &id)) {
        add_on->id = id;
        found = true;
    }
    if (found)
        TRY(read_add_on(tx, add_on->id, hold, add_on, &found));
    if (!found)
        fault_field(ctx->fault, below(ctx, path, by_id ? "add_on_id" : "add_on_code"),
                    str_is_null(value) ? "value_is_mandatory" : "add_on_not_found", value,
                    "an add-on that exists");
    return ERR_NONE;
}

static void check_model(struct ctx *ctx, struct str path, struct str model)
{
    if (!str_eq(model, STR("standard")) && !str_eq(model, STR("graduated")) &&
        !str_eq(model, STR("volume")))
        fault_field(ctx->fault, below(ctx, path, "charge_model"), "value_is_invalid", model,
                    "standard, graduated or volume");
}

/* A code of its own where none was given: the add-on's, numbered where it is taken. */
static struct str free_code(struct ctx *ctx, struct str wanted, const struct str *codes,
                            size_t count)
{
    struct str code = wanted;
    for (int number = 2;; number++) {
        bool taken = false;
        for (size_t i = 0; i < count; i++)
            taken |= str_eq(codes[i], code);
        if (!taken)
            return code;
        code = arena_fmt(ctx->arena, "%.*s_%d", STR_ARG(wanted), number);
    }
}

static void check_code(struct ctx *ctx, struct str path, struct str code, const struct str *codes,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(codes[i], code))
            continue;
        fault_field(ctx->fault, below(ctx, path, "code"), "value_already_exist", code,
                    "a code that no other fixed charge of the plan has");
        return;
    }
}

struct writing {
    struct ctx *ctx;
    struct tx *tx;
    struct uuid version_id;
    struct str *codes; /* of those before */
    size_t index;
    struct fixed_charge_view *drafts; /* not NULL: put there instead */
};

static enum err draft_one(struct writing *w, const struct fixed_charge_row *row,
                          const struct add_on_row *add_on, struct tax_row *taxes, size_t tax_count)
{
    struct fixed_charge_view *view = &w->drafts[w->index];
    *view = (struct fixed_charge_view){
        .row = *row, .add_on = *add_on, .taxes = taxes, .tax_count = tax_count};
    return add_on_tax_list(w->tx, &(struct add_on_tax_list_in){.add_on_id = add_on->id},
                           &view->add_on_taxes, &view->add_on_tax_count);
}

static enum err write_one(struct writing *w, const struct fixed_charge_input *input)
{
    struct ctx *ctx = w->ctx;
    struct str path = arena_fmt(ctx->arena, "fixed_charges.%zu", w->index);
    struct add_on_row add_on = {0};
    struct charge charge;
    struct tax_row *taxes = ARENA_ARRAY(ctx->arena, input->tax_code_count, struct tax_row);
    TRY(find_add_on(ctx, w->tx, path, w->drafts == NULL, input, &add_on));
    check_model(ctx, path, input->charge_model);
    charge_parse(ctx->arena, input->charge_model,
                 str_is_null(input->properties) ? STR("{}") : input->properties, path, ctx->fault,
                 &charge);
    TRY(taxes_find(ctx, w->tx, arena_fmt(ctx->arena, "%.*s.", STR_ARG(path)), input->tax_codes,
                   input->tax_code_count, taxes));
    struct str code = input->code;
    if (str_is_null(code))
        code = free_code(ctx, add_on.code, w->codes, w->index);
    else
        check_code(ctx, path, code, w->codes, w->index);
    w->codes[w->index] = code;
    if (fault_is_set(ctx->fault))
        return ERR_NONE; /* told together with what else is wrong */
    struct fixed_charge_row row = {
        .id = ctx_new_id(ctx),
        .plan_version_id = w->version_id,
        .position = (int64_t)w->index,
        .code = code,
        .add_on_id = add_on.id,
        .invoice_display_name = input->invoice_display_name,
        .charge_model = input->charge_model,
        .properties = charge_properties_text(ctx->arena, &charge),
        .units = (input->sent & FIXED_UNITS) != 0 ? input->units : DECIMAL_ZERO,
        .pay_in_advance = input->pay_in_advance,
        .prorated = input->prorated,
        .units_at_once = input->units_at_once,
    };
    row.lineage_id = uuid_is_nil(input->lineage_id) ? row.id : input->lineage_id;
    if (w->drafts != NULL)
        return draft_one(w, &row, &add_on, taxes, input->tax_code_count);
    TRY(fixed_charge_insert(w->tx, &row));
    for (size_t i = 0; i < input->tax_code_count; i++)
        TRY(fixed_charge_tax_insert(w->tx, &(struct fixed_charge_tax_row){.fixed_charge_id = row.id,
                                                                          .tax_id = taxes[i].id}));
    return ERR_NONE;
}

enum err fixed_charges_write(struct ctx *ctx, struct tx *tx, struct uuid version_id,
                             const struct fixed_charge_input *inputs, size_t count)
{
    struct writing w = {.ctx = ctx,
                        .tx = tx,
                        .version_id = version_id,
                        .codes = ARENA_ARRAY(ctx->arena, count, struct str)};
    for (; w.index < count; w.index++)
        TRY(write_one(&w, &inputs[w.index]));
    return ERR_NONE;
}

enum err fixed_charges_draft(struct ctx *ctx, struct tx *tx, struct uuid version_id,
                             const struct fixed_charge_input *inputs, size_t count,
                             struct fixed_charge_view *views)
{
    struct writing w = {.ctx = ctx,
                        .tx = tx,
                        .version_id = version_id,
                        .codes = ARENA_ARRAY(ctx->arena, count, struct str),
                        .drafts = views};
    for (; w.index < count; w.index++)
        TRY(write_one(&w, &inputs[w.index]));
    return ERR_NONE;
}

/* ---- changing -------------------------------------------------------------------------------- */

struct fixed_charge_input fixed_charge_input_of(struct arena *arena,
                                                const struct fixed_charge_view *view)
{
    return (struct fixed_charge_input){
        .lineage_id = view->row.lineage_id,
        .add_on_id = uuid_text(arena, view->add_on.id),
        .code = view->row.code,
        .invoice_display_name = view->row.invoice_display_name,
        .charge_model = view->row.charge_model,
        .properties = view->row.properties,
        .units = view->row.units,
        .pay_in_advance = view->row.pay_in_advance,
        .prorated = view->row.prorated,
        .tax_codes = tax_codes_of(arena, view->taxes, view->tax_count),
        .tax_code_count = view->tax_count,
        .sent = FIXED_UNITS,
    };
}

static bool names_add_on(const struct fixed_charge_input *input)
{
    return !str_is_null(input->add_on_id) || !str_is_null(input->add_on_code);
}

static bool has_add_on(struct arena *arena, const struct fixed_charge_view *view,
                       const struct fixed_charge_input *input)
{
    if (!str_is_null(input->add_on_id))
        return str_eq_nocase(input->add_on_id, uuid_text(arena, view->add_on.id));
    return str_is_null(input->add_on_code) || str_eq(input->add_on_code, view->add_on.code);
}

static bool is_it(struct arena *arena, const struct fixed_charge_view *view,
                  const struct fixed_charge_input *input)
{
    if (!uuid_is_nil(input->lineage_id))
        return uuid_eq(view->row.lineage_id, input->lineage_id);
    if (!str_is_null(input->code))
        return str_eq(view->row.code, input->code);
    return names_add_on(input) && has_add_on(arena, view, input) &&
           str_eq(view->row.code, view->add_on.code);
}

struct merging {
    struct ctx *ctx;
    const struct fixed_charge_view *old;
    size_t old_count;
    struct str path;
};

static const struct fixed_charge_view *find_old(const struct merging *m,
                                                const struct fixed_charge_input *input)
{
    const struct fixed_charge_view *match = NULL;
    size_t count = 0;
    for (size_t i = 0; i < m->old_count && !input->is_new; i++) {
        if (!is_it(m->ctx->arena, &m->old[i], input))
            continue;
        match = &m->old[i];
        count++;
    }
    return count == 1 ? match : NULL;
}

static void keep_fixed(const struct merging *m, const char *field, bool sent, bool value, bool was)
{
    if (sent && value != was)
        fault_field(m->ctx->fault, below(m->ctx, m->path, field), "value_is_immutable",
                    value ? STR("true") : STR("false"),
                    "%s: a fixed charge keeps when it is billed; make a new one for another",
                    was ? "true" : "false");
}

static void refuse_new(const struct merging *m, const struct fixed_charge_input *input)
{
    if (!uuid_is_nil(input->lineage_id))
        fault_field(m->ctx->fault, below(m->ctx, m->path, "id"), "fixed_charge_not_found",
                    uuid_text(m->ctx->arena, input->lineage_id),
                    "the id of a fixed charge of this plan");
    else if (str_is_null(input->charge_model))
        fault_field(m->ctx->fault, below(m->ctx, m->path, "charge_model"), "value_is_mandatory",
                    STR_NULL, "the model of a new fixed charge");
}

static void merge_one(const struct merging *m, const struct fixed_charge_input *input,
                      struct fixed_charge_input *merged)
{
    const struct fixed_charge_view *old = find_old(m, input);
    if (old == NULL) {
        refuse_new(m, input);
        *merged = *input;
        return;
    }
    if (!has_add_on(m->ctx->arena, old, input))
        fault_field(m->ctx->fault, below(m->ctx, m->path, "add_on_id"), "value_is_immutable",
                    str_is_null(input->add_on_id) ? input->add_on_code : input->add_on_id,
                    "%.*s: a fixed charge keeps its add-on; make a new one for another",
                    STR_ARG(old->add_on.code));
    keep_fixed(m, "pay_in_advance", (input->sent & FIXED_PAY_IN_ADVANCE) != 0,
               input->pay_in_advance, old->row.pay_in_advance);
    keep_fixed(m, "prorated", (input->sent & FIXED_PRORATED) != 0, input->prorated,
               old->row.prorated);
    *merged = fixed_charge_input_of(m->ctx->arena, old);
    if (!str_is_null(input->code))
        merged->code = input->code;
    if (!str_is_null(input->charge_model)) {
        if (!str_eq(input->charge_model, old->row.charge_model))
            merged->properties = STR_NULL; /* of the other model */
        merged->charge_model = input->charge_model;
    }
    if (!str_is_null(input->properties))
        merged->properties = input->properties;
    if ((input->sent & FIXED_DISPLAY_NAME) != 0)
        merged->invoice_display_name = input->invoice_display_name;
    if ((input->sent & FIXED_UNITS) != 0)
        merged->units = input->units;
    merged->units_at_once = input->units_at_once;
    if ((input->sent & FIXED_TAX_CODES) != 0) {
        merged->tax_codes = input->tax_codes;
        merged->tax_code_count = input->tax_code_count;
    }
}

/* None may be gone on from twice: it would be billed twice. */
static void check_lineages(struct ctx *ctx, const struct fixed_charge_input *inputs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i && !uuid_is_nil(inputs[i].lineage_id); j++) {
            if (!uuid_eq(inputs[i].lineage_id, inputs[j].lineage_id))
                continue;
            fault_field(ctx->fault, arena_fmt(ctx->arena, "fixed_charges.%zu", i),
                        "value_already_exist", uuid_text(ctx->arena, inputs[i].lineage_id),
                        "another fixed charge than fixed_charges.%zu", j);
            break;
        }
    }
}

void fixed_charges_merge(struct ctx *ctx, const struct fixed_charge_view *old, size_t old_count,
                         bool are_sent, const struct fixed_charge_input *inputs, size_t count,
                         struct fixed_charge_input **merged, size_t *merged_count)
{
    size_t made = are_sent ? count : old_count;
    struct fixed_charge_input *all = ARENA_ARRAY(ctx->arena, made, struct fixed_charge_input);
    for (size_t i = 0; i < made; i++) {
        struct merging m = {ctx, old, old_count, arena_fmt(ctx->arena, "fixed_charges.%zu", i)};
        if (are_sent)
            merge_one(&m, &inputs[i], &all[i]);
        else
            all[i] = fixed_charge_input_of(ctx->arena, &old[i]);
    }
    check_lineages(ctx, all, made);
    *merged = all;
    *merged_count = made;
}

/* ---- reading --------------------------------------------------------------------------------- */

enum err fixed_charges_load(struct ctx *ctx, struct tx *tx, struct uuid version_id,
                            struct fixed_charge_view **views, size_t *count)
{
    struct fixed_charge_row *rows = NULL;
    TRY(fixed_charge_list(tx, &(struct fixed_charge_list_in){.plan_version_id = version_id}, &rows,
                          count));
    *views = ARENA_ARRAY(ctx->arena, *count, struct fixed_charge_view);
    for (size_t i = 0; i < *count; i++) {
        struct fixed_charge_view *view = &(*views)[i];
        bool found = false;
        view->row = rows[i];
        TRY(add_on_load(tx, &(struct add_on_load_in){.id = rows[i].add_on_id}, &view->add_on,
                        &found));
        ASSERT(found);
        TRY(fixed_charge_tax_list(tx,
                                  &(struct fixed_charge_tax_list_in){.fixed_charge_id = rows[i].id},
                                  &view->taxes, &view->tax_count));
        TRY(add_on_tax_list(tx, &(struct add_on_tax_list_in){.add_on_id = view->add_on.id},
                            &view->add_on_taxes, &view->add_on_tax_count));
    }
    return ERR_NONE;
}

void fixed_charges_audit(struct json_writer *out, struct arena *arena,
                         const struct fixed_charge_view *views, size_t count)
{
    json_array(out, "fixed_charges");
    for (size_t i = 0; i < count; i++) {
        json_object(out, NULL);
        json_raw(out, "fixed_charge", fixed_charge_row_json(arena, &views[i].row));
        json_array(out, "tax_codes");
        for (size_t j = 0; j < views[i].tax_count; j++)
            json_str(out, NULL, views[i].taxes[j].code);
        json_array_end(out);
        json_object_end(out);
    }
    json_array_end(out);
}
