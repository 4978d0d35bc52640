#include "app/event_prepare.h"

#include "base/assert.h"
#include "base/hash.h"
#include "base/json_read.h"
#include "base/time.h"
#include "store/sql/catalog.h"
#include "store/sql/instance.h"

#include <string.h>

#define TRANSACTION_ID_BYTES_MAX 255
#define PROPERTIES_BYTES_MAX     65536
#define OCCURRED_LATEST          ((int64_t)7258118400 * TIME_SECOND) /* 2200-01-01 */

/* ---- metrics --------------------------------------------------------------------------------- */

void metric_table_init(struct metric_table *table)
{
    pthread_rwlock_init(&table->lock, NULL);
    arena_init(&table->arena);
    table->metrics = NULL;
    table->count = 0;
    table->revision = 0;
    table->is_loaded = false;
}

void metric_table_clear(struct metric_table *table)
{
    arena_clear(&table->arena);
    pthread_rwlock_destroy(&table->lock);
}

void metric_table_forget(struct metric_table *table)
{
    pthread_rwlock_wrlock(&table->lock);
    table->is_loaded = false;
    pthread_rwlock_unlock(&table->lock);
}

static bool find_known(struct metric_table *table, struct str code, struct known_metric *metric)
{
    bool found = false;
    pthread_rwlock_rdlock(&table->lock);
    for (size_t i = 0; i < table->count && !found; i++) {
        if (str_eq(table->metrics[i].rule.code, code)) {
            *metric = table->metrics[i];
            found = true;
        }
    }
    pthread_rwlock_unlock(&table->lock);
    return found;
}

struct metric_loading {
    struct billable_metric_row *rows;
    size_t count;
    int64_t revision;
};

static enum err load_metrics(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct metric_loading *loading = arg;
    struct metric_revision_load_row row;
    bool found = false;
    (void)ctx;
    TRY(metric_revision_load(tx, &row, &found)); /* first: if one changes now, it shows */
    ASSERT(found);
    loading->revision = row.metric_revision;
    return billable_metric_list(tx, &loading->rows, &loading->count);
}

/* What is read of a metric, copied for as long as the table lives. */
static struct known_metric copy_metric(struct arena *arena, const struct billable_metric_row *row)
{
    struct billable_metric_row kept = {
        .id = row->id,
        .code = arena_str(arena, row->code),
        .aggregation_type = arena_str(arena, row->aggregation_type),
        .field_name = arena_str(arena, row->field_name),
        .expression = arena_str(arena, row->expression),
        .rounding_function = arena_str(arena, row->rounding_function),
        .rounding_precision = row->rounding_precision,
        .is_recurring = row->is_recurring,
        .percentile = row->percentile,
        .slot_seconds = row->slot_seconds,
        .filters = arena_str(arena, row->filters),
        .filter_revision = row->filter_revision,
        .is_paid_ahead = row->is_paid_ahead,
    };
    return (struct known_metric){.id = kept.id, .rule = metric_rule_of(arena, &kept)};
}

/* Reads all again: a code was not known, or a metric changed.  The old ones stay in the arena,
 * since others may be looking at their texts. */
static enum err reload(struct metric_table *table, struct ctx *ctx)
{
    struct metric_loading loading = {0};
    TRY(tx_run(ctx, TX_READ, load_metrics, &loading));
    pthread_rwlock_wrlock(&table->lock);
    if (!table->is_loaded || loading.revision != table->revision || loading.count > table->count) {
        struct known_metric *metrics =
            ARENA_ARRAY(&table->arena, loading.count, struct known_metric);
        for (size_t i = 0; i < loading.count; i++)
            metrics[i] = copy_metric(&table->arena, &loading.rows[i]);
        table->metrics = metrics;
        table->count = loading.count;
        table->revision = loading.revision;
        table->is_loaded = true;
    }
    pthread_rwlock_unlock(&table->lock);
    return ERR_NONE;
}

/* The revision of the table, which is read first where it is not. */
static enum err current_revision(struct metric_table *table, struct ctx *ctx, int64_t *revision)
{
    pthread_rwlock_rdlock(&table->lock);
    bool is_loaded = table->is_loaded;
    *revision = table->revision;
    pthread_rwlock_unlock(&table->lock);
    if (is_loaded)
        return ERR_NONE;
    TRY(reload(table, ctx));
    pthread_rwlock_rdlock(&table->lock);
    *revision = table->revision;
    pthread_rwlock_unlock(&table->lock);
    return ERR_NONE;
}

