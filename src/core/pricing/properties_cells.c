/* properties_cells.c - windows of time and price tables from JSON and back. */
#include "base/assert.h"
#include "core/pricing/properties_read.h"

#define NAME_BYTES_MAX 100
#define ALL_WEEKDAYS   0x7fu
#define HOURS_OF_WEEK  168

/* ---- values that are no decimals ------------------------------------------------------------- */

static void read_text(struct reading *r, enum json_token token, struct str field,
                      const char *expected, struct str *text)
{
    *text = STR("");
    if (token == JSON_NULL)
        fault_field(r->fault, field, "value_is_mandatory", STR_NULL, "%s", expected);
    else if (token != JSON_STRING)
        fault_field(r->fault, field, "invalid_type", reading_sent(r, token), "a text");
    else if (r->json.text.len == 0)
        fault_field(r->fault, field, "value_is_mandatory", r->json.text, "%s", expected);
    else if (r->json.text.len > NAME_BYTES_MAX)
        fault_field(r->fault, field, "value_is_too_long", r->json.text, "at most %d bytes",
                    NAME_BYTES_MAX);
    else
        *text = arena_str(r->arena, r->json.text);
}

static void take_text(struct reading *r, const struct member *member)
{
    struct str field = reading_below(r, str_of(member->name));
    read_text(r, json_next(&r->json), field, member->needed, member->to);
}

static void read_whole(struct reading *r, enum json_token token, struct str field, int least,
                       int most, int *value)
{
    struct decimal number;
    int64_t whole = 0;
    struct str text = reading_sent(r, token);
    *value = least;
    if (token != JSON_NUMBER)
        fault_field(r->fault, field, "invalid_type", text, "a whole number from %d to %d", least,
                    most);
    else if (decimal_parse(text, &number) != ERR_NONE ||
             decimal_to_int64(number, &whole) != ERR_NONE || whole < least || whole > most)
        fault_field(r->fault, field, "value_is_out_of_range", text, "a whole number from %d to %d",
                    least, most);
    else
        *value = (int)whole;
}

static void take_from_hour(struct reading *r, const struct member *member)
{
    struct str field = reading_below(r, str_of(member->name));
    read_whole(r, json_next(&r->json), field, 0, 23, member->to);
}

static void take_to_hour(struct reading *r, const struct member *member)
{
    struct str field = reading_below(r, str_of(member->name));
    read_whole(r, json_next(&r->json), field, 1, 24, member->to);
}

static void take_weekdays(struct reading *r, const struct member *member)
{
    unsigned *weekdays = member->to;
    struct str field = reading_below(r, str_of(member->name));
    enum json_token token = json_next(&r->json);
    if (token == JSON_NULL)
        return; /* all, as if left out */
    if (token != JSON_ARRAY_START) {
        fault_field(r->fault, field, "invalid_type", reading_sent(r, token),
                    "an array of weekdays, 1 (Monday) to 7 (Sunday)");
        return;
    }
    *weekdays = 0;
    for (size_t i = 0; (token = json_next(&r->json)) != JSON_ARRAY_END && token != JSON_ERROR;
         i++) {
        int weekday = 0;
        struct str place = arena_fmt(r->arena, "%.*s.%zu", STR_ARG(field), i);
        read_whole(r, token, place, 1, 7, &weekday);
        *weekdays |= 1u << (weekday - 1);
    }
    if (*weekdays == 0 && r->json.error == NULL)
        fault_field(r->fault, field, "value_is_mandatory", STR("[]"),
                    "at least one weekday, or null for all");
}

/* ---- arrays ---------------------------------------------------------------------------------- */

/* Reads the elements of an array that follows, each by `each` with r->path naming it; notes what is
 * no array, or has too many.  Returns how many were read. */
