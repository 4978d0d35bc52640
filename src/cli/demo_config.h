/* demo_config.h - what the demo sets up and when: data/demo/demo.json as structs.
 *
 * docs/demo.md says what everything means. */
#ifndef CLI_DEMO_CONFIG_H
#define CLI_DEMO_CONFIG_H

#include "app/ctx.h"
#include "base/decimal.h"

struct demo_clock {
    int64_t set_up_at, end_at;
    int32_t first_day, last_day;
    struct str daily_at; /* "12:00:00Z" */
};

struct demo_entity {
    struct str code, name, legal_name, email, country, timezone, default_currency;
    struct str address_line1, zipcode, city, legal_number, tax_identification_number;
    struct str document_numbering, document_number_prefix, iban, bic, bank_name;
    int64_t grace_days, payment_term_days;
    bool finalize_zero_amount;
    struct str logo;     /* its file; STR_NULL: none */
    struct str logo_svg; /* what is in it */
};

struct demo_tax {
    struct str code, name;
    struct decimal rate;
};

struct demo_metric {
    struct str code, name, description, aggregation_type, field_name;
};

struct demo_charge {
    struct str billable_metric_code, charge_model, properties;
};

struct demo_plan {
    struct str code, name, interval, amount_currency;
    int64_t amount_cents;
    bool pay_in_advance;
    struct demo_charge *charges;
    size_t charge_count;
};

struct demo_rule {
    struct str code, name, method, cost_column, provider_name, service_name, external_customer_id;
    struct decimal percent;
    int64_t valid_from_at;
};

struct demo_file {
    struct str file, month, provider_name;
    bool generated;
    int64_t per_mille; /* INT_NONE: 1000 */
    int32_t import_day;
};

struct demo_vendor_files {
    struct str source, template;
    int64_t seed;
    struct demo_file *files;
    size_t file_count;
};

struct demo_account {
    struct str provider_name, sub_account_id;
};

struct demo_subscription {
    struct str external_id, plan_code, billing_time;
    int64_t subscription_at;
};

struct demo_customer {
    struct str external_id, name, email, billing_entity_code, currency, country, state, city,
        timezone;
    struct str document_locale;
    const struct str *tax_codes;
    size_t tax_code_count;
    struct demo_account *vendor_accounts;
    size_t vendor_account_count;
    struct demo_subscription subscription;
    struct str payment_profile;
};

struct demo_usage {
    struct str file;
    int64_t shift_days;
    int32_t ingest_day;
    struct str subscriptions; /* JSON: pod to external subscription id */
};

struct demo_phase {
    int32_t issued_from; /* DAY_NONE: from the beginning */
    int64_t days_after_issue;
    struct str part; /* full, half, none, declined */
    struct str by;   /* gateway; STR_NULL: a transfer that staff write down */
};

struct demo_organization {
    struct str name;
};

struct demo_config {
    struct str about;
    struct demo_clock clock;
    struct demo_organization organization;
    struct str mail_from, portal_customer;
    struct demo_entity *entities;
    size_t entity_count;
    struct demo_tax *taxes;
    size_t tax_count;
    struct demo_metric *metrics;
    size_t metric_count;
    struct demo_plan *plans;
    size_t plan_count;
    struct demo_rule *rules;
    size_t rule_count;
    struct demo_vendor_files vendor;
    struct demo_usage usage;
    struct str payment_profiles; /* JSON: name to phases */
    struct demo_customer *customers;
    size_t customer_count;
};

/* Reads DIR/demo.json.  ERR_IO, ERR_MALFORMED, ERR_INVALID with words. */
MUST_CHECK enum err demo_config_load(struct arena *arena, struct fault *fault, struct str dir,
                                     struct demo_config *config);

/* The text of member `name` of a JSON object of texts; STR_NULL when it has none. */
struct str demo_lookup(struct arena *arena, struct str object, struct str name);
/* The phase of a payment profile that holds for an invoice issued on a day. */
MUST_CHECK enum err demo_phase_find(struct arena *arena, struct fault *fault,
                                    const struct demo_config *config, struct str profile,
                                    int32_t issuing_day, struct demo_phase *phase);

#endif
