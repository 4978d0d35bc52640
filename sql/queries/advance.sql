-- Charges in advance: events that have to be billed at once.

-- insert: advance_event

-- name: due_next_advance :one
-- all customers: the earliest due time
-- param after_at time_int
-- param until_at time_int
-- column due_at time_int?
SELECT min(due_at) AS due_at FROM advance_event WHERE due_at > :after_at AND due_at <= :until_at

-- name: advance_event_of_range :list
-- Those that are due, in order of customer and arrival.
-- all customers: a range of them
-- param first_id uuid_blob
-- param last_id uuid_blob
-- param until_at time_int
SELECT * FROM advance_event
WHERE customer_id BETWEEN :first_id AND :last_id AND due_at <= :until_at
ORDER BY customer_id, subscription_id, seq, usage_event_id

-- name: advance_event_done :exec
DELETE FROM advance_event
WHERE customer_id = :customer_id AND subscription_id = :subscription_id AND seq = :seq
  AND usage_event_id = :usage_event_id

-- name: advance_event_put_off :exec
-- Its period has not begun.
UPDATE advance_event SET due_at = :due_at
WHERE customer_id = :customer_id AND subscription_id = :subscription_id AND seq = :seq
  AND usage_event_id = :usage_event_id

-- name: metric_pay_ahead :exec
-- A plan charges for it in advance: from now on its events are noted.
UPDATE billable_metric SET is_paid_ahead = TRUE,
  paid_ahead_seq = (SELECT ingest_seq FROM instance WHERE singleton = 1)
WHERE id = :id AND NOT is_paid_ahead

-- name: renewal_of_period :one
-- Up to which ingest commit the stock was renewed that is carried into the period: with the end of
-- the period before, or for the first one with the start of a subscription that follows another.
-- param from_at time_int
-- param is_first bool_int
SELECT renewal_seq FROM invoice_subscription
WHERE customer_id = :customer_id AND subscription_id = :subscription_id
  AND (charges_to_at = :from_at OR (:is_first AND charges_to_at IS NULL))
  AND renewal_seq IS NOT NULL
ORDER BY renewal_seq LIMIT 1

-- name: period_of_usage :one
-- How a period of usage was billed.
-- param from_at time_int
SELECT usage_version_id FROM invoice_subscription
WHERE customer_id = :customer_id AND subscription_id = :subscription_id
  AND charges_from_at = :from_at
ORDER BY invoice_id LIMIT 1

-- name: advance_billed_list :list
-- What a charge has billed for events of a period.
-- param from_at time_int
-- param after_key text
-- param before_key text
SELECT usage_event_id, amount_minor FROM fee
WHERE customer_id = :customer_id AND subscription_id = :subscription_id AND from_at = :from_at
  AND usage_event_id IS NOT NULL AND once_key > :after_key AND once_key < :before_key
ORDER BY usage_event_id

-- name: renewal_billed_list :list
-- And for the stock that was carried into it.
-- param from_at time_int
-- param after_key text
-- param before_key text
SELECT amount_minor FROM fee
WHERE customer_id = :customer_id AND once_key > :after_key AND once_key < :before_key
  AND from_at = :from_at

-- name: advance_passed_add :exec
-- Events of a period for which no charge in advance was there.
INSERT INTO advance_passed (customer_id, subscription_id, metric_id, from_at, to_at,
  plan_version_id, first_seq, last_seq, event_count)
VALUES (:customer_id, :subscription_id, :metric_id, :from_at, :to_at,
  :plan_version_id, :first_seq, :last_seq, :event_count)
ON CONFLICT (customer_id, subscription_id, metric_id, from_at, to_at, plan_version_id)
DO UPDATE SET
  first_seq = CASE WHEN excluded.first_seq < advance_passed.first_seq
                   THEN excluded.first_seq ELSE advance_passed.first_seq END,
  last_seq = CASE WHEN excluded.last_seq > advance_passed.last_seq
                  THEN excluded.last_seq ELSE advance_passed.last_seq END,
  event_count = advance_passed.event_count + excluded.event_count

-- name: advance_event_move :exec
-- What has not been billed by then, to the subscription that follows.
-- param to_id uuid_blob
-- param from_at time_int
UPDATE advance_event SET subscription_id = :to_id
WHERE customer_id = :customer_id AND subscription_id = :subscription_id AND occurred_at >= :from_at

-- ---- paid fees that are gathered -----------------------------------------------------------------

-- name: gather_customer_of_range :list
-- Who may have some.
-- all customers: a range of them
-- param first_id uuid_blob
-- param last_id uuid_blob
SELECT DISTINCT customer_id FROM invoice
WHERE customer_id BETWEEN :first_id AND :last_id AND is_holder AND payment_status = 'succeeded'
ORDER BY customer_id

-- name: gather_fee_list :list
-- Those that stand alone, were paid up to an instant and are of periods that ended by another, of
-- all subscriptions of an external id, in order of creation.
-- param external_id text
-- param until_at time_int
-- param ended_by_at time_int
SELECT fee.id, fee.invoice_id, fee.subscription_id, fee.amount_minor, fee.currency,
  invoice.billing_entity_id, invoice.timezone
FROM invoice
JOIN fee ON fee.customer_id = invoice.customer_id AND fee.invoice_id = invoice.id
JOIN charge ON charge.id = fee.charge_id
JOIN subscription ON subscription.customer_id = fee.customer_id
  AND subscription.id = fee.subscription_id
WHERE invoice.customer_id = :customer_id AND invoice.is_holder
  AND invoice.payment_status = 'succeeded' AND fee.succeeded_at <= :until_at
  AND fee.to_at <= :ended_by_at AND charge.regroup_paid_fees = 'invoice'
  AND subscription.external_id = :external_id
ORDER BY fee.created_at, fee.id

-- name: gather_fee_move :exec
-- param to_invoice_id uuid_blob
UPDATE fee SET invoice_id = :to_invoice_id, position = :position, period_timezone = :period_timezone
WHERE customer_id = :customer_id AND invoice_id = :invoice_id AND id = :id

-- name: gather_holder_delete :exec
-- What held a fee that is gathered, when nothing hangs on it any more.
DELETE FROM invoice WHERE customer_id = :customer_id AND id = :id AND is_holder
