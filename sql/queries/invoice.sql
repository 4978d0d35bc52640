-- Invoices with what hangs on them: periods billed, taxes.  Fees stand in fee.sql.

-- insert: invoice
-- insert: invoice_subscription
-- insert: invoice_tax

-- name: invoice_owner :one
-- Whose invoice it is, and where it stands in lists.
-- all customers: only the id is known
SELECT customer_id, created_at FROM invoice WHERE id = :id

-- name: invoice_load :one
SELECT * FROM invoice WHERE customer_id = :customer_id AND id = :id

-- name: invoice_update :exec
-- Everything that can change in an invoice's life.
UPDATE invoice SET
  status = :status, number = :number, sequential_id = :sequential_id, issuing_day = :issuing_day,
  payment_term_days = :payment_term_days, payment_due_day = :payment_due_day,
  finalize_at = :finalize_at, overdue_at = :overdue_at, fees_amount_minor = :fees_amount_minor,
  taxes_amount_minor = :taxes_amount_minor, total_amount_minor = :total_amount_minor,
  paid_amount_minor = :paid_amount_minor, payment_status = :payment_status,
  payment_overdue = :payment_overdue, skipped = :skipped, finalized_at = :finalized_at,
  voided_at = :voided_at, stale_at = :stale_at, updated_at = :updated_at
WHERE customer_id = :customer_id AND id = :id

-- name: invoice_any :one
-- Whether a customer has been billed.
SELECT id FROM invoice WHERE customer_id = :customer_id LIMIT 1

-- name: invoice_draft_list :list
-- The drafts of a customer, oldest first.
SELECT * FROM invoice WHERE customer_id = :customer_id AND status = 'draft'
ORDER BY billing_at, id

-- name: invoice_draft_of_plan_list :list
-- The drafts of a customer that bill a plan, oldest first.
-- param plan_id uuid_blob
SELECT invoice.* FROM invoice
WHERE invoice.customer_id = :customer_id AND invoice.status = 'draft' AND EXISTS (
  SELECT 1 FROM invoice_subscription
  JOIN plan_version ON plan_version.id = invoice_subscription.usage_version_id
  WHERE invoice_subscription.customer_id = invoice.customer_id
    AND invoice_subscription.invoice_id = invoice.id AND plan_version.plan_id = :plan_id)
ORDER BY invoice.billing_at, invoice.id

-- name: invoice_stale_list :list
-- Drafts that are to be computed again.
-- all customers: what they depend on has changed for many
SELECT customer_id, id FROM invoice WHERE stale_at IS NOT NULL ORDER BY customer_id, id

-- name: invoice_stale_by_tax :exec
-- Drafts that carry a tax.
-- all customers: a tax is for many
-- param tax_id uuid_blob
UPDATE invoice SET stale_at = :stale_at
WHERE status = 'draft' AND finalize_at IS NOT NULL AND EXISTS (
  SELECT 1 FROM invoice_tax
  WHERE invoice_tax.customer_id = invoice.customer_id AND invoice_tax.invoice_id = invoice.id
    AND invoice_tax.tax_id = :tax_id)

-- name: invoice_stale_by_entity :exec
-- Drafts of a billing entity.
-- all customers: it has many
UPDATE invoice SET stale_at = :stale_at
WHERE status = 'draft' AND finalize_at IS NOT NULL AND billing_entity_id = :billing_entity_id

-- name: invoice_unsettled_count :one
-- Of a billing entity: drafts and invoices that wait for their number.
-- all customers: it has many
-- column total bigint
SELECT count(*) AS total FROM invoice
WHERE finalize_at IS NOT NULL AND billing_entity_id = :billing_entity_id

-- name: invoice_of_customer_list :list
-- All invoices of a customer that are more than an intention, in order of creation.
SELECT * FROM invoice WHERE customer_id = :customer_id ORDER BY id

