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
UNION SELECT customer_id FROM advance_event WHERE due_at <= :until_at
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

-- name: complete_customer_lock :list
-- Those of a range who have complete invoices of a billing entity, in order of id; held until the
-- transaction ends.
-- param first_id uuid_blob
-- param last_id uuid_blob
SELECT * FROM customer
WHERE id BETWEEN :first_id AND :last_id
  AND EXISTS (SELECT 1 FROM invoice
              WHERE invoice.customer_id = customer.id AND invoice.status = 'complete'
                AND invoice.billing_entity_id = :billing_entity_id)
ORDER BY id FOR UPDATE

-- name: complete_fee_sum_list :list
-- What complete invoices of a range of customers are made of, by kind of fee.
-- all customers: a range of them
-- param first_id uuid_blob
-- param last_id uuid_blob
-- column amount_minor money_int
SELECT fee.customer_id, fee.invoice_id, fee.fee_type,
       CAST(sum(fee.amount_minor) AS bigint) AS amount_minor
FROM invoice JOIN fee ON fee.customer_id = invoice.customer_id AND fee.invoice_id = invoice.id
WHERE invoice.customer_id BETWEEN :first_id AND :last_id AND invoice.status = 'complete'
  AND invoice.billing_entity_id = :billing_entity_id
GROUP BY fee.customer_id, fee.invoice_id, fee.fee_type
ORDER BY fee.customer_id, fee.invoice_id, fee.fee_type

-- name: complete_tax_list :list
-- The taxes of complete invoices of a range of customers.
-- all customers: a range of them
-- param first_id uuid_blob
-- param last_id uuid_blob
SELECT invoice_tax.* FROM invoice
JOIN invoice_tax ON invoice_tax.customer_id = invoice.customer_id
 AND invoice_tax.invoice_id = invoice.id
WHERE invoice.customer_id BETWEEN :first_id AND :last_id AND invoice.status = 'complete'
  AND invoice.billing_entity_id = :billing_entity_id
ORDER BY invoice_tax.customer_id, invoice_tax.invoice_id, invoice_tax.code

-- name: invoice_put :batch
-- Writes what becomes of invoices that are there.
INSERT INTO invoice (
  customer_id, id, billing_entity_id, status, number, sequential_id, currency, timezone,
  billing_at, issuing_day, payment_term_days, payment_due_day, finalize_at, overdue_at,
  fees_amount_minor, taxes_amount_minor, total_amount_minor, paid_amount_minor, payment_status,
  payment_overdue, skipped, finalized_at, voided_at, created_at, updated_at)
VALUES (
  :customer_id, :id, :billing_entity_id, :status, :number, :sequential_id, :currency, :timezone,
  :billing_at, :issuing_day, :payment_term_days, :payment_due_day, :finalize_at, :overdue_at,
  :fees_amount_minor, :taxes_amount_minor, :total_amount_minor, :paid_amount_minor,
  :payment_status, :payment_overdue, :skipped, :finalized_at, :voided_at, :created_at, :updated_at)
ON CONFLICT (customer_id, id) DO UPDATE SET
  status = excluded.status, number = excluded.number, sequential_id = excluded.sequential_id,
  finalize_at = excluded.finalize_at, overdue_at = excluded.overdue_at,
  paid_amount_minor = excluded.paid_amount_minor, payment_status = excluded.payment_status,
  payment_overdue = excluded.payment_overdue,
  finalized_at = excluded.finalized_at, updated_at = excluded.updated_at

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
   WHERE customer_id = :customer_id AND finalize_at <= :until_at AND status = 'draft'
  UNION ALL SELECT min(due_at) AS due_at FROM advance_event
   WHERE customer_id = :customer_id AND due_at <= :until_at) AS due

-- Of many customers at once: those with ids from first_id to last_id, for whom something is due. ----

-- name: due_customer_lock :list
-- In order of id; held until the transaction ends.
-- param first_id uuid_blob
-- param last_id uuid_blob
-- param until_at time_int
SELECT * FROM customer
WHERE id BETWEEN :first_id AND :last_id
  AND (EXISTS (SELECT 1 FROM subscription
               WHERE subscription.customer_id = customer.id
                 AND subscription.next_due_at <= :until_at)
    OR EXISTS (SELECT 1 FROM customer_cost_period
               WHERE customer_cost_period.customer_id = customer.id
                 AND customer_cost_period.next_due_at <= :until_at)
    OR EXISTS (SELECT 1 FROM invoice
               WHERE invoice.customer_id = customer.id AND invoice.finalize_at <= :until_at
                 AND invoice.status = 'draft')
    OR EXISTS (SELECT 1 FROM advance_event
               WHERE advance_event.customer_id = customer.id
                 AND advance_event.due_at <= :until_at))
