#include "cli/demo_config.h"

#include "api/bind.h"
#include "base/json_read.h"
#include "base/none.h"
#include "base/time.h"

#include <stdio.h>

#define FILE_BYTES_MAX ((size_t)4 << 20)

static const struct bind_field clock_fields[] = {
    {"set_up_at", BIND_INSTANT(demo_clock, set_up_at), .flags = BIND_REQUIRED},
    {"end_at", BIND_INSTANT(demo_clock, end_at), .flags = BIND_REQUIRED},
    {"first_day", BIND_DAY(demo_clock, first_day), .flags = BIND_REQUIRED},
    {"last_day", BIND_DAY(demo_clock, last_day), .flags = BIND_REQUIRED},
    {"daily_at", BIND_TEXT(demo_clock, daily_at), .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table clock_table = {NULL, clock_fields, 0};

static const struct bind_field organization_body_fields[] = {
    {"name", BIND_TEXT(demo_organization, name), .flags = BIND_REQUIRED}, {0}};
static const struct bind_table organization_table = {NULL, organization_body_fields, 0};

static const struct bind_field entity_fields[] = {
    {"code", BIND_CODE(demo_entity, code), .flags = BIND_REQUIRED},
    {"name", BIND_TEXT(demo_entity, name), .flags = BIND_REQUIRED},
    {"legal_name", BIND_TEXT(demo_entity, legal_name)},
    {"address_line1", BIND_TEXT(demo_entity, address_line1)},
    {"zipcode", BIND_TEXT(demo_entity, zipcode)},
    {"city", BIND_TEXT(demo_entity, city)},
    {"legal_number", BIND_TEXT(demo_entity, legal_number)},
    {"tax_identification_number", BIND_TEXT(demo_entity, tax_identification_number)},
    {"email", BIND_EMAIL(demo_entity, email)},
    {"country", BIND_COUNTRY(demo_entity, country)},
    {"timezone", BIND_ZONE(demo_entity, timezone), .flags = BIND_REQUIRED},
    {"default_currency", BIND_CURRENCY(demo_entity, default_currency), .flags = BIND_REQUIRED},
    {"document_numbering", BIND_TEXT(demo_entity, document_numbering), .flags = BIND_REQUIRED},
    {"document_number_prefix", BIND_CODE(demo_entity, document_number_prefix),
     .flags = BIND_REQUIRED},
    {"iban", BIND_TEXT(demo_entity, iban)},
    {"bic", BIND_TEXT(demo_entity, bic)},
    {"bank_name", BIND_TEXT(demo_entity, bank_name)},
    {"grace_days", BIND_INT(demo_entity, grace_days), .flags = BIND_REQUIRED},
    {"payment_term_days", BIND_INT(demo_entity, payment_term_days), .flags = BIND_REQUIRED},
    {"finalize_zero_amount", BIND_BOOL(demo_entity, finalize_zero_amount)},
    {"logo", BIND_TEXT(demo_entity, logo)},
    {0},
};
static const struct bind_table entity_table = {NULL, entity_fields, 0};

static const struct bind_field tax_body_fields[] = {
    {"code", BIND_CODE(demo_tax, code), .flags = BIND_REQUIRED},
    {"name", BIND_TEXT(demo_tax, name), .flags = BIND_REQUIRED},
    {"rate", BIND_DECIMAL(demo_tax, rate), .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table tax_table = {NULL, tax_body_fields, 0};

static const struct bind_field metric_fields[] = {
    {"code", BIND_CODE(demo_metric, code), .flags = BIND_REQUIRED},
    {"name", BIND_TEXT(demo_metric, name), .flags = BIND_REQUIRED},
    {"description", BIND_TEXT(demo_metric, description)},
    {"aggregation_type", BIND_TEXT(demo_metric, aggregation_type), .flags = BIND_REQUIRED},
    {"field_name", BIND_TEXT(demo_metric, field_name)},
    {0},
};
static const struct bind_table metric_table = {NULL, metric_fields, 0};

static const struct bind_field charge_body_fields[] = {
    {"billable_metric_code", BIND_CODE(demo_charge, billable_metric_code), .flags = BIND_REQUIRED},
    {"charge_model", BIND_TEXT(demo_charge, charge_model), .flags = BIND_REQUIRED},
    {"properties", BIND_RAW(demo_charge, properties), .flags = BIND_RAW_OBJECT},
    {0},
};
static const struct bind_table charge_table = {NULL, charge_body_fields, 0};

static const struct bind_field plan_body_fields[] = {
    {"code", BIND_CODE(demo_plan, code), .flags = BIND_REQUIRED},
    {"name", BIND_TEXT(demo_plan, name), .flags = BIND_REQUIRED},
    {"interval", BIND_TEXT(demo_plan, interval), .flags = BIND_REQUIRED},
    {"amount_cents", BIND_INT(demo_plan, amount_cents), .flags = BIND_REQUIRED},
    {"amount_currency", BIND_CURRENCY(demo_plan, amount_currency), .flags = BIND_REQUIRED},
    {"pay_in_advance", BIND_BOOL(demo_plan, pay_in_advance)},
    {"charges", BIND_OBJECTS(demo_plan, charges, charge_count, &charge_table)},
    {0},
};
static const struct bind_table plan_table = {NULL, plan_body_fields, 0};

static const struct bind_field rule_fields[] = {
    {"code", BIND_CODE(demo_rule, code), .flags = BIND_REQUIRED},
    {"name", BIND_TEXT(demo_rule, name), .flags = BIND_REQUIRED},
    {"method", BIND_TEXT(demo_rule, method), .flags = BIND_REQUIRED},
    {"percent", BIND_DECIMAL(demo_rule, percent), .flags = BIND_REQUIRED},
    {"cost_column", BIND_TEXT(demo_rule, cost_column), .flags = BIND_REQUIRED},
    {"provider_name", BIND_TEXT(demo_rule, provider_name)},
    {"service_name", BIND_TEXT(demo_rule, service_name)},
    {"external_customer_id", BIND_TEXT(demo_rule, external_customer_id)},
    {"valid_from_at", BIND_INSTANT(demo_rule, valid_from_at), .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table rule_table = {NULL, rule_fields, 0};

static const struct bind_field file_fields[] = {
    {"file", BIND_TEXT(demo_file, file), .flags = BIND_REQUIRED},
    {"month", BIND_TEXT(demo_file, month), .flags = BIND_REQUIRED},
    {"generated", BIND_BOOL(demo_file, generated)},
    {"provider_name", BIND_TEXT(demo_file, provider_name)},
    {"per_mille", BIND_INT(demo_file, per_mille)},
    {"import_day", BIND_DAY(demo_file, import_day), .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table file_table = {NULL, file_fields, 0};

static const struct bind_field vendor_fields[] = {
    {"source", BIND_TEXT(demo_vendor_files, source), .flags = BIND_REQUIRED},
    {"template", BIND_TEXT(demo_vendor_files, template), .flags = BIND_REQUIRED},
    {"seed", BIND_INT(demo_vendor_files, seed), .flags = BIND_REQUIRED},
    {"files", BIND_OBJECTS(demo_vendor_files, files, file_count, &file_table)},
    {0},
};
static const struct bind_table vendor_table = {NULL, vendor_fields, 0};

static const struct bind_field account_fields[] = {
    {"provider_name", BIND_TEXT(demo_account, provider_name), .flags = BIND_REQUIRED},
    {"sub_account_id", BIND_TEXT(demo_account, sub_account_id), .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table account_table = {NULL, account_fields, 0};

static const struct bind_field subscription_body_fields[] = {
    {"external_id", BIND_TEXT(demo_subscription, external_id), .flags = BIND_REQUIRED},
    {"plan_code", BIND_TEXT(demo_subscription, plan_code), .flags = BIND_REQUIRED},
    {"billing_time", BIND_TEXT(demo_subscription, billing_time), .flags = BIND_REQUIRED},
    {"subscription_at", BIND_INSTANT(demo_subscription, subscription_at), .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table subscription_table = {NULL, subscription_body_fields, 0};

static const struct bind_field customer_body_fields[] = {
    {"external_id", BIND_TEXT(demo_customer, external_id), .flags = BIND_REQUIRED},
    {"name", BIND_TEXT(demo_customer, name), .flags = BIND_REQUIRED},
    {"email", BIND_EMAIL(demo_customer, email)},
    {"document_locale", BIND_TEXT(demo_customer, document_locale)},
    {"billing_entity_code", BIND_TEXT(demo_customer, billing_entity_code), .flags = BIND_REQUIRED},
    {"currency", BIND_CURRENCY(demo_customer, currency), .flags = BIND_REQUIRED},
    {"country", BIND_COUNTRY(demo_customer, country)},
    {"state", BIND_TEXT(demo_customer, state)},
    {"city", BIND_TEXT(demo_customer, city)},
    {"timezone", BIND_ZONE(demo_customer, timezone), .flags = BIND_REQUIRED},
    {"tax_codes", BIND_TEXTS(demo_customer, tax_codes, tax_code_count)},
    {"vendor_accounts",
     BIND_OBJECTS(demo_customer, vendor_accounts, vendor_account_count, &account_table)},
    {"subscription", BIND_OBJECT(demo_customer, subscription, &subscription_table),
     .flags = BIND_REQUIRED},
    {"payment_profile", BIND_TEXT(demo_customer, payment_profile), .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table customer_table = {NULL, customer_body_fields, 0};

static const struct bind_field usage_fields[] = {
    {"file", BIND_TEXT(demo_usage, file), .flags = BIND_REQUIRED},
    {"shift_days", BIND_INT(demo_usage, shift_days), .flags = BIND_REQUIRED},
    {"ingest_day", BIND_DAY(demo_usage, ingest_day), .flags = BIND_REQUIRED},
    {"subscriptions", BIND_RAW(demo_usage, subscriptions), .flags = BIND_RAW_OBJECT},
    {0},
};
static const struct bind_table usage_table = {NULL, usage_fields, 0};

static const struct bind_field config_fields[] = {
    {"about", BIND_TEXT(demo_config, about), .max = 2000},
    {"clock", BIND_OBJECT(demo_config, clock, &clock_table), .flags = BIND_REQUIRED},
    {"organization", BIND_OBJECT(demo_config, organization, &organization_table)},
    {"mail_from", BIND_EMAIL(demo_config, mail_from), .flags = BIND_REQUIRED},
    {"portal_customer", BIND_TEXT(demo_config, portal_customer), .flags = BIND_REQUIRED},
    {"billing_entities", BIND_OBJECTS(demo_config, entities, entity_count, &entity_table)},
    {"taxes", BIND_OBJECTS(demo_config, taxes, tax_count, &tax_table)},
    {"billable_metrics", BIND_OBJECTS(demo_config, metrics, metric_count, &metric_table)},
    {"plans", BIND_OBJECTS(demo_config, plans, plan_count, &plan_table)},
    {"resale_rules", BIND_OBJECTS(demo_config, rules, rule_count, &rule_table)},
    {"vendor_files", BIND_OBJECT(demo_config, vendor, &vendor_table), .flags = BIND_REQUIRED},
    {"usage", BIND_OBJECT(demo_config, usage, &usage_table), .flags = BIND_REQUIRED},
    {"payment_profiles", BIND_RAW(demo_config, payment_profiles), .flags = BIND_RAW_OBJECT},
    {"customers", BIND_OBJECTS(demo_config, customers, customer_count, &customer_table)},
    {0},
};
static const struct bind_table config_table = {NULL, config_fields, 0};

static enum err read_file(struct arena *arena, struct fault *fault, const char *path,
                          struct str *text)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return fault_errno(fault, ERR_IO, str_of(path));
    char *bytes = arena_alloc(arena, FILE_BYTES_MAX);
    size_t len = fread(bytes, 1, FILE_BYTES_MAX, file);
    fclose(file);
    *text = (struct str){bytes, len};
    return ERR_NONE;
}

enum err demo_config_load(struct arena *arena, struct fault *fault, struct str dir,
                          struct demo_config *config)
{
    struct str text = STR_NULL;
    struct bind bind;
    TRY(read_file(arena, fault, arena_fmt(arena, "%.*s/demo.json", STR_ARG(dir)).ptr, &text));
    bind_init(&bind, arena, fault, false);
    *config = (struct demo_config){0};
    TRY(bind_body(&bind, text, &config_table, config));
    for (size_t i = 0; i < config->entity_count; i++) {
        struct demo_entity *entity = &config->entities[i];
        if (!str_is_null(entity->logo))
            TRY(read_file(arena, fault,
                          arena_fmt(arena, "%.*s/%.*s", STR_ARG(dir), STR_ARG(entity->logo)).ptr,
                          &entity->logo_svg));
    }
    return ERR_NONE;
}

struct str demo_lookup(struct arena *arena, struct str object, struct str name)
{
    struct json_reader reader;
    json_reader_init(&reader, arena, object);
    if (json_next(&reader) != JSON_OBJECT_START)
        return STR_NULL;
    while (json_next(&reader) == JSON_KEY) {
        bool wanted = str_eq(reader.text, name);
        struct str raw;
        if (!json_skip(&reader, &raw))
            return STR_NULL;
        if (wanted)
            return raw.len >= 2 && raw.ptr[0] == '"' ? str_slice(raw, 1, raw.len - 1) : raw;
    }
    return STR_NULL;
}

static const struct bind_field phase_fields[] = {
    {"issued_from", BIND_DAY(demo_phase, issued_from)},
    {"days_after_issue", BIND_INT(demo_phase, days_after_issue)},
    {"part", BIND_TEXT(demo_phase, part), .flags = BIND_REQUIRED},
    {"by", BIND_TEXT(demo_phase, by)},
    {0},
};
static const struct bind_table phase_table = {NULL, phase_fields, 0};

struct phases {
    struct demo_phase *items;
    size_t count;
};
static const struct bind_field phases_fields[] = {
    {"phases", BIND_OBJECTS(phases, items, count, &phase_table)}, {0}};
static const struct bind_table phases_table = {NULL, phases_fields, 0};

enum err demo_phase_find(struct arena *arena, struct fault *fault, const struct demo_config *config,
                         struct str profile, int32_t issuing_day, struct demo_phase *phase)
{
    struct str list = demo_lookup(arena, config->payment_profiles, profile);
    struct phases phases = {0};
    struct bind bind;
    bind_init(&bind, arena, fault, false);
    bind_object(&bind, arena_fmt(arena, "{\"phases\":%.*s}", STR_ARG(list)),
                arena_fmt(arena, "payment_profiles.%.*s", STR_ARG(profile)), &phases_table,
                &phases);
    TRY(bind_check(&bind));
    *phase = (struct demo_phase){.issued_from = DAY_NONE, .part = STR("none")};
    for (size_t i = 0; i < phases.count; i++) {
        if (phases.items[i].issued_from == DAY_NONE || phases.items[i].issued_from <= issuing_day)
            *phase = phases.items[i];
    }
    return ERR_NONE;
}
