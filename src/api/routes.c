#include "api/routes.h"

#include <stddef.h>

const struct api_route *const api_routes[] = {
    billable_metric_routes,
    billing_entity_routes,
    current_usage_routes,
    customer_routes,
    event_routes,
    fee_routes,
    invoice_routes,
    payment_routes,
    plan_routes,
    resale_rule_routes,
    subscription_routes,
    tax_routes,
    test_clock_routes,
    vendor_account_routes,
    vendor_cost_routes,
    NULL,
};
