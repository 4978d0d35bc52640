-- Payments of invoices.

-- insert: payment

-- name: payment_load :one
-- all customers: only the id is known
SELECT * FROM payment WHERE id = :id

-- name: payment_of_invoice_list :list
SELECT * FROM payment WHERE customer_id = :customer_id AND invoice_id = :invoice_id ORDER BY id

-- name: payment_page :list
-- Newest first; each filter is none for any.
-- all customers: the list of payments, which may be filtered by customer
-- param wanted_customer_id uuid_blob?
-- param wanted_invoice_id uuid_blob?
-- param paid_from time_int?
-- param paid_to time_int?
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT * FROM payment
WHERE (:wanted_customer_id IS NULL OR customer_id = :wanted_customer_id)
  AND (:wanted_invoice_id IS NULL OR invoice_id = :wanted_invoice_id)
  AND (:paid_from IS NULL OR paid_at >= :paid_from)
  AND (:paid_to IS NULL OR paid_at <= :paid_to)
  AND (created_at, id) < (:before_at, :before_id)
ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: payment_count :one
-- all customers: the list of payments, which may be filtered by customer
-- param wanted_customer_id uuid_blob?
-- param wanted_invoice_id uuid_blob?
-- param paid_from time_int?
-- param paid_to time_int?
-- column total bigint
SELECT count(*) AS total FROM payment
WHERE (:wanted_customer_id IS NULL OR customer_id = :wanted_customer_id)
  AND (:wanted_invoice_id IS NULL OR invoice_id = :wanted_invoice_id)
  AND (:paid_from IS NULL OR paid_at >= :paid_from)
  AND (:paid_to IS NULL OR paid_at <= :paid_to)
