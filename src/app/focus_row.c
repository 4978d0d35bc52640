#include "app/focus_row.h"

#include "base/assert.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/none.h"
#include "core/currency.h"
#include "core/focus_columns.h"

#include <stdint.h>
#include <string.h>

#define EXTRA_BYTES_MAX (4 * CSV_RECORD_BYTES_MAX)
#define KEY_BYTES_MAX   500  /* of names that are part of keys in the database */
#define SPACE_TIME_LEN  19   /* 2024-09-01 00:00:00 */
#define DAY_LEN         10   /* 2024-09-01 */
#define NAMES_SHOWN_MAX 1000 /* bytes of a list of unknown columns */
#define VERSION_FIRST   10

enum kind { TEXT, DECIMAL, TIME, JSON };
enum need { MUST, LAX, MAY, OPT };

struct column {
    const char *name;
    size_t at;
    enum kind kind;
    enum need need;
    int since;
    const char *values;
};

static const struct column columns[] = {
#define X(focus_name, member, focus_kind, focus_need, focus_since, focus_values)              \
    {#focus_name, offsetof(struct cost_row_row, member), focus_kind, focus_need, focus_since, \
     focus_values},
    FOCUS_COLUMN_MAP(X)
#undef X
};
#define COLUMN_COUNT (sizeof columns / sizeof columns[0])

enum column_index {
#define X(name, member, kind, need, since, values) COLUMN_##name,
    FOCUS_COLUMN_MAP(X)
#undef X
};

static int find_column(struct str name)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (str_eq(name, str_of(columns[i].name)))
            return (int)i;
    }
    return -1;
}

void focus_file_init(struct focus_file *file, const struct csv *csv, struct arena *arena,
                     struct fault *fault)
{
    bool is_there[COLUMN_COUNT] = {false};
    int version = VERSION_FIRST;
    *file = (struct focus_file){.csv = csv, .generated_index = SIZE_MAX};
    file->targets = ARENA_ARRAY(arena, csv->column_count, int);
    for (size_t i = 0; i < csv->column_count; i++) {
        int target = find_column(csv->columns[i]);
        file->targets[i] = target;
        file->has_unknown |= target < 0;
        if (target >= 0) {
            is_there[target] = true;
            version = columns[target].since > version ? columns[target].since : version;
        } else if (str_eq(csv->columns[i], STR("x_Generated"))) {
            file->generated_index = i;
        }
    }
    file->version = arena_fmt(arena, "%d.%d", version / 10, version % 10);
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (!is_there[i] && columns[i].need != OPT)
            fault_field(fault, arena_fmt(arena, "row 1, %s", columns[i].name), "value_is_mandatory",
                        STR_NULL, "a column of this name: FOCUS makes it mandatory");
    }
}

/* ---- one value ------------------------------------------------------------------------------- */

struct reading {
    struct focus_file *file;
    struct arena *arena;
    struct fault *fault;
    struct cost_row_row *row;
};

static struct str place(const struct reading *r, const char *column)
{
    return arena_fmt(r->fault->arena, "row %lld, %s", (long long)r->file->csv->row, column);
}

static void quirk(const struct reading *r, enum focus_quirk which)
{
    r->file->quirks |= 1U << which;
}

/* Cuts the digits off the front; false where there is none. */
static bool pass_digits(struct str *text)
{
    size_t len = 0;
    while (len < text->len && text->ptr[len] >= '0' && text->ptr[len] <= '9')
        len++;
    *text = str_slice(*text, len, text->len);
    return len > 0;
}

static bool pass(struct str *text, const char *c)
{
    bool is_there = str_starts(*text, str_of(c));
    if (is_there)
        *text = str_slice(*text, 1, text->len);
    return is_there;
}

/* Narrower than decimal_parse: FOCUS knows no "+", ".5" or "5.". */
static bool read_decimal(struct str text, struct decimal *value)
{
    struct str rest = text;
    pass(&rest, "-");
    bool is_number = pass_digits(&rest);
    if (is_number && pass(&rest, "."))
        is_number = pass_digits(&rest);
    if (is_number && (pass(&rest, "E") || pass(&rest, "e"))) {
        pass(&rest, "-");
        is_number = pass_digits(&rest);
    }
    return is_number && rest.len == 0 && decimal_parse(text, value) == ERR_NONE;
}

