-- insert: subscription
-- insert: subscription_key

-- name: subscription_owner :one
-- Whose subscription an external id is.
SELECT customer_id FROM subscription_key WHERE external_id = :external_id

-- name: subscription_key_move :exec
-- From a customer that is no more to another.
UPDATE subscription_key SET customer_id = :customer_id WHERE external_id = :external_id

-- name: subscription_load :one
SELECT * FROM subscription WHERE customer_id = :customer_id AND id = :id

-- name: subscription_by_id :one
-- all customers: only the id is known
SELECT * FROM subscription WHERE id = :id

-- name: subscription_by_external_list :list
-- All that had this external id, one after the other, newest first.
SELECT * FROM subscription
WHERE customer_id = :customer_id AND external_id = :external_id
ORDER BY created_at DESC, id DESC

-- name: subscription_of_customer_list :list
-- In order of creation.
SELECT * FROM subscription WHERE customer_id = :customer_id ORDER BY created_at, id

-- name: subscription_page :list
-- Newest first; each filter is none for any.
-- all customers: the list of subscriptions, which may be filtered by customer
-- param wanted_customer_id uuid_blob?
-- param wanted_plan_id uuid_blob?
-- param with_pending bool_int
-- param with_active bool_int
-- param with_terminated bool_int
-- param with_canceled bool_int
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT subscription.* FROM subscription
JOIN plan_version ON plan_version.id = subscription.plan_version_id
WHERE (:wanted_customer_id IS NULL OR subscription.customer_id = :wanted_customer_id)
  AND (:wanted_plan_id IS NULL OR plan_version.plan_id = :wanted_plan_id
    OR plan_version.plan_id IN (SELECT id FROM plan WHERE parent_id = :wanted_plan_id))
  AND ((:with_pending AND subscription.status = 'pending')
    OR (:with_active AND subscription.status = 'active')
    OR (:with_terminated AND subscription.status = 'terminated')
    OR (:with_canceled AND subscription.status = 'canceled'))
  AND (subscription.created_at, subscription.id) < (:before_at, :before_id)
ORDER BY subscription.created_at DESC, subscription.id DESC LIMIT :limit OFFSET :offset

-- name: subscription_count :one
-- all customers: the list of subscriptions, which may be filtered by customer
-- param wanted_customer_id uuid_blob?
-- param wanted_plan_id uuid_blob?
-- param with_pending bool_int
-- param with_active bool_int
-- param with_terminated bool_int
-- param with_canceled bool_int
-- column total bigint
SELECT count(*) AS total FROM subscription
JOIN plan_version ON plan_version.id = subscription.plan_version_id
WHERE (:wanted_customer_id IS NULL OR subscription.customer_id = :wanted_customer_id)
  AND (:wanted_plan_id IS NULL OR plan_version.plan_id = :wanted_plan_id
    OR plan_version.plan_id IN (SELECT id FROM plan WHERE parent_id = :wanted_plan_id))
  AND ((:with_pending AND subscription.status = 'pending')
    OR (:with_active AND subscription.status = 'active')
    OR (:with_terminated AND subscription.status = 'terminated')
    OR (:with_canceled AND subscription.status = 'canceled'))

-- name: subscription_update :exec
-- Everything that can change in a subscription's life.
UPDATE subscription SET
  name = :name, plan_version_id = :plan_version_id, fixed_version_id = :fixed_version_id,
  status = :status,
  subscription_at = :subscription_at, started_at = :started_at,
  ending_at = :ending_at, terminated_at = :terminated_at,
  on_termination_invoice = :on_termination_invoice, billed_until_at = :billed_until_at,
  billed_until_day = :billed_until_day, next_due_at = :next_due_at, updated_at = :updated_at
WHERE customer_id = :customer_id AND id = :id

-- name: subscription_running_count :one
-- How many are on a plan or one of its copies, or wait for it.
-- all customers: a plan has many
-- param plan_id uuid_blob
-- column total bigint
SELECT count(*) AS total FROM plan
JOIN plan_version ON plan_version.plan_id = plan.id
JOIN subscription ON subscription.plan_version_id = plan_version.id
WHERE (plan.id = :plan_id OR plan.parent_id = :plan_id) AND subscription.status IN ('active', 'pending')

-- name: subscription_running_list :list
-- A customer's that are on a plan or wait for it, in order of creation.
-- param plan_id uuid_blob
SELECT subscription.* FROM subscription
JOIN plan_version ON plan_version.id = subscription.plan_version_id
WHERE subscription.customer_id = :customer_id AND plan_version.plan_id = :plan_id
  AND subscription.status IN ('active', 'pending')
ORDER BY subscription.created_at, subscription.id

-- name: subscription_waiting :one
-- The one that waits to follow another.
SELECT * FROM subscription
WHERE customer_id = :customer_id AND external_id = :external_id AND previous_id = :previous_id
  AND status = 'pending'

-- name: subscription_follower :one
-- The one that followed it.
SELECT * FROM subscription
WHERE customer_id = :customer_id AND external_id = :external_id AND previous_id = :previous_id
  AND status IN ('active', 'terminated')

-- name: subscription_followers :list
-- Those that follow or followed one, or wait to, the newest first, with the code of their plan.
-- column plan_code text
SELECT subscription.status, subscription.takes_over_day,
       coalesce(plan.deleted_code, parent.deleted_code, parent.code, plan.code) AS plan_code
FROM subscription
JOIN plan_version ON plan_version.id = subscription.plan_version_id
JOIN plan ON plan.id = plan_version.plan_id
LEFT JOIN plan AS parent ON parent.id = plan.parent_id
WHERE subscription.customer_id = :customer_id AND subscription.external_id = :external_id
  AND subscription.previous_id = :previous_id AND subscription.status <> 'canceled'
ORDER BY subscription.created_at DESC, subscription.id DESC

-- name: subscription_plan_code :one
-- column plan_code text
SELECT coalesce(plan.deleted_code, parent.deleted_code, parent.code, plan.code) AS plan_code
FROM subscription
JOIN plan_version ON plan_version.id = subscription.plan_version_id
JOIN plan ON plan.id = plan_version.plan_id
LEFT JOIN plan AS parent ON parent.id = plan.parent_id
WHERE subscription.customer_id = :customer_id AND subscription.id = :id
