-- Fees: one priced line each.

-- insert: fee
-- insert: fee_tax

-- name: fee_of_invoice_list :list
-- In the order of the invoice.
SELECT * FROM fee WHERE customer_id = :customer_id AND invoice_id = :invoice_id ORDER BY position

-- name: fee_tax_of_invoice_list :list
SELECT * FROM fee_tax
WHERE customer_id = :customer_id AND invoice_id = :invoice_id ORDER BY fee_id, code

-- name: fee_tax_list :list
SELECT * FROM fee_tax
WHERE customer_id = :customer_id AND invoice_id = :invoice_id AND fee_id = :fee_id ORDER BY code

-- name: fee_clear :exec
-- Of a draft that is computed again.
DELETE FROM fee WHERE customer_id = :customer_id AND invoice_id = :invoice_id

-- name: fee_tax_clear :exec
DELETE FROM fee_tax WHERE customer_id = :customer_id AND invoice_id = :invoice_id

-- name: fee_by_once_key :one
-- The fee that bills something already.
SELECT * FROM fee WHERE customer_id = :customer_id AND once_key = :once_key

-- name: fee_true_up :one
-- What fills a fee up to the minimum of its charge.
-- param parent_fee_id uuid_blob
SELECT id FROM fee WHERE customer_id = :customer_id AND invoice_id = :invoice_id
  AND true_up_parent_fee_id = :parent_fee_id

-- name: fee_load :one
-- all customers: only the id is known
SELECT * FROM fee WHERE id = :id

-- name: fee_page :list
-- Newest first; each filter is none for any.  Fees of invoices that are not shown are not shown.
-- all customers: the list of fees, which may be filtered by customer
-- param wanted_customer_id uuid_blob?
-- param wanted_subscription text?
-- param wanted_metric_id uuid_blob?
-- param wanted_currency text?
-- param with_subscription bool_int
-- param with_charge bool_int
-- param with_resale bool_int
-- param with_fixed bool_int
-- param with_pending bool_int
-- param with_succeeded bool_int
-- param with_failed bool_int
-- param with_refunded bool_int
-- param wanted_transaction text?
-- param created_from time_int?
-- param created_to time_int?
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT fee.* FROM fee
JOIN invoice ON invoice.customer_id = fee.customer_id AND invoice.id = fee.invoice_id
WHERE (:wanted_customer_id IS NULL OR fee.customer_id = :wanted_customer_id)
  AND (invoice.is_holder OR (NOT invoice.skipped AND invoice.status <> 'complete'))
  AND (:wanted_subscription IS NULL OR EXISTS (
    SELECT 1 FROM subscription
    WHERE subscription.customer_id = fee.customer_id AND subscription.id = fee.subscription_id
      AND subscription.external_id = :wanted_subscription))
  AND (:wanted_metric_id IS NULL OR fee.metric_id = :wanted_metric_id)
  AND (:wanted_currency IS NULL OR fee.currency = :wanted_currency)
  AND ((:with_subscription AND fee.fee_type = 'subscription')
    OR (:with_charge AND fee.fee_type = 'charge') OR (:with_resale AND fee.fee_type = 'resale')
    OR (:with_fixed AND fee.fee_type = 'fixed_charge'))
  AND ((:with_pending AND invoice.payment_status = 'pending')
    OR (:with_succeeded AND invoice.payment_status = 'succeeded')
    OR (:with_failed AND invoice.payment_status = 'failed')
    OR (:with_refunded AND invoice.payment_status = 'refunded'))
  AND (:wanted_transaction IS NULL OR fee.event_transaction_id = :wanted_transaction)
  AND (:created_from IS NULL OR fee.created_at >= :created_from)
  AND (:created_to IS NULL OR fee.created_at <= :created_to)
  AND (fee.created_at, fee.id) < (:before_at, :before_id)
ORDER BY fee.created_at DESC, fee.id DESC LIMIT :limit OFFSET :offset

-- name: fee_count :one
-- How many fee_page has in all.
-- all customers: the list of fees, which may be filtered by customer
-- param wanted_customer_id uuid_blob?
-- param wanted_subscription text?
-- param wanted_metric_id uuid_blob?
-- param wanted_currency text?
-- param with_subscription bool_int
-- param with_charge bool_int
-- param with_resale bool_int
-- param with_fixed bool_int
-- param with_pending bool_int
-- param with_succeeded bool_int
-- param with_failed bool_int
-- param with_refunded bool_int
-- param wanted_transaction text?
-- param created_from time_int?
-- param created_to time_int?
-- column total bigint
SELECT count(*) AS total FROM fee
JOIN invoice ON invoice.customer_id = fee.customer_id AND invoice.id = fee.invoice_id
WHERE (:wanted_customer_id IS NULL OR fee.customer_id = :wanted_customer_id)
  AND (invoice.is_holder OR (NOT invoice.skipped AND invoice.status <> 'complete'))
  AND (:wanted_subscription IS NULL OR EXISTS (
    SELECT 1 FROM subscription
    WHERE subscription.customer_id = fee.customer_id AND subscription.id = fee.subscription_id
      AND subscription.external_id = :wanted_subscription))
  AND (:wanted_metric_id IS NULL OR fee.metric_id = :wanted_metric_id)
  AND (:wanted_currency IS NULL OR fee.currency = :wanted_currency)
  AND ((:with_subscription AND fee.fee_type = 'subscription')
    OR (:with_charge AND fee.fee_type = 'charge') OR (:with_resale AND fee.fee_type = 'resale')
    OR (:with_fixed AND fee.fee_type = 'fixed_charge'))
  AND ((:with_pending AND invoice.payment_status = 'pending')
    OR (:with_succeeded AND invoice.payment_status = 'succeeded')
    OR (:with_failed AND invoice.payment_status = 'failed')
    OR (:with_refunded AND invoice.payment_status = 'refunded'))
  AND (:wanted_transaction IS NULL OR fee.event_transaction_id = :wanted_transaction)
  AND (:created_from IS NULL OR fee.created_at >= :created_from)
  AND (:created_to IS NULL OR fee.created_at <= :created_to)

-- name: fee_set_paid :exec
-- When the payment of a fee that stands alone succeeded, failed or was paid back.
UPDATE fee SET succeeded_at = :succeeded_at, failed_at = :failed_at, refunded_at = :refunded_at
WHERE customer_id = :customer_id AND invoice_id = :invoice_id AND id = :id

-- name: charge_load :one
-- A charge by its id, for the fee that bills it.
SELECT * FROM charge WHERE id = :id
