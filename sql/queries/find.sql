-- One field that finds customers, subscriptions and invoices (app/find.h).

-- name: find_customer_exact :list
-- By external id, email, tax number or name, whole.
-- all customers: who it is, is asked
-- param wanted text
-- param wanted_lower text
-- param limit bigint
SELECT * FROM customer
WHERE deleted_at IS NULL AND (id = (SELECT customer_id FROM customer_key WHERE external_id = :wanted)
  OR lower(email) = :wanted_lower OR lower(tax_identification_number) = :wanted_lower
  OR lower(name) = :wanted_lower)
ORDER BY created_at DESC, id DESC LIMIT :limit

-- name: find_customer_part :list
-- all customers: who it is, is asked
-- param search_like text
-- param limit bigint
SELECT * FROM customer
WHERE deleted_at IS NULL AND (lower(external_id) LIKE :search_like ESCAPE '!'
  OR lower(name) LIKE :search_like ESCAPE '!' OR lower(legal_name) LIKE :search_like ESCAPE '!'
  OR lower(email) LIKE :search_like ESCAPE '!'
  OR lower(tax_identification_number) LIKE :search_like ESCAPE '!')
ORDER BY created_at DESC, id DESC LIMIT :limit

-- name: find_invoice_exact :list
-- By number, whole; of those that are shown.
-- all customers: whose it is, is asked
-- param wanted text
-- param limit bigint
SELECT * FROM invoice WHERE number = :wanted AND NOT skipped AND status <> 'complete'
ORDER BY created_at DESC, id DESC LIMIT :limit

-- name: find_invoice_part :list
-- all customers: whose it is, is asked
-- param search_like text
-- param limit bigint
SELECT * FROM invoice
WHERE lower(number) LIKE :search_like ESCAPE '!' AND NOT skipped AND status <> 'complete'
ORDER BY created_at DESC, id DESC LIMIT :limit

-- name: find_subscription_exact :list
-- By external id, whole; the newest first.
-- param wanted text
-- param limit bigint
-- all customers: whose it is, is asked
SELECT subscription.* FROM subscription_key
JOIN subscription ON subscription.customer_id = subscription_key.customer_id
  AND subscription.external_id = subscription_key.external_id
WHERE subscription_key.external_id = :wanted
ORDER BY subscription.created_at DESC, subscription.id DESC LIMIT :limit
