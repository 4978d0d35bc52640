#include "app/demo_generate.h"

#include "base/assert.h"
#include "base/decimal.h"
#include "base/time.h"

#include <string.h>

#define COLUMNS_MAX 100

enum role {
    ROLE_COPIED,
    ROLE_SCALED, /* a cost or a quantity */
    ROLE_DESCRIPTION,
    ROLE_PROVIDER,
    ROLE_PERIOD_START,
    ROLE_PERIOD_END,
    ROLE_CHARGE_START,
    ROLE_CHARGE_END,
};

static const struct {
    const char *name;
    enum role role;
} roles[] = {
    {"BilledCost", ROLE_SCALED},
    {"EffectiveCost", ROLE_SCALED},
    {"ListCost", ROLE_SCALED},
    {"ContractedCost", ROLE_SCALED},
    {"ConsumedQuantity", ROLE_SCALED},
    {"PricingQuantity", ROLE_SCALED},
    {"ChargeDescription", ROLE_DESCRIPTION},
    {"ProviderName", ROLE_PROVIDER},
    {"BillingPeriodStart", ROLE_PERIOD_START},
    {"BillingPeriodEnd", ROLE_PERIOD_END},
    {"ChargePeriodStart", ROLE_CHARGE_START},
    {"ChargePeriodEnd", ROLE_CHARGE_END},
};

/* A field as it stands in the file; `text` is without the quotes around it. */
struct field {
    struct str text;
    bool quoted;
};

struct generating {
    struct arena *arena;
    const struct demo_month *month;
    struct buf *out;
    enum role roles[COLUMNS_MAX];
    struct field fields[COLUMNS_MAX];
    size_t column_count;
};

/* ---- reading the template -------------------------------------------------------------------- */

static enum err cut_quoted(struct str *rest, struct field *field)
{
    size_t i = 1;
    while (i < rest->len && (rest->ptr[i] != '"' || (i + 1 < rest->len && rest->ptr[i + 1] == '"')))
        i += rest->ptr[i] == '"' ? 2 : 1;
    if (i >= rest->len)
        return ERR_MALFORMED;
    *field = (struct field){.text = str_slice(*rest, 1, i), .quoted = true};
    *rest = str_slice(*rest, i + 1, rest->len);
    return ERR_NONE;
}

static void cut_plain(struct str *rest, struct field *field)
{
    size_t i = 0;
    while (i < rest->len && rest->ptr[i] != ',' && rest->ptr[i] != '\n')
        i++;
    *field = (struct field){.text = str_slice(*rest, 0, i)};
    *rest = str_slice(*rest, i, rest->len);
}

/* Cuts one row off *rest. */
static enum err cut_row(struct generating *g, struct str *rest, size_t *count)
{
    *count = 0;
    for (;;) {
        if (*count == COLUMNS_MAX)
            return ERR_MALFORMED;
        struct field *field = &g->fields[(*count)++];
        if (rest->len > 0 && rest->ptr[0] == '"')
            TRY(cut_quoted(rest, field));
        else
            cut_plain(rest, field);
        bool at_end = rest->len == 0;
        if (!at_end && rest->ptr[0] != ',' && rest->ptr[0] != '\n')
            return ERR_MALFORMED;
        bool is_last = at_end || rest->ptr[0] == '\n';
        *rest = str_slice(*rest, at_end ? 0 : 1, rest->len);
        if (is_last)
            return ERR_NONE;
    }
}

static enum role role_of(struct str name)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (str_eq(name, str_of(roles[i].name)))
            return roles[i].role;
    }
    return ROLE_COPIED;
}

static struct str text_of(const struct generating *g, enum role role)
{
    for (size_t i = 0; i < g->column_count; i++) {
        if (g->roles[i] == role)
            return g->fields[i].text;
    }
    return STR_NULL;
}

static bool is_null(const struct field *field)
{
    return field->text.len == 0 || (!field->quoted && str_eq(field->text, STR("NULL")));
}

/* ---- the variation --------------------------------------------------------------------------- */

