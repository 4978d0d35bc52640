-- Features, what plans grant of them, and what single subscriptions have instead.

-- insert: feature
-- insert: feature_privilege
-- insert: plan_entitlement
-- insert: plan_entitlement_value

-- name: feature_by_code :one
SELECT * FROM feature WHERE code = :code

-- name: feature_lock :one
-- Begins every change of a feature, and of what is granted of it.
SELECT * FROM feature WHERE id = :id FOR UPDATE

-- name: feature_update :exec
UPDATE feature SET code = :code, name = :name, description = :description, updated_at = :updated_at
WHERE id = :id

-- name: feature_delete :exec
DELETE FROM feature WHERE id = :id

-- name: feature_count :one
-- column total bigint
SELECT count(*) AS total FROM feature

-- name: feature_page :list
-- Newest first.
-- param limit bigint
-- param offset bigint
SELECT * FROM feature ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: feature_privilege_list :list
SELECT * FROM feature_privilege WHERE feature_id = :feature_id ORDER BY position, id

-- name: feature_privilege_update :exec
UPDATE feature_privilege SET
  position = :position, name = :name, value_type = :value_type, select_options = :select_options
WHERE feature_id = :feature_id AND id = :id

-- name: feature_privilege_delete :exec
DELETE FROM feature_privilege WHERE feature_id = :feature_id AND id = :id

-- name: privilege_values :list
-- The different values that a privilege has anywhere.
-- all customers: those that have one of their own
-- param privilege_id uuid_blob
SELECT privilege_value FROM plan_entitlement_value
WHERE feature_id = :feature_id AND privilege_id = :privilege_id
UNION
SELECT privilege_value FROM subscription_entitlement_value
WHERE feature_id = :feature_id AND privilege_id = :privilege_id AND privilege_value IS NOT NULL
ORDER BY 1

-- name: privilege_off_plans :exec
DELETE FROM plan_entitlement_value WHERE feature_id = :feature_id AND privilege_id = :privilege_id

-- name: privilege_off_subscriptions :exec
-- all customers: the privilege is no more
DELETE FROM subscription_entitlement_value
WHERE feature_id = :feature_id AND privilege_id = :privilege_id

-- name: feature_values_off_plans :exec
DELETE FROM plan_entitlement_value WHERE feature_id = :feature_id

-- name: feature_off_plans :exec
DELETE FROM plan_entitlement WHERE feature_id = :feature_id

-- name: feature_values_off_subscriptions :exec
-- all customers: the feature is no more
DELETE FROM subscription_entitlement_value WHERE feature_id = :feature_id

-- name: feature_off_subscriptions :exec
-- all customers: the feature is no more
DELETE FROM subscription_entitlement WHERE feature_id = :feature_id

-- name: plan_features :list
-- What a plan grants, by code.
SELECT feature.* FROM plan_entitlement JOIN feature ON feature.id = plan_entitlement.feature_id
WHERE plan_entitlement.plan_id = :plan_id ORDER BY feature.code

-- name: plan_entitlement_value_list :list
SELECT * FROM plan_entitlement_value WHERE plan_id = :plan_id AND feature_id = :feature_id

-- name: plan_entitlement_put :exec
INSERT INTO plan_entitlement (plan_id, feature_id) VALUES (:plan_id, :feature_id)
ON CONFLICT (plan_id, feature_id) DO NOTHING

-- name: plan_entitlement_value_put :exec
INSERT INTO plan_entitlement_value (plan_id, feature_id, privilege_id, privilege_value)
VALUES (:plan_id, :feature_id, :privilege_id, :privilege_value)
ON CONFLICT (plan_id, feature_id, privilege_id) DO UPDATE SET
  privilege_value = excluded.privilege_value

-- name: plan_entitlement_value_delete :exec
DELETE FROM plan_entitlement_value
WHERE plan_id = :plan_id AND feature_id = :feature_id AND privilege_id = :privilege_id

-- name: plan_entitlement_value_clear :exec
DELETE FROM plan_entitlement_value WHERE plan_id = :plan_id AND feature_id = :feature_id

-- name: plan_entitlement_delete :exec
DELETE FROM plan_entitlement WHERE plan_id = :plan_id AND feature_id = :feature_id

-- name: subscription_features :list
-- Of which a subscription has something of its own, by code.
SELECT feature.*, subscription_entitlement.is_removed FROM subscription_entitlement
JOIN feature ON feature.id = subscription_entitlement.feature_id
WHERE subscription_entitlement.customer_id = :customer_id
  AND subscription_entitlement.external_id = :external_id
ORDER BY feature.code

-- name: subscription_entitlement_value_list :list
SELECT * FROM subscription_entitlement_value
WHERE customer_id = :customer_id AND external_id = :external_id AND feature_id = :feature_id

-- name: subscription_entitlement_put :exec
INSERT INTO subscription_entitlement (customer_id, external_id, feature_id, is_removed)
VALUES (:customer_id, :external_id, :feature_id, :is_removed)
ON CONFLICT (customer_id, external_id, feature_id) DO UPDATE SET is_removed = excluded.is_removed

-- name: subscription_entitlement_value_put :exec
INSERT INTO subscription_entitlement_value
  (customer_id, external_id, feature_id, privilege_id, privilege_value)
VALUES (:customer_id, :external_id, :feature_id, :privilege_id, :privilege_value)
ON CONFLICT (customer_id, external_id, feature_id, privilege_id) DO UPDATE SET
  privilege_value = excluded.privilege_value

-- name: subscription_entitlement_value_clear :exec
DELETE FROM subscription_entitlement_value
WHERE customer_id = :customer_id AND external_id = :external_id AND feature_id = :feature_id

-- name: subscription_entitlement_delete :exec
DELETE FROM subscription_entitlement
WHERE customer_id = :customer_id AND external_id = :external_id AND feature_id = :feature_id
