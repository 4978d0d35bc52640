#include "app/billable_metric.h"

#include "app/audit.h"
#include "app/plan_change.h"
#include "base/none.h"
#include "core/metering/usage.h"
#include "store/sql/catalog.h"
#include "store/sql/event.h"
#include "store/sql/instance.h"

/* ---- what makes a metric valid --------------------------------------------------------------- */

static struct str some(struct str text)
{
    return text.len == 0 ? STR_NULL : text;
}

static void check_value(struct ctx *ctx, struct billable_metric_row *row,
                        enum aggregation aggregation)
{
    row->expression = some(row->expression);
    if (aggregation == AGGREGATION_COUNT) {
        row->field_name = STR_NULL;
        if (!str_is_null(row->expression))
            fault_field(ctx->fault, STR("expression"), "value_is_invalid", row->expression,
                        "null: a count takes no value");
        return;
    }
    if (!str_is_null(row->expression))
        billable_metric_check_expression(ctx, STR("expression"), row->expression);
    else if (row->field_name.len == 0)
        fault_field(ctx->fault, STR("field_name"), "value_is_mandatory", row->field_name,
                    "the event property to aggregate, or an expression");
}

static void check_rounding(struct ctx *ctx, struct billable_metric_row *row)
{
    struct usage_rounding rounding;
    row->rounding_function = some(row->rounding_function);
    if (str_is_null(row->rounding_function))
        row->rounding_precision = INT_NONE;
    else if (row->rounding_precision == INT_NONE)
        row->rounding_precision = 0;
    if (!usage_rounding_parse(row->rounding_function, 0, &rounding))
        fault_field(ctx->fault, STR("rounding_function"), "value_is_invalid",
                    row->rounding_function, "round, ceil, floor or null");
    if (row->rounding_precision != INT_NONE && (row->rounding_precision < -USAGE_DECIMALS_MAX ||
                                                row->rounding_precision > USAGE_DECIMALS_MAX))
        fault_field(ctx->fault, STR("rounding_precision"), "value_is_out_of_range",
                    arena_fmt(ctx->arena, "%lld", (long long)row->rounding_precision),
                    "%d to %d decimals", -USAGE_DECIMALS_MAX, USAGE_DECIMALS_MAX);
}

static void check_recurring(struct ctx *ctx, const struct billable_metric_row *row,
                            enum aggregation aggregation)
{
    if (row->is_recurring && !aggregation_may_recur(aggregation))
        fault_field(ctx->fault, STR("recurring"), "not_compatible_with_aggregation_type",
                    STR("true"),
                    "false: only sum_agg, unique_count_agg and weighted_sum_agg may be recurring");
}

static void check_weighted_interval(struct ctx *ctx, struct str interval,
                                    enum aggregation aggregation)
{
    if (str_is_null(interval) ||
        (aggregation == AGGREGATION_WEIGHTED && str_eq(interval, STR("seconds"))))
        return;
    fault_field(ctx->fault, STR("weighted_interval"), "value_is_invalid", interval, "%s",
                aggregation == AGGREGATION_WEIGHTED ? "seconds"
                                                    : "null: only weighted_sum_agg has one");
}

static void check_slots(struct ctx *ctx, struct billable_metric_row *row)
{
    if (row->slot_seconds == INT_NONE)
        row->slot_seconds = SLOT_SECONDS_PRESET;
    if (row->slot_seconds < SLOT_SECONDS_MIN || row->slot_seconds > SLOT_SECONDS_MAX ||
        SLOT_SECONDS_MAX % row->slot_seconds != 0)
        fault_field(ctx->fault, STR("slot_seconds"), "value_is_out_of_range",
                    arena_fmt(ctx->arena, "%lld", (long long)row->slot_seconds),
                    "%d to %d, a divisor of %d", SLOT_SECONDS_MIN, SLOT_SECONDS_MAX,
                    SLOT_SECONDS_MAX);
}

