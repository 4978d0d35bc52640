/* cases.h - one call of each use case of src/app, in the order of its headers.  The world that they
 * find, and what the macros mean: harness.h. */
#ifndef TESTS_FAULTS_CASES_H
#define TESTS_FAULTS_CASES_H

#include "tests/faults/harness.h"
#include "tests/font_caches.h"

#include "app/activity.h"
#include "app/add_on.h"
#include "app/api_key.h"
#include "app/audit_anchor.h"
#include "app/audit_export.h"
#include "app/audit_list.h"
#include "app/backup.h"
#include "app/billing_entity_logo.h"
#include "app/cost_read.h"
#include "app/current_usage.h"
#include "app/customer_due.h"
#include "app/customer_table.h"
#include "app/event_commit.h"
#include "app/event_dismiss.h"
#include "app/event_estimate.h"
#include "app/event_filter.h"
#include "app/event_read.h"
#include "app/fee_explain.h"
#include "app/figures.h"
#include "app/find.h"
#include "app/ingest_file.h"
#include "app/invoice_document.h"
#include "app/invoice_final.h"
#include "app/invoice_refresh.h"
#include "app/invoice_table.h"
#include "app/late_read.h"
#include "app/ledger_export.h"
#include "app/mail_list.h"
#include "app/mail_send.h"
#include "app/maintenance.h"
#include "app/outbox.h"
#include "app/overview.h"
#include "app/payment_settle_private.h"
#include "app/plan_change.h"
#include "app/receipt_document.h"
#include "app/subscription_plan.h"
#include "app/usage_view.h"
#include "app/webhook_list.h"
#include "app/webhook_send.h"
#include "document/logo.h"

#include <glob.h>
#include <semaphore.h>

static void print_finding(void *arg, struct str line)
{
    (void)arg;
    printf("    %.*s\n", STR_ARG(line));
}

static enum err put_nowhere(void *arg, struct str piece)
{
    *(int64_t *)arg += (int64_t)piece.len;
    return ERR_NONE;
}

/* ---- start, keys, clock ---------------------------------------------------------------------- */

FAULT_READ(api_key_check)
{
    struct api_caller caller;
    return api_key_check(&w->ctx, STR("test"), &caller);
}

FAULT_READ(app_check)
{
    return app_check(&w->ctx);
}

FAULT_WRITE(test_clock_set, AGAIN_SAME)
{
    struct billing_progress progress;
    return test_clock_set(&w->ctx, instant("2024-03-02T07:00:00Z"), false, &progress);
}

/* ---- catalogue ------------------------------------------------------------------------------- */

FAULT_WRITE(billable_metric_create, AGAIN_REFUSED)
{
    struct billable_metric_row row;
    return billable_metric_create(&w->ctx,
                                  &(struct billable_metric_input){
                                      .code = STR("new"),
                                      .name = STR("New"),
                                      .aggregation_type = STR("max_agg"),
                                      .field_name = STR("size"),
                                  },
                                  &row);
}

FAULT_WRITE(billable_metric_change, AGAIN_SAME)
{
    struct billable_metric_row row;
    return billable_metric_change(
        &w->ctx, STR("gb"),
        &(struct billable_metric_input){.sent = METRIC_NAME | METRIC_FIELD_NAME,
                                        .name = STR("Gigabytes"),
                                        .field_name = STR("gigabytes")},
        &row);
}

/* A plan in use has a filter that names what goes. */
FAULT_WRITE(billable_metric_change_filters, AGAIN_SAME)
{
    static const struct str clouds[] = {{"aws", 3}, {"azure", 5}};
    struct metric_filter_input filters[] = {{STR("cloud"), clouds, 2}};
    struct billable_metric_row row;
    return billable_metric_change(&w->ctx, STR("calls"),
                                  &(struct billable_metric_input){.filters = filters,
                                                                  .filter_count = 1,
                                                                  .sent = METRIC_FILTERS},
                                  &row);
}

FAULT_WRITE(billable_metric_remove, AGAIN_REFUSED)
{
    struct billable_metric_row row;
    return billable_metric_remove(&w->ctx, STR("gb"), &row);
}

FAULT_READ(billable_metric_get)
{
    struct billable_metric_row row;
    return billable_metric_get(&w->ctx, STR("gb"), &row);
}