static size_t
read_array(struct reading *r, const struct member *member, size_t most, const char *elements,
           void (*each)(struct reading *r, enum json_token token, size_t index, void *to))
{
    struct str outer = r->path;
    struct str list = reading_below(r, str_of(member->name));
    enum json_token token = json_next(&r->json);
    bool is_full = false;
    size_t count = 0;
    if (token != JSON_ARRAY_START) {
        fault_field(r->fault, list, token == JSON_NULL ? "value_is_mandatory" : "invalid_type",
                    reading_sent(r, token), "an array of %s", elements);
        return 0;
    }
    while ((token = json_next(&r->json)) != JSON_ARRAY_END && token != JSON_ERROR) {
        if (count == most) {
            if (!is_full)
                fault_field(r->fault, list, "too_many_values", STR_NULL, "at most %zu %s", most,
                            elements);
            is_full = true;
            reading_sent(r, token);
            continue;
        }
        r->path = arena_fmt(r->arena, "%.*s.%zu", STR_ARG(list), count);
        each(r, token, count, member->to);
        count++;
    }
    r->path = outer;
    if (count == 0 && r->json.error == NULL)
        fault_field(r->fault, list, "value_is_mandatory", STR("[]"), "at least one");
    return count;
}

/* ---- time of use ----------------------------------------------------------------------------- */

static void read_window(struct reading *r, enum json_token token, size_t index, void *to)
{
    struct charge *charge = to;
    struct charge_window *window = &charge->windows[index];
    *window = (struct charge_window){.name = STR(""),
                                     .weekdays = ALL_WEEKDAYS,
                                     .from_hour = 0,
                                     .to_hour = 24,
                                     .amount = DECIMAL_ZERO};
    struct member members[] = {
        {.name = "name", .needed = "a name", .take = take_text, .to = &window->name},
        {.name = "weekdays", .take = take_weekdays, .to = &window->weekdays},
        {.name = "from_hour",
         .needed = "the hour at which it begins",
         .take = take_from_hour,
         .to = &window->from_hour},
        {.name = "to_hour",
         .needed = "the hour at which it ends",
         .take = take_to_hour,
         .to = &window->to_hour},
        {.name = "amount", .value = &window->amount, .needed = PRICE_WORDS},
    };
    if (token != JSON_OBJECT_START) {
        fault_field(r->fault, r->path, "invalid_type", reading_sent(r, token),
                    "an object with name, weekdays, from_hour, to_hour and amount");
        return;
    }
    read_members(r, members, 5, "name, weekdays, from_hour, to_hour and amount");
    if (members[2].seen && members[3].seen && window->to_hour <= window->from_hour)
        fault_field(r->fault, reading_below(r, STR("to_hour")), "value_is_out_of_range",
                    arena_fmt(r->arena, "%d", window->to_hour),
                    "more than from_hour, %d; a window over midnight is written as two",
                    window->from_hour);
}

static void take_windows(struct reading *r, const struct member *member)
{
    struct charge *charge = member->to;
    charge->windows = ARENA_ARRAY(r->arena, CHARGE_WINDOWS_MAX, struct charge_window);
    charge->window_count = read_array(r, member, CHARGE_WINDOWS_MAX, "windows", read_window);
}

/* No hour of the week may have two prices. */
static void check_overlaps(struct reading *r, const struct charge *charge)
{
    size_t owners[HOURS_OF_WEEK] = {0}; /* a window's number, from 1 */
    for (size_t i = 0; i < charge->window_count; i++) {
        const struct charge_window *window = &charge->windows[i];
        size_t other = 0;
        for (int hour = 0; hour < HOURS_OF_WEEK; hour++) {
            if ((window->weekdays >> (hour / 24) & 1) == 0 || hour % 24 < window->from_hour ||
                hour % 24 >= window->to_hour)
                continue;
            if (owners[hour] != 0)
                other = owners[hour];
            owners[hour] = i + 1;
        }
        if (other != 0)
            fault_field(r->fault, arena_fmt(r->arena, "%.*s.windows.%zu", STR_ARG(r->path), i),
                        "value_is_invalid", window->name,
                        "hours that windows.%zu, %.*s, does not have", other - 1,
                        STR_ARG(charge->windows[other - 1].name));
    }
}