static void check_percentile(struct ctx *ctx, struct billable_metric_row *row,
                             enum aggregation aggregation)
{
    static const char none[] = "null: only percentile_agg has one";
    bool is_one = aggregation == AGGREGATION_PERCENTILE;
    bool has_value = !decimal_is_none(row->percentile);
    if (is_one)
        check_slots(ctx, row);
    else if (row->slot_seconds != INT_NONE)
        fault_field(ctx->fault, STR("slot_seconds"), "value_is_invalid",
                    arena_fmt(ctx->arena, "%lld", (long long)row->slot_seconds), none);
    if (is_one && !has_value)
        fault_field(ctx->fault, STR("percentile"), "value_is_mandatory", STR_NULL,
                    "a percentile such as \"95\"");
    if (!is_one && has_value)
        fault_field(ctx->fault, STR("percentile"), "value_is_invalid",
                    decimal_text(ctx->arena, row->percentile), none);
    if (is_one && has_value &&
        (decimal_sign(row->percentile) <= 0 || decimal_cmp(row->percentile, decimal_of(100)) > 0 ||
         decimal_decimals(row->percentile) > PERCENTILE_DECIMALS))
        fault_field(ctx->fault, STR("percentile"), "value_is_out_of_range",
                    decimal_text(ctx->arena, row->percentile),
                    "above 0, at most 100, with at most %d decimals", PERCENTILE_DECIMALS);
}

/* Notes all that is wrong, and leaves the row as it is to be kept. */
static enum err check(struct ctx *ctx, struct tx *tx, const struct billable_metric_input *input,
                      struct billable_metric_row *row)
{
    struct billable_metric_row taken;
    enum aggregation aggregation;
    bool found = false;
    TRY(aggregation_parse(row->aggregation_type, STR("aggregation_type"), ctx->fault,
                          &aggregation));
    check_value(ctx, row, aggregation);
    check_rounding(ctx, row);
    check_recurring(ctx, row, aggregation);
    check_weighted_interval(ctx, input->weighted_interval, aggregation);
    check_percentile(ctx, row, aggregation);
    if ((input->sent & (uint64_t)METRIC_FILTERS) != 0)
        row->filters = metric_filters_check(ctx, input->filters, input->filter_count);
    TRY(billable_metric_by_code(tx, &(struct billable_metric_by_code_in){.code = row->code}, &taken,
                                &found));
    if (found && !uuid_eq(taken.id, row->id))
        fault_field(ctx->fault, STR("code"), "value_already_exist", row->code,
                    "a code that no billable metric has yet");
    return fault_check(ctx->fault);
}

static enum err add_audit(struct ctx *ctx, struct tx *tx, const char *action,
                          const struct billable_metric_row *before,
                          const struct billable_metric_row *after)
{
    return audit_add(
        ctx, tx,
        &(struct audit){
            .chain_id = ctx->app->organization_id,
            .action = action,
            .object_id = before != NULL ? before->id : after->id,
            .before = before == NULL ? STR_NULL : billable_metric_row_json(ctx->arena, before),
            .after = after == NULL ? STR_NULL : billable_metric_row_json(ctx->arena, after),
        });
}

/* ---- create ---------------------------------------------------------------------------------- */

static struct decimal percentile_sent(const struct billable_metric_input *input)
{
    return (input->sent & (uint64_t)METRIC_PERCENTILE) != 0 ? input->percentile : DECIMAL_NONE;
}

static int64_t slot_seconds_sent(const struct billable_metric_input *input)
{
    return input->slot_seconds == 0 ? INT_NONE : input->slot_seconds;
}

struct metric_creating {
    const struct billable_metric_input *input;
    struct billable_metric_row *row;
};

static enum err create(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct metric_creating *creating = arg;
    const struct billable_metric_input *input = creating->input;
    struct billable_metric_row row = {
        .id = ctx_new_id(ctx),
        .code = input->code,
        .name = input->name,
        .description = input->description,
        .aggregation_type = input->aggregation_type,
        .field_name = input->field_name,
        .created_at = ctx_now(ctx),
        .expression = input->expression,
        .rounding_function = input->rounding_function,
        .rounding_precision = input->rounding_precision,
        .is_recurring = input->recurring,
        .percentile = percentile_sent(input),
        .slot_seconds = slot_seconds_sent(input),
        .filters = STR("{}"),
        .paid_ahead_seq = INT_NONE,
    };
    TRY(check(ctx, tx, input, &row));
    TRY(billable_metric_insert(tx, &row));
    TRY(add_audit(ctx, tx, "billable_metric.create", NULL, &row));
    *creating->row = row;
    return ERR_NONE;
}

enum err billable_metric_create(struct ctx *ctx, const struct billable_metric_input *input,
                                struct billable_metric_row *row)
{
    struct metric_creating creating = {.input = input, .row = row};
    return tx_run(ctx, TX_WRITE, create, &creating);
}

/* ---- change and remove ----------------------------------------------------------------------- */