/* The finalizer of SplitMix64: neighbours come out far apart. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

/* A month has its own level, and each row varies around it. */
static int64_t factor_of(const struct demo_month *month, uint64_t row)
{
    uint64_t of_month =
        mix(mix((uint64_t)month->seed) + (uint64_t)month->year * 12 + (uint64_t)month->month);
    return (int64_t)(800 + of_month % 100 + mix(of_month + row) % 301);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void add_field(struct buf *out, const struct field *field)
{
    if (field->quoted)
        buf_char(out, '"');
    buf_add(out, field->text);
    if (field->quoted)
        buf_char(out, '"');
}

static enum err add_scaled(struct generating *g, const struct field *field, int64_t factor)
{
    struct decimal value;
    if (is_null(field)) {
        add_field(g->out, field);
        return ERR_NONE;
    }
    TRY(decimal_parse(field->text, &value));
    TRY(decimal_mul(value, decimal_of(factor), &value));
    TRY(decimal_mul(value, decimal_of(g->month->per_mille), &value));
    TRY(decimal_scale(value, -3, &value));
    add_field(g->out, &(struct field){decimal_text(g->arena, value), field->quoted});
    return ERR_NONE;
}

static void add_description(struct buf *out, const struct field *field)
{
    buf_char(out, '"');
    if (!is_null(field)) {
        buf_add(out, field->text);
        buf_char(out, ' ');
    }
    buf_add(out, STR("(generated)\""));
}

static void add_time(struct buf *out, int64_t at)
{
    int64_t second = (at - instant_of_day(day_of_instant(at))) / TIME_SECOND;
    buf_char(out, '"');
    buf_day(out, day_of_instant(at));
    buf_char(out, ' ');
    buf_int_padded(out, second / 3600, 2);
    buf_char(out, ':');
    buf_int_padded(out, second / 60 % 60, 2);
    buf_char(out, ':');
    buf_int_padded(out, second % 60, 2);
    buf_char(out, '"');
}

/* "2024-09-01 00:00:00", which is UTC. */
static enum err parse_time(struct arena *arena, struct str text, int64_t *at)
{
    if (text.len != sizeof "2024-09-01 00:00:00" - 1 || text.ptr[10] != ' ')
        return ERR_MALFORMED;
    return time_parse(arena_fmt(arena, "%.*sT%.*sZ", 10, text.ptr, 8, text.ptr + 11), at);
}

/* Where a charge goes: same day and hour; a day that the month lacks becomes its last. */
static enum err move_charge(const struct generating *g, int64_t *start_at, int64_t *end_at)
{
    int64_t start = 0;
    int64_t end = 0;
    TRY(parse_time(g->arena, text_of(g, ROLE_CHARGE_START), &start));
    TRY(parse_time(g->arena, text_of(g, ROLE_CHARGE_END), &end));
    int32_t day = day_of_instant(start);
    int32_t last = days_in_month(g->month->year, g->month->month);
    struct civil date = {g->month->year, g->month->month, civil_from_day(day).day};
    if (date.day > last)
        date.day = last;
    *start_at = instant_of_day(day_from_civil(date)) + (start - instant_of_day(day));
    *end_at = *start_at + (end - start);
    return ERR_NONE;
}

static int64_t month_start(int32_t year, int32_t month)
{
    return instant_of_day(day_from_civil((struct civil){year, month, 1}));
}

static enum err add_row(struct generating *g, uint64_t row)
{
    const struct demo_month *month = g->month;
    int64_t factor = factor_of(month, row);
    int64_t start_at = 0;
    int64_t end_at = 0;
    TRY(move_charge(g, &start_at, &end_at));
    for (size_t i = 0; i < g->column_count; i++) {
        switch (g->roles[i]) {
        case ROLE_SCALED:
            TRY(add_scaled(g, &g->fields[i], factor));
            break;
        case ROLE_DESCRIPTION:
            add_description(g->out, &g->fields[i]);
            break;
        case ROLE_PERIOD_START:
            add_time(g->out, month_start(month->year, month->month));
            break;
        case ROLE_PERIOD_END:
            add_time(g->out, month->month == 12 ? month_start(month->year + 1, 1)
                                                : month_start(month->year, month->month + 1));
            break;
        case ROLE_CHARGE_START:
            add_time(g->out, start_at);
            break;
        case ROLE_CHARGE_END:
            add_time(g->out, end_at);
            break;
        case ROLE_COPIED:
        case ROLE_PROVIDER:
            add_field(g->out, &g->fields[i]);
            break;
        }
        buf_char(g->out, ',');
    }
    buf_add(g->out, STR("\"true\"\n"));
    return ERR_NONE;
}

static enum err add_header(struct generating *g, struct str *rest)
{
    TRY(cut_row(g, rest, &g->column_count));
    for (size_t i = 0; i < g->column_count; i++) {
        g->roles[i] = role_of(g->fields[i].text);
        add_field(g->out, &g->fields[i]);
        buf_char(g->out, ',');
    }
    buf_add(g->out, STR("\"x_Generated\"\n"));
    return ERR_NONE;
}

enum err demo_generate(struct arena *arena, struct str template_csv, const struct demo_month *month,
                       struct buf *out)
{
    struct generating g = {.arena = arena, .month = month, .out = out};
    struct str rest = template_csv;
    ASSERT(month->month >= 1 && month->month <= 12);
    ASSERT(month->per_mille > 0);
    TRY(add_header(&g, &rest));
    for (uint64_t row = 0; rest.len > 0; row++) {
        size_t count = 0;
        TRY(cut_row(&g, &rest, &count));
        if (count != g.column_count)
            return ERR_MALFORMED;
        if (str_is_null(month->provider_name) ||
            str_eq(month->provider_name, text_of(&g, ROLE_PROVIDER)))
            TRY(add_row(&g, row));
    }
    return ERR_NONE;
}
