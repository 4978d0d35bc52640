#include "app/plan_cascade.h"

#include "app/plan_change.h"
#include "app/tax.h"
#include "base/none.h"
#include "core/metering/filter.h"
#include "store/sql/catalog.h"

/* A plan's version before and now, and the copy's newest. */
struct cascade {
    struct arena *arena;
    const struct plan_view *was;
    const struct plan_view *is;
    const struct plan_view *copy;
    bool changes; /* something is carried */
};

/* Whether a value is carried: it changed, and the copy has the old one. */
static bool takes_text(struct cascade *c, struct str was, struct str is, struct str copy)
{
    bool takes = !str_eq(was, is) && str_eq(was, copy);
    c->changes |= takes;
    return takes;
}

static bool takes_int(struct cascade *c, int64_t was, int64_t is, int64_t copy)
{
    bool takes = was != is && was == copy;
    c->changes |= takes;
    return takes;
}

static bool same_taxes(const struct tax_row *a, size_t a_count, const struct tax_row *b,
                       size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++) { /* in order of code */
        if (!uuid_eq(a[i].id, b[i].id))
            return false;
    }
    return true;
}

struct taxes {
    const struct tax_row *rows;
    size_t count;
};

static void carry_taxes(struct cascade *c, struct taxes was, struct taxes is, struct taxes copy,
                        const struct str **codes, size_t *count)
{
    if (same_taxes(was.rows, was.count, is.rows, is.count) ||
        !same_taxes(was.rows, was.count, copy.rows, copy.count))
        return;
    *codes = tax_codes_of(c->arena, is.rows, is.count);
    *count = is.count;
    c->changes = true;
}

/* ---- filters --------------------------------------------------------------------------------- */

static const struct charge_filter_row *filter_of_lineage(const struct charge_view *charge,
                                                         struct uuid lineage_id)
{
    for (size_t i = 0; i < charge->filter_count; i++) {
        if (uuid_eq(charge->filters[i].lineage_id, lineage_id))
            return &charge->filters[i];
    }
    return NULL;
}

/* No two filters of a charge may have the same values. */
static bool has_values(struct arena *arena, const struct charge_filter_input *inputs, size_t count,
                       struct str values)
{
    struct filter wanted = filter_of(arena, values);
    for (size_t i = 0; i < count; i++) {
        struct filter filter = filter_of(arena, inputs[i].values);
        if (filter_same(&filter, &wanted))
            return true;
    }
    return false;
}

/* `all` as the copy has them. */
static struct charge_filter_input carry_filter(struct cascade *c, const struct charge_input *all,
                                               const struct charge_filter_row *was,
                                               const struct charge_filter_row *is,
                                               const struct charge_filter_row *copy)
{
    struct charge_filter_input input = charge_filter_input_of(copy);
    if (!has_values(c->arena, all->filters, all->filter_count, is->match_values) &&
        takes_text(c, was->match_values, is->match_values, copy->match_values))
        input.values = is->match_values;
    if (takes_text(c, was->invoice_display_name, is->invoice_display_name,
                   copy->invoice_display_name))
        input.invoice_display_name = is->invoice_display_name;
    if (takes_text(c, was->properties, is->properties, copy->properties))
        input.properties = is->properties;
    return input;
}

/* *input is the charge as the copy has it. */
static void carry_filters(struct cascade *c, const struct charge_view *was,
                          const struct charge_view *is, const struct charge_view *copy,
                          struct charge_input *input)
{
    struct charge_filter_input *inputs =
        ARENA_ARRAY(c->arena, copy->filter_count + is->filter_count, struct charge_filter_input);
    size_t count = 0;
    for (size_t i = 0; i < copy->filter_count; i++) {
        const struct charge_filter_row *row = &copy->filters[i];
        const struct charge_filter_row *before = filter_of_lineage(was, row->lineage_id);
        const struct charge_filter_row *now = filter_of_lineage(is, row->lineage_id);
        if (before != NULL && now == NULL && str_eq(before->properties, row->properties)) {
            c->changes = true;
            continue;
        }
        inputs[count++] = before != NULL && now != NULL ? carry_filter(c, input, before, now, row)
                                                        : charge_filter_input_of(row);
    }
    for (size_t i = 0; i < is->filter_count; i++) {
        const struct charge_filter_row *row = &is->filters[i];
        if (filter_of_lineage(was, row->lineage_id) != NULL ||
            has_values(c->arena, inputs, count, row->match_values))
            continue;
        inputs[count++] = charge_filter_input_of(row);
        c->changes = true;
    }
    input->filters = inputs;
    input->filter_count = count;
}

/* ---- charges --------------------------------------------------------------------------------- */

static const struct charge_view *charge_of_lineage(const struct plan_view *plan,
                                                   struct uuid lineage_id)
{
    for (size_t i = 0; i < plan->charge_count; i++) {
        if (uuid_eq(plan->charges[i].row.lineage_id, lineage_id))
            return &plan->charges[i];
    }
    return NULL;
}