void read_time_of_use(struct reading *r, struct charge *charge)
{
    struct member members[] = {
        {.name = "amount", .value = &charge->amount, .needed = "the price outside of all windows"},
        {.name = "windows", .needed = "at least one window", .take = take_windows, .to = charge},
    };
    read_members(r, members, 2, "amount and windows");
    check_overlaps(r, charge);
}

void write_time_of_use(struct json_writer *w, const struct charge *charge)
{
    json_decimal(w, "amount", charge->amount);
    json_array(w, "windows");
    for (size_t i = 0; i < charge->window_count; i++) {
        const struct charge_window *window = &charge->windows[i];
        json_object(w, NULL);
        json_str(w, "name", window->name);
        json_array(w, "weekdays");
        for (int weekday = 0; weekday < 7; weekday++) {
            if ((window->weekdays >> weekday & 1) != 0)
                json_int(w, NULL, weekday + 1);
        }
        json_array_end(w);
        json_int(w, "from_hour", window->from_hour);
        json_int(w, "to_hour", window->to_hour);
        json_decimal(w, "amount", window->amount);
        json_object_end(w);
    }
    json_array_end(w);
}

/* ---- price table ----------------------------------------------------------------------------- */

static void read_label(struct reading *r, enum json_token token, size_t index, void *to)
{
    struct str *labels = to;
    read_text(r, token, r->path, "a value of the property", &labels[index]);
    for (size_t i = 0; i < index && labels[index].len > 0; i++) {
        if (str_eq(labels[i], labels[index]))
            fault_field(r->fault, r->path, "value_already_exist", labels[index], "each value once");
    }
}

static void take_rows(struct reading *r, const struct member *member)
{
    struct charge_table *table = member->to;
    struct member list = *member;
    list.to = table->rows = ARENA_ARRAY(r->arena, CHARGE_LABELS_MAX, struct str);
    table->row_count = read_array(r, &list, CHARGE_LABELS_MAX, "texts", read_label);
}

static void take_columns(struct reading *r, const struct member *member)
{
    struct charge_table *table = member->to;
    struct member list = *member;
    list.to = table->columns = ARENA_ARRAY(r->arena, CHARGE_LABELS_MAX, struct str);
    table->column_count = read_array(r, &list, CHARGE_LABELS_MAX, "texts", read_label);
}

/* The amounts as they are sent, before it is known how many rows and columns there are. */
struct amounts {
    struct decimal *values; /* CHARGE_LABELS_MAX for each row */
    size_t counts[CHARGE_LABELS_MAX];
    size_t row_count;
    size_t row; /* that is being read */
};

static void read_amount(struct reading *r, enum json_token token, size_t index, void *to)
{
    struct amounts *amounts = to;
    amounts->values[amounts->row * CHARGE_LABELS_MAX + index] = read_price(r, token, r->path);
}

static void read_amounts_row(struct reading *r, enum json_token token, size_t index, void *to)
{
    struct amounts *amounts = to;
    struct str row = r->path;
    size_t count = 0;
    amounts->row = index;
    amounts->counts[index] = 0;
    if (token != JSON_ARRAY_START) {
        fault_field(r->fault, row, "invalid_type", reading_sent(r, token),
                    "an array of prices, one for each column");
        return;
    }
    while ((token = json_next(&r->json)) != JSON_ARRAY_END && token != JSON_ERROR) {
        r->path = arena_fmt(r->arena, "%.*s.%zu", STR_ARG(row), count);
        if (count < CHARGE_LABELS_MAX)
            read_amount(r, token, count, amounts);
        else
            reading_sent(r, token);
        count++;
    }
    r->path = row;
    amounts->counts[index] = count;
}

static void take_amounts(struct reading *r, const struct member *member)
{
    struct amounts *amounts = member->to;
    amounts->row_count =
        read_array(r, member, CHARGE_LABELS_MAX, "rows of prices", read_amounts_row);
}

