#include "cli/demo_setup.h"

#include "app/billable_metric.h"
#include "app/billing_entity.h"
#include "app/billing_entity_logo.h"
#include "app/customer.h"
#include "app/plan.h"
#include "app/resale_rule.h"
#include "app/subscription.h"
#include "app/tax.h"
#include "app/vendor_account.h"

static enum err add_entities(struct ctx *ctx, const struct demo_config *config)
{
    for (size_t i = 0; i < config->entity_count; i++) {
        const struct demo_entity *entity = &config->entities[i];
        struct billing_entity_view view;
        struct billing_entity_input input = {
            .sent = ENTITY_NAME | ENTITY_LEGAL_NAME | ENTITY_EMAIL | ENTITY_COUNTRY |
                    ENTITY_TIMEZONE | ENTITY_DEFAULT_CURRENCY | ENTITY_DOCUMENT_NUMBERING |
                    ENTITY_DOCUMENT_NUMBER_PREFIX | ENTITY_GRACE_DAYS | ENTITY_PAYMENT_TERM_DAYS |
                    ENTITY_FINALIZE_ZERO_AMOUNT | ENTITY_IBAN | ENTITY_BIC | ENTITY_BANK_NAME |
                    ENTITY_ADDRESS_LINE1 | ENTITY_ZIPCODE | ENTITY_CITY | ENTITY_LEGAL_NUMBER |
                    ENTITY_TAX_IDENTIFICATION_NUMBER,
            .code = entity->code,
            .name = entity->name,
            .legal_name = entity->legal_name,
            .address_line1 = entity->address_line1,
            .zipcode = entity->zipcode,
            .city = entity->city,
            .legal_number = entity->legal_number,
            .tax_identification_number = entity->tax_identification_number,
            .email = entity->email,
            .country = entity->country,
            .timezone = entity->timezone,
            .default_currency = entity->default_currency,
            .document_numbering = entity->document_numbering,
            .document_number_prefix = entity->document_number_prefix,
            .iban = entity->iban,
            .bic = entity->bic,
            .bank_name = entity->bank_name,
            .grace_days = entity->grace_days,
            .payment_term_days = entity->payment_term_days,
            .finalize_zero_amount = entity->finalize_zero_amount,
        };
        if (str_eq(entity->code, STR("default")))
            TRY(billing_entity_change(ctx, &input, &view));
        else
            TRY(billing_entity_create(ctx, &input, &view));
        if (!str_is_null(entity->logo_svg))
            TRY(billing_entity_logo_set(ctx, entity->code, STR(LOGO_SVG), entity->logo_svg, &view));
    }
    return ERR_NONE;
}

static enum err add_taxes_and_metrics(struct ctx *ctx, const struct demo_config *config)
{
    for (size_t i = 0; i < config->tax_count; i++) {
        struct tax_view view;
        TRY(tax_create(ctx,
                       &(struct tax_input){
                           .code = config->taxes[i].code,
                           .name = config->taxes[i].name,
                           .rate = config->taxes[i].rate,
                       },
                       &view));
    }
    for (size_t i = 0; i < config->metric_count; i++) {
        const struct demo_metric *metric = &config->metrics[i];
        struct billable_metric_row row;
        TRY(billable_metric_create(ctx,
                                   &(struct billable_metric_input){
                                       .code = metric->code,
                                       .name = metric->name,
                                       .description = metric->description,
                                       .aggregation_type = metric->aggregation_type,
                                       .field_name = metric->field_name,
                                   },
                                   &row));
    }
    return ERR_NONE;
}

static enum err add_plan(struct ctx *ctx, const struct demo_plan *plan)
{
    struct plan_view view;
    struct charge_input *charges = ARENA_ARRAY(ctx->arena, plan->charge_count, struct charge_input);
    for (size_t i = 0; i < plan->charge_count; i++)
        charges[i] = (struct charge_input){
            .metric_code = plan->charges[i].billable_metric_code,
            .charge_model = plan->charges[i].charge_model,
            .properties = plan->charges[i].properties,
        };
    return plan_create(ctx,
                       &(struct plan_input){
                           .code = plan->code,
                           .name = plan->name,
                           .billing_interval = plan->interval,
                           .amount_minor = plan->amount_cents,
                           .currency = plan->amount_currency,
                           .pay_in_advance = plan->pay_in_advance,
                           .charges = charges,
                           .charge_count = plan->charge_count,
                       },
                       &view);
}