static enum err find_metric(struct metric_table *table, struct ctx *ctx, struct str code,
                            struct known_metric *metric, bool *found)
{
    *found = find_known(table, code, metric);
    if (*found)
        return ERR_NONE;
    TRY(reload(table, ctx));
    *found = find_known(table, code, metric);
    return ERR_NONE;
}

/* ---- hashes ---------------------------------------------------------------------------------- */

static void keyed(const struct app *app, const char *what, struct str text, size_t len,
                  unsigned char *out)
{
    struct hash_stream stream;
    unsigned char digest[32];
    hash_init(&stream, (struct str){(const char *)app->dedup_secret, sizeof app->dedup_secret});
    hash_add(&stream, str_of(what));
    hash_add(&stream, text);
    hash_end(&stream, digest);
    memcpy(out, digest, len);
}

void event_transaction_hash(const struct app *app, struct str transaction_id,
                            unsigned char hash[16])
{
    keyed(app, "transaction:", transaction_id, 16, hash);
}

void event_subscription_hash(const struct app *app, struct str external_subscription_id,
                             unsigned char hash[8])
{
    keyed(app, "subscription:", external_subscription_id, 8, hash);
}

void event_source_hash(const struct app *app, struct str source, unsigned char hash[8])
{
    keyed(app, "source:", source, 8, hash);
}

void event_digest(const struct app *app, struct uuid metric_id, int64_t occurred_at,
                  struct str properties, struct decimal cents, unsigned char digest[16])
{
    char number[DECIMAL_TEXT_MAX];
    struct buf text;
    struct hash_stream stream;
    unsigned char full[32];
    hash_init(&stream, (struct str){(const char *)app->dedup_secret, sizeof app->dedup_secret});
    hash_add(&stream, (struct str){(const char *)metric_id.bytes, sizeof metric_id.bytes});
    hash_add(&stream, (struct str){(const char *)&occurred_at, sizeof occurred_at});
    hash_add(&stream, properties);
    if (!decimal_is_none(cents)) { /* behind the object's }, so that nothing else reads the same */
        buf_fixed(&text, number, sizeof number);
        buf_decimal(&text, cents);
        hash_add(&stream, buf_str(&text));
    }
    hash_end(&stream, full);
    memcpy(digest, full, 16);
}

/* ---- events ---------------------------------------------------------------------------------- */

struct checking {
    struct ingest_batch *batch;
    size_t index;
};

/* What a CloudEvent calls a field. */
static struct str attribute_name(struct arena *arena, struct str field)
{
    static const struct {
        struct str field, attribute;
    } names[] = {
        {{"transaction_id", 14}, {"id", 2}},
        {{"code", 4}, {"type", 4}},
        {{"timestamp", 9}, {"time", 4}},
        {{"properties", 10}, {"data", 4}},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (str_eq(field, names[i].field))
            return names[i].attribute;
    }
    if (str_starts(field, STR("properties.")))
        return arena_fmt(arena, "data%.*s", STR_ARG(str_slice(field, 10, field.len)));
    return field;
}

static void bad(const struct checking *c, const char *field, const char *code, struct str value,
                const char *expected)
{
    struct ctx *ctx = c->batch->ctx;
    struct str name = str_of(field);
    if (!str_is_null(c->batch->events[c->index].source))
        name = attribute_name(ctx->arena, name);
    if (c->batch->lines != NULL)
        name = arena_fmt(ctx->arena, "%s %lld, %.*s", c->batch->line_word,
                         (long long)c->batch->lines[c->index], STR_ARG(name));
    else if (c->batch->is_list)
        name = arena_fmt(ctx->arena, "events.%zu.%.*s", c->index, STR_ARG(name));
    fault_field(ctx->fault, name, code, value, "%s", expected);
}