static bool read_time(const struct reading *r, struct str text, int64_t *at_us)
{
    if (text.len == SPACE_TIME_LEN && text.ptr[DAY_LEN] == ' ') {
        struct str day = str_slice(text, 0, DAY_LEN);
        struct str clock = str_slice(text, DAY_LEN + 1, text.len);
        text = arena_fmt(r->arena, "%.*sT%.*sZ", STR_ARG(day), STR_ARG(clock));
        quirk(r, FOCUS_SPACE_TIME);
    }
    return text.len > DAY_LEN && text.ptr[DAY_LEN] == 'T' && str_ends(text, STR("Z")) &&
           time_parse(text, at_us) == ERR_NONE && *at_us >= 0;
}

static bool is_allowed(const struct reading *r, struct str text, const char *values)
{
    struct str rest = str_of(values);
    struct str word;
    bool differs_in_case = false;
    while (str_split(&rest, '|', &word)) {
        if (str_eq(word, text))
            return true;
        differs_in_case |= str_eq_nocase(word, text);
    }
    if (differs_in_case)
        quirk(r, FOCUS_WORD_CASE);
    return differs_in_case;
}

static bool is_key(size_t index)
{
    return index == COLUMN_BillingAccountId || index == COLUMN_SubAccountId ||
           index == COLUMN_ProviderName || index == COLUMN_ServiceName;
}

static bool is_object(const struct reading *r, struct str text)
{
    struct str error;
    return json_is_valid(r->arena, text, &error) && str_starts(str_trim(text), STR("{"));
}

static void read_text(const struct reading *r, size_t index, struct str text, struct str *value)
{
    const struct column *column = &columns[index];
    *value = text;
    if (column->values[0] != '\0' && !is_allowed(r, text, column->values))
        fault_field(r->fault, place(r, column->name), "value_is_invalid", text, "one of %s",
                    column->values);
    else if (index == COLUMN_BillingCurrency && currency_find(text) == NULL)
        fault_field(r->fault, place(r, column->name), "value_is_invalid", text,
                    "a currency in use by its ISO 4217 code, such as USD");
    else if (is_key(index) && text.len > KEY_BYTES_MAX)
        fault_field(r->fault, place(r, column->name), "value_is_too_long", text, "at most %d bytes",
                    KEY_BYTES_MAX);
}

static void read_value(const struct reading *r, size_t index, struct str text)
{
    const struct column *column = &columns[index];
    void *member = (char *)r->row + column->at;
    switch (column->kind) {
    case DECIMAL:
        if (!read_decimal(text, member))
            fault_field(r->fault, place(r, column->name), "value_is_invalid", text,
                        "a plain decimal number such as -12.50 or 1E-9, of at most %d digits",
                        DECIMAL_DIGITS_MAX);
        return;
    case TIME:
        if (!read_time(r, text, member))
            fault_field(r->fault, place(r, column->name), "value_is_invalid", text,
                        "a time such as 2024-09-01T00:00:00Z");
        return;
    case JSON:
        *(struct str *)member = text;
        if (!is_object(r, text))
            fault_field(r->fault, place(r, column->name), "value_is_invalid", text,
                        "a JSON object such as {\"team\": \"a\"}");
        return;
    case TEXT:
        read_text(r, index, text, member);
        return;
    }
}

/* A field of the csv, or STR_NULL for the ways in which files say "no value". */
static struct str value_of(const struct reading *r, const struct csv_field *field)
{
    if (field->text.len == 0)
        return STR_NULL;
    if (!field->is_quoted && str_eq(field->text, STR("NULL"))) {
        quirk(r, FOCUS_NULL_TEXT);
        return STR_NULL;
    }
    return arena_str(r->arena, field->text); /* the csv's own text lives until its next record */
}

/* ---- a row ----------------------------------------------------------------------------------- */

static void clear(struct cost_row_row *row)
{
    *row = (struct cost_row_row){0};
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        char *member = (char *)row + columns[i].at;
        if (columns[i].kind == DECIMAL)
            *(struct decimal *)(void *)member = DECIMAL_NONE;
        else if (columns[i].kind == TIME)
            *(int64_t *)(void *)member = TIME_NONE;
    }
}