struct metric_changing {
    struct str code;
    const struct billable_metric_input *input; /* NULL: it goes */
    struct billable_metric_row *row;
};

/* The metric, with the ingest held off until the transaction ends; whoever prepared events by it
 * prepares them again. */
static enum err load_held(struct ctx *ctx, struct tx *tx, struct str code,
                          struct billable_metric_row *row)
{
    struct metric_revision_next_row revision;
    bool found = false;
    TRY(metric_revision_next(tx, &revision, &found));
    TRY(billable_metric_by_code(tx, &(struct billable_metric_by_code_in){.code = code}, row,
                                &found));
    return found ? ERR_NONE : fail_not_found(ctx, "billable_metric", code);
}

static enum err is_used(struct tx *tx, struct uuid metric_id, bool *used)
{
    struct charge_of_metric_row charge;
    struct usage_day_of_metric_row day;
    struct event_unmatched_of_metric_row event;
    TRY(charge_of_metric(tx, &(struct charge_of_metric_in){.metric_id = metric_id}, &charge, used));
    if (!*used)
        TRY(usage_day_of_metric(tx, &(struct usage_day_of_metric_in){.metric_id = metric_id}, &day,
                                used));
    if (!*used)
        TRY(event_unmatched_of_metric(
            tx, &(struct event_unmatched_of_metric_in){.metric_id = metric_id}, &event, used));
    return ERR_NONE;
}

static enum err refuse_used(struct ctx *ctx, struct tx *tx, const struct billable_metric_row *row,
                            struct str field, struct str value)
{
    bool used = false;
    TRY(is_used(tx, row->id, &used));
    if (!used)
        return ERR_NONE;
    fault_field(ctx->fault, field, "billable_metric_in_use", value,
                "a metric that no plan charges for and no event has used");
    return fail(ctx, ERR_NOT_ALLOWED,
                "billable metric %.*s is in use: only its name and description may change",
                STR_ARG(row->code));
}

static void apply(const struct billable_metric_input *input, struct billable_metric_row *row)
{
    const struct {
        enum billable_metric_field bit;
        struct str value;
        struct str *member;
    } texts[] = {
        {METRIC_CODE, input->code, &row->code},
        {METRIC_NAME, input->name, &row->name},
        {METRIC_DESCRIPTION, input->description, &row->description},
        {METRIC_AGGREGATION_TYPE, input->aggregation_type, &row->aggregation_type},
        {METRIC_FIELD_NAME, input->field_name, &row->field_name},
        {METRIC_EXPRESSION, input->expression, &row->expression},
        {METRIC_ROUNDING_FUNCTION, input->rounding_function, &row->rounding_function},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if ((input->sent & (uint64_t)texts[i].bit) != 0)
            *texts[i].member = texts[i].value;
    }
    if ((input->sent & (uint64_t)METRIC_ROUNDING_PRECISION) != 0)
        row->rounding_precision = input->rounding_precision;
    if ((input->sent & (uint64_t)METRIC_RECURRING) != 0)
        row->is_recurring = input->recurring;
    /* What is not sent goes with the aggregation to which it belonged. */
    bool is_one = str_eq(row->aggregation_type, STR("percentile_agg"));
    if ((input->sent & (uint64_t)METRIC_PERCENTILE) != 0 || !is_one)
        row->percentile = percentile_sent(input);
    if ((input->sent & (uint64_t)METRIC_SLOT_SECONDS) != 0)
        row->slot_seconds = slot_seconds_sent(input);
    else if (!is_one)
        row->slot_seconds = INT_NONE;
}

/* The first field that decides how events are counted and is another now; STR_NULL: none. */
static struct str changed_rule(const struct billable_metric_row *a,
                               const struct billable_metric_row *b, struct str *value)
{
    const struct {
        const char *name;
        struct str before, after;
    } fields[] = {
        {"code", a->code, b->code},
        {"aggregation_type", a->aggregation_type, b->aggregation_type},
        {"field_name", a->field_name, b->field_name},
        {"expression", a->expression, b->expression},
        {"rounding_function", a->rounding_function, b->rounding_function},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        *value = fields[i].after;
        if (!str_eq(fields[i].before, fields[i].after))
            return str_of(fields[i].name);
    }
    *value = STR_NULL;
    if (a->is_recurring != b->is_recurring)
        return STR("recurring");
    if (a->slot_seconds != b->slot_seconds)
        return STR("slot_seconds");
    if (decimal_is_none(a->percentile) != decimal_is_none(b->percentile) ||
        (!decimal_is_none(a->percentile) && !decimal_eq(a->percentile, b->percentile)))
        return STR("percentile");
    return a->rounding_precision == b->rounding_precision ? STR_NULL : STR("rounding_precision");
}