/* As many rows and columns of prices as there are of values. */
static void set_amounts(struct reading *r, const struct amounts *amounts,
                        struct charge_table *table)
{
    struct str field = reading_below(r, STR("amounts"));
    if (amounts->row_count != table->row_count) {
        fault_field(r->fault, field, "value_is_invalid",
                    arena_fmt(r->arena, "%zu", amounts->row_count), "as many rows as in rows, %zu",
                    table->row_count);
        return;
    }
    if (table->row_count * table->column_count > CHARGE_CELLS_MAX) {
        fault_field(r->fault, field, "too_many_values", STR_NULL, "at most %d prices",
                    CHARGE_CELLS_MAX);
        return;
    }
    table->amounts = ARENA_ARRAY(r->arena, table->row_count * table->column_count, struct decimal);
    for (size_t row = 0; row < table->row_count; row++) {
        if (amounts->counts[row] != table->column_count) {
            fault_field(r->fault, arena_fmt(r->arena, "%.*s.%zu", STR_ARG(field), row),
                        "value_is_invalid", arena_fmt(r->arena, "%zu", amounts->counts[row]),
                        "as many prices as in columns, %zu", table->column_count);
            continue;
        }
        for (size_t column = 0; column < table->column_count; column++)
            table->amounts[row * table->column_count + column] =
                amounts->values[row * CHARGE_LABELS_MAX + column];
    }
}

void read_price_table(struct reading *r, struct charge *charge)
{
    struct charge_table *table = &charge->table;
    struct amounts *amounts = ARENA_NEW(r->arena, struct amounts);
    amounts->row_count = 0;
    amounts->values =
        ARENA_ARRAY(r->arena, (size_t)CHARGE_LABELS_MAX * CHARGE_LABELS_MAX, struct decimal);
    struct member members[] = {
        {.name = "row_key", .needed = "a property", .take = take_text, .to = &table->row_key},
        {.name = "column_key", .needed = "a property", .take = take_text, .to = &table->column_key},
        {.name = "rows", .needed = "values of row_key", .take = take_rows, .to = table},
        {.name = "columns", .needed = "values of column_key", .take = take_columns, .to = table},
        {.name = "amounts",
         .needed = "a row of prices for each of rows",
         .take = take_amounts,
         .to = amounts},
        {.name = "amount",
         .value = &charge->amount,
         .needed = "the price of all that is not in it"},
    };
    read_members(r, members, 6, "row_key, column_key, rows, columns, amounts and amount");
    if (members[0].seen && members[1].seen && table->row_key.len > 0 &&
        str_eq(table->row_key, table->column_key))
        fault_field(r->fault, reading_below(r, STR("column_key")), "value_is_invalid",
                    table->column_key, "another property than row_key");
    if (members[2].seen && members[3].seen && members[4].seen && r->fault->field_count == 0)
        set_amounts(r, amounts, table);
}

static void write_labels(struct json_writer *w, const char *list, const struct str *labels,
                         size_t count)
{
    json_array(w, list);
    for (size_t i = 0; i < count; i++)
        json_str(w, NULL, labels[i]);
    json_array_end(w);
}

void write_price_table(struct json_writer *w, const struct charge *charge)
{
    const struct charge_table *table = &charge->table;
    json_str(w, "row_key", table->row_key);
    json_str(w, "column_key", table->column_key);
    write_labels(w, "rows", table->rows, table->row_count);
    write_labels(w, "columns", table->columns, table->column_count);
    json_array(w, "amounts");
    for (size_t row = 0; row < table->row_count; row++) {
        json_array(w, NULL);
        for (size_t column = 0; column < table->column_count; column++)
            json_decimal(w, NULL, table->amounts[row * table->column_count + column]);
        json_array_end(w);
    }
    json_array_end(w);
    json_decimal(w, "amount", charge->amount);
}
