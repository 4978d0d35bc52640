#include "app/charge_filter.h"

#include "app/plan.h"
#include "base/json_read.h"

#define TEXT_MAX       255 /* bytes of a key or a value */
#define NAME_BYTES_MAX ((size_t)1 << 20)

/* ---- a metric's ------------------------------------------------------------------------------ */

static bool check_text(struct ctx *ctx, struct str field, struct str text, const char *what)
{
    if (text.len == 0) {
        fault_field(ctx->fault, field, "value_is_mandatory", text, "%s of 1 to %d bytes", what,
                    TEXT_MAX);
        return false;
    }
    if (text.len > TEXT_MAX) {
        fault_field(ctx->fault, field, "value_is_too_long", text, "%s of 1 to %d bytes", what,
                    TEXT_MAX);
        return false;
    }
    return true;
}

static void check_listed(struct ctx *ctx, struct str path, const struct metric_filter_input *input)
{
    struct str list = arena_fmt(ctx->arena, "%.*s.values", STR_ARG(path));
    struct filter_key seen = {.values = input->values};
    if (input->value_count == 0)
        fault_field(ctx->fault, list, "value_is_mandatory", STR_NULL, "the values of the key");
    if (input->value_count > FILTER_VALUES_MAX)
        fault_field(ctx->fault, list, "too_many_values",
                    arena_fmt(ctx->arena, "%zu", input->value_count), "at most %d values",
                    FILTER_VALUES_MAX);
    for (; seen.value_count < input->value_count && seen.value_count < FILTER_VALUES_MAX;
         seen.value_count++) {
        struct str value = input->values[seen.value_count];
        struct str field = arena_fmt(ctx->arena, "%.*s.%zu", STR_ARG(list), seen.value_count);
        if (!check_text(ctx, field, value, "a value"))
            continue;
        if (str_eq(value, STR(FILTER_ALL_VALUES)))
            fault_field(ctx->fault, field, "value_is_invalid", value,
                        "a value; this one means all of them, in the filter of a charge");
        else if (filter_key_has(&seen, value))
            fault_field(ctx->fault, field, "value_already_exist", value, "each value once");
    }
}

struct str metric_filters_check(struct ctx *ctx, const struct metric_filter_input *inputs,
                                size_t count)
{
    struct filter_key *keys = ARENA_ARRAY(ctx->arena, count, struct filter_key);
    struct filter filter = {.keys = keys};
    if (count > FILTER_KEYS_MAX)
        fault_field(ctx->fault, STR("filters"), "too_many_values",
                    arena_fmt(ctx->arena, "%zu", count), "at most %d keys", FILTER_KEYS_MAX);
    for (size_t i = 0; i < count && i < FILTER_KEYS_MAX; i++) {
        const struct metric_filter_input *input = &inputs[i];
        struct str path = arena_fmt(ctx->arena, "filters.%zu", i);
        struct str field = arena_fmt(ctx->arena, "%.*s.key", STR_ARG(path));
        if (check_text(ctx, field, input->key, "a key") && filter_find(&filter, input->key) != NULL)
            fault_field(ctx->fault, field, "value_already_exist", input->key, "each key once");
        check_listed(ctx, path, input);
        keys[filter.key_count++] =
            (struct filter_key){input->key, input->values, input->value_count};
    }
    return filter_text(ctx->arena, &filter);
}

/* ---- a charge's ------------------------------------------------------------------------------ */

struct reading {
    struct ctx *ctx;
    struct str path; /* "charges.0.filters.1.values" */
    struct json_reader json;
    const struct filter *metric;
};

static void check_value(const struct reading *r, struct str field, const struct filter_key *listed,
                        const struct filter_key *key, struct str value)
{
    struct fault *fault = r->ctx->fault;
    bool is_all = str_eq(value, STR(FILTER_ALL_VALUES));
    if (filter_key_has(key, value))
        fault_field(fault, field, "value_already_exist", value, "each value once");
    else if (key->value_count > 0 && (is_all || filter_key_has(key, STR(FILTER_ALL_VALUES))))
        fault_field(fault, field, "value_is_invalid", value, "%s alone, or values that are listed",
                    FILTER_ALL_VALUES);
    else if (listed != NULL && !is_all && !filter_key_has(listed, value))
        fault_field(fault, field, "value_is_invalid", value,
                    "a value that the billable metric lists for %.*s", STR_ARG(key->key));
}

