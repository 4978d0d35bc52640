-- The catalogue: organization, billing entities, taxes, billable metrics, plans with their charges.

-- insert: organization

-- name: organization_load :one
-- The provider: one database, one organization.
SELECT * FROM organization

-- name: organization_update :exec
UPDATE organization SET name = :name, updated_at = :updated_at WHERE id = :id

-- insert: billing_entity

-- name: billing_entity_load :one
SELECT * FROM billing_entity WHERE id = :id

-- name: billing_entity_by_code :one
SELECT * FROM billing_entity WHERE code = :code

-- name: billing_entity_list :list
-- In order of creation.
SELECT * FROM billing_entity ORDER BY created_at, id

-- name: billing_entity_update :exec
UPDATE billing_entity SET
  name = :name, legal_name = :legal_name, email = :email, country = :country, timezone = :timezone,
  default_currency = :default_currency, document_numbering = :document_numbering,
  document_number_prefix = :document_number_prefix, grace_days = :grace_days,
  payment_term_days = :payment_term_days, finalize_zero_amount = :finalize_zero_amount,
  document_locale = :document_locale, iban = :iban, bic = :bic, bank_name = :bank_name,
  account_holder = :account_holder, address_line1 = :address_line1, address_line2 = :address_line2,
  city = :city, state = :state, zipcode = :zipcode, legal_number = :legal_number,
  tax_identification_number = :tax_identification_number, updated_at = :updated_at
WHERE id = :id

-- name: billing_entity_set_archived :exec
UPDATE billing_entity SET archived_at = :archived_at, updated_at = :updated_at WHERE id = :id

-- insert: tax

-- name: tax_by_code :one
SELECT * FROM tax WHERE code = :code

-- name: tax_update :exec
UPDATE tax SET code = :code, name = :name, description = :description, rate = :rate WHERE id = :id

-- name: tax_delete :exec
DELETE FROM tax WHERE id = :id

-- name: tax_off_entities :exec
DELETE FROM billing_entity_tax WHERE tax_id = :tax_id

-- name: tax_off_entity :exec
DELETE FROM billing_entity_tax WHERE tax_id = :tax_id AND billing_entity_id = :billing_entity_id

-- name: tax_off_plans :exec
DELETE FROM plan_version_tax WHERE tax_id = :tax_id

-- name: tax_off_charges :exec
DELETE FROM charge_tax WHERE tax_id = :tax_id

-- name: tax_count :one
-- column total bigint
SELECT count(*) AS total FROM tax

-- name: tax_page :list
-- Newest first.
-- param limit bigint
-- param offset bigint
SELECT * FROM tax ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- insert: billing_entity_tax

-- name: billing_entity_tax_clear :exec
DELETE FROM billing_entity_tax WHERE billing_entity_id = :billing_entity_id

-- name: billing_entity_tax_list :list
-- The taxes that apply where nothing nearer names its own, in order of code.
SELECT tax.* FROM billing_entity_tax JOIN tax ON tax.id = billing_entity_tax.tax_id
WHERE billing_entity_tax.billing_entity_id = :billing_entity_id ORDER BY tax.code

-- name: tax_entity_codes :list
-- Codes of the billing entities that a tax applies to.
SELECT billing_entity.code FROM billing_entity_tax
JOIN billing_entity ON billing_entity.id = billing_entity_tax.billing_entity_id
WHERE billing_entity_tax.tax_id = :tax_id ORDER BY billing_entity.code

-- insert: billable_metric

-- name: billable_metric_load :one
SELECT * FROM billable_metric WHERE id = :id

-- name: billable_metric_by_code :one
SELECT * FROM billable_metric WHERE code = :code

-- name: billable_metric_update :exec
UPDATE billable_metric SET
  code = :code, name = :name, description = :description, aggregation_type = :aggregation_type,
  field_name = :field_name, expression = :expression, rounding_function = :rounding_function,
  rounding_precision = :rounding_precision, is_recurring = :is_recurring, percentile = :percentile,
  slot_seconds = :slot_seconds, filters = :filters, filter_revision = :filter_revision
