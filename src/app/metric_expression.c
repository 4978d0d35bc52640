#include "app/billable_metric.h"

#include "base/time.h"

void billable_metric_check_expression(struct ctx *ctx, struct str field, struct str expression)
{
    const struct expression *parsed = NULL;
    struct expression_error error;
    if (expression_parse(ctx->arena, expression, &parsed, &error) != ERR_NONE)
        fault_field(ctx->fault, field, "value_is_invalid", expression, "at position %zu: %.*s",
                    error.at, STR_ARG(error.words));
}

enum err metric_expression_try(struct ctx *ctx, const struct metric_expression_input *input,
                               struct expression_value *value)
{
    const struct expression *expression = NULL;
    struct expression_error error;
    struct expression_event event = input->event;
    if (event.occurred_at == TIME_NONE)
        event.occurred_at = ctx_now(ctx);
    if (str_is_null(event.properties))
        event.properties = STR("{}");
    billable_metric_check_expression(ctx, STR("expression"), input->expression);
    TRY(fault_check(ctx->fault));
    TRY(expression_parse(ctx->arena, input->expression, &expression, &error));
    if (expression_evaluate(ctx->arena, expression, &event, value, &error) != ERR_NONE)
        fault_field(ctx->fault, STR("event"), "expression_evaluation_failed", event.properties,
                    "at position %zu: %.*s", error.at, STR_ARG(error.words));
    return fault_check(ctx->fault);
}