static enum err change(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct metric_changing *changing = arg;
    struct billable_metric_row before;
    struct str value = STR_NULL;
    TRY(load_held(ctx, tx, changing->code, &before));
    struct billable_metric_row row = before;
    apply(changing->input, &row);
    if (row.name.len == 0)
        fault_field(ctx->fault, STR("name"), "value_is_mandatory", row.name, "a name");
    if (row.code.len == 0)
        fault_field(ctx->fault, STR("code"), "value_is_mandatory", row.code, "a code");
    TRY(check(ctx, tx, changing->input, &row));
    bool has_filters = !str_eq(before.filters, row.filters);
    if (has_filters)
        row.filter_revision++;
    struct str field = changed_rule(&before, &row, &value);
    if (!str_is_null(field))
        TRY(refuse_used(ctx, tx, &before, field, value));
    TRY(billable_metric_update(tx,
                               &(struct billable_metric_update_in){
                                   .id = row.id,
                                   .code = row.code,
                                   .name = row.name,
                                   .description = row.description,
                                   .aggregation_type = row.aggregation_type,
                                   .field_name = row.field_name,
                                   .expression = row.expression,
                                   .rounding_function = row.rounding_function,
                                   .rounding_precision = row.rounding_precision,
                                   .is_recurring = row.is_recurring,
                                   .percentile = row.percentile,
                                   .slot_seconds = row.slot_seconds,
                                   .filters = row.filters,
                                   .filter_revision = row.filter_revision,
                               },
                               NULL));
    TRY(add_audit(ctx, tx, "billable_metric.update", &before, &row));
    if (has_filters)
        TRY(plan_fit_filters(ctx, tx, &row));
    *changing->row = row;
    return ERR_NONE;
}

enum err billable_metric_change(struct ctx *ctx, struct str code,
                                const struct billable_metric_input *input,
                                struct billable_metric_row *row)
{
    struct metric_changing changing = {.code = code, .input = input, .row = row};
    return tx_run(ctx, TX_WRITE, change, &changing);
}

static enum err remove_unused(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct metric_changing *changing = arg;
    struct billable_metric_row row;
    TRY(load_held(ctx, tx, changing->code, &row));
    TRY(refuse_used(ctx, tx, &row, STR("code"), row.code));
    TRY(billable_metric_delete(tx, &(struct billable_metric_delete_in){.id = row.id}, NULL));
    TRY(add_audit(ctx, tx, "billable_metric.delete", &row, NULL));
    *changing->row = row;
    return ERR_NONE;
}

enum err billable_metric_remove(struct ctx *ctx, struct str code, struct billable_metric_row *row)
{
    struct metric_changing changing = {.code = code, .row = row};
    return tx_run(ctx, TX_WRITE, remove_unused, &changing);
}

/* ---- reads ----------------------------------------------------------------------------------- */

struct metric_getting {
    struct str code;
    struct billable_metric_row *row;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct metric_getting *getting = arg;
    bool found = false;
    TRY(billable_metric_by_code(tx, &(struct billable_metric_by_code_in){.code = getting->code},
                                getting->row, &found));
    if (!found)
        return fail_not_found(ctx, "billable_metric", getting->code);
    return ERR_NONE;
}

enum err billable_metric_get(struct ctx *ctx, struct str code, struct billable_metric_row *row)
{
    struct metric_getting getting = {.code = code, .row = row};
    return tx_run(ctx, TX_READ, get, &getting);
}

struct metric_listing {
    int64_t limit, offset, total;
    struct billable_metric_row *rows;
    size_t count;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    (void)ctx;
    struct metric_listing *listing = arg;
    struct billable_metric_count_row counted;
    bool found = false;
    TRY(billable_metric_count(tx, &counted, &found));
    listing->total = counted.total;
    return billable_metric_page(
        tx, &(struct billable_metric_page_in){.limit = listing->limit, .offset = listing->offset},
        &listing->rows, &listing->count);
}

enum err billable_metric_list_page(struct ctx *ctx, int64_t limit, int64_t offset,
                                   struct billable_metric_row **rows, size_t *count, int64_t *total)
{
    struct metric_listing listing = {.limit = limit, .offset = offset};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *rows = listing.rows;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}