WHERE id = :id

-- name: billable_metric_delete :exec
DELETE FROM billable_metric WHERE id = :id

-- name: charge_of_metric :one
-- Whether a plan, in any of its versions, charges for a metric.
SELECT id FROM charge WHERE metric_id = :metric_id LIMIT 1

-- name: billable_metric_list :list
-- All of them, for the ingest's table in memory.
SELECT * FROM billable_metric ORDER BY id

-- name: billable_metric_count :one
-- column total bigint
SELECT count(*) AS total FROM billable_metric

-- name: billable_metric_page :list
-- Newest first.
-- param limit bigint
-- param offset bigint
SELECT * FROM billable_metric ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- insert: plan
-- insert: plan_version
-- insert: charge
-- insert: charge_filter
-- insert: plan_version_tax
-- insert: charge_tax

-- name: plan_by_code :one
-- A copy goes by its plan's code, and is not found by one of its own.
SELECT * FROM plan WHERE code = :code AND parent_id IS NULL

-- name: plan_by_id :one
SELECT * FROM plan WHERE id = :id

-- name: plan_lock :one
-- Begins every change of a plan or of its copies, and every subscription to it: holds the plan until the transaction
-- ends.
SELECT * FROM plan WHERE code = :code AND parent_id IS NULL FOR UPDATE

-- name: plan_lock_by_id :one
SELECT * FROM plan WHERE id = :id FOR UPDATE

-- name: plan_copy_list :list
-- A plan's copies.
SELECT * FROM plan WHERE parent_id = :parent_id AND deleted_at IS NULL ORDER BY id

-- name: plan_copy_running_list :list
-- A plan's copies whose subscription runs or waits.
-- all customers: a plan has many
SELECT plan.* FROM plan
JOIN plan_version ON plan_version.plan_id = plan.id
JOIN subscription ON subscription.plan_version_id = plan_version.id
WHERE plan.parent_id = :parent_id AND plan.deleted_at IS NULL
  AND subscription.status IN ('active', 'pending')
ORDER BY plan.id

-- name: plan_set_code :exec
UPDATE plan SET code = :code WHERE id = :id

-- name: plan_set_deleted :exec
-- `code` gives way, so that it is free for another.
UPDATE plan SET code = :code, deleted_code = :deleted_code, deleted_at = :deleted_at
WHERE id = :id

-- name: plan_set_closed :exec
UPDATE plan SET closed_at = :closed_at WHERE id = :id

-- name: plan_closing_list :list
-- Deleted ones whose subscriptions have not been ended yet.
SELECT * FROM plan WHERE deleted_at IS NOT NULL AND closed_at IS NULL ORDER BY deleted_at, id

-- name: plan_customer_list :list
-- Who still has something of a deleted plan: a subscription that runs or waits, or a draft that
-- would stay one after the deletion.
-- all customers: those of a plan
-- param plan_id uuid_blob
-- column customer_id uuid_blob
SELECT subscription.customer_id FROM plan_version
JOIN subscription ON subscription.plan_version_id = plan_version.id
WHERE plan_version.plan_id = :plan_id AND subscription.status IN ('active', 'pending')
UNION
SELECT invoice.customer_id FROM plan_version
JOIN invoice_subscription ON invoice_subscription.usage_version_id = plan_version.id
JOIN invoice ON invoice.customer_id = invoice_subscription.customer_id
 AND invoice.id = invoice_subscription.invoice_id
WHERE plan_version.plan_id = :plan_id AND invoice.status = 'draft'
  AND invoice.finalize_at > :deleted_at
ORDER BY customer_id

-- name: plan_of_version :one
-- The plan that a version belongs to.
-- param plan_version_id uuid_blob
SELECT plan.* FROM plan_version JOIN plan ON plan.id = plan_version.plan_id
WHERE plan_version.id = :plan_version_id

-- name: plan_count :one
-- Copies are none of the catalogue.
-- column total bigint
SELECT count(*) AS total FROM plan WHERE deleted_at IS NULL AND parent_id IS NULL

