-- Usage that arrives after its period was billed.

-- name: late_usage_note :batch
-- Each day of usage once in a batch.
INSERT INTO late_usage (customer_id, subscription_id, metric_id, day, seq, first_at, last_at,
  noted_at, is_ended)
VALUES (:customer_id, :subscription_id, :metric_id, :day, :seq, :first_at, :last_at, :noted_at,
  :is_ended)
ON CONFLICT (customer_id, subscription_id, metric_id, day) DO UPDATE SET
  seq = excluded.seq,
  first_at = CASE WHEN excluded.first_at < late_usage.first_at THEN excluded.first_at
                  ELSE late_usage.first_at END,
  last_at = CASE WHEN excluded.last_at > late_usage.last_at THEN excluded.last_at
                 ELSE late_usage.last_at END,
  is_ended = excluded.is_ended OR late_usage.is_ended

-- name: late_usage_of_subscription :list
SELECT * FROM late_usage
WHERE customer_id = :customer_id AND subscription_id = :subscription_id ORDER BY metric_id, day

-- name: late_customer_of_range :list
-- The customers for whom late usage was noted, in order.
-- all customers: a range of them
-- param first_id uuid_blob
-- param last_id uuid_blob
SELECT DISTINCT customer_id FROM late_usage
WHERE customer_id BETWEEN :first_id AND :last_id ORDER BY customer_id

-- name: late_usage_move :exec
-- Days from one on, to the subscription that follows.
-- param to_id uuid_blob
-- param first_day day_int
UPDATE late_usage SET subscription_id = :to_id, is_ended = FALSE
WHERE customer_id = :customer_id AND subscription_id = :subscription_id AND day >= :first_day

-- name: late_usage_take :exec
-- What is settled goes, unless more has come since it was read.
DELETE FROM late_usage
WHERE customer_id = :customer_id AND subscription_id = :subscription_id
  AND metric_id = :metric_id AND day = :day AND seq = :seq

-- name: late_usage_end_notes :exec
-- The subscription has ended.
UPDATE late_usage SET is_ended = TRUE
WHERE customer_id = :customer_id AND subscription_id = :subscription_id

-- name: late_ended_list :list
-- Ended subscriptions with late usage for which no invoice is due, or open to take it up; with the
-- time at which the earliest of it was noted.
-- all customers: who is due
-- column noted_at time_int
SELECT late_usage.customer_id, late_usage.subscription_id, min(late_usage.noted_at) AS noted_at
FROM late_usage
JOIN subscription ON subscription.customer_id = late_usage.customer_id
 AND subscription.id = late_usage.subscription_id
WHERE late_usage.is_ended AND subscription.status = 'terminated'
  AND subscription.next_due_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM invoice_subscription
    JOIN invoice ON invoice.customer_id = invoice_subscription.customer_id
     AND invoice.id = invoice_subscription.invoice_id
    WHERE invoice_subscription.customer_id = late_usage.customer_id
      AND invoice_subscription.subscription_id = late_usage.subscription_id
      AND invoice.status = 'draft')
GROUP BY late_usage.customer_id, late_usage.subscription_id
ORDER BY late_usage.customer_id, late_usage.subscription_id

-- name: late_ended_due :exec
-- An ended subscription is to be billed once more.
UPDATE subscription SET next_due_at = :next_due_at
WHERE customer_id = :customer_id AND id = :id AND status = 'terminated' AND next_due_at IS NULL

-- name: usage_period_list :list
-- The periods for which a subscription's charges were billed, oldest first, and what became of
-- their invoices.
-- column invoice_status text
SELECT invoice_subscription.invoice_id, invoice.status AS invoice_status,
       invoice_subscription.charges_from_at, invoice_subscription.charges_to_at,
       invoice_subscription.usage_version_id, invoice_subscription.usage_seq
FROM invoice_subscription
JOIN invoice ON invoice.customer_id = invoice_subscription.customer_id
 AND invoice.id = invoice_subscription.invoice_id
WHERE invoice_subscription.customer_id = :customer_id
  AND invoice_subscription.subscription_id = :subscription_id
  AND invoice_subscription.charges_from_at IS NOT NULL
ORDER BY invoice_subscription.charges_from_at, invoice_subscription.invoice_id

-- name: usage_period_counted :exec
-- A draft was computed again.
UPDATE invoice_subscription SET usage_seq = :usage_seq
WHERE customer_id = :customer_id AND invoice_id = :invoice_id
  AND subscription_id = :subscription_id

-- name: usage_fee_list :list
-- What bills one period of a charge: its fee, and the corrections, whose keys lie between two.
-- param correction_from text
-- param correction_to text
-- column invoice_status text
SELECT fee.invoice_id, invoice.status AS invoice_status, fee.once_key, fee.units, fee.event_count,
       fee.amount_minor
FROM fee
JOIN invoice ON invoice.customer_id = fee.customer_id AND invoice.id = fee.invoice_id
WHERE fee.customer_id = :customer_id
  AND (fee.once_key = :once_key
    OR (fee.once_key > :correction_from AND fee.once_key < :correction_to))

-- Exceptions ---------------------------------------------------------------------------------------

-- name: late_exception_put :batch
INSERT INTO late_exception (customer_id, subscription_id, charge_id, from_at, to_at, id, metric_id,
  reason, event_count, units, amount_minor, currency, event_seq, created_at, updated_at)
VALUES (:customer_id, :subscription_id, :charge_id, :from_at, :to_at, :id, :metric_id, :reason,
  :event_count, :units, :amount_minor, :currency, :event_seq, :created_at, :updated_at)
ON CONFLICT (customer_id, subscription_id, charge_id, from_at) DO UPDATE SET
  reason = excluded.reason, event_count = excluded.event_count, units = excluded.units,
  amount_minor = excluded.amount_minor, currency = excluded.currency,
  event_seq = excluded.event_seq, updated_at = excluded.updated_at

-- name: late_exception_page :list
-- With the external ids, newest first; each filter is none for any.
-- all customers: what could not be billed, of all of them
-- param wanted_customer text?
-- param limit bigint
-- param offset bigint
-- column external_customer_id text
-- column external_subscription_id text
-- column metric_code text
-- column lineage_id uuid_blob
SELECT late_exception.*, customer.external_id AS external_customer_id,
       subscription.external_id AS external_subscription_id, billable_metric.code AS metric_code,
       charge.lineage_id AS lineage_id
FROM late_exception
JOIN customer ON customer.id = late_exception.customer_id
JOIN subscription ON subscription.customer_id = late_exception.customer_id
 AND subscription.id = late_exception.subscription_id
JOIN billable_metric ON billable_metric.id = late_exception.metric_id
JOIN charge ON charge.id = late_exception.charge_id
WHERE :wanted_customer IS NULL OR customer.external_id = :wanted_customer
ORDER BY late_exception.created_at DESC, late_exception.id DESC LIMIT :limit OFFSET :offset

-- name: late_exception_count :one
-- all customers: what could not be billed, of all of them
-- param wanted_customer text?
-- column total bigint
SELECT count(*) AS total FROM late_exception
JOIN customer ON customer.id = late_exception.customer_id
WHERE :wanted_customer IS NULL OR customer.external_id = :wanted_customer

-- name: late_exception_load :one
-- all customers: only the id is known
SELECT * FROM late_exception WHERE id = :id

-- name: late_exception_delete :exec
-- Dismissed.
DELETE FROM late_exception WHERE customer_id = :customer_id AND id = :id
