/* cells.c - units told apart by when they were used, or by two properties of their events. */
#include "base/assert.h"
#include "base/time.h"
#include "core/metering/property.h"
#include "core/pricing/charge.h"

static const struct price_form at_amount = {
    "{@}: {units} units at {unit_amount}", {"units", "unit_amount"}, "units * unit_amount"};
static const struct price_form nothing = {"no units", {"units"}, "0 * units"};

size_t charge_cell_count(const struct charge *charge)
{
    if (charge->model == CHARGE_TIME_OF_USE)
        return charge->window_count + 1;
    if (charge->model == CHARGE_PRICE_TABLE)
        return charge->table.row_count * charge->table.column_count + 1;
    return 0;
}

static size_t window_at(const struct charge *charge, int64_t local_us)
{
    int32_t day = day_of_instant(local_us);
    int weekday = weekday_of(day);
    int hour = (int)((local_us - day * TIME_DAY) / TIME_HOUR);
    size_t i = 0;
    for (; i < charge->window_count; i++) {
        const struct charge_window *window = &charge->windows[i];
        if ((window->weekdays >> weekday & 1) != 0 && hour >= window->from_hour &&
            hour < window->to_hour)
            break;
    }
    return i;
}

static size_t index_of(const struct str *labels, size_t count, struct str label)
{
    size_t i = 0;
    while (i < count && !str_eq(labels[i], label))
        i++;
    return i;
}

/* Where among the labels the property stands; `count`: nowhere. */
static size_t label_of(struct arena *arena, struct str properties, struct str key,
                       const struct str *labels, size_t count)
{
    struct property property;
    if (property_find(arena, properties, key, &property) != ERR_NONE)
        return count;
    return index_of(labels, count, property.text);
}

size_t charge_cell(struct arena *arena, const struct charge *charge, struct str properties,
                   int64_t local_us)
{
    const struct charge_table *table = &charge->table;
    if (charge->model == CHARGE_TIME_OF_USE)
        return window_at(charge, local_us);
    ASSERT(charge->model == CHARGE_PRICE_TABLE);
    size_t row = label_of(arena, properties, table->row_key, table->rows, table->row_count);
    size_t column =
        label_of(arena, properties, table->column_key, table->columns, table->column_count);
    if (row == table->row_count || column == table->column_count)
        return table->row_count * table->column_count;
    return row * table->column_count + column;
}

size_t charge_cell_of_window(const struct charge *charge, struct str window)
{
    size_t i = 0;
    while (i < charge->window_count && !str_eq(charge->windows[i].name, window))
        i++;
    return i < charge->window_count ? i : charge_cell_count(charge);
}

size_t charge_cell_of_place(const struct charge *charge, struct str row, struct str column)
{
    const struct charge_table *table = &charge->table;
    size_t at_row = index_of(table->rows, table->row_count, row);
    size_t at_column = index_of(table->columns, table->column_count, column);
    if (at_row == table->row_count || at_column == table->column_count)
        return charge_cell_count(charge);
    return at_row * table->column_count + at_column;
}

static struct str cell_name(struct arena *arena, const struct charge *charge, size_t index)
{
    const struct charge_table *table = &charge->table;
    if (index + 1 == charge_cell_count(charge))
        return STR("other");
    if (charge->model == CHARGE_TIME_OF_USE)
        return charge->windows[index].name;
    return arena_fmt(arena, "%.*s, %.*s", STR_ARG(table->rows[index / table->column_count]),
                     STR_ARG(table->columns[index % table->column_count]));
}

static struct decimal cell_amount(const struct charge *charge, size_t index)
{
    if (index + 1 == charge_cell_count(charge))
        return charge->amount;
    return charge->model == CHARGE_TIME_OF_USE ? charge->windows[index].amount
                                               : charge->table.amounts[index];
}

enum err price_cell(struct arena *arena, const struct charge *charge, size_t cell,
                    struct decimal units, struct price *price)
{
    struct price_step step = {.form = &at_amount,
                              .name = cell_name(arena, charge, cell),
                              .inputs = {units, cell_amount(charge, cell)}};
    TRY(decimal_mul(units, step.inputs[1], &step.result));
    return price_add_step(arena, price, &step);
}

enum err price_cells(struct arena *arena, const struct charge *charge, const struct charge_use *use,
                     struct price *price)
{
    ASSERT(use->value_count == charge_cell_count(charge));
    for (size_t i = 0; i < use->value_count; i++) {
        if (decimal_sign(use->values[i]) > 0)
            TRY(price_cell(arena, charge, i, use->values[i], price));
    }
    if (price->step_count > 0)
        return ERR_NONE;
    return price_add_step(
        arena, price,
        &(struct price_step){.form = &nothing, .inputs = {DECIMAL_ZERO}, .result = DECIMAL_ZERO});
}
