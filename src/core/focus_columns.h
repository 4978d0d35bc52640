/* focus_columns.h - the columns of a vendor's cost file by FOCUS 1.0, 1.1 and 1.2.
 *
 * FOCUS is the FinOps Open Cost and Usage Specification (https://focus.finops.org); 43 columns in
 * 1.0, 50 in 1.1, 57 in 1.2: each version only adds some.  Facts from the specification; where
 * real files differ, docs/guide/focus-import.md says what is taken all the same.
 *
 *   name      as in the file's header, capitals included
 *   member    the same as a name of C and of SQL
 *   kind      what its values are:
 *               DECIMAL   exact number
 *               TIME      instant
 *               TEXT      any text
 *               WORD      one of FOCUS_WORD_MAP's
 *               CURRENCY  ISO 4217 code
 *               JSON      object
 *   since     the first version that has it
 *   presence  MANDATORY: the header must have it (the same 21 in all three versions); OPTIONAL:
 *             the vendor leaves out what does not apply
 *   null      NOT_NULL: each row must have a value.  The specification says so of EffectiveCost,
 *             ListCost and ContractedCost too, but real files have nulls there; a resale rule that
 *             needs one that is null makes an exception, not a guess. */
#ifndef CORE_FOCUS_COLUMNS_H
#define CORE_FOCUS_COLUMNS_H

