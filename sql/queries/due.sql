-- What is due: found by time over all customers, done customer by customer.

-- name: due_next_subscription :one
-- all customers: the earliest due time
-- param after_at time_int
-- param until_at time_int
-- column due_at time_int?
SELECT min(next_due_at) AS due_at FROM subscription
WHERE next_due_at > :after_at AND next_due_at <= :until_at

-- name: due_next_cost :one
-- all customers: the earliest due time
-- param after_at time_int
-- param until_at time_int
-- column due_at time_int?
SELECT min(next_due_at) AS due_at FROM customer_cost_period
WHERE next_due_at > :after_at AND next_due_at <= :until_at

-- name: due_next_draft :one
-- all customers: the earliest due time
-- param after_at time_int
-- param until_at time_int
-- column due_at time_int?
SELECT min(finalize_at) AS due_at FROM invoice
WHERE finalize_at > :after_at AND finalize_at <= :until_at AND status = 'draft'

-- name: due_next_overdue :one
-- all customers: the earliest due time
-- param until_at time_int
-- column due_at time_int?
SELECT min(overdue_at) AS due_at FROM invoice WHERE overdue_at <= :until_at

-- name: due_customer_list :list
-- The customers for whom something is due, in order.
-- all customers: who is due
-- param until_at time_int
-- column customer_id uuid_blob
SELECT customer_id FROM subscription WHERE next_due_at <= :until_at
UNION SELECT customer_id FROM customer_cost_period WHERE next_due_at <= :until_at
UNION SELECT customer_id FROM invoice WHERE finalize_at <= :until_at AND status = 'draft'
ORDER BY customer_id

-- name: due_subscription_list :list
-- In order of creation.
-- param until_at time_int
SELECT * FROM subscription WHERE customer_id = :customer_id AND next_due_at <= :until_at
ORDER BY created_at, id

-- name: due_cost_period_count :one
-- param until_at time_int
-- column total bigint
SELECT count(*) AS total FROM customer_cost_period
WHERE customer_id = :customer_id AND next_due_at <= :until_at

-- name: due_draft_list :list
-- Drafts whose grace period is over, in order of billing.
-- param until_at time_int
SELECT * FROM invoice
WHERE customer_id = :customer_id AND finalize_at <= :until_at AND status = 'draft'
ORDER BY billing_at, id

-- name: due_overdue_list :list
-- all customers: whose day of payment has passed
-- param until_at time_int
-- param limit bigint
SELECT * FROM invoice WHERE overdue_at <= :until_at ORDER BY overdue_at, customer_id, id
LIMIT :limit

-- name: due_number_list :list
-- Complete invoices of a billing entity in the order in which they get their numbers.
-- all customers: numbers go through a billing entity
-- param until_at time_int
-- param limit bigint
SELECT * FROM invoice
WHERE billing_entity_id = :billing_entity_id AND status = 'complete' AND finalize_at <= :until_at
ORDER BY issuing_day, customer_id, id LIMIT :limit

-- name: billing_entity_lock :one
-- Holds the numbers of a billing entity until the transaction ends.
SELECT * FROM billing_entity WHERE id = :id FOR UPDATE

-- name: due_cost_taken :exec
-- An invoice has taken up what was due; a later change of the cost makes it due again.
-- param until_at time_int
UPDATE customer_cost_period SET next_due_at = NULL
WHERE customer_id = :customer_id AND next_due_at <= :until_at

-- name: due_of_customer :one
-- The earliest due time of one customer.
-- param until_at time_int
-- column due_at time_int?
SELECT min(due_at) AS due_at FROM (
  SELECT min(next_due_at) AS due_at FROM subscription
   WHERE customer_id = :customer_id AND next_due_at <= :until_at
  UNION ALL SELECT min(next_due_at) AS due_at FROM customer_cost_period
   WHERE customer_id = :customer_id AND next_due_at <= :until_at
  UNION ALL SELECT min(finalize_at) AS due_at FROM invoice
   WHERE customer_id = :customer_id AND finalize_at <= :until_at AND status = 'draft') AS due
