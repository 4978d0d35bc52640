-- Payments of invoices.

-- insert: payment

-- name: payment_load :one
-- all customers: only the id is known
SELECT * FROM payment WHERE id = :id

-- name: payment_of_customer :one
SELECT * FROM payment WHERE customer_id = :customer_id AND id = :id

-- name: payment_by_reference :one
-- all customers: a gateway's notice names our reference alone
SELECT customer_id, id, invoice_id FROM payment
WHERE gateway_reference = :gateway_reference AND gateway_code = :gateway_code

-- name: payment_due_list :list
-- Which the gateways are to be asked about, the longest due first, behind one.
-- all customers: the look-ups that are due
-- param until_at time_int
-- param after_at time_int
-- param after_id uuid_blob
-- param limit bigint
SELECT customer_id, id, lookup_at FROM payment
WHERE lookup_at IS NOT NULL AND lookup_at <= :until_at AND (lookup_at, id) > (:after_at, :after_id)
ORDER BY lookup_at, id LIMIT :limit

-- name: payment_update :exec
-- Everything that can change in a payment's life.
UPDATE payment SET
  amount_minor = :amount_minor, currency = :currency, status = :status, paid_at = :paid_at,
  unapplied_minor = :unapplied_minor, receipt_number = :receipt_number,
  gateway_payment_id = :gateway_payment_id, redirect_url = :redirect_url,
  failure_code = :failure_code, lookup_at = :lookup_at, lookup_count = :lookup_count,
  updated_at = :updated_at
WHERE customer_id = :customer_id AND id = :id

-- name: payment_put_off :exec
-- When the gateway is asked next.
UPDATE payment SET lookup_at = :lookup_at, lookup_count = :lookup_count
WHERE customer_id = :customer_id AND id = :id

-- name: payment_look_soon :exec
-- The payments of an invoice that may still be paid.
UPDATE payment SET lookup_at = :lookup_at
WHERE customer_id = :customer_id AND invoice_id = :invoice_id AND lookup_at IS NOT NULL

-- insert: gateway_event

-- name: gateway_event_load :one
SELECT * FROM gateway_event WHERE gateway_code = :gateway_code AND event_id = :event_id

-- insert: payment_exception

-- name: payment_exception_load :one
-- all customers: only the id is known
SELECT * FROM payment_exception WHERE id = :id

-- name: payment_exception_page :list
-- Newest first.
-- all customers: what staff have to look at, which may be filtered by customer
-- param wanted_customer_id uuid_blob?
-- param with_resolved bool_int
-- param limit bigint
-- param offset bigint
SELECT * FROM payment_exception
WHERE (:wanted_customer_id IS NULL OR customer_id = :wanted_customer_id)
  AND (:with_resolved OR resolved_at IS NULL)
ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: payment_exception_count :one
-- all customers: what staff have to look at, which may be filtered by customer
-- param wanted_customer_id uuid_blob?
-- param with_resolved bool_int
-- column total bigint
SELECT count(*) AS total FROM payment_exception
WHERE (:wanted_customer_id IS NULL OR customer_id = :wanted_customer_id)
  AND (:with_resolved OR resolved_at IS NULL)

-- name: payment_exception_end :exec
UPDATE payment_exception SET resolved_at = :resolved_at
WHERE customer_id = :customer_id AND id = :id

-- name: payment_of_invoice_list :list
SELECT * FROM payment WHERE customer_id = :customer_id AND invoice_id = :invoice_id ORDER BY id

-- name: payment_page :list
-- Newest first; each filter is none for any.
-- all customers: the list of payments of everybody
-- param paid_from time_int?
-- param paid_to time_int?
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT * FROM payment
WHERE (:paid_from IS NULL OR paid_at >= :paid_from)
  AND (:paid_to IS NULL OR paid_at <= :paid_to)
  AND (created_at, id) < (:before_at, :before_id)
ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: payment_of_customer_page :list
-- The same of one customer, whose rows alone are read.
-- param wanted_invoice_id uuid_blob?
-- param paid_from time_int?
-- param paid_to time_int?
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT * FROM payment
WHERE customer_id = :customer_id
  AND (:wanted_invoice_id IS NULL OR invoice_id = :wanted_invoice_id)
  AND (:paid_from IS NULL OR paid_at >= :paid_from)
  AND (:paid_to IS NULL OR paid_at <= :paid_to)
  AND (created_at, id) < (:before_at, :before_id)
ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: payment_count :one
-- all customers: the list of payments, which may be filtered by customer
-- param first_customer_id uuid_blob
-- param last_customer_id uuid_blob
-- param wanted_invoice_id uuid_blob?
-- param paid_from time_int?
-- param paid_to time_int?
-- column total bigint
SELECT count(*) AS total FROM payment
WHERE customer_id BETWEEN :first_customer_id AND :last_customer_id
  AND (:wanted_invoice_id IS NULL OR invoice_id = :wanted_invoice_id)
  AND (:paid_from IS NULL OR paid_at >= :paid_from)
  AND (:paid_to IS NULL OR paid_at <= :paid_to)