// clang-format off
/*    name                                member                                  kind      since      presence   null */
#define FOCUS_COLUMN_MAP(X)                                                                                                 \
    X(AvailabilityZone,                   availability_zone,                      TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(BilledCost,                         billed_cost,                            DECIMAL,  FOCUS_1_0, MANDATORY, NOT_NULL) \
    X(BillingAccountId,                   billing_account_id,                     TEXT,     FOCUS_1_0, MANDATORY, NOT_NULL) \
    X(BillingAccountName,                 billing_account_name,                   TEXT,     FOCUS_1_0, MANDATORY, NULLABLE) \
    X(BillingAccountType,                 billing_account_type,                   TEXT,     FOCUS_1_2, OPTIONAL,  NULLABLE) \
    X(BillingCurrency,                    billing_currency,                       CURRENCY, FOCUS_1_0, MANDATORY, NOT_NULL) \
    X(BillingPeriodEnd,                   billing_period_end,                     TIME,     FOCUS_1_0, MANDATORY, NOT_NULL) \
    X(BillingPeriodStart,                 billing_period_start,                   TIME,     FOCUS_1_0, MANDATORY, NOT_NULL) \
    X(CapacityReservationId,              capacity_reservation_id,                TEXT,     FOCUS_1_1, OPTIONAL,  NULLABLE) \
    X(CapacityReservationStatus,          capacity_reservation_status,            WORD,     FOCUS_1_1, OPTIONAL,  NULLABLE) \
    X(ChargeCategory,                     charge_category,                        WORD,     FOCUS_1_0, MANDATORY, NOT_NULL) \
    X(ChargeClass,                        charge_class,                           WORD,     FOCUS_1_0, MANDATORY, NULLABLE) \
    X(ChargeDescription,                  charge_description,                     TEXT,     FOCUS_1_0, MANDATORY, NULLABLE) \
    X(ChargeFrequency,                    charge_frequency,                       WORD,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(ChargePeriodEnd,                    charge_period_end,                      TIME,     FOCUS_1_0, MANDATORY, NOT_NULL) \
    X(ChargePeriodStart,                  charge_period_start,                    TIME,     FOCUS_1_0, MANDATORY, NOT_NULL) \
    X(CommitmentDiscountCategory,         commitment_discount_category,           WORD,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(CommitmentDiscountId,               commitment_discount_id,                 TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(CommitmentDiscountName,             commitment_discount_name,               TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(CommitmentDiscountQuantity,         commitment_discount_quantity,           DECIMAL,  FOCUS_1_1, OPTIONAL,  NULLABLE) \
    X(CommitmentDiscountStatus,           commitment_discount_status,             WORD,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(CommitmentDiscountType,             commitment_discount_type,               TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(CommitmentDiscountUnit,             commitment_discount_unit,               TEXT,     FOCUS_1_1, OPTIONAL,  NULLABLE) \
    X(ConsumedQuantity,                   consumed_quantity,                      DECIMAL,  FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(ConsumedUnit,                       consumed_unit,                          TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(ContractedCost,                     contracted_cost,                        DECIMAL,  FOCUS_1_0, MANDATORY, NULLABLE) \
    X(ContractedUnitPrice,                contracted_unit_price,                  DECIMAL,  FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(EffectiveCost,                      effective_cost,                         DECIMAL,  FOCUS_1_0, MANDATORY, NULLABLE) \
    X(InvoiceId,                          invoice_id,                             TEXT,     FOCUS_1_2, OPTIONAL,  NULLABLE) \
    X(InvoiceIssuerName,                  invoice_issuer_name,                    TEXT,     FOCUS_1_0, MANDATORY, NOT_NULL) \
    X(ListCost,                           list_cost,                              DECIMAL,  FOCUS_1_0, MANDATORY, NULLABLE) \
    X(ListUnitPrice,                      list_unit_price,                        DECIMAL,  FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(PricingCategory,                    pricing_category,                       WORD,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(PricingCurrency,                    pricing_currency,                       TEXT,     FOCUS_1_2, OPTIONAL,  NULLABLE) \
    X(PricingCurrencyContractedUnitPrice, pricing_currency_contracted_unit_price, DECIMAL,  FOCUS_1_2, OPTIONAL,  NULLABLE) \
    X(PricingCurrencyEffectiveCost,       pricing_currency_effective_cost,        DECIMAL,  FOCUS_1_2, OPTIONAL,  NULLABLE) \
    X(PricingCurrencyListUnitPrice,       pricing_currency_list_unit_price,       DECIMAL,  FOCUS_1_2, OPTIONAL,  NULLABLE) \
    X(PricingQuantity,                    pricing_quantity,                       DECIMAL,  FOCUS_1_0, MANDATORY, NULLABLE) \
    X(PricingUnit,                        pricing_unit,                           TEXT,     FOCUS_1_0, MANDATORY, NULLABLE) \
    X(ProviderName,                       provider_name,                          TEXT,     FOCUS_1_0, MANDATORY, NOT_NULL) \
    X(PublisherName,                      publisher_name,                         TEXT,     FOCUS_1_0, MANDATORY, NOT_NULL) \
    X(RegionId,                           region_id,                              TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(RegionName,                         region_name,                            TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(ResourceId,                         resource_id,                            TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(ResourceName,                       resource_name,                          TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(ResourceType,                       resource_type,                          TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(ServiceCategory,                    service_category,                       TEXT,     FOCUS_1_0, MANDATORY, NOT_NULL) \
    X(ServiceName,                        service_name,                           TEXT,     FOCUS_1_0, MANDATORY, NOT_NULL) \
    X(ServiceSubcategory,                 service_subcategory,                    TEXT,     FOCUS_1_1, OPTIONAL,  NULLABLE) \
    X(SkuId,                              sku_id,                                 TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(SkuMeter,                           sku_meter,                              TEXT,     FOCUS_1_1, OPTIONAL,  NULLABLE) \
    X(SkuPriceDetails,                    sku_price_details,                      JSON,     FOCUS_1_1, OPTIONAL,  NULLABLE) \
    X(SkuPriceId,                         sku_price_id,                           TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(SubAccountId,                       sub_account_id,                         TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(SubAccountName,                     sub_account_name,                       TEXT,     FOCUS_1_0, OPTIONAL,  NULLABLE) \
    X(SubAccountType,                     sub_account_type,                       TEXT,     FOCUS_1_2, OPTIONAL,  NULLABLE) \
    X(Tags,                               tags,                                   JSON,     FOCUS_1_0, OPTIONAL,  NULLABLE)

/* What a column of kind WORD may hold; compared without regard to case, since Oracle writes
 * "Usage-based", and stored as it stands in the file. */
/*    column                      word */
#define FOCUS_WORD_MAP(X)                        \
    X(CapacityReservationStatus,  "Unused")      \
    X(CapacityReservationStatus,  "Used")        \
    X(ChargeCategory,             "Adjustment")  \
    X(ChargeCategory,             "Credit")      \
    X(ChargeCategory,             "Purchase")    \
    X(ChargeCategory,             "Tax")         \
    X(ChargeCategory,             "Usage")       \
    X(ChargeClass,                "Correction")  \
    X(ChargeFrequency,            "One-Time")    \
    X(ChargeFrequency,            "Recurring")   \
    X(ChargeFrequency,            "Usage-Based") \
    X(CommitmentDiscountCategory, "Spend")       \
    X(CommitmentDiscountCategory, "Usage")       \
    X(CommitmentDiscountStatus,   "Unused")      \
    X(CommitmentDiscountStatus,   "Used")        \
    X(PricingCategory,            "Committed")   \
    X(PricingCategory,            "Dynamic")     \
    X(PricingCategory,            "Other")       \
    X(PricingCategory,            "Standard")
// clang-format on

#define FOCUS_COLUMN_COUNT 57

#endif