static bool same_price(const struct charge_view *a, const struct charge_view *b)
{
    bool same = str_eq(a->row.charge_model, b->row.charge_model) &&
                str_eq(a->row.properties, b->row.properties) &&
                a->row.min_amount_minor == b->row.min_amount_minor &&
                a->row.max_amount_minor == b->row.max_amount_minor &&
                a->filter_count == b->filter_count;
    for (size_t i = 0; same && i < a->filter_count; i++) {
        const struct charge_filter_row *other = filter_of_lineage(b, a->filters[i].lineage_id);
        same = other != NULL && str_eq(a->filters[i].properties, other->properties);
    }
    return same;
}

/* Prices of another model make sense together only. */
static void carry_prices(struct cascade *c, const struct charge_view *was,
                         const struct charge_view *is, const struct charge_view *copy,
                         struct charge_input *input)
{
    bool same_model = str_eq(was->row.charge_model, is->row.charge_model) &&
                      str_eq(was->row.charge_model, copy->row.charge_model);
    if (!same_model && !same_price(was, copy))
        return;
    if (takes_text(c, was->row.charge_model, is->row.charge_model, copy->row.charge_model))
        input->charge_model = is->row.charge_model;
    if (takes_text(c, was->row.properties, is->row.properties, copy->row.properties))
        input->properties = is->row.properties;
    carry_filters(c, was, is, copy, input);
}

static struct charge_input carry_charge(struct cascade *c, const struct charge_view *was,
                                        const struct charge_view *is,
                                        const struct charge_view *copy)
{
    struct charge_input input = charge_input_of(c->arena, copy);
    if (takes_text(c, was->row.code, is->row.code, copy->row.code))
        input.code = is->row.code;
    if (takes_text(c, was->row.invoice_display_name, is->row.invoice_display_name,
                   copy->row.invoice_display_name))
        input.invoice_display_name = is->row.invoice_display_name;
    if (takes_int(c, was->row.min_amount_minor, is->row.min_amount_minor,
                  copy->row.min_amount_minor))
        input.min_amount_minor = is->row.min_amount_minor;
    if (takes_int(c, was->row.max_amount_minor, is->row.max_amount_minor,
                  copy->row.max_amount_minor))
        input.max_amount_minor = is->row.max_amount_minor;
    carry_taxes(
        c, (struct taxes){was->taxes, was->tax_count}, (struct taxes){is->taxes, is->tax_count},
        (struct taxes){copy->taxes, copy->tax_count}, &input.tax_codes, &input.tax_code_count);
    carry_prices(c, was, is, copy, &input);
    return input;
}

/* The copy keeps one of that code which the plan has no more. */
static bool keeps_charge(const struct cascade *c, const struct charge_input *inputs, size_t count,
                         struct str code)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(inputs[i].code, code) && charge_of_lineage(c->is, inputs[i].lineage_id) == NULL)
            return true;
    }
    return false;
}

static void carry_charges(struct cascade *c, struct plan_input *input)
{
    struct charge_input *inputs =
        ARENA_ARRAY(c->arena, c->copy->charge_count + c->is->charge_count, struct charge_input);
    size_t count = 0;
    for (size_t i = 0; i < c->copy->charge_count; i++) {
        const struct charge_view *copy = &c->copy->charges[i];
        const struct charge_view *was = charge_of_lineage(c->was, copy->row.lineage_id);
        const struct charge_view *is = charge_of_lineage(c->is, copy->row.lineage_id);
        if (was != NULL && is == NULL && same_price(was, copy)) {
            c->changes = true;
            continue;
        }
        inputs[count++] = was != NULL && is != NULL ? carry_charge(c, was, is, copy)
                                                    : charge_input_of(c->arena, copy);
    }
    for (size_t i = 0; i < c->is->charge_count; i++) {
        const struct charge_view *is = &c->is->charges[i];
        if (charge_of_lineage(c->was, is->row.lineage_id) != NULL ||
            keeps_charge(c, inputs, count, is->row.code))
            continue;
        inputs[count++] = charge_input_of(c->arena, is);
        c->changes = true;
    }
    input->charges = inputs;
    input->charge_count = count;
}

/* ---- fixed charges --------------------------------------------------------------------------- */

static bool same_fixed_price(const struct fixed_charge_view *a, const struct fixed_charge_view *b)
{
    return str_eq(a->row.charge_model, b->row.charge_model) &&
           str_eq(a->row.properties, b->row.properties) &&
           decimal_cmp(a->row.units, b->row.units) == 0;
}

