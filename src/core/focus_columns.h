/* focus_columns.h - the columns of the FinOps Open Cost and Usage Specification (FOCUS), once.
 *
 * For each: its name in the file, its column in the table cost_row, what it holds, whether it must
 * be there, the version that brought it (10: 1.0, 11: 1.1, 12: 1.2), and its allowed values
 * ("|" between them; "" for any).  In all three versions the same columns are mandatory.
 *
 *   MUST  the column must be there and never null
 *   LAX   as MUST by the specification; nulls occur in files of vendors and are accepted
 *   MAY   the column must be there and may be null
 *   OPT   the column may be missing or null */
#ifndef CORE_FOCUS_COLUMNS_H
#define CORE_FOCUS_COLUMNS_H

// clang-format off
/*    name, column, kind, need, since, values */
#define FOCUS_COLUMN_MAP(X) \
    X(AvailabilityZone, availability_zone, TEXT, OPT, 10, "") \
    X(BilledCost, billed_cost, DECIMAL, MUST, 10, "") \
    X(BillingAccountId, billing_account_id, TEXT, MUST, 10, "") \
    X(BillingAccountName, billing_account_name, TEXT, MAY, 10, "") \
    X(BillingAccountType, billing_account_type, TEXT, OPT, 12, "") \
    X(BillingCurrency, billing_currency, TEXT, MUST, 10, "") \
    X(BillingPeriodEnd, billing_period_end_at, TIME, MUST, 10, "") \
    X(BillingPeriodStart, billing_period_start_at, TIME, MUST, 10, "") \
    X(CapacityReservationId, capacity_reservation_id, TEXT, OPT, 11, "") \
    X(CapacityReservationStatus, capacity_reservation_status, TEXT, OPT, 11, "Used|Unused") \
    X(ChargeCategory, charge_category, TEXT, MUST, 10, "Usage|Purchase|Tax|Credit|Adjustment") \
    X(ChargeClass, charge_class, TEXT, MAY, 10, "Correction") \
    X(ChargeDescription, charge_description, TEXT, MAY, 10, "") \
    X(ChargeFrequency, charge_frequency, TEXT, OPT, 10, "One-Time|Recurring|Usage-Based") \
    X(ChargePeriodEnd, charge_period_end_at, TIME, MUST, 10, "") \
    X(ChargePeriodStart, charge_period_start_at, TIME, MUST, 10, "") \
    X(CommitmentDiscountCategory, commitment_discount_category, TEXT, OPT, 10, "Spend|Usage") \
    X(CommitmentDiscountId, commitment_discount_id, TEXT, OPT, 10, "") \
    X(CommitmentDiscountName, commitment_discount_name, TEXT, OPT, 10, "") \
    X(CommitmentDiscountQuantity, commitment_discount_quantity, DECIMAL, OPT, 11, "") \
    X(CommitmentDiscountStatus, commitment_discount_status, TEXT, OPT, 10, "Used|Unused") \
    X(CommitmentDiscountType, commitment_discount_type, TEXT, OPT, 10, "") \
    X(CommitmentDiscountUnit, commitment_discount_unit, TEXT, OPT, 11, "") \
    X(ConsumedQuantity, consumed_quantity, DECIMAL, OPT, 10, "") \
    X(ConsumedUnit, consumed_unit, TEXT, OPT, 10, "") \
    X(ContractedCost, contracted_cost, DECIMAL, LAX, 10, "") \
    X(ContractedUnitPrice, contracted_unit_price, DECIMAL, OPT, 10, "") \
    X(EffectiveCost, effective_cost, DECIMAL, MUST, 10, "") \
    X(InvoiceId, vendor_invoice_id, TEXT, OPT, 12, "") \
    X(InvoiceIssuerName, invoice_issuer_name, TEXT, MUST, 10, "") \
    X(ListCost, list_cost, DECIMAL, MUST, 10, "") \
    X(ListUnitPrice, list_unit_price, DECIMAL, OPT, 10, "") \
    X(PricingCategory, pricing_category, TEXT, OPT, 10, "Standard|Dynamic|Committed|Other") \
    X(PricingCurrency, pricing_currency, TEXT, OPT, 12, "") \
    X(PricingCurrencyContractedUnitPrice, pricing_currency_contracted_unit_price, DECIMAL, OPT, 12, \
      "-") \
    X(PricingCurrencyEffectiveCost, pricing_currency_effective_cost, DECIMAL, OPT, 12, "") \
    X(PricingCurrencyListUnitPrice, pricing_currency_list_unit_price, DECIMAL, OPT, 12, "") \
    X(PricingQuantity, pricing_quantity, DECIMAL, MAY, 10, "") \
    X(PricingUnit, pricing_unit, TEXT, MAY, 10, "") \
    X(ProviderName, provider_name, TEXT, MUST, 10, "") \
    X(PublisherName, publisher_name, TEXT, MUST, 10, "") \
    X(RegionId, region_id, TEXT, OPT, 10, "") \
    X(RegionName, region_name, TEXT, OPT, 10, "") \
    X(ResourceId, resource_id, TEXT, OPT, 10, "") \
    X(ResourceName, resource_name, TEXT, OPT, 10, "") \
    X(ResourceType, resource_type, TEXT, OPT, 10, "") \
    X(ServiceCategory, service_category, TEXT, MUST, 10, \
      "AI and Machine Learning|Analytics|Business Applications|Compute|Databases|" \
      "Developer Tools|Multicloud|Identity|Integration|Internet of Things|" \
      "Management and Governance|Media|Migration|Mobile|Networking|Security|Storage|" \
      "Web|Other") \
    X(ServiceName, service_name, TEXT, MUST, 10, "") \
    X(ServiceSubcategory, service_subcategory, TEXT, OPT, 11, "") \
    X(SkuId, sku_id, TEXT, OPT, 10, "") \
    X(SkuMeter, sku_meter, TEXT, OPT, 11, "") \
    X(SkuPriceDetails, sku_price_details, JSON, OPT, 11, "") \
    X(SkuPriceId, sku_price_id, TEXT, OPT, 10, "") \
    X(SubAccountId, sub_account_id, TEXT, OPT, 10, "") \
    X(SubAccountName, sub_account_name, TEXT, OPT, 10, "") \
    X(SubAccountType, sub_account_type, TEXT, OPT, 12, "") \
    X(Tags, tags, JSON, OPT, 10, "")
// clang-format on

#endif