FAULT_READ(billable_metric_list_page)
{
    struct billable_metric_row *rows = NULL;
    size_t count = 0;
    TRY(billable_metric_list_page(&w->ctx, 10, 0, &rows, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_WRITE(billing_entity_create, AGAIN_REFUSED)
{
    struct billing_entity_view view;
    const struct str codes[] = {STR("vat")};
    return billing_entity_create(&w->ctx,
                                 &(struct billing_entity_input){
                                     .sent = ENTITY_NAME | ENTITY_TAX_CODES,
                                     .code = STR("second"),
                                     .name = STR("Second"),
                                     .tax_codes = codes,
                                     .tax_code_count = 1,
                                 },
                                 &view);
}

FAULT_WRITE(billing_entity_change, AGAIN_SAME)
{
    struct billing_entity_view view;
    return billing_entity_change(&w->ctx,
                                 &(struct billing_entity_input){
                                     .sent = ENTITY_GRACE_DAYS | ENTITY_PAYMENT_TERM_DAYS,
                                     .code = STR("default"),
                                     .grace_days = 5,
                                     .payment_term_days = 14,
                                 },
                                 &view);
}

static const char fault_logo[] =
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 2'><path d='M0 0h4v2z'/></svg>";

FAULT_WRITE(billing_entity_logo_set, AGAIN_SAME)
{
    struct billing_entity_view view;
    return billing_entity_logo_set(&w->ctx, STR("spare"), STR(LOGO_SVG), str_of(fault_logo), &view);
}

FAULT_WRITE(billing_entity_logo_remove, AGAIN_REFUSED)
{
    struct billing_entity_view view;
    return billing_entity_logo_remove(&w->ctx, STR("default"), &view);
}

FAULT_READ(billing_entity_logo_get)
{
    struct billing_entity_logo_row logo;
    TRY(billing_entity_logo_get(&w->ctx, STR("default"), &logo));
    w->answer = (int64_t)logo.content.len;
    return ERR_NONE;
}

FAULT_READ(billing_entity_logo_find)
{
    struct billing_entity_logo_row logo;
    struct billing_entity_view view;
    TRY(billing_entity_get(&w->ctx, STR("default"), &view));
    TRY(billing_entity_logo_find(
        &w->ctx, str_slice(view.logo_path, STR("/logos/").len, view.logo_path.len), &logo));
    w->answer = (int64_t)logo.content.len;
    return ERR_NONE;
}

FAULT_READ(billing_entity_get)
{
    struct billing_entity_view view;
    TRY(billing_entity_get(&w->ctx, STR("default"), &view));
    w->answer = (int64_t)view.tax_count;
    return ERR_NONE;
}

FAULT_READ(billing_entity_list_all)
{
    struct billing_entity_view *views = NULL;
    size_t count = 0;
    TRY(billing_entity_list_all(&w->ctx, &views, &count));
    w->answer = (int64_t)count;
    return ERR_NONE;
}

FAULT_WRITE(plan_create, AGAIN_REFUSED)
{
    struct plan_view view;
    const struct str codes[] = {STR("vat")};
    const struct charge_input charges[] = {{.metric_code = STR("gb"),
                                            .charge_model = STR("package"),
                                            .properties = STR("{\"amount\":\"1\",\"free_units\":0,"
                                                              "\"package_size\":10}"),
                                            .tax_codes = codes,
                                            .tax_code_count = 1},
                                           {.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\":\"0.5\"}")}};
    const struct fixed_charge_input fixed[] = {{.add_on_code = STR("licence"),
                                                .charge_model = STR("standard"),
                                                .properties = STR("{\"amount\":\"3\"}"),
                                                .units = decimal_lit("2"),
                                                .tax_codes = codes,
                                                .tax_code_count = 1,
                                                .sent = FIXED_UNITS}};
    TRY(plan_create(&w->ctx,
                    &(struct plan_input){
                        .code = STR("new"),
                        .name = STR("New"),
                        .billing_interval = STR("yearly"),
                        .amount_minor = 100,
                        .currency = STR("EUR"),
                        .charges = charges,
                        .charge_count = 2,
                        .fixed_charges = fixed,
                        .fixed_charge_count = 1,
                        .tax_codes = codes,
                        .tax_code_count = 1,
                    },
                    &view));
    w->answer = (int64_t)view.charge_count * 10 + (int64_t)view.tax_count;
    return ERR_NONE;
}

FAULT_WRITE(add_on_create, AGAIN_REFUSED)
{
    struct add_on_view view;
    const struct str codes[] = {STR("vat")};
    return add_on_create(&w->ctx,
                         &(struct add_on_input){.code = STR("seat"),
                                                .name = STR("Seat"),
                                                .amount_minor = 100,
                                                .currency = STR("EUR"),
                                                .tax_codes = codes,
                                                .tax_code_count = 1},
                         &view);
}

FAULT_WRITE(add_on_change, AGAIN_SAME)
{
    struct add_on_view view;
    const struct str codes[] = {STR("vat")};
    return add_on_change(&w->ctx, STR("licence"),
                         &(struct add_on_input){.name = STR("Licences"),
                                                .tax_codes = codes,
                                                .tax_code_count = 1,
                                                .sent = ADD_ON_NAME | ADD_ON_TAX_CODES},
                         &view);
}

FAULT_WRITE(add_on_remove, AGAIN_REFUSED)
{
    struct add_on_view view;
    return add_on_remove(&w->ctx, STR("spare"), &view);
}

FAULT_READ(add_on_get)
{
    struct add_on_view view;
    TRY(add_on_get(&w->ctx, STR("licence"), &view));
    w->answer = view.row.amount_minor;
    return ERR_NONE;
}

FAULT_READ(add_on_list)
{
    struct add_on_view *views = NULL;
    size_t count = 0;
    return add_on_list(&w->ctx, 10, 0, &views, &count, &w->answer);
}

FAULT_READ(subscription_plan_get)
{
    struct plan_view plan;
    TRY(subscription_plan_get(&w->ctx, STR("ahead-1"), STR_NULL, &plan));
    w->answer = (int64_t)plan.fixed_charge_count;
    return ERR_NONE;
}

FAULT_READ(subscription_part_get)
{
    struct plan_part part;
    const struct plan_edit named = {
        .kind = PLAN_PART_FIXED_CHARGE, .act = PLAN_PART_CHANGE, .code = STR("licence")};
    TRY(subscription_part_get(&w->ctx, STR("ahead-1"), STR_NULL, &named, &part));
    w->answer = (int64_t)part.fixed->tax_count;
    return ERR_NONE;
}

/* Units, and a price of its own: the plan is copied, after units that wait were billed. */
FAULT_WRITE(subscription_part_edit, AGAIN_TWICE)
{
    struct plan_part part;
    const struct plan_edit edit = {
        .kind = PLAN_PART_FIXED_CHARGE,
        .act = PLAN_PART_CHANGE,
        .code = STR("licence"),
        .fixed = {.units = decimal_lit("5"),
                  .units_at_once = true,
                  .properties = STR("{\"amount\":\"2\"}"),
                  .sent = FIXED_UNITS},
    };
    return subscription_part_edit(&w->ctx, STR("ahead-1"), STR_NULL, &edit, &part);
}

FAULT_READ(plan_part_get)
{
    struct plan_part part;
    const struct plan_edit named = {
        .kind = PLAN_PART_CHARGE, .act = PLAN_PART_CHANGE, .code = STR("calls")};
    TRY(plan_part_get(&w->ctx, STR("p"), &named, &part));
    w->answer = (int64_t)part.charge->filter_count;
    return ERR_NONE;
}

FAULT_READ(plan_part_find)
{
    struct plan_part part = {0};
    const struct plan_edit named = {
        .kind = PLAN_PART_FIXED_CHARGE, .act = PLAN_PART_CHANGE, .code = STR("licence")};
    TRY(plan_get(&w->ctx, STR("ahead"), &part.plan));
    TRY(plan_part_find(&w->ctx, &named, &part));
    w->answer = part.fixed->row.position;
    return ERR_NONE;
}

/* The copy of own-1 follows. */
FAULT_WRITE(plan_part_edit, AGAIN_TWICE)
{
    struct plan_part part;
    const struct plan_edit edit = {
        .kind = PLAN_PART_CHARGE,
        .act = PLAN_PART_CHANGE,
        .code = STR("calls"),
        .charge = {.invoice_display_name = STR("Calls"), .sent = CHARGE_DISPLAY_NAME},
    };
    const struct plan_timing timing = {.effective_at = TIME_NONE, .cascade_updates = true};
    return plan_part_edit(&w->ctx, STR("p"), &edit, &timing, &part);
}

FAULT_STEPS_LEFT(plan_units_bill_all)
{
    return plan_units_bill_all(&w->ctx, ctx_now(&w->ctx));
}

FAULT_READ(plan_get)
{
    struct plan_view view;
    TRY(plan_get(&w->ctx, STR("p"), &view));
    w->answer = (int64_t)view.charge_count;
    return ERR_NONE;
}

FAULT_READ(plan_estimate)
{
    struct plan_estimate estimate;
    struct estimate_filter filter = {
        .values = STR("{\"cloud\":[\"aws\",\"gcp\"]}"),
        .use = {.units = DECIMAL_ONE, .event_count = INT_NONE, .own_cents = DECIMAL_NONE}};
    struct estimate_charge said = {
        .metric_code = STR("calls"),
        .use = {.units = decimal_lit("3"), .event_count = INT_NONE, .own_cents = DECIMAL_NONE},
        .filters = &filter,
        .filter_count = 1};
    TRY(plan_estimate(&w->ctx,
                      &(struct plan_estimate_input){.plan_code = STR("p"),
                                                    .external_customer_id = STR("acme"),
                                                    .billing_time = STR("calendar"),
                                                    .from_day = DAY_NONE,
                                                    .to_day = DAY_NONE,
                                                    .charges = &said,
                                                    .charge_count = 1},
                      &estimate));
    w->answer = estimate.build.row.total_amount_minor;
    return ERR_NONE;
}

/* A plan that is only told: an add-on and taxes are looked up. */
FAULT_READ(plan_estimate_told)
{
    struct plan_estimate estimate;
    const struct str codes[] = {STR("vat")};
    const struct charge_input charge = {.metric_code = STR("gb"),
                                        .charge_model = STR("standard"),
                                        .properties = STR("{\"amount\":\"1\"}")};
    const struct fixed_charge_input fixed = {.add_on_code = STR("licence"),
                                             .charge_model = STR("standard"),
                                             .properties = STR("{\"amount\":\"3\"}"),
                                             .units = decimal_lit("2"),
                                             .sent = FIXED_UNITS};
    const struct plan_input plan = {.code = STR("told"),
                                    .name = STR("Told"),
                                    .billing_interval = STR("yearly"),
                                    .amount_minor = 100,
                                    .currency = STR("EUR"),
                                    .charges = &charge,
                                    .charge_count = 1,
                                    .fixed_charges = &fixed,
                                    .fixed_charge_count = 1};
    TRY(plan_estimate(&w->ctx,
                      &(struct plan_estimate_input){.plan = &plan,
                                                    .billing_time = STR("anniversary"),
                                                    .from_day = DAY_NONE,
                                                    .to_day = DAY_NONE,
                                                    .tax_codes = codes,
                                                    .tax_code_count = 1},
                      &estimate));
    w->answer = estimate.build.row.total_amount_minor;
    return ERR_NONE;
}

FAULT_READ(past_usage_list)
{
    struct past_period *periods = NULL;
    size_t count = 0;
    TRY(past_usage_list(&w->ctx,
                        &(struct past_usage_query){.external_customer_id = STR("acme"),
                                                   .external_subscription_id = STR("acme-1"),
                                                   .metric_code = STR("calls"),
                                                   .periods_max = INT_NONE,
                                                   .limit = 10},
                        &periods, &count, &w->answer));
    w->answer = w->answer * 1000000 + (count > 0 ? periods[0].amount_minor : 0);
    return ERR_NONE;
}

FAULT_READ(projected_usage_get)
{
    struct projected_usage usage;
    TRY(projected_usage_get(&w->ctx, STR("acme"), STR("acme-1"), &usage));
    w->answer = usage.projected.build.row.fees_amount_minor;
    return ERR_NONE;
}

FAULT_READ(lifetime_usage_get)
{
    struct lifetime_usage usage;
    TRY(lifetime_usage_get(&w->ctx, STR("acme-1"), &usage));
    w->answer = usage.invoiced_minor * 1000000 + usage.current_minor;
    return ERR_NONE;
}

FAULT_WRITE(lifetime_usage_set, AGAIN_SAME)
{
    struct lifetime_usage usage;
    return lifetime_usage_set(&w->ctx, STR("acme-1"), 500, &usage);
}

FAULT_WRITE(feature_create, AGAIN_REFUSED)
{
    struct feature_view view;
    const struct str options[] = {STR("a"), STR("b")};
    const struct privilege_input privileges[] = {
        {.code = STR("max"), .value_type = STR("integer")},
        {.code = STR("way"), .value_type = STR("select"), .options = options, .option_count = 2}};
    return feature_create(
        &w->ctx,
        &(struct feature_input){.code = STR("new"), .privileges = privileges, .privilege_count = 2},
        &view);
}

/* `max` goes on, `root` is deleted, `kind` is new. */
FAULT_WRITE(feature_change, AGAIN_SAME)
{
    struct feature_view view;
    const struct privilege_input privileges[] = {{.code = STR("max")}, {.code = STR("kind")}};
    return feature_change(&w->ctx, STR("seats"),
                          &(struct feature_input){.name = STR("Seats"),
                                                  .privileges = privileges,
                                                  .privilege_count = 2,
                                                  .sent = FEATURE_NAME | FEATURE_PRIVILEGES},
                          &view);
}

FAULT_WRITE(feature_remove, AGAIN_REFUSED)
{
    struct feature_view view;
    return feature_remove(&w->ctx, STR("seats"), &view);
}

FAULT_WRITE(feature_privilege_remove, AGAIN_REFUSED)
{
    struct feature_view view;
    return feature_privilege_remove(&w->ctx, STR("seats"), STR("max"), &view);
}

FAULT_READ(feature_get)
{
    struct feature_view view;
    TRY(feature_get(&w->ctx, STR("seats"), &view));
    w->answer = (int64_t)view.privilege_count;
    return ERR_NONE;
}

FAULT_READ(feature_list)
{
    struct feature_view *views = NULL;
    size_t count = 0;
    TRY(feature_list(&w->ctx, 10, 0, &views, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(plan_entitlements_get)
{
    struct entitlements all;
    TRY(plan_entitlements_get(&w->ctx, STR("p"), &all));
    w->answer = (int64_t)all.items[0].privilege_count;
    return ERR_NONE;
}

FAULT_WRITE(plan_entitlements_set, AGAIN_SAME)
{
    struct entitlements all;
    return plan_entitlements_set(&w->ctx, STR("p"), STR("{\"sso\":{},\"seats\":{\"max\":7}}"), true,
                                 &all);
}

FAULT_WRITE(plan_entitlement_remove, AGAIN_REFUSED)
{
    struct entitlement was;
    return plan_entitlement_remove(&w->ctx, STR("p"), STR("seats"), STR_NULL, &was);
}

FAULT_READ(subscription_entitlements_get)
{
    struct entitlements all;
    TRY(subscription_entitlements_get(&w->ctx, STR("acme-1"), STR_NULL, &all));
    w->answer = (int64_t)all.items[0].privilege_count;
    return ERR_NONE;
}

FAULT_WRITE(subscription_entitlements_set, AGAIN_SAME)
{
    struct entitlements all;
    return subscription_entitlements_set(&w->ctx, STR("acme-1"), STR_NULL,
                                         STR("{\"sso\":{},\"seats\":{\"root\":false}}"), &all);
}

FAULT_WRITE(subscription_entitlement_remove, AGAIN_REFUSED)
{
    struct entitlement was;
    return subscription_entitlement_remove(&w->ctx, STR("acme-1"), STR_NULL, STR("seats"), STR_NULL,
                                           &was);
}

FAULT_WRITE(subscription_privilege_remove, AGAIN_REFUSED)
{
    struct entitlement was;
    return subscription_entitlement_remove(&w->ctx, STR("acme-1"), STR_NULL, STR("seats"),
                                           STR("root"), &was);
}

FAULT_WRITE(subscription_entitlement_restore, AGAIN_SAME)
{
    struct entitlements all;
    return subscription_entitlement_restore(&w->ctx, STR("acme-1"), STR_NULL, STR("seats"), &all);
}

FAULT_READ(plan_list)
{
    struct plan_view *views = NULL;
    size_t count = 0;
    TRY(plan_list(&w->ctx, 10, 0, &views, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_WRITE(tax_create, AGAIN_REFUSED)
{
    struct tax_view view;
    TRY(tax_create(&w->ctx,
                   &(struct tax_input){.code = STR("new"),
                                       .name = STR("New"),
                                       .rate = decimal_lit("7"),
                                       .applied_to_organization = true},
                   &view));
    w->answer = (int64_t)view.entity_code_count;
    return ERR_NONE;
}

FAULT_READ(tax_get)
{
    struct tax_view view;
    TRY(tax_get(&w->ctx, STR("vat"), &view));
    w->answer = (int64_t)view.entity_code_count;
    return ERR_NONE;
}

FAULT_READ(tax_list)
{
    struct tax_view *views = NULL;
    size_t count = 0;
    TRY(tax_list(&w->ctx, 10, 0, &views, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

/* ---- customers, subscriptions ---------------------------------------------------------------- */

/* A new zone: usage is added up anew, drafts get another date. */
FAULT_WRITE(customer_save, AGAIN_SAME)
{
    struct customer_view view;
    const struct str codes[] = {STR("vat")};
    return customer_save(&w->ctx,
                         &(struct customer_input){
                             .sent = CUSTOMER_TIMEZONE | CUSTOMER_GRACE_DAYS | CUSTOMER_TAX_CODES,
                             .external_id = STR("beta"),
                             .timezone = STR("Asia/Tokyo"),
                             .grace_days = 2,
                             .tax_codes = codes,
                             .tax_code_count = 1,
                         },
                         &view);
}

FAULT_READ(customer_get)
{
    struct customer_view view;
    return customer_get(&w->ctx, STR("beta"), &view);
}

FAULT_READ(customer_list)
{
    struct customer_view *views = NULL;
    size_t count = 0;
    TRY(customer_list(&w->ctx, &(struct customer_filter){.limit = 10}, &views, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

/* Paid in advance, so an invoice is made; and an event that waits for it is adopted. */
FAULT_WRITE(subscription_create, AGAIN_REFUSED)
{
    struct subscription_view view;
    TRY(subscription_create(&w->ctx,
                            &(struct subscription_input){
                                .external_customer_id = STR("acme"),
                                .external_id = STR("later-1"),
                                .plan_code = STR("ahead"),
                                .subscription_at = instant("2024-01-15T00:00:00Z"),
                                .ending_at = TIME_NONE,
                            },
                            &view));
    w->answer = view.row.started_at;
    return ERR_NONE;
}

/* On another plan it waits beside the one that runs, after what was due was billed. */
FAULT_WRITE(subscription_create_cheaper, AGAIN_SAME)
{
    struct subscription_view view;
    TRY(subscription_create(&w->ctx,
                            &(struct subscription_input){
                                .external_customer_id = STR("acme"),
                                .external_id = STR("acme-1"),
                                .plan_code = STR("small"),
                                .subscription_at = TIME_NONE,
                                .ending_at = TIME_NONE,
                            },
                            &view));
    w->answer = view.neighbours.takes_over_day;
    return ERR_NONE;
}

/* A dearer one takes over at once, with usage that was stamped later that day. */
FAULT_WRITE(subscription_create_dearer, AGAIN_REFUSED)
{
    struct subscription_view view;
    TRY(subscription_create(&w->ctx,
                            &(struct subscription_input){
                                .external_customer_id = STR("up"),
                                .external_id = STR("up-1"),
                                .plan_code = STR("big"),
                                .subscription_at = TIME_NONE,
                                .ending_at = TIME_NONE,
                            },
                            &view));
    w->answer = view.row.started_at;
    return ERR_NONE;
}

/* The end of the one that runs, before which a change of plan is due. */
FAULT_WRITE(subscription_terminate_due, AGAIN_REFUSED)
{
    struct subscription_view view;
    return subscription_terminate(&w->ctx, STR("down-1"), STR_NULL, STR_NULL, false, &view);
}

FAULT_WRITE(subscription_terminate, AGAIN_REFUSED)
{
    struct subscription_view view;
    return subscription_terminate(&w->ctx, STR("acme-1"), STR_NULL, STR_NULL, false, &view);
}

FAULT_READ(subscription_get)
{
    struct subscription_view view;
    return subscription_get(&w->ctx, STR("acme-1"), STR_NULL, &view);
}

FAULT_READ(subscription_list)
{
    struct subscription_view *views = NULL;
    size_t count = 0;
    TRY(subscription_list(
        &w->ctx, &(struct subscription_filter){.active = true, .terminated = true, .limit = 10},
        &views, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

/* ---- events ---------------------------------------------------------------------------------- */

FAULT_WRITE(ingest_now, AGAIN_SAME)
{
    struct event_result results[4];
    const struct event_input events[] = {
        {.transaction_id = STR("n1"),
         .external_subscription_id = STR("acme-1"),
         .code = STR("calls"),
         .occurred_at = instant("2024-02-20T00:00:00Z")},
        {.transaction_id = STR("n2"),
         .external_subscription_id = STR("acme-1"),
         .code = STR("gb"),
         .occurred_at = instant("2024-03-02T00:00:00Z"),
         .properties = STR("{\"size\":\"1.5\"}")},
        {.transaction_id = STR("n1"), /* a repeat within the batch */
         .external_subscription_id = STR("acme-1"),
         .code = STR("calls"),
         .occurred_at = instant("2024-02-20T00:00:00Z")},
        {.transaction_id = STR("n3"),
         .external_subscription_id = STR("nobody-1"),
         .code = STR("calls"),
         .occurred_at = instant("2024-02-20T00:00:00Z")},
    };
    return ingest_now(&w->ctx, events, 4, false, results);
}

static void batch_is_done(struct ingest_batch *batch)
{
    sem_post(batch->arg);
}

/* Through the queue, with the memory of known events: its writer tries a batch again alone. */
FAULT_STEPS(ingest_start)
{
    sem_t done;
    struct event_result result;
    const struct event_input event = {.transaction_id = STR("n1"),
                                      .external_subscription_id = STR("acme-1"),
                                      .code = STR("calls"),
                                      .occurred_at = instant("2024-02-20T00:00:00Z")};
    struct ingest_batch batch = {.ctx = &w->ctx,
                                 .events = &event,
                                 .count = 1,
                                 .results = &result,
                                 .done = batch_is_done,
                                 .arg = &done};
    TRY(ingest_start(w->ctx.app, &w->fault));
    sem_init(&done, 0, 0);
    ingest_submit(w->ctx.app->ingest, &batch);
    while (sem_wait(&done) != 0)
        ;
    sem_destroy(&done);
    ingest_stop(w->ctx.app);
    return batch.err;
}

FAULT_READ(event_memory_fill)
{
    struct event_memory memory = {0};
    enum err err = event_memory_fill(&w->ctx, &memory);
    w->answer = memory.key_commits;
    event_filter_free(memory.filter);
    return err;
}

FAULT_READ(event_get)
{
    struct event_view view;
    return event_get(&w->ctx, STR("u1"), STR_NULL, &view);
}

FAULT_READ(event_list)
{
    struct event_view *views = NULL;
    size_t count = 0;
    bool more = false;
    TRY(event_list(
        &w->ctx,
        &(struct event_filter_query){.from_at = TIME_NONE, .to_at = TIME_NONE, .limit = 10}, &views,
        &count, &more));
    w->answer = (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(event_list_unmatched)
{
    struct event_view *views = NULL;
    size_t count = 0;
    TRY(event_list_unmatched(&w->ctx, &(struct unmatched_query){.limit = 10}, &views, &count,
                             &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(current_usage_get)
{
    struct current_usage_view view;
    TRY(current_usage_get(&w->ctx, STR("acme"), STR("acme-1"), &view));
    w->answer = (int64_t)view.count;
    return ERR_NONE;
}

FAULT_READ(current_usage_choose)
{
    static const struct usage_chosen_group group = {{"cloud", 5}, {"aws", 3}};
    struct current_usage_view view;
    TRY(current_usage_choose(&w->ctx, STR("acme"), STR("acme-1"),
                             &(struct usage_choice){.groups = &group, .group_count = 1}, &view));
    w->answer = (int64_t)view.count;
    return ERR_NONE;
}

/* ---- billing, invoices, payments ------------------------------------------------------------- */

FAULT_STEPS_LEFT(billing_run)
{
    struct billing_progress progress;
    return billing_run(&w->ctx,
                       &(struct billing_run_options){.until_at = ctx_now(&w->ctx), .threads = 1},
                       &progress);
}

FAULT_STEPS_LEFT(invoice_issue_all)
{
    int64_t count = 0;
    struct billing_progress progress;
    TRY(billing_run(&w->ctx,
                    &(struct billing_run_options){.until_at = instant("2024-03-01T12:00:00Z")},
                    &progress));
    return invoice_issue_all(&w->ctx, ctx_now(&w->ctx), &count);
}

FAULT_READ(late_exception_list)
{
    struct late_exception_page_row *rows = NULL;
    size_t count = 0;
    TRY(late_exception_list(&w->ctx, &(struct late_query){.limit = 10}, &rows, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(invoice_get)
{
    struct invoice_view view;
    TRY(invoice_get(&w->ctx, w->final_id, &view));
    w->answer =
        (int64_t)view.fee_count * 100 + (int64_t)view.tax_count * 10 + (int64_t)view.period_count;
    return ERR_NONE;
}

FAULT_READ(invoice_pdf)
{
    struct buf pdf;
    buf_init(&pdf, &w->arena, INVOICE_PDF_BYTES_MAX);
    TRY(invoice_pdf(&w->ctx, w->final_id, STR_NULL, &pdf));
    w->answer = (int64_t)pdf.len;
    return ERR_NONE;
}

FAULT_READ(invoice_list)
{
    struct invoice_view *views = NULL;
    size_t count = 0;
    struct invoice_filter filter = INVOICE_FILTER_ALL;
    filter.limit = 10;
    TRY(invoice_list(&w->ctx, &filter, &views, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_WRITE(invoice_finalize, AGAIN_REFUSED)
{
    struct invoice_view view;
    return invoice_finalize(&w->ctx, w->draft_id, &view);
}

FAULT_WRITE(invoice_refresh, AGAIN_SAME)
{
    struct invoice_view view;
    return invoice_refresh(&w->ctx, w->draft_id, &view);
}

FAULT_WRITE(invoice_void, AGAIN_REFUSED)
{
    struct invoice_view view;
    return invoice_void(&w->ctx, w->final_id, &view);
}

FAULT_WRITE(invoice_set_payment_status, AGAIN_SAME)
{
    struct invoice_view view;
    return invoice_set_payment_status(&w->ctx, w->final_id, STR("failed"), &view);
}

FAULT_READ(fee_list)
{
    struct fee_view *views = NULL;
    size_t count = 0;
    TRY(fee_list(&w->ctx,
                 &(struct fee_filter){.subscription = true,
                                      .charge = true,
                                      .resale = true,
                                      .created_from_at = TIME_NONE,
                                      .created_to_at = TIME_NONE,
                                      .limit = 10},
                 &views, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(fee_get)
{
    struct fee_view view;
    TRY(fee_get(&w->ctx, w->fee_id, &view));
    w->answer = (int64_t)view.tax_count;
    return ERR_NONE;
}

/* The fee of delta's event that is billed. */
static enum err find_alone(struct faulted *w, struct uuid *id)
{
    struct fee_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(fee_list(&w->ctx,
                 &(struct fee_filter){.external_customer_id = STR("delta"),
                                      .charge = true,
                                      .created_from_at = TIME_NONE,
                                      .created_to_at = TIME_NONE,
                                      .limit = 10},
                 &views, &count, &total));
    for (size_t i = 0; i < count; i++) {
        if (views[i].is_alone)
            *id = views[i].row.id;
    }
    return ERR_NONE;
}

FAULT_WRITE(fee_set_payment_status, AGAIN_SAME)
{
    struct uuid id = UUID_NIL;
    struct fee_view view;
    TRY(find_alone(w, &id));
    return fee_set_payment_status(&w->ctx, id, STR("succeeded"), &view);
}

FAULT_READ(event_estimate)
{
    struct event_input event = {.external_subscription_id = STR("delta-1"),
                                .code = STR("traffic"),
                                .occurred_at = TIME_NONE,
                                .properties = STR("{\"size\":5}")};
    struct event_estimate estimate = {.events = &event, .count = 1};
    TRY(event_estimate(&w->ctx, &estimate));
    w->answer = (int64_t)estimate.fee_count;
    return ERR_NONE;
}

FAULT_READ(fee_explain)
{
    struct explained_fee explained;
    TRY(fee_explain(&w->ctx, w->fee_id, &explained));
    w->answer = (int64_t)explained.tax_count * 10 + explained.matches;
    return ERR_NONE;
}

FAULT_READ(invoice_explain)
{
    struct explained_fee *explained = NULL;
    struct invoice_view view;
    size_t count = 0;
    TRY(invoice_get(&w->ctx, w->final_id, &view));
    TRY(invoice_explain(&w->ctx, view.row.number, &explained, &count));
    w->answer = 0;
    for (size_t i = 0; i < count; i++)
        w->answer = w->answer * 2 + explained[i].matches;
    return ERR_NONE;
}

FAULT_WRITE(payment_create, AGAIN_TWICE)
{
    struct payment_view view;
    return payment_create(&w->ctx,
                          &(struct payment_input){.invoice_id = w->final_id,
                                                  .amount_minor = 10,
                                                  .reference = STR("r2"),
                                                  .paid_at = TIME_NONE},
                          &view);
}

/* ---- payments by a gateway ------------------------------------------------------------------- */

/* The page that is open asks for what is due no more: it is closed, and another begun. */
FAULT_STEPS(payment_checkout_start)
{
    struct payment_checkout checkout;
    fake.status = GATEWAY_OPEN;
    return payment_checkout_start(
        &w->ctx, &(struct payment_checkout_input){.invoice_id = w->final_id}, &checkout);
}

FAULT_STEPS(payment_checkout_return)
{
    struct payment_view view;
    fake.status = GATEWAY_SUCCEEDED;
    return payment_checkout_return(&w->ctx, UUID_NIL, faulted_checkout_id, &view);
}

FAULT_STEPS(payment_refresh)
{
    struct payment_view view;
    fake.status = GATEWAY_FAILED;
    return payment_refresh(&w->ctx, faulted_checkout_id, &view);
}

FAULT_STEPS(payment_reconcile)
{
    int64_t count = 0;
    fake.status = GATEWAY_SUCCEEDED;
    return payment_reconcile(&w->ctx, NULL, &count);
}

static enum err find_work(struct ctx *ctx, struct tx *tx, void *arg)
{
    return payment_work_lock(ctx, tx, UUID_NIL, faulted_checkout_id, arg);
}

FAULT_STEPS(payment_ask)
{
    struct payment_work work;
    struct gateway_payment said;
    struct payment_view view;
    enum err asked = ERR_NONE;
    fake.status = GATEWAY_SUCCEEDED;
    TRY(tx_run(&w->ctx, TX_WRITE, find_work, &work));
    return payment_ask(&w->ctx, PAYMENT_FIND, &work, &said, &asked, &view);
}

FAULT_WRITE(payment_webhook, AGAIN_SAME)
{
    int64_t changed = 0;
    struct gateway_webhook webhook = {
        .body = arena_fmt(&w->arena, "%.*s-1", STR_ARG(uuid_text(&w->arena, w->final_id)))};
    fake.status = GATEWAY_SUCCEEDED;
    return payment_webhook(&w->ctx, STR("fake"), &webhook, &changed);
}

FAULT_READ(payment_exception_list)
{
    struct payment_exception_view *views = NULL;
    size_t count = 0;
    TRY(payment_exception_list(&w->ctx, &(struct payment_exception_filter){.limit = 10}, &views,
                               &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_WRITE(payment_exception_resolve, AGAIN_SAME)
{
    struct payment_exception_view *views = NULL;
    struct payment_exception_view view;
    size_t count = 0;
    int64_t total = 0;
    TRY(payment_exception_list(
        &w->ctx, &(struct payment_exception_filter){.with_resolved = true, .limit = 10}, &views,
        &count, &total));
    REQUIRE(count == 1);
    return payment_exception_resolve(&w->ctx, views[0].row.id, &view);
}

FAULT_READ(receipt_pdf)
{
    struct payment_view *views = NULL;
    struct buf pdf;
    size_t count = 0;
    int64_t total = 0;
    buf_init(&pdf, &w->arena, RECEIPT_PDF_BYTES_MAX);
    TRY(payment_list(&w->ctx,
                     &(struct payment_filter){.paid_from_at = instant("2024-01-01T00:00:00Z"),
                                              .paid_to_at = TIME_NONE,
                                              .limit = 1},
                     &views, &count, &total));
    TRY(receipt_pdf(&w->ctx, views[0].row.id, STR_NULL, &pdf));
    w->answer = (int64_t)pdf.len;
    return ERR_NONE;
}

FAULT_READ(payment_get)
{
    struct payment_view view;
    return payment_get(&w->ctx, w->payment_id, &view);
}

FAULT_READ(payment_list)
{
    struct payment_view *views = NULL;
    size_t count = 0;
    TRY(payment_list(
        &w->ctx,
        &(struct payment_filter){.paid_from_at = TIME_NONE, .paid_to_at = TIME_NONE, .limit = 10},
        &views, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

/* ---- vendor cost ----------------------------------------------------------------------------- */

/* The same period again: takes the place of what was imported, and gives corrections. */
FAULT_WRITE(cost_import, AGAIN_SAME)
{
    struct cost_import_result result;
    const char *root = getenv("BILLOW_SOURCE");
    TRY(cost_import(
        &w->ctx,
        &(struct cost_import_options){.path = arena_fmt(&w->arena, "%s/tests/data/cost/costs-b.csv",
                                                        root == NULL ? "." : root)},
        &result));
    w->answer = result.row_count;
    return ERR_NONE;
}

FAULT_WRITE(vendor_account_assign, AGAIN_SAME)
{
    struct vendor_account_row row;
    return vendor_account_assign(&w->ctx,
                                 &(struct vendor_account_input){
                                     .external_customer_id = STR("beta"),
                                     .provider_name = STR("Acme"),
                                     .sub_account_id = STR("b2"),
                                 },
                                 &row);
}

FAULT_READ(vendor_account_list)
{
    struct vendor_account_page_row *rows = NULL;
    size_t count = 0;
    TRY(vendor_account_list(&w->ctx, 10, 0, &rows, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_WRITE(resale_rule_create, AGAIN_REFUSED)
{
    struct resale_rule_view view;
    return resale_rule_create(&w->ctx,
                              &(struct resale_rule_input){
                                  .code = STR("new"),
                                  .name = STR("new"),
                                  .method = STR("margin"),
                                  .percent = decimal_lit("10"),
                                  .external_customer_id = STR("alpha"),
                                  .valid_from_at = TIME_NONE,
                              },
                              &view);
}

FAULT_READ(resale_rule_list)
{
    struct resale_rule_view *views = NULL;
    size_t count = 0;
    TRY(resale_rule_list(&w->ctx, 10, 0, &views, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(cost_of_customer_list)
{
    struct customer_cost_row *rows = NULL;
    size_t count = 0;
    TRY(cost_of_customer_list(&w->ctx, STR("alpha"), TIME_NONE, (struct cost_page){.limit = 10},
                              &rows, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(cost_unassigned_list)
{
    struct cost_unassigned_page_row *rows = NULL;
    size_t count = 0;
    TRY(cost_unassigned_list(&w->ctx, (struct cost_page){.limit = 10}, &rows, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(cost_exception_list)
{
    struct cost_exception_page_row *rows = NULL;
    size_t count = 0;
    TRY(cost_exception_list(&w->ctx, (struct cost_page){.limit = 10}, &rows, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(cost_import_list)
{
    struct cost_import_row *rows = NULL;
    size_t count = 0;
    TRY(cost_import_list(&w->ctx, (struct cost_page){.limit = 10}, &rows, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

/* ---- books ----------------------------------------------------------------------------------- */

FAULT_READ(figures_of_customer)
{
    struct figures figures;
    struct invoice_row *invoices = NULL;
    size_t count = 0;
    TRY(figures_of_customer(&w->ctx, w->customer_id, &figures, &invoices, &count));
    w->answer = figures.total_minor;
    return ERR_NONE;
}

FAULT_READ(overview_load)
{
    struct overview overview;
    TRY(overview_load(&w->ctx, &overview));
    w->answer = (int64_t)overview.currency_count;
    return ERR_NONE;
}

FAULT_READ(customer_table)
{
    struct customer_entry *entries = NULL;
    size_t count = 0;
    TRY(customer_table(&w->ctx, &(struct customer_table_filter){.limit = 10}, &entries, &count,
                       &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(customer_numbers_get)
{
    struct customer_numbers numbers;
    TRY(customer_numbers_get(&w->ctx, STR("acme"), &numbers));
    w->answer = numbers.invoiced_minor;
    return ERR_NONE;
}

FAULT_READ(customer_due_get)
{
    struct customer_due due;
    TRY(customer_due_get(&w->ctx, w->customer_id, &due));
    w->answer = (int64_t)due.payment_count;
    for (size_t i = 0; i < due.currency_count; i++)
        w->answer = w->answer * 1000 + due.currencies[i].open_minor;
    return ERR_NONE;
}

FAULT_READ(customer_billed_get)
{
    struct customer_billed billed;
    TRY(customer_billed_get(&w->ctx, w->customer_id, 0, INT32_MAX, &billed));
    w->answer = (int64_t)billed.newest_count;
    for (size_t i = 0; i < billed.day_count; i++)
        w->answer = w->answer * 1000 + billed.days[i].total_minor;
    return ERR_NONE;
}

FAULT_READ(invoice_table)
{
    struct invoice_table_list_row *rows = NULL;
    struct invoice_table_filter filter = INVOICE_TABLE_ALL;
    size_t count = 0;
    filter.limit = 10;
    TRY(invoice_table(&w->ctx, &filter, &rows, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(invoice_state_counts)
{
    int64_t counts[INVOICE_STATE_COUNT];
    TRY(invoice_state_counts(&w->ctx, counts));
    w->answer = counts[INVOICE_STATE_OPEN] * 100 + counts[INVOICE_STATE_DRAFT];
    return ERR_NONE;
}

FAULT_READ(activity_list)
{
    struct activity *items = NULL;
    size_t count = 0;
    TRY(activity_list(&w->ctx, &(struct activity_query){.folds = true, .limit = 8}, &items,
                      &count));
    w->answer = (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(find)
{
    struct find_result result;
    TRY(find(&w->ctx, STR("acm"), &result));
    w->answer = (int64_t)result.count;
    return ERR_NONE;
}

FAULT_READ(usage_view_load)
{
    struct usage_view view;
    TRY(usage_view_load(&w->ctx,
                        &(struct usage_view_query){.external_subscription_id = STR("acme-1"),
                                                   .first_day = DAY_NONE,
                                                   .end_day = DAY_NONE},
                        &view));
    w->answer = (int64_t)view.metric_count;
    return ERR_NONE;
}

FAULT_READ(usage_view_subscriptions)
{
    struct usage_view_subscription_list_row *rows = NULL;
    size_t count = 0;
    TRY(usage_view_subscriptions(&w->ctx, STR_NULL, 10, 0, &rows, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(ledger_export_hledger)
{
    int64_t bytes = 0;
    return ledger_export_hledger(&w->ctx, put_nowhere, &bytes, &w->answer);
}

FAULT_READ(verify_books)
{
    struct verify_result result;
    TRY(verify_books(&w->ctx, print_finding, NULL, &result));
    w->answer = result.findings * 1000 + result.fees;
    return ERR_NONE;
}

/* Another one counts the note of the first. */
FAULT_LONG_STEPS(backup_create, AGAIN_TWICE)
{
    struct backup_result result;
    struct str path = arena_fmt(&w->arena, "%s/copy.db", template.folder);
    unlink(path.ptr);
    enum err err = backup_create(
        &w->ctx, &(struct backup_options){.path = path, .found = print_finding}, &result);
    CHECK((access(path.ptr, F_OK) == 0) == (err == ERR_NONE)); /* whole or not at all */
    unlink(path.ptr);
    w->answer = result.books.findings * 1000 + result.rows;
    return err;
}

/* ---- what is changed and ended --------------------------------------------------------------- */

FAULT_WRITE(tax_change, AGAIN_SAME)
{
    struct tax_view view;
    return tax_change(&w->ctx, STR("vat"), TAX_NAME, &(struct tax_input){.name = STR("MwSt")},
                      &view);
}

FAULT_WRITE(tax_remove, AGAIN_REFUSED)
{
    struct tax_view view;
    return tax_remove(&w->ctx, STR("vat"), &view);
}

FAULT_WRITE(customer_delete, AGAIN_REFUSED)
{
    struct customer_view view;
    return customer_delete(&w->ctx, STR("beta"), &view);
}

FAULT_WRITE(plan_delete, AGAIN_REFUSED)
{
    struct plan_view view;
    return plan_delete(&w->ctx, STR("p"), &view);
}

FAULT_READ(plan_versions)
{
    struct plan_view *views = NULL;
    size_t count = 0;
    TRY(plan_versions(&w->ctx, STR("p"), &views, &count));
    w->answer = (int64_t)count;
    return ERR_NONE;
}

/* The plan is deleted first: both are gone through again after a failure. */
FAULT_STEPS_LEFT(plan_close_all)
{
    struct plan_view view;
    enum err err = plan_delete(&w->ctx, STR("p"), &view);
    if (err != ERR_NONE && err != ERR_NOT_FOUND)
        return err;
    fault_reset(&w->fault);
    return plan_close_all(&w->ctx);
}

FAULT_WRITE(subscription_modify, AGAIN_SAME)
{
    struct subscription_view view;
    return subscription_modify(&w->ctx,
                               &(struct subscription_modification){.external_id = STR("acme-1"),
                                                                   .sent = SUBSCRIPTION_NAME,
                                                                   .name = STR("Renamed")},
                               &view);
}

FAULT_WRITE(api_key_create, AGAIN_TWICE)
{
    struct api_key_row row;
    struct str key;
    return api_key_create(&w->ctx,
                          &(struct api_key_input){.name = STR("second"), .expires_at = TIME_NONE},
                          &row, &key);
}

FAULT_READ(api_key_list)
{
    struct api_key_row *rows = NULL;
    size_t count = 0;
    TRY(api_key_list(&w->ctx, 10, 0, &rows, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(audit_list)
{
    struct audit_entries entries;
    TRY(audit_list(&w->ctx, &(struct audit_filter){.from_at = TIME_NONE, .to_at = TIME_NONE}, 10, 0,
                   &entries));
    w->answer = entries.total * 100 + (int64_t)entries.count;
    return ERR_NONE;
}

FAULT_READ(audit_anchor_list_page)
{
    struct audit_anchors anchors;
    TRY(audit_anchor_list_page(&w->ctx, 10, 0, &anchors));
    w->answer = anchors.total * 100 + (int64_t)anchors.count;
    return ERR_NONE;
}

/* ---- keys ------------------------------------------------------------------------------------ */

FAULT_READ(api_key_get)
{
    struct api_key_row row;
    return api_key_get(&w->ctx, w->key_id, &row);
}

FAULT_WRITE(api_key_change, AGAIN_SAME)
{
    struct api_key_row row;
    return api_key_change(&w->ctx, w->key_id,
                          &(struct api_key_input){.sent = API_KEY_NAME | API_KEY_SCOPES,
                                                  .name = STR("reads"),
                                                  .scopes = STR("*:read")},
                          &row);
}

FAULT_WRITE(api_key_revoke, AGAIN_SAME)
{
    struct api_key_row row;
    return api_key_revoke(&w->ctx, w->key_id, &row);
}

FAULT_WRITE(api_key_rotate, AGAIN_TWICE)
{
    struct api_key_row row;
    struct str key;
    return api_key_rotate(&w->ctx, w->key_id, 3600, &row, &key);
}

FAULT_WRITE(api_key_used, AGAIN_SAME)
{
    const struct api_key_use use = {w->key_id, ctx_now(&w->ctx)};
    return api_key_used(&w->ctx, &use, 1);
}

/* ---- audit trail ----------------------------------------------------------------------------- */

FAULT_WRITE(audit_anchor_make, AGAIN_SAME)
{
    bool made = false;
    return audit_anchor_make(&w->ctx, &made);
}

FAULT_WRITE(audit_anchor_daily, AGAIN_SAME)
{
    return audit_anchor_daily(&w->ctx);
}

FAULT_LONG_READ(audit_export)
{
    int64_t bytes = 0;
    struct audit_export_result result;
    TRY(audit_export(&w->ctx,
                     &(struct audit_export_options){
                         .format = AUDIT_JSONL,
                         .filter = {.from_at = TIME_NONE, .to_at = TIME_NONE},
                         .put = put_nowhere,
                         .arg = &bytes,
                     },
                     &result));
    w->answer = bytes * 100 + result.anchors;
    return ERR_NONE;
}

/* ---- answers kept for repeats, transactions joined ------------------------------------------- */

static enum err make_two_taxes(struct ctx *ctx, void *arg)
{
    struct tax_view view;
    (void)arg;
    TRY(tax_create(
        ctx, &(struct tax_input){.code = STR("a"), .name = STR("A"), .rate = decimal_lit("1")},
        &view));
    return tax_create(
        ctx, &(struct tax_input){.code = STR("b"), .name = STR("B"), .rate = decimal_lit("2")},
        &view);
}

FAULT_WRITE(tx_run_joined, AGAIN_REFUSED)
{
    return tx_run_joined(&w->ctx, TX_WRITE, make_two_taxes, NULL);
}

static enum err make_two_taxes_once(struct ctx *ctx, void *arg)
{
    struct faulted *w = arg;
    struct kept_answer kept;
    bool found = false;
    struct idempotency once = once_of(w->key_id, "k2");
    TRY(idempotency_claim(ctx, &once, &kept, &found));
    if (found) {
        w->answer = kept.status;
        return ERR_NONE;
    }
    TRY(make_two_taxes(ctx, NULL));
    w->answer = 201;
    return idempotency_fill(ctx, &once,
                            &(struct kept_answer){.status = 201, .body = STR("{\"taxes\":2}")});
}

/* What a repeated request does after a commit that nobody was told of: nothing. */
FAULT_WRITE(idempotency_claim, AGAIN_SAME)
{
    return tx_run_joined(&w->ctx, TX_WRITE, make_two_taxes_once, w);
}

FAULT_READ(idempotency_find)
{
    struct kept_answer kept = {0};
    bool found = false;
    struct idempotency once = once_of(w->key_id, "k1");
    TRY(idempotency_find(&w->ctx, &once, &kept, &found));
    w->answer = found ? kept.status : 0;
    return ERR_NONE;
}

FAULT_WRITE(idempotency_purge, AGAIN_SAME)
{
    int64_t purged = 0;
    return idempotency_purge(&w->ctx, &purged);
}

/* ---- what keeps the system going ------------------------------------------------------------- */

static enum outbox_result deliver_nothing(struct ctx *ctx, struct outbox_delivery *delivery)
{
    (void)ctx;
    return str_is_null(delivery->item->topic) ? OUTBOX_REFUSED : OUTBOX_DONE;
}

FAULT_READ(mail_list)
{
    struct mail_view *views = NULL;
    size_t count = 0;
    TRY(mail_list(&w->ctx, &(struct mail_filter){.limit = 10}, &views, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(mail_get)
{
    struct mail_view view;
    TRY(mail_get(&w->ctx, w->mail_id, &view));
    w->answer = view.tries * 100 + (int64_t)view.row.to_address.len;
    return ERR_NONE;
}

FAULT_WRITE(mail_resend, AGAIN_SAME)
{
    struct mail_view view;
    return mail_resend(&w->ctx, w->mail_id, &view);
}

FAULT_READ(mail_compose)
{
    struct buf out;
    const struct message_party from = {STR("Acme"), STR("billing@acme.example")};
    buf_init(&out, &w->arena, MESSAGE_BYTES_MAX);
    TRY(mail_compose(&w->ctx, w->mail_id, &from, &out));
    w->answer = (int64_t)out.len;
    return ERR_NONE;
}

FAULT_READ(mail_sender_open)
{
    struct mail_sender sender;
    bool is_set = false;
    TRY(mail_sender_open(&(struct mail_options){.smtp_url = STR("smtp://127.0.0.1"),
                                                .from = STR("billing@acme.example")},
                         &w->arena, &w->fault, &sender, &is_set));
    w->answer = is_set;
    return ERR_NONE;
}

/* With no time for a delivery, what was claimed in vain is due again at once. */
FAULT_STEPS(outbox_deliver)
{
    const struct outbox_topic topic = {.name = "mail", .deliver = deliver_nothing};
    const struct outbox_topic *const topics[] = {&topic, NULL};
    struct outbox_progress progress;
    return outbox_deliver(&w->ctx, topics, NULL, &progress);
}

static const struct webhook_endpoint_input new_endpoint = {.url = {"http://127.0.0.1:2/", 19},
                                                           .wire = {"lago", 4}};

FAULT_WRITE(webhook_endpoint_create, AGAIN_REFUSED)
{
    struct webhook_endpoint_row row;
    struct str secret;
    return webhook_endpoint_create(&w->ctx, &new_endpoint, &row, &secret);
}

FAULT_WRITE(webhook_endpoint_change, AGAIN_SAME)
{
    const struct webhook_endpoint_input input = {.name = STR("Books"),
                                                 .sent = WEBHOOK_ENDPOINT_NAME};
    struct webhook_endpoint_row row;
    return webhook_endpoint_change(&w->ctx, w->endpoint_id, &input, &row);
}

FAULT_WRITE(webhook_endpoint_remove, AGAIN_REFUSED)
{
    struct webhook_endpoint_row row;
    return webhook_endpoint_remove(&w->ctx, w->endpoint_id, &row);
}

FAULT_WRITE(webhook_endpoint_rotate, AGAIN_SAME)
{
    struct webhook_endpoint_row row;
    struct str secret;
    return webhook_endpoint_rotate(&w->ctx, w->endpoint_id, &row, &secret);
}

FAULT_WRITE(webhook_endpoint_test, AGAIN_TWICE)
{
    struct webhook_row row;
    return webhook_endpoint_test(&w->ctx, w->endpoint_id, &row);
}

FAULT_READ(webhook_endpoint_get)
{
    struct webhook_endpoint_row row;
    TRY(webhook_endpoint_get(&w->ctx, w->endpoint_id, &row));
    w->answer = (int64_t)row.webhook_url.len;
    return ERR_NONE;
}

FAULT_READ(webhook_endpoint_list_all)
{
    struct webhook_endpoint_row *rows = NULL;
    size_t count = 0;
    TRY(webhook_endpoint_list_all(&w->ctx, &rows, &count));
    w->answer = (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(webhook_list)
{
    const struct webhook_filter filter = {.endpoint_id = w->endpoint_id, .limit = 10};
    struct webhook_view *views = NULL;
    size_t count = 0;
    TRY(webhook_list(&w->ctx, &filter, &views, &count, &w->answer));
    w->answer = w->answer * 100 + (int64_t)count;
    return ERR_NONE;
}

FAULT_READ(webhook_get)
{
    struct webhook_view view;
    TRY(webhook_get(&w->ctx, w->webhook_id, &view));
    w->answer = (int64_t)view.url.len;
    return ERR_NONE;
}

FAULT_WRITE(webhook_resend, AGAIN_SAME)
{
    struct webhook_view view;
    return webhook_resend(&w->ctx, w->webhook_id, &view);
}

FAULT_WRITE(webhook_purge, AGAIN_SAME)
{
    int64_t count = 0;
    return webhook_purge(&w->ctx, &count);
}

static enum err say_nothing(struct ctx *ctx, const struct webhook_told *told, struct str *body)
{
    (void)ctx;
    *body = str_is_null(told->key) ? STR("[]") : STR("{}");
    return ERR_NONE;
}

/* Pauses grow with the tries, and one that was begun in vain is one. */
static enum err forget_tries(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct db *db = tx_db(tx);
    (void)ctx;
    (void)arg;
    return ((struct db_base *)db)->driver->exec(db, "UPDATE outbox SET tries = 0");
}

/* Nothing may be sent there any more, so a try ends at once and notes that.  With no time for it,
 * what was claimed in vain is due again at once. */
FAULT_STEPS(webhook_deliver)
{
    struct outbox_progress progress;
    TRY(tx_run(&w->ctx, TX_WRITE, forget_tries, NULL));
    w->world.app.webhook_body = say_nothing;
    w->world.app.webhook_reach = WEBHOOK_REACH_PUBLIC;
    return webhook_deliver(&w->ctx, 0, 0, NULL, &progress);
}

FAULT_WRITE(maintenance_note, AGAIN_SAME)
{
    return maintenance_note(&w->ctx, MAINTENANCE_BACKUP, instant("2024-03-01T00:00:00Z"),
                            STR("to a test"));
}

FAULT_READ(queues_load)
{
    struct queues queues;
    TRY(queues_load(&w->ctx, &queues));
    w->answer = queues.drafts * 100 + queues.unmatched;
    return ERR_NONE;
}

/* ---- more of catalogue, invoices, events ----------------------------------------------------- */

FAULT_WRITE(billing_entity_archive, AGAIN_SAME)
{
    struct billing_entity_view view;
    return billing_entity_archive(&w->ctx, STR("spare"), &view);
}

FAULT_WRITE(plan_change, AGAIN_TWICE)
{
    struct plan_view view;
    return plan_change(&w->ctx,
                       &(struct plan_change){.code = STR("p"),
                                             .sent = PLAN_AMOUNT,
                                             .input = {.amount_minor = 1500},
                                             .effective_at = TIME_NONE,
                                             .applies_to = PLAN_APPLIES_TO_ALL},
                       &view);
}

FAULT_STEPS_LEFT(invoice_refresh_stale)
{
    struct tax_view view;
    TRY(tax_change(&w->ctx, STR("vat"), TAX_RATE, &(struct tax_input){.rate = decimal_lit("20")},
                   &view));
    return invoice_refresh_stale(&w->ctx);
}

FAULT_WRITE(event_dismiss, AGAIN_REFUSED)
{
    return event_dismiss(&w->ctx, w->unmatched_id);
}

FAULT_WRITE(event_dismiss_all, AGAIN_SAME)
{
    int64_t count = 0;
    return event_dismiss_all(&w->ctx, STR("later-1"), STR("calls"), &count);
}

FAULT_READ(event_unmatched_summarize)
{
    struct unmatched_summary summary;
    TRY(event_unmatched_summarize(&w->ctx, 10, 0, &summary));
    w->answer = summary.total * 100 + (int64_t)summary.count;
    return ERR_NONE;
}

/* The file is read again after a failure, from where its checkpoint stands; each run is audited. */
FAULT_STEPS_LEFT(ingest_file)
{
    static const char lines[] =
        "{\"transaction_id\":\"f1\",\"external_subscription_id\":\"acme-1\",\"code\":\"calls\","
        "\"timestamp\":\"2024-02-20T00:00:00Z\"}\n"
        "{\"transaction_id\":\"f2\",\"external_subscription_id\":\"beta-1\",\"code\":\"calls\","
        "\"timestamp\":\"2024-02-21T00:00:00Z\"}\n";
    struct ingest_file_result result;
    struct str path = arena_fmt(&w->arena, "%s/events.ndjson", template.folder);
    FILE *file = fopen(path.ptr, "wb");
    REQUIRE(file != NULL && fputs(lines, file) >= 0 && fclose(file) == 0);
    enum err err = ingest_file(&w->ctx, &(struct ingest_file_options){.path = path}, &result);
    unlink(path.ptr);
    return err;
}

#endif
