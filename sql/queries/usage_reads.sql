-- Usage of periods that were billed, and of a subscription's whole life.

-- name: past_usage_periods :list
-- The periods for which usage was billed to any subscription of an external id, newest first; void invoices bill nothing.
-- param external_id text
-- param limit bigint
-- param offset bigint
SELECT invoice_subscription.* FROM invoice_subscription
JOIN invoice ON invoice.customer_id = invoice_subscription.customer_id
  AND invoice.id = invoice_subscription.invoice_id
JOIN subscription ON subscription.customer_id = invoice_subscription.customer_id
  AND subscription.id = invoice_subscription.subscription_id
WHERE invoice_subscription.customer_id = :customer_id AND subscription.external_id = :external_id
  AND invoice_subscription.charges_from_at IS NOT NULL
  AND invoice.status IN ('draft', 'finalized')
ORDER BY invoice_subscription.charges_from_at DESC, invoice_subscription.billing_at DESC, invoice.id DESC
LIMIT :limit OFFSET :offset

-- name: past_usage_count :one
-- How many past_usage_periods has in all.
-- param external_id text
-- column total bigint
SELECT count(*) AS total FROM invoice_subscription
JOIN invoice ON invoice.customer_id = invoice_subscription.customer_id
  AND invoice.id = invoice_subscription.invoice_id
JOIN subscription ON subscription.customer_id = invoice_subscription.customer_id
  AND subscription.id = invoice_subscription.subscription_id
WHERE invoice_subscription.customer_id = :customer_id AND subscription.external_id = :external_id
  AND invoice_subscription.charges_from_at IS NOT NULL
  AND invoice.status IN ('draft', 'finalized')

-- name: past_usage_fees :list
-- What usage of a period was billed, corrections on later invoices too, in the order of billing.
-- param subscription_id uuid_blob
-- param wanted_metric_id uuid_blob?
SELECT fee.* FROM fee
JOIN invoice ON invoice.customer_id = fee.customer_id AND invoice.id = fee.invoice_id
WHERE fee.customer_id = :customer_id AND fee.subscription_id = :subscription_id
  AND fee.fee_type = 'charge' AND fee.from_at = :from_at
  AND invoice.status IN ('draft', 'finalized')
  AND (:wanted_metric_id IS NULL OR fee.metric_id = :wanted_metric_id)
ORDER BY invoice.billing_at, invoice.id, fee.position

-- name: lifetime_invoiced :one
-- All usage that was billed to any subscription of an external id.
-- param external_id text
-- column total_minor money_int
SELECT CAST(coalesce(sum(fee.amount_minor), 0) AS money_int) AS total_minor FROM fee
JOIN invoice ON invoice.customer_id = fee.customer_id AND invoice.id = fee.invoice_id
JOIN subscription ON subscription.customer_id = fee.customer_id
  AND subscription.id = fee.subscription_id
WHERE fee.customer_id = :customer_id AND subscription.external_id = :external_id
  AND fee.fee_type = 'charge' AND invoice.status IN ('draft', 'finalized')

-- name: lifetime_usage_load :one
SELECT * FROM lifetime_usage WHERE customer_id = :customer_id AND external_id = :external_id

-- name: lifetime_usage_put :exec
INSERT INTO lifetime_usage (customer_id, external_id, historical_minor, updated_at)
VALUES (:customer_id, :external_id, :historical_minor, :updated_at)
ON CONFLICT (customer_id, external_id) DO UPDATE SET
  historical_minor = excluded.historical_minor, updated_at = excluded.updated_at