-- name: invoice_page :list
-- Newest first; each filter is none for any.  Not yet numbered and skipped ones are not shown.
-- all customers: the list of invoices, which may be filtered by customer
-- param wanted_customer_id uuid_blob?
-- param with_subscription bool_int
-- param with_advance bool_int
-- param with_draft bool_int
-- param with_finalized bool_int
-- param with_voided bool_int
-- param with_pending bool_int
-- param with_succeeded bool_int
-- param with_failed bool_int
-- param with_overdue bool_int
-- param without_overdue bool_int
-- param issuing_from day_int?
-- param issuing_to day_int?
-- param amount_from money_int?
-- param amount_to money_int?
-- param wanted_currency text?
-- param number_like text?
-- param wanted_entity_id uuid_blob?
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT * FROM invoice
WHERE (:wanted_customer_id IS NULL OR customer_id = :wanted_customer_id)
  AND NOT skipped
  AND ((:with_subscription AND invoice_type = 'subscription')
    OR (:with_advance AND invoice_type = 'advance_charges'))
  AND ((:with_draft AND status = 'draft') OR (:with_finalized AND status = 'finalized')
    OR (:with_voided AND status = 'voided'))
  AND ((:with_pending AND payment_status = 'pending')
    OR (:with_succeeded AND payment_status = 'succeeded')
    OR (:with_failed AND payment_status = 'failed'))
  AND ((:with_overdue AND payment_overdue) OR (:without_overdue AND NOT payment_overdue))
  AND (:issuing_from IS NULL OR issuing_day >= :issuing_from)
  AND (:issuing_to IS NULL OR issuing_day <= :issuing_to)
  AND (:amount_from IS NULL OR total_amount_minor >= :amount_from)
  AND (:amount_to IS NULL OR total_amount_minor <= :amount_to)
  AND (:wanted_currency IS NULL OR currency = :wanted_currency)
  AND (:number_like IS NULL OR lower(number) LIKE :number_like ESCAPE '!')
  AND (:wanted_entity_id IS NULL OR billing_entity_id = :wanted_entity_id)
  AND (created_at, id) < (:before_at, :before_id)
ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: invoice_count :one
-- How many invoice_page has in all.
-- all customers: the list of invoices, which may be filtered by customer
-- param wanted_customer_id uuid_blob?
-- param with_subscription bool_int
-- param with_advance bool_int
-- param with_draft bool_int
-- param with_finalized bool_int
-- param with_voided bool_int
-- param with_pending bool_int
-- param with_succeeded bool_int
-- param with_failed bool_int
-- param with_overdue bool_int
-- param without_overdue bool_int
-- param issuing_from day_int?
-- param issuing_to day_int?
-- param amount_from money_int?
-- param amount_to money_int?
-- param wanted_currency text?
-- param number_like text?
-- param wanted_entity_id uuid_blob?
-- column total bigint
SELECT count(*) AS total FROM invoice
WHERE (:wanted_customer_id IS NULL OR customer_id = :wanted_customer_id)
  AND NOT skipped
  AND ((:with_subscription AND invoice_type = 'subscription')
    OR (:with_advance AND invoice_type = 'advance_charges'))
  AND ((:with_draft AND status = 'draft') OR (:with_finalized AND status = 'finalized')
    OR (:with_voided AND status = 'voided'))
  AND ((:with_pending AND payment_status = 'pending')
    OR (:with_succeeded AND payment_status = 'succeeded')
    OR (:with_failed AND payment_status = 'failed'))
  AND ((:with_overdue AND payment_overdue) OR (:without_overdue AND NOT payment_overdue))
  AND (:issuing_from IS NULL OR issuing_day >= :issuing_from)
  AND (:issuing_to IS NULL OR issuing_day <= :issuing_to)
  AND (:amount_from IS NULL OR total_amount_minor >= :amount_from)
  AND (:amount_to IS NULL OR total_amount_minor <= :amount_to)
  AND (:wanted_currency IS NULL OR currency = :wanted_currency)
  AND (:number_like IS NULL OR lower(number) LIKE :number_like ESCAPE '!')
  AND (:wanted_entity_id IS NULL OR billing_entity_id = :wanted_entity_id)

-- name: invoice_subscription_list :list
SELECT * FROM invoice_subscription
WHERE customer_id = :customer_id AND invoice_id = :invoice_id ORDER BY position

-- name: invoice_tax_list :list
SELECT * FROM invoice_tax
WHERE customer_id = :customer_id AND invoice_id = :invoice_id ORDER BY code

-- name: invoice_tax_clear :exec
DELETE FROM invoice_tax WHERE customer_id = :customer_id AND invoice_id = :invoice_id
