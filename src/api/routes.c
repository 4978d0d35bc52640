#include "api/routes.h"

#include <stddef.h>

const struct api_table api_routes[] = {
    {add_on_routes, SCOPE_CATALOG},
    {api_key_routes, SCOPE_KEYS},
    {audit_routes, SCOPE_AUDIT},
    {billable_metric_routes, SCOPE_CATALOG},
    {billing_entity_routes, SCOPE_SETTINGS},
    {catalog_routes, SCOPE_CATALOG},
    {current_usage_routes, SCOPE_CUSTOMERS},
    {customer_routes, SCOPE_CUSTOMERS},
    {event_routes, SCOPE_EVENTS},
    {fee_routes, SCOPE_INVOICES},
    {fee_explain_routes, SCOPE_INVOICES},
    {invoice_routes, SCOPE_INVOICES},
    {late_usage_routes, SCOPE_INVOICES},
    {overview_routes, SCOPE_INVOICES},
    {mail_routes, SCOPE_INVOICES},
    {payment_exception_routes, SCOPE_INVOICES},
    {payment_routes, SCOPE_INVOICES},
    {plan_routes, SCOPE_CATALOG},
    {plan_estimate_routes, SCOPE_CATALOG},
    {resale_rule_routes, SCOPE_COSTS},
    {subscription_routes, SCOPE_CUSTOMERS},
    {tax_routes, SCOPE_CATALOG},
    {test_clock_routes, SCOPE_SETTINGS},
    {usage_reads_routes, SCOPE_CUSTOMERS},
    {usage_view_routes, SCOPE_CUSTOMERS},
    {vendor_account_routes, SCOPE_COSTS},
    {vendor_cost_routes, SCOPE_COSTS},
    {NULL, SCOPE_GROUP_COUNT},
};