-- name: plan_page :list
-- Newest first, without copies.
-- param limit bigint
-- param offset bigint
SELECT * FROM plan WHERE deleted_at IS NULL AND parent_id IS NULL
ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: plan_version_load :one
SELECT * FROM plan_version WHERE id = :id

-- name: plan_version_newest :one
-- The last one made, in effect or not.
SELECT * FROM plan_version WHERE plan_id = :plan_id ORDER BY version DESC LIMIT 1

-- name: plan_version_for_new :one
-- What a subscription that is made at a time gets.
-- param at time_int
SELECT * FROM plan_version WHERE plan_id = :plan_id AND effective_at <= :at
ORDER BY version DESC LIMIT 1

-- name: plan_version_in_force :one
-- What holds at a time for a subscription that is on the version `id`; with `is_renewal` for a
-- period that begins at that time.
-- param at time_int
-- param is_renewal bool_int
SELECT newer.* FROM plan_version AS mine
JOIN plan_version AS newer ON newer.plan_id = mine.plan_id
WHERE mine.id = :id AND (newer.id = mine.id OR (
  newer.version > mine.version AND newer.effective_at <= :at
  AND (newer.applies_to = 'all' OR (:is_renewal AND newer.applies_to = 'at_renewal'))))
ORDER BY newer.version DESC LIMIT 1

-- name: plan_version_list :list
-- Oldest first.
SELECT * FROM plan_version WHERE plan_id = :plan_id ORDER BY version

-- name: charge_list :list
-- The charges of a plan version, in their order.
SELECT * FROM charge WHERE plan_version_id = :plan_version_id ORDER BY position

-- name: charge_filter_list :list
-- The filters of a charge, in their order.
SELECT * FROM charge_filter WHERE charge_id = :charge_id ORDER BY position

-- name: charge_filter_load :one
SELECT * FROM charge_filter WHERE id = :id

-- name: plan_filtered_list :list
-- Plans that can be had and whose newest version tells events of a metric apart.
SELECT plan.* FROM plan
WHERE plan.deleted_at IS NULL AND EXISTS (
  SELECT 1 FROM plan_version
  JOIN charge ON charge.plan_version_id = plan_version.id
  JOIN charge_filter ON charge_filter.charge_id = charge.id
  WHERE plan_version.plan_id = plan.id AND charge.metric_id = :metric_id
    AND NOT EXISTS (SELECT 1 FROM plan_version AS newer
      WHERE newer.plan_id = plan.id AND newer.version > plan_version.version))
ORDER BY plan.id

-- name: plan_version_tax_list :list
SELECT tax.* FROM plan_version_tax JOIN tax ON tax.id = plan_version_tax.tax_id
WHERE plan_version_tax.plan_version_id = :plan_version_id ORDER BY tax.code

-- name: charge_tax_list :list
SELECT tax.* FROM charge_tax JOIN tax ON tax.id = charge_tax.tax_id
WHERE charge_tax.charge_id = :charge_id ORDER BY tax.code

-- name: billing_entity_logo_load :one
SELECT * FROM billing_entity_logo WHERE billing_entity_id = :billing_entity_id

-- name: billing_entity_logo_head :one
-- Without the picture.
-- column content_bytes bigint
SELECT media_type, content_hash, length(content) AS content_bytes
FROM billing_entity_logo WHERE billing_entity_id = :billing_entity_id

-- name: billing_entity_logo_by_hash :one
-- Sellers may have the same one.
SELECT * FROM billing_entity_logo WHERE content_hash = :content_hash ORDER BY billing_entity_id LIMIT 1

-- name: billing_entity_logo_put :exec
INSERT INTO billing_entity_logo (billing_entity_id, media_type, content, content_hash)
VALUES (:billing_entity_id, :media_type, :content, :content_hash)
ON CONFLICT (billing_entity_id) DO UPDATE SET
  media_type = excluded.media_type, content = excluded.content, content_hash = excluded.content_hash

-- name: billing_entity_logo_delete :exec
DELETE FROM billing_entity_logo WHERE billing_entity_id = :billing_entity_id
