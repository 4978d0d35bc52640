/* routes.h - the routes of every resource; each table stands at the end of its resource's file. */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "api/api.h"

extern const struct api_route add_on_routes[];
extern const struct api_route api_key_routes[];
extern const struct api_route audit_routes[];
extern const struct api_route billable_metric_routes[];
extern const struct api_route billing_entity_routes[];
extern const struct api_route catalog_routes[];
extern const struct api_route current_usage_routes[];
extern const struct api_route customer_routes[];
extern const struct api_route event_routes[];
extern const struct api_route event_estimate_routes[];
extern const struct api_route feature_routes[];
extern const struct api_route fee_routes[];
extern const struct api_route fee_explain_routes[];
extern const struct api_route invoice_routes[];
extern const struct api_route late_usage_routes[];
extern const struct api_route overview_routes[];
extern const struct api_route mail_routes[];
extern const struct api_route payment_exception_routes[];
extern const struct api_route payment_routes[];
extern const struct api_route plan_part_routes[];
extern const struct api_route plan_routes[];
extern const struct api_route plan_entitlement_routes[];
extern const struct api_route plan_estimate_routes[];
extern const struct api_route resale_rule_routes[];
extern const struct api_route subscription_entitlement_routes[];
extern const struct api_route subscription_plan_routes[];
extern const struct api_route subscription_routes[];
extern const struct api_route tax_routes[];
extern const struct api_route test_clock_routes[];
extern const struct api_route usage_reads_routes[];
extern const struct api_route usage_view_routes[];
extern const struct api_route vendor_account_routes[];
extern const struct api_route vendor_cost_routes[];
extern const struct api_route webhook_endpoint_routes[];
extern const struct api_route webhook_routes[];

/* All of them, for api_mount, each with its group of scopes; ends with NULL. */
extern const struct api_table api_routes[];

#endif
