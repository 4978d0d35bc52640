-- Add-ons, and the fixed charges by which plans sell them.

-- insert: add_on
-- insert: add_on_tax

-- name: add_on_by_code :one
SELECT * FROM add_on WHERE code = :code

-- name: add_on_lock :one
-- Begins every change of an add-on, and every fixed charge for it: holds it until the transaction ends.
SELECT * FROM add_on WHERE id = :id FOR UPDATE

-- name: add_on_load :one
SELECT * FROM add_on WHERE id = :id

-- name: add_on_update :exec
UPDATE add_on SET
  code = :code, name = :name, invoice_display_name = :invoice_display_name,
  description = :description, amount_minor = :amount_minor, currency = :currency,
  updated_at = :updated_at
WHERE id = :id

-- name: add_on_delete :exec
DELETE FROM add_on WHERE id = :id

-- name: add_on_count :one
-- column total bigint
SELECT count(*) AS total FROM add_on

-- name: add_on_page :list
-- Newest first.
-- param limit bigint
-- param offset bigint
SELECT * FROM add_on ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: add_on_tax_list :list
SELECT tax.* FROM add_on_tax JOIN tax ON tax.id = add_on_tax.tax_id
WHERE add_on_tax.add_on_id = :add_on_id ORDER BY tax.code

-- name: add_on_tax_clear :exec
DELETE FROM add_on_tax WHERE add_on_id = :add_on_id

-- name: tax_off_add_ons :exec
DELETE FROM add_on_tax WHERE tax_id = :tax_id

-- name: tax_off_fixed_charges :exec
DELETE FROM fixed_charge_tax WHERE tax_id = :tax_id

-- insert: fixed_charge
-- insert: fixed_charge_tax

-- name: fixed_charge_load :one
-- A fixed charge by its id, for the fee that bills it.
SELECT * FROM fixed_charge WHERE id = :id

-- name: fixed_charge_list :list
-- The fixed charges of a plan version, in their order.
SELECT * FROM fixed_charge WHERE plan_version_id = :plan_version_id ORDER BY position

-- name: fixed_charge_of_add_on :one
-- Whether a plan, in any of its versions, sells an add-on.
SELECT id FROM fixed_charge WHERE add_on_id = :add_on_id LIMIT 1

-- name: fixed_charge_tax_list :list
SELECT tax.* FROM fixed_charge_tax JOIN tax ON tax.id = fixed_charge_tax.tax_id
WHERE fixed_charge_tax.fixed_charge_id = :fixed_charge_id ORDER BY tax.code

-- name: fixed_units_of_versions :list
-- Units that hold at once from a version's effective_at on, of the versions behind one that took
-- over before an instant, oldest first.  Once a subscription has a copy of the plan, they are the
-- plan's up to the version that was copied, and then the copy's.
-- param until_at time_int
-- param subscription_id uuid_blob
-- column of_copy bool_int
SELECT FALSE AS of_copy, newer.version AS version, newer.id AS plan_version_id, newer.effective_at,
  fixed_charge.position AS position, fixed_charge.lineage_id, fixed_charge.units
FROM plan_version AS mine
JOIN plan_version AS newer ON newer.plan_id = mine.plan_id AND newer.version > mine.version
JOIN fixed_charge ON fixed_charge.plan_version_id = newer.id
WHERE mine.id = :id AND newer.applies_to = 'all' AND newer.effective_at < :until_at
  AND fixed_charge.units_at_once AND NOT EXISTS (
    SELECT 1 FROM plan AS copy JOIN plan_version AS copied ON copied.id = copy.parent_version_id
    WHERE copy.subscription_id = :subscription_id AND copied.plan_id = newer.plan_id
      AND copied.version < newer.version)
UNION ALL
SELECT TRUE AS of_copy, newer.version AS version, newer.id AS plan_version_id, newer.effective_at,
  fixed_charge.position AS position, fixed_charge.lineage_id, fixed_charge.units
FROM plan_version AS mine
JOIN plan AS copy ON copy.subscription_id = :subscription_id AND copy.parent_id = mine.plan_id
JOIN plan_version AS newer ON newer.plan_id = copy.id
JOIN fixed_charge ON fixed_charge.plan_version_id = newer.id
WHERE mine.id = :id AND newer.applies_to = 'all' AND newer.effective_at < :until_at
  AND fixed_charge.units_at_once
ORDER BY of_copy, version, position

-- insert: fixed_units

-- name: fixed_units_list :list
-- A subscription's own units, oldest first.
SELECT * FROM fixed_units
WHERE customer_id = :customer_id AND subscription_id = :subscription_id ORDER BY created_at, id

-- name: plan_version_set_units_due :exec
UPDATE plan_version SET units_due_at = :units_due_at WHERE id = :id

-- name: plan_version_units_due_list :list
-- Versions whose units wait to be billed, oldest first.
-- param until_at time_int
SELECT * FROM plan_version WHERE units_due_at <= :until_at ORDER BY units_due_at, plan_id, version

-- name: fixed_units_customer_list :list
-- Who has a subscription that runs on an earlier version of a plan.
-- all customers: those of a plan
-- param plan_version_id uuid_blob
SELECT subscription.customer_id, subscription.id FROM plan_version AS newer
JOIN plan_version ON plan_version.plan_id = newer.plan_id AND plan_version.version <= newer.version
JOIN subscription ON subscription.plan_version_id = plan_version.id
WHERE newer.id = :plan_version_id AND subscription.status = 'active'
ORDER BY subscription.customer_id, subscription.id

-- name: units_billed :one
-- The invoice that bills a change of units.
SELECT invoice_id FROM invoice_subscription
WHERE customer_id = :customer_id AND subscription_id = :subscription_id
  AND units_change_id = :units_change_id

-- name: plan_units_waiting_list :list
-- A version and those behind it whose units wait to be billed, oldest first.
-- param until_at time_int
SELECT newer.* FROM plan_version AS mine
JOIN plan_version AS newer ON newer.plan_id = mine.plan_id AND newer.version >= mine.version
WHERE mine.id = :id AND newer.units_due_at <= :until_at
ORDER BY newer.units_due_at, newer.version