static struct str extra_of(const struct reading *r)
{
    const struct csv *csv = r->file->csv;
    struct buf text;
    struct json_writer out;
    buf_init(&text, r->arena, EXTRA_BYTES_MAX);
    json_writer_init(&out, &text);
    json_object(&out, NULL);
    for (size_t i = 0; i < csv->column_count; i++) {
        if (r->file->targets[i] < 0)
            json_str_named(&out, csv->columns[i], value_of(r, &csv->fields[i]));
    }
    json_object_end(&out);
    if (!buf_ok(&text))
        fault_field(r->fault, place(r, "columns unknown to FOCUS"), "value_is_too_long", STR_NULL,
                    "at most %zu bytes together", EXTRA_BYTES_MAX);
    return buf_str(&text);
}

static void check_period(const struct reading *r, const char *name, int64_t start_at,
                         int64_t end_at)
{
    if (start_at != TIME_NONE && end_at != TIME_NONE && end_at <= start_at)
        fault_field(r->fault, place(r, name), "value_is_invalid", time_text(r->arena, end_at),
                    "a time after the period's start");
}

void focus_row_read(struct focus_file *file, struct arena *arena, struct fault *fault,
                    struct cost_row_row *row, bool *is_generated)
{
    const struct csv *csv = file->csv;
    struct reading r = {.file = file, .arena = arena, .fault = fault, .row = row};
    ASSERT(csv->field_count == csv->column_count);
    clear(row);
    row->row_number = csv->row;
    for (size_t i = 0; i < csv->column_count; i++) {
        if (file->targets[i] < 0)
            continue;
        size_t index = (size_t)file->targets[i];
        struct str text = value_of(&r, &csv->fields[i]);
        if (!str_is_null(text))
            read_value(&r, index, text);
        else if (columns[index].need == MUST)
            fault_field(fault, place(&r, columns[index].name), "value_is_mandatory",
                        csv->fields[i].text, "a value: FOCUS allows no null here");
        else if (index == COLUMN_ContractedCost)
            quirk(&r, FOCUS_NULL_CONTRACTED);
    }
    check_period(&r, "BillingPeriodEnd", row->billing_period_start_at, row->billing_period_end_at);
    check_period(&r, "ChargePeriodEnd", row->charge_period_start_at, row->charge_period_end_at);
    row->extra = file->has_unknown ? extra_of(&r) : STR_NULL;
    *is_generated = file->generated_index != SIZE_MAX &&
                    str_eq_nocase(csv->fields[file->generated_index].text, STR("true"));
}

/* ---- notices --------------------------------------------------------------------------------- */

static struct str unknown_notice(const struct focus_file *file, struct arena *arena)
{
    struct buf names;
    size_t count = 0;
    buf_init(&names, arena, NAMES_SHOWN_MAX);
    for (size_t i = 0; i < file->csv->column_count; i++) {
        if (file->targets[i] >= 0)
            continue;
        buf_add(&names, count++ == 0 ? STR("") : STR(", "));
        buf_add(&names, file->csv->columns[i]);
    }
    return arena_fmt(arena, "%zu column%s unknown to FOCUS 1.2 kept as they are: %.*s%s", count,
                     count == 1 ? "" : "s", STR_ARG(buf_str(&names)), buf_ok(&names) ? "" : " …");
}

size_t focus_notices(const struct focus_file *file, struct arena *arena, struct str *notices,
                     size_t max)
{
    static const char *const words[] = {
#define X(name, notice) notice,
        FOCUS_QUIRK_MAP(X)
#undef X
    };
    size_t count = 0;
    if (file->csv->has_bom && count < max)
        notices[count++] = STR("the file begins with a byte order mark");
    for (size_t i = 0; i < FOCUS_QUIRK_COUNT && count < max; i++) {
        if ((file->quirks & 1U << i) != 0)
            notices[count++] = str_of(words[i]);
    }
    if (file->has_unknown && count < max)
        notices[count++] = unknown_notice(file, arena);
    return count;
}
