-- insert: customer
-- insert: customer_key

-- name: customer_lock :one
-- Begins every write that concerns a customer: holds the customer until the transaction ends.
SELECT * FROM customer WHERE id = :id FOR UPDATE

-- name: customer_load :one
SELECT * FROM customer WHERE id = :id

-- name: customer_id_by_external :one
SELECT customer_id FROM customer_key WHERE external_id = :external_id

-- name: customer_update :exec
UPDATE customer SET
  billing_entity_id = :billing_entity_id, account_type = :account_type, name = :name,
  legal_name = :legal_name, email = :email, country = :country, address_line1 = :address_line1,
  address_line2 = :address_line2, city = :city, state = :state, zipcode = :zipcode,
  tax_identification_number = :tax_identification_number, currency = :currency,
  timezone = :timezone, grace_days = :grace_days, payment_term_days = :payment_term_days,
  zero_amount_policy = :zero_amount_policy, metadata = :metadata,
  document_locale = :document_locale, updated_at = :updated_at
WHERE id = :id

-- name: customer_set_currency :exec
-- The first plan decides the currency of a customer that has none.
UPDATE customer SET currency = :currency WHERE id = :id

-- name: customer_count :one
-- How many customer_page has in all.
-- all customers: the list of customers itself
-- param search_like text?
-- param wanted_currency text?
-- param wanted_entity_id uuid_blob?
-- column total bigint
SELECT count(*) AS total FROM customer
WHERE deleted_at IS NULL
  AND (:wanted_currency IS NULL OR currency = :wanted_currency)
  AND (:wanted_entity_id IS NULL OR billing_entity_id = :wanted_entity_id)
  AND (:search_like IS NULL OR lower(external_id) LIKE :search_like ESCAPE '!'
    OR lower(name) LIKE :search_like ESCAPE '!' OR lower(email) LIKE :search_like ESCAPE '!')

-- name: customer_page :list
-- Newest first; each filter is none for any.
-- all customers: the list of customers itself
-- param search_like text?
-- param wanted_currency text?
-- param wanted_entity_id uuid_blob?
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT * FROM customer
WHERE deleted_at IS NULL
  AND (:wanted_currency IS NULL OR currency = :wanted_currency)
  AND (:wanted_entity_id IS NULL OR billing_entity_id = :wanted_entity_id)
  AND (:search_like IS NULL OR lower(external_id) LIKE :search_like ESCAPE '!'
    OR lower(name) LIKE :search_like ESCAPE '!' OR lower(email) LIKE :search_like ESCAPE '!')
  AND (created_at, id) < (:before_at, :before_id)
ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: customer_each :each
-- In order of id.
-- all customers: verify and reports go through all
SELECT * FROM customer ORDER BY id

-- name: customer_of_entity_list :list
-- all customers: a billing entity's terms changed
SELECT * FROM customer WHERE billing_entity_id = :billing_entity_id AND deleted_at IS NULL ORDER BY id

-- name: customer_set_deleted :exec
UPDATE customer SET deleted_at = :deleted_at, updated_at = :updated_at WHERE id = :id

-- name: customer_key_delete :exec
-- The external id is free again.
DELETE FROM customer_key WHERE external_id = :external_id

-- insert: customer_tax

-- name: customer_tax_clear :exec
DELETE FROM customer_tax WHERE customer_id = :customer_id

-- name: customer_tax_list :list
SELECT tax.* FROM customer_tax JOIN tax ON tax.id = customer_tax.tax_id
WHERE customer_tax.customer_id = :customer_id ORDER BY tax.code

-- name: tax_off_customers :exec
-- all customers: the tax is no more
DELETE FROM customer_tax WHERE tax_id = :tax_id