static enum err add_customer(struct ctx *ctx, const struct demo_customer *customer)
{
    struct customer_view view;
    return customer_save(ctx,
                         &(struct customer_input){
                             .sent = CUSTOMER_NAME | CUSTOMER_COUNTRY | CUSTOMER_STATE |
                                     CUSTOMER_CITY | CUSTOMER_CURRENCY | CUSTOMER_TIMEZONE |
                                     CUSTOMER_BILLING_ENTITY_CODE | CUSTOMER_TAX_CODES |
                                     CUSTOMER_EMAIL | CUSTOMER_DOCUMENT_LOCALE,
                             .external_id = customer->external_id,
                             .name = customer->name,
                             .email = customer->email,
                             .document_locale = customer->document_locale,
                             .country = customer->country,
                             .state = customer->state,
                             .city = customer->city,
                             .currency = customer->currency,
                             .timezone = customer->timezone,
                             .billing_entity_code = customer->billing_entity_code,
                             .tax_codes = customer->tax_codes,
                             .tax_code_count = customer->tax_code_count,
                         },
                         &view);
}

static enum err add_accounts(struct ctx *ctx, const struct demo_customer *customer)
{
    for (size_t i = 0; i < customer->vendor_account_count; i++) {
        struct vendor_account_row row;
        TRY(vendor_account_assign(ctx,
                                  &(struct vendor_account_input){
                                      .provider_name = customer->vendor_accounts[i].provider_name,
                                      .sub_account_id = customer->vendor_accounts[i].sub_account_id,
                                      .external_customer_id = customer->external_id,
                                  },
                                  &row));
    }
    return ERR_NONE;
}

static enum err add_rule(struct ctx *ctx, const struct demo_rule *rule)
{
    struct resale_rule_view view;
    return resale_rule_create(ctx,
                              &(struct resale_rule_input){
                                  .code = rule->code,
                                  .name = rule->name,
                                  .method = rule->method,
                                  .percent = rule->percent,
                                  .cost_column = rule->cost_column,
                                  .external_customer_id = rule->external_customer_id,
                                  .provider_name = rule->provider_name,
                                  .service_name = rule->service_name,
                                  .valid_from_at = rule->valid_from_at,
                              },
                              &view);
}

static enum err add_subscription(struct ctx *ctx, const struct demo_customer *customer)
{
    struct subscription_view view;
    const struct demo_subscription *subscription = &customer->subscription;
    return subscription_create(ctx,
                               &(struct subscription_input){
                                   .external_customer_id = customer->external_id,
                                   .external_id = subscription->external_id,
                                   .plan_code = subscription->plan_code,
                                   .billing_time = subscription->billing_time,
                                   .subscription_at = subscription->subscription_at,
                                   .ending_at = TIME_NONE,
                               },
                               &view);
}

enum err demo_set_up(struct ctx *ctx, const struct demo_config *config)
{
    TRY(add_entities(ctx, config));
    TRY(add_taxes_and_metrics(ctx, config));
    for (size_t i = 0; i < config->plan_count; i++)
        TRY(add_plan(ctx, &config->plans[i]));
    for (size_t i = 0; i < config->customer_count; i++)
        TRY(add_customer(ctx, &config->customers[i]));
    for (size_t i = 0; i < config->customer_count; i++)
        TRY(add_accounts(ctx, &config->customers[i]));
    for (size_t i = 0; i < config->rule_count; i++)
        TRY(add_rule(ctx, &config->rules[i]));
    for (size_t i = 0; i < config->customer_count; i++)
        TRY(add_subscription(ctx, &config->customers[i]));
    return ERR_NONE;
}
