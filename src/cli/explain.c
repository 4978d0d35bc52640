/* explain: why a fee, or each of an invoice, is what it is. */
#include "cli/command.h"

#include "api/fee_explain.h"
#include "app/fee_explanation.h"
#include "base/time.h"
#include "core/currency.h"

#include <stdio.h>

#define JSON_BYTES_MAX ((size_t)64 << 20)

static const struct option options[] = {
    COMMAND_DATABASE_OPTION,
    {"json", OPTION_FLAG, NULL, "as the API has it: each step with its inputs", .env = NULL},
    {0},
};

static enum err read_explained(struct ctx *ctx, struct option_values *values,
                               struct explained_fee **explained, size_t *count)
{
    struct uuid id;
    if (values->argument_count != 1)
        return fault_set(ctx->fault, ERR_INVALID, "wanted: the id of a fee or an invoice's number");
    if (!uuid_parse(values->arguments[0], &id))
        return invoice_explain(ctx, values->arguments[0], explained, count);
    *explained = ARENA_NEW(ctx->arena, struct explained_fee);
    *count = 1;
    return fee_explain(ctx, id, *explained);
}

static struct str money_text(struct arena *arena, int64_t minor, struct str currency)
{
    struct buf text;
    buf_init(&text, arena, DECIMAL_TEXT_MAX);
    buf_money(&text, (struct money){minor, currency_find(currency)});
    buf_char(&text, ' ');
    buf_add(&text, currency);
    return buf_str(&text);
}

static void print_steps(struct arena *arena, struct str steps)
{
    struct fee_explanation read = fee_explanation_read(arena, steps);
    for (size_t i = 0; i < read.count; i++)
        printf("  %-60.*s %20.*s\n", STR_ARG(read.steps[i].text), STR_ARG(read.steps[i].result));
    if (read.is_cut)
        printf("  and more steps: --json has them all\n");
}

static void print_source(struct arena *arena, const struct explained_fee *explained)
{
    const struct plan_view *plan = &explained->plan;
    const struct charge_view *charge = &explained->charge;
    if (!str_is_null(plan->row.code))
        printf("  plan %.*s, version %lld", STR_ARG(plan->row.code),
               (long long)plan->version.version);
    if (!uuid_is_nil(charge->row.id))
        printf("; charge %.*s (%.*s) of metric %.*s (%.*s)", STR_ARG(charge->row.code),
               STR_ARG(charge->row.charge_model), STR_ARG(charge->metric.code),
               STR_ARG(charge->metric.aggregation_type));
    if (!uuid_is_nil(explained->fixed.row.id))
        printf("  fixed charge %.*s (%.*s)", STR_ARG(explained->fixed.row.code),
               STR_ARG(explained->fixed.row.charge_model));
    if (!uuid_is_nil(explained->rule.id))
        printf("  resale rule %.*s: %.*s of %.*s%% on %.*s", STR_ARG(explained->rule.code),
               STR_ARG(explained->rule.resale_method),
               STR_ARG(decimal_text(arena, explained->rule.percent)),
               STR_ARG(explained->rule.cost_column));
    putchar('\n');
}

static void print_fee(struct arena *arena, const struct explained_fee *explained)
{
    const struct fee_row *fee = &explained->fee.row;
    struct str name = fee->item_name;
    if (!str_is_null(explained->fee.filter_name))
        name = arena_fmt(arena, "%.*s · %.*s", STR_ARG(name), STR_ARG(explained->fee.filter_name));
    if (!str_is_null(fee->grouped_by))
        name = arena_fmt(arena, "%.*s · %.*s", STR_ARG(name),
                         STR_ARG(group_name(arena, fee->grouped_by)));
    printf("fee %.*s: %.*s, %.*s to %.*s%s%s\n", STR_ARG(uuid_text(arena, fee->id)), STR_ARG(name),
           STR_ARG(time_text(arena, fee->from_at)), STR_ARG(time_text(arena, fee->to_at)),
           fee->is_correction ? ", a correction" : "",
           fee->is_true_up ? ", up to the minimum" : "");
    print_source(arena, explained);
    print_steps(arena, explained->steps);
    for (size_t i = 0; i < explained->tax_count; i++) {
        const struct explained_tax *tax = &explained->taxes[i];
        printf("  tax %.*s (%s):\n", STR_ARG(tax->row->code),
               tax->source == NULL ? "as it was" : tax->source);
        print_steps(arena, tax->steps);
    }
    struct str stands = money_text(arena, fee->amount_minor, fee->currency);
    if (explained->matches)
        printf("  matches: %.*s\n", STR_ARG(stands));
    else if (!explained->is_derived)
        printf("  DOES NOT MATCH: %.*s stands there, and nothing that it is of\n", STR_ARG(stands));
    else
        printf("  DOES NOT MATCH: %.*s stands there, recomputed it is %.*s\n", STR_ARG(stands),
               STR_ARG(money_text(arena, explained->derived.amount_minor, fee->currency)));
}

static enum err print_json(struct ctx *ctx, bool is_list, const struct explained_fee *explained,
                           size_t count)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, ctx->arena, JSON_BYTES_MAX);
    json_writer_init(&out, &text);
    json_object(&out, NULL);
    if (is_list)
        json_array(&out, "explanations");
    for (size_t i = 0; i < count; i++)
        fee_explain_write(&out, &face_native, is_list ? NULL : "explanation", &explained[i]);
    if (is_list)
        json_array_end(&out);
    json_object_end(&out);
    if (!buf_ok(&text))
        return fail(ctx, ERR_TOO_LARGE, "the invoice has too many steps: ask for one fee");
    printf("%.*s\n", STR_ARG(buf_str(&text)));
    return ERR_NONE;
}

static enum err explain(struct ctx *ctx, struct option_values *values, bool *all_match)
{
    struct explained_fee *explained = NULL;
    size_t count = 0;
    struct uuid id;
    TRY(read_explained(ctx, values, &explained, &count));
    *all_match = true;
    for (size_t i = 0; i < count; i++)
        *all_match &= explained[i].matches;
    if (option_flag(values, "json"))
        return print_json(ctx, !uuid_parse(values->arguments[0], &id), explained, count);
    for (size_t i = 0; i < count; i++)
        print_fee(ctx->arena, &explained[i]);
    return ERR_NONE;
}

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct app app;
    struct ctx ctx;
    bool all_match = false;
    enum err err = command_open(values, DATABASE_EXISTING, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    err = explain(&ctx, values, &all_match);
    app_close(&app);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    return all_match ? EXIT_OK : EXIT_FAILED_WORK;
}

const struct command explain_command = {
    .name = "explain",
    .usage = "FEE_ID | INVOICE_NUMBER",
    .summary = "recompute a fee, or each of an invoice, from the facts, step by step",
    .options = options,
    .arguments_max = 1,
    .run = run,
};