/* The values behind a key that was just read. */
static void read_values(struct reading *r, struct filter_key *key)
{
    struct arena *arena = r->ctx->arena;
    struct str field = arena_fmt(arena, "%.*s.%.*s", STR_ARG(r->path), STR_ARG(key->key));
    const struct filter_key *listed = filter_find(r->metric, key->key);
    struct str *values = NULL;
    size_t capacity = 0;
    struct str passed = STR_NULL;
    if (listed == NULL)
        fault_field(r->ctx->fault, field, "value_is_invalid", key->key,
                    "a key of the billable metric's filters");
    if (json_next(&r->json) != JSON_ARRAY_START) {
        json_skip(&r->json, &passed);
        fault_field(r->ctx->fault, field, "invalid_type", passed, "an array of texts");
        return;
    }
    size_t index = 0;
    for (;; index++) {
        enum json_token token = json_next(&r->json);
        struct str at = arena_fmt(arena, "%.*s.%zu", STR_ARG(field), index);
        if (token == JSON_ARRAY_END || token == JSON_ERROR)
            break;
        if (token != JSON_STRING) {
            json_skip(&r->json, &passed);
            fault_field(r->ctx->fault, at, "invalid_type", passed, "a text");
            continue;
        }
        check_value(r, at, listed, key, r->json.text);
        values = arena_grow(arena, values, key->value_count, &capacity, sizeof *values);
        values[key->value_count++] = r->json.text;
        key->values = values;
    }
    if (index == 0)
        fault_field(r->ctx->fault, field, "value_is_mandatory", STR_NULL,
                    "at least one value of the key");
}

static struct filter read_filter(struct ctx *ctx, struct str path, const struct filter *metric,
                                 struct str text)
{
    struct filter filter = {0};
    struct filter_key *keys = NULL;
    size_t capacity = 0;
    struct reading r = {.ctx = ctx, .path = path, .metric = metric};
    json_reader_init(&r.json, ctx->arena, str_is_null(text) ? STR("{}") : text);
    if (json_next(&r.json) != JSON_OBJECT_START) {
        fault_field(ctx->fault, path, "invalid_type", text, "an object of keys with their values");
        return filter;
    }
    while (json_next(&r.json) == JSON_KEY) {
        struct filter_key key = {.key = r.json.text};
        read_values(&r, &key);
        keys = arena_grow(ctx->arena, keys, filter.key_count, &capacity, sizeof *keys);
        keys[filter.key_count++] = key;
        filter.keys = keys;
    }
    if (filter.key_count == 0)
        fault_field(ctx->fault, path, "value_is_mandatory", STR_NULL,
                    "at least one key of the billable metric's filters, with its values");
    return filter;
}

struct filter charge_filter_read(struct ctx *ctx, struct str path,
                                 const struct billable_metric_row *metric, struct str values)
{
    struct filter listed =
        filter_of(ctx->arena, str_is_null(metric->filters) ? STR("{}") : metric->filters);
    return read_filter(ctx, path, &listed, values);
}

static void check_new(struct ctx *ctx, struct str path, const struct filter *filters, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (filters[index].key_count == 0 || !filter_same(&filters[i], &filters[index]))
            continue;
        fault_field(ctx->fault, path, "value_already_exist",
                    filter_text(ctx->arena, &filters[index]),
                    "other values than those of filters.%zu", i);
        return;
    }
}

struct charge_filter_input charge_filter_input_of(const struct charge_filter_row *row)
{
    return (struct charge_filter_input){
        .values = row->match_values,
        .invoice_display_name = row->invoice_display_name,
        .properties = row->properties,
        .lineage_id = row->lineage_id,
    };
}

static struct uuid lineage_of(struct ctx *ctx, const struct charge_filters *filters,
                              const struct charge_filter_input *input, const struct filter *filter)
{
    if (!uuid_is_nil(input->lineage_id))
        return input->lineage_id;
    for (size_t i = 0; i < filters->before_count; i++) {
        struct filter before = filter_of(ctx->arena, filters->before[i].match_values);
        if (filter_same(&before, filter))
            return filters->before[i].lineage_id;
    }
    return ctx_new_id(ctx);
}

void charge_filters_check(struct ctx *ctx, struct str path,
                          const struct billable_metric_row *metric, struct str charge_model,
                          const struct charge_filters *filters, struct charge_filter_row *rows,
                          struct charge *models)
{
    struct arena *arena = ctx->arena;
    struct filter *read = ARENA_ARRAY(arena, filters->count, struct filter);
    /* Without the metric, which is told by itself, there is nothing to compare with. */
    struct filter listed =
        filter_of(arena, str_is_null(metric->filters) ? STR("{}") : metric->filters);
    for (size_t i = 0; i < filters->count && !uuid_is_nil(metric->id); i++) {
        const struct charge_filter_input *input = &filters->inputs[i];
        struct str below = arena_fmt(arena, "%.*s.filters.%zu", STR_ARG(path), i);
        struct str values = arena_fmt(arena, "%.*s.values", STR_ARG(below));
        read[i] = read_filter(ctx, values, &listed, input->values);
        check_new(ctx, values, read, i);
        charge_parse(arena, charge_model,
                     str_is_null(input->properties) ? STR("{}") : input->properties, below,
                     ctx->fault, &models[i]);
        if (fault_is_set(ctx->fault))
            continue; /* told together with what else is wrong */
        struct filter expanded = filter_expand(arena, &read[i], &listed);
        rows[i] = (struct charge_filter_row){
            .lineage_id = lineage_of(ctx, filters, input, &read[i]),
            .position = (int64_t)i,
            .invoice_display_name = input->invoice_display_name,
            .match_values = filter_text(arena, &read[i]),
            .listed_values = filter_text(arena, &expanded),
            .properties = charge_properties_text(arena, &models[i]),
        };
    }
}

