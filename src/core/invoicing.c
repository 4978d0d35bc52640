#include "core/invoicing.h"

#include "base/assert.h"

/* net * percent / 100 in minor units, exact. */
static enum err tax_precise(int64_t net_minor, struct decimal percent, struct decimal *tax)
{
    struct decimal hundredfold;
    TRY(decimal_mul(decimal_of(net_minor), percent, &hundredfold));
    return decimal_scale(hundredfold, -2, tax);
}

static enum err tax_rounded(int64_t net_minor, struct decimal percent, int64_t *tax_minor)
{
    struct decimal precise;
    struct decimal rounded;
    TRY(tax_precise(net_minor, percent, &precise));
    TRY(decimal_round(precise, 0, ROUND_HALF_UP, &rounded));
    return decimal_to_int64(rounded, tax_minor);
}

static enum err add(int64_t *sum, int64_t amount)
{
    return __builtin_add_overflow(*sum, amount, sum) ? ERR_OVERFLOW : ERR_NONE;
}

static struct invoice_tax_total *find_tax(struct arena *arena, struct invoice_totals *totals,
                                          size_t *capacity, const struct applied_tax *tax)
{
    for (size_t i = 0; i < totals->tax_count; i++) {
        if (uuid_eq(totals->taxes[i].tax_id, tax->tax_id)) {
            ASSERT(decimal_eq(totals->taxes[i].rate, tax->rate));
            return &totals->taxes[i];
        }
    }
    totals->taxes =
        arena_grow(arena, totals->taxes, totals->tax_count, capacity, sizeof *totals->taxes);
    struct invoice_tax_total *added = &totals->taxes[totals->tax_count++];
    *added = (struct invoice_tax_total){.tax_id = tax->tax_id, .rate = tax->rate};
    return added;
}

static enum err total_line(struct arena *arena, struct invoice_line *line,
                           struct invoice_totals *totals, size_t *capacity)
{
    line->tax_rate = DECIMAL_ZERO;
    line->taxes_minor = 0;
    line->tax_minor = ARENA_ARRAY(arena, line->tax_count, int64_t);
    TRY(add(&totals->fees_minor, line->net_minor));
    for (size_t i = 0; i < line->tax_count; i++) {
        struct decimal rate;
        struct invoice_tax_total *total = find_tax(arena, totals, capacity, &line->taxes[i]);
        TRY(decimal_add(line->tax_rate, line->taxes[i].rate, &rate));
        line->tax_rate = rate;
        TRY(tax_rounded(line->net_minor, line->taxes[i].rate, &line->tax_minor[i]));
        TRY(add(&line->taxes_minor, line->tax_minor[i]));
        TRY(add(&total->base_minor, line->net_minor));
        TRY(add(&total->tax_minor, line->tax_minor[i]));
    }
    return tax_precise(line->net_minor, line->tax_rate, &line->taxes_precise_minor);
}

static enum err total(struct arena *arena, struct invoice_line *lines, size_t count, bool adds_up,
                      struct invoice_totals *totals)
{
    size_t capacity = 0;
    *totals = (struct invoice_totals){0};
    for (size_t i = 0; i < count; i++)
        TRY(total_line(arena, &lines[i], totals, &capacity));
    for (size_t i = 0; i < totals->tax_count; i++) {
        struct invoice_tax_total *tax = &totals->taxes[i];
        if (!adds_up)
            TRY(tax_rounded(tax->base_minor, tax->rate, &tax->tax_minor));
        TRY(add(&totals->taxes_minor, tax->tax_minor));
    }
    totals->total_minor = totals->fees_minor;
    return add(&totals->total_minor, totals->taxes_minor);
}

enum err invoice_total(struct arena *arena, struct invoice_line *lines, size_t count,
                       struct invoice_totals *totals)
{
    return total(arena, lines, count, false, totals);
}

enum err invoice_add_up(struct arena *arena, struct invoice_line *lines, size_t count,
                        struct invoice_totals *totals)
{
    return total(arena, lines, count, true, totals);
}