static struct fixed_charge_input carry_fixed(struct cascade *c, const struct fixed_charge_view *was,
                                             const struct fixed_charge_view *is,
                                             const struct fixed_charge_view *copy)
{
    struct fixed_charge_input input = fixed_charge_input_of(c->arena, copy);
    bool same_model = str_eq(was->row.charge_model, is->row.charge_model);
    bool has_price = str_eq(was->row.charge_model, copy->row.charge_model) &&
                     str_eq(was->row.properties, copy->row.properties);
    if (takes_text(c, was->row.code, is->row.code, copy->row.code))
        input.code = is->row.code;
    if (takes_text(c, was->row.invoice_display_name, is->row.invoice_display_name,
                   copy->row.invoice_display_name))
        input.invoice_display_name = is->row.invoice_display_name;
    if (has_price && !(same_model && str_eq(was->row.properties, is->row.properties))) {
        input.charge_model = is->row.charge_model;
        input.properties = is->row.properties;
        c->changes = true;
    }
    if (decimal_cmp(was->row.units, is->row.units) != 0 &&
        decimal_cmp(was->row.units, copy->row.units) == 0) {
        input.units = is->row.units;
        input.units_at_once = is->row.units_at_once;
        c->changes = true;
    }
    carry_taxes(
        c, (struct taxes){was->taxes, was->tax_count}, (struct taxes){is->taxes, is->tax_count},
        (struct taxes){copy->taxes, copy->tax_count}, &input.tax_codes, &input.tax_code_count);
    return input;
}

static const struct fixed_charge_view *fixed_of(const struct plan_view *plan,
                                                struct uuid lineage_id)
{
    return fixed_charge_of(plan->fixed_charges, plan->fixed_charge_count, lineage_id);
}

static bool keeps_fixed(const struct cascade *c, const struct fixed_charge_input *inputs,
                        size_t count, struct str code)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(inputs[i].code, code) && fixed_of(c->is, inputs[i].lineage_id) == NULL)
            return true;
    }
    return false;
}

static void carry_fixed_charges(struct cascade *c, struct plan_input *input)
{
    struct fixed_charge_input *inputs =
        ARENA_ARRAY(c->arena, c->copy->fixed_charge_count + c->is->fixed_charge_count,
                    struct fixed_charge_input);
    size_t count = 0;
    for (size_t i = 0; i < c->copy->fixed_charge_count; i++) {
        const struct fixed_charge_view *copy = &c->copy->fixed_charges[i];
        const struct fixed_charge_view *was = fixed_of(c->was, copy->row.lineage_id);
        const struct fixed_charge_view *is = fixed_of(c->is, copy->row.lineage_id);
        if (was != NULL && is == NULL && same_fixed_price(was, copy)) {
            c->changes = true;
            continue;
        }
        inputs[count++] = was != NULL && is != NULL ? carry_fixed(c, was, is, copy)
                                                    : fixed_charge_input_of(c->arena, copy);
    }
    for (size_t i = 0; i < c->is->fixed_charge_count; i++) {
        const struct fixed_charge_view *is = &c->is->fixed_charges[i];
        if (fixed_of(c->was, is->row.lineage_id) != NULL ||
            keeps_fixed(c, inputs, count, is->row.code))
            continue;
        inputs[count] = fixed_charge_input_of(c->arena, is);
        inputs[count++].units_at_once = is->row.units_at_once;
        c->changes = true;
    }
    input->fixed_charges = inputs;
    input->fixed_charge_count = count;
}

/* ---- a copy ---------------------------------------------------------------------------------- */

static struct plan_input carry(struct ctx *ctx, struct cascade *c)
{
    struct plan_change nothing = {0};
    struct plan_input input = plan_change_merge(ctx, c->copy, &nothing);
    const struct plan_version_row *was = &c->was->version;
    const struct plan_version_row *is = &c->is->version;
    const struct plan_version_row *copy = &c->copy->version;
    if (takes_text(c, was->name, is->name, copy->name))
        input.name = is->name;
    if (takes_text(c, was->invoice_display_name, is->invoice_display_name,
                   copy->invoice_display_name))
        input.invoice_display_name = is->invoice_display_name;
    if (takes_text(c, was->description, is->description, copy->description))
        input.description = is->description;
    if (takes_int(c, was->amount_minor, is->amount_minor, copy->amount_minor))
        input.amount_minor = is->amount_minor;
    if (takes_text(c, was->proration, is->proration, copy->proration))
        input.proration = is->proration;
    carry_taxes(c, (struct taxes){c->was->taxes, c->was->tax_count},
                (struct taxes){c->is->taxes, c->is->tax_count},
                (struct taxes){c->copy->taxes, c->copy->tax_count}, &input.tax_codes,
                &input.tax_code_count);
    carry_charges(c, &input);
    carry_fixed_charges(c, &input);
    return input;
}

enum err plan_cascade(struct ctx *ctx, struct tx *tx, const struct plan_view *was,
                      const struct plan_view *is)
{
    struct plan_row *copies = NULL;
    size_t count = 0;
    TRY(plan_copy_running_list(tx, &(struct plan_copy_running_list_in){.parent_id = was->row.id},
                               &copies, &count));
    for (size_t i = 0; i < count; i++) {
        struct plan_view copy;
        struct plan_view next;
        TRY(plan_newest_load(ctx, tx, copies[i].id, &copy));
        struct cascade c = {.arena = ctx->arena, .was = was, .is = is, .copy = &copy};
        struct plan_input input = carry(ctx, &c);
        if (c.changes)
            TRY(plan_next_version(ctx, tx, &copy, &input, is->version.effective_at,
                                  is->version.applies_to, &next));
    }
    return ERR_NONE;
}