/* ---- after the metric changed ---------------------------------------------------------------- */

static struct filter fit(struct arena *arena, const struct filter *filter,
                         const struct filter *metric)
{
    struct filter_key *keys = ARENA_ARRAY(arena, filter->key_count, struct filter_key);
    struct filter left = {.keys = keys};
    for (size_t i = 0; i < filter->key_count; i++) {
        const struct filter_key *key = &filter->keys[i];
        const struct filter_key *listed = filter_find(metric, key->key);
        struct str *values = ARENA_ARRAY(arena, key->value_count, struct str);
        size_t count = 0;
        for (size_t j = 0; listed != NULL && j < key->value_count; j++) {
            if (str_eq(key->values[j], STR(FILTER_ALL_VALUES)) ||
                filter_key_has(listed, key->values[j]))
                values[count++] = key->values[j];
        }
        if (count > 0)
            keys[left.key_count++] = (struct filter_key){key->key, values, count};
    }
    return left;
}

bool charge_filters_fit(struct arena *arena, const struct billable_metric_row *metric,
                        const struct charge_view *charge, struct charge_filter_input **left,
                        size_t *count)
{
    struct filter listed = filter_of(arena, metric->filters);
    struct charge_filter_input *inputs =
        ARENA_ARRAY(arena, charge->filter_count, struct charge_filter_input);
    struct filter *filters = ARENA_ARRAY(arena, charge->filter_count, struct filter);
    bool changes = false;
    *left = inputs;
    *count = 0;
    for (size_t i = 0; i < charge->filter_count; i++) {
        const struct charge_filter_row *row = &charge->filters[i];
        struct filter old = filter_of(arena, row->match_values);
        struct filter now = fit(arena, &old, &listed);
        struct filter expanded = filter_expand(arena, &now, &listed);
        bool is_new = now.key_count > 0;
        changes |= !str_eq(filter_text(arena, &expanded), row->listed_values);
        for (size_t j = 0; j < *count && is_new; j++)
            is_new = !filter_same(&filters[j], &now);
        if (!is_new)
            continue;
        filters[*count] = now;
        inputs[*count] = charge_filter_input_of(row); /* it goes on, with what is left of it */
        inputs[(*count)++].values = filter_text(arena, &now);
    }
    return changes;
}

/* ---- parts ----------------------------------------------------------------------------------- */

size_t charge_part_count(const struct charge_view *charge)
{
    return charge->filter_count + 1;
}

const struct charge_filter_row *charge_part_filter(const struct charge_view *charge, size_t part)
{
    return part < charge->filter_count ? &charge->filters[part] : NULL;
}

struct charge charge_part_model(struct arena *arena, const struct charge_view *charge, size_t part)
{
    const struct charge_filter_row *filter = charge_part_filter(charge, part);
    struct charge model = charge_of(arena, charge->row.charge_model,
                                    filter == NULL ? charge->row.properties : filter->properties);
    model.prorated = charge->row.prorated && !charge->row.pay_in_advance; /* in advance by event */
    return model;
}

struct filter_set charge_filter_set(struct arena *arena, const struct charge_view *charge)
{
    struct filter *filters = ARENA_ARRAY(arena, charge->filter_count, struct filter);
    for (size_t i = 0; i < charge->filter_count; i++)
        filters[i] = filter_of(arena, charge->filters[i].listed_values);
    return filter_set_of(arena, filters, charge->filter_count);
}

struct str charge_filter_name(struct arena *arena, const struct charge_filter_row *filter)
{
    struct buf buf;
    if (filter == NULL)
        return STR_NULL;
    if (filter->invoice_display_name.len > 0)
        return filter->invoice_display_name;
    struct filter values = filter_of(arena, filter->match_values);
    buf_init(&buf, arena, NAME_BYTES_MAX);
    for (size_t i = 0; i < values.key_count; i++) {
        for (size_t j = 0; j < values.keys[i].value_count; j++) {
            bool is_all = str_eq(values.keys[i].values[j], STR(FILTER_ALL_VALUES));
            if (i + j > 0)
                buf_add(&buf, STR(", "));
            buf_add(&buf, is_all ? values.keys[i].key : values.keys[i].values[j]);
        }
    }
    return buf_str(&buf);
}