ORDER BY id FOR UPDATE

-- name: due_subscription_of_range :list
-- In order of customer and creation.
-- all customers: a range of them
-- param first_id uuid_blob
-- param last_id uuid_blob
-- param until_at time_int
SELECT * FROM subscription
WHERE customer_id BETWEEN :first_id AND :last_id AND next_due_at <= :until_at
ORDER BY customer_id, created_at, id

-- name: due_draft_of_range :list
-- all customers: a range of them
-- param first_id uuid_blob
-- param last_id uuid_blob
-- param until_at time_int
SELECT * FROM invoice
WHERE customer_id BETWEEN :first_id AND :last_id AND finalize_at <= :until_at AND status = 'draft'
ORDER BY customer_id, billing_at, id

-- name: open_cost_of_range :list
-- Cost periods that are not billed as they stand now, whether due or not.
-- all customers: a range of them
-- param first_id uuid_blob
-- param last_id uuid_blob
SELECT * FROM customer_cost_period
WHERE customer_id BETWEEN :first_id AND :last_id AND revision <> billed_revision
ORDER BY customer_id, period_start_at

-- name: customer_tax_of_range :list
-- The taxes that customers have of their own, in order of customer and code.
-- all customers: a range of them
-- param first_id uuid_blob
-- param last_id uuid_blob
SELECT customer_tax.customer_id, tax.id, tax.code, tax.name, tax.description, tax.rate,
       tax.created_at
FROM customer_tax JOIN tax ON tax.id = customer_tax.tax_id
WHERE customer_tax.customer_id BETWEEN :first_id AND :last_id
ORDER BY customer_tax.customer_id, tax.code

-- name: subscription_put :batch
-- Writes what billing changes of subscriptions that are there.
INSERT INTO subscription (
  customer_id, id, external_id, name, plan_version_id, status, billing_time, subscription_at,
  started_at, ending_at, terminated_at, on_termination_invoice, billed_until_at, billed_until_day,
  next_due_at, created_at, updated_at, fixed_version_id)
VALUES (
  :customer_id, :id, :external_id, :name, :plan_version_id, :status, :billing_time,
  :subscription_at, :started_at, :ending_at, :terminated_at, :on_termination_invoice,
  :billed_until_at, :billed_until_day, :next_due_at, :created_at, :updated_at, :fixed_version_id)
ON CONFLICT (customer_id, id) DO UPDATE SET
  plan_version_id = excluded.plan_version_id, fixed_version_id = excluded.fixed_version_id, status = excluded.status,
  started_at = excluded.started_at,
  terminated_at = excluded.terminated_at, billed_until_at = excluded.billed_until_at,
  billed_until_day = excluded.billed_until_day, next_due_at = excluded.next_due_at,
  updated_at = excluded.updated_at

-- name: usage_of_range :list
-- Totals of local days [first_day, end_day), each day looked up by itself, with the newest ingest
-- commit that they count: one statement, so both are of one moment.  A row without usage where
-- there is none.
-- all customers: a range of them
-- param first_id uuid_blob
-- param last_id uuid_blob
-- param first_day day_int
-- param end_day day_int
-- column ingest_seq bigint
-- column day day_int?
-- column customer_id uuid_blob?
-- column subscription_id uuid_blob?
-- column metric_id uuid_blob?
-- column timezone text?
-- column event_count bigint?
-- column sum decimal_text?
-- column max decimal_text?
-- column latest decimal_text?
-- column latest_at time_int?
-- column latest_id uuid_blob?
-- column precise_total_cents decimal_text?
-- column value_count bigint?
-- column min decimal_text?
-- column moment decimal_text?
WITH RECURSIVE wanted (day) AS (
  SELECT :first_day WHERE :first_day < :end_day
  UNION ALL
  SELECT wanted.day + 1 FROM wanted WHERE wanted.day + 1 < :end_day)
SELECT instance.ingest_seq, found.day, found.customer_id, found.subscription_id, found.metric_id,
       found.timezone, found.event_count, found.sum, found.max, found.latest, found.latest_at,
       found.latest_id, found.precise_total_cents, found.value_count, found.min, found.moment
FROM instance LEFT JOIN (
  SELECT usage_day.* FROM wanted CROSS JOIN usage_day
  WHERE usage_day.day = wanted.day AND usage_day.customer_id BETWEEN :first_id AND :last_id
) AS found ON TRUE
WHERE instance.singleton = 1
ORDER BY found.customer_id, found.subscription_id, found.metric_id