static void check_value(const struct checking *c, const struct metric_rule *rule,
                        struct prepared_event *event)
{
    struct ctx *ctx = c->batch->ctx;
    struct meter_value value;
    struct meter_fault wrong;
    enum err err = meter_read(ctx->arena, &rule->meter,
                              &(struct expression_event){
                                  .code = rule->code,
                                  .occurred_at = event->occurred_at,
                                  .properties = event->properties,
                              },
                              &value, &wrong);
    event->value = value.number;
    event->aggregation = rule->meter.aggregation;
    /* A missing or odd property may be passed over; what can't be computed never. */
    if (err == ERR_NONE || (c->batch->is_lenient && err != ERR_OVERFLOW))
        return;
    bad(c, arena_cstr(ctx->arena, wrong.field), wrong.code, wrong.value,
        arena_cstr(ctx->arena, wrong.expected));
}

static void check_cents(const struct checking *c, const struct event_input *input,
                        struct prepared_event *event)
{
    event->cents = DECIMAL_NONE;
    if (!str_is_null(input->precise_total_amount_cents) &&
        decimal_parse(input->precise_total_amount_cents, &event->cents) != ERR_NONE)
        bad(c, "precise_total_amount_cents", "value_is_invalid", input->precise_total_amount_cents,
            "a decimal number of at most 34 digits such as \"10.1\"");
}

static bool is_object(struct arena *arena, struct str json)
{
    struct json_reader reader;
    struct str passed;
    json_reader_init(&reader, arena, json);
    return json_next(&reader) == JSON_OBJECT_START && json_skip(&reader, &passed) &&
           json_next(&reader) == JSON_END;
}

static enum err check_event(struct metric_table *table, const struct checking *c,
                            const struct event_input *input, struct prepared_event *event)
{
    struct ctx *ctx = c->batch->ctx;
    struct known_metric metric;
    bool found = false;
    *event = (struct prepared_event){
        .input = input,
        .properties = str_is_null(input->properties) ? STR("{}") : input->properties,
        .occurred_at = input->occurred_at == TIME_NONE ? ctx_now(ctx) : input->occurred_at,
    };
    if (input->transaction_id.len == 0)
        bad(c, "transaction_id", "value_is_mandatory", input->transaction_id,
            "an id of 1 to 255 bytes");
    else if (input->transaction_id.len > TRANSACTION_ID_BYTES_MAX)
        bad(c, "transaction_id", "value_is_too_long", input->transaction_id,
            "an id of 1 to 255 bytes");
    if (event->occurred_at < 0 || event->occurred_at >= OCCURRED_LATEST)
        bad(c, "timestamp", "value_is_out_of_range", time_text(ctx->arena, event->occurred_at),
            "a time from 1970 to 2199");
    check_cents(c, input, event);
    if (event->properties.len > PROPERTIES_BYTES_MAX)
        bad(c, "properties", "value_is_too_long", STR_NULL, "at most 65536 bytes");
    else if (!is_object(ctx->arena, event->properties))
        bad(c, "properties", "invalid_type", event->properties, "a JSON object");
    else {
        TRY(find_metric(table, ctx, input->code, &metric, &found));
        if (!found)
            bad(c, "code", "billable_metric_not_found", input->code,
                "the code of a billable metric");
        else
            check_value(c, &metric.rule, event);
    }
    if (!found)
        return ERR_NONE;
    event->metric_id = metric.id;
    event->filter_revision = metric.rule.filter_revision;
    event->is_paid_ahead = metric.rule.is_paid_ahead;
    event->segment = metric_rule_segment(ctx->arena, &metric.rule, event->properties);
    event_transaction_hash(ctx->app, input->transaction_id, event->transaction_hash);
    event_subscription_hash(
        ctx->app,
        str_is_null(input->external_subscription_id) ? STR("") : input->external_subscription_id,
        event->subscription_hash);
    event->has_source = !str_is_null(input->source);
    if (event->has_source)
        event_source_hash(ctx->app, input->source, event->source_hash);
    event_digest(ctx->app, metric.id, event->occurred_at, event->properties, event->cents,
                 event->digest);
    return ERR_NONE;
}

enum err events_prepare(struct metric_table *table, struct ingest_batch *batch)
{
    struct ctx *ctx = batch->ctx;
    TRY(current_revision(table, ctx, &batch->metric_revision));
    batch->prepared = ARENA_ARRAY(ctx->arena, batch->count, struct prepared_event);
    for (size_t i = 0; i < batch->count; i++) {
        struct checking checking = {batch, i};
        TRY(check_event(table, &checking, &batch->events[i], &batch->prepared[i]));
    }
    return fault_check(ctx->fault);
}
