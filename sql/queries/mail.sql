-- Mails to customers.

-- insert: mail

-- name: mail_load :one
SELECT * FROM mail WHERE customer_id = :customer_id AND id = :id

-- name: mail_by_id :one
-- all customers: only the id is known
SELECT * FROM mail WHERE id = :id

-- name: mail_end_try :exec
UPDATE mail SET mail_status = :mail_status, subject = :subject, link_url = :link_url,
  last_problem = :last_problem, sent_at = :sent_at
WHERE customer_id = :customer_id AND id = :id

-- name: mail_again :exec
UPDATE mail SET mail_status = 'waiting', to_address = :to_address, last_problem = NULL
WHERE customer_id = :customer_id AND id = :id

-- name: mail_page :list
-- Newest first; each filter is none for any.
-- all customers: the list of mails of everybody
-- param wanted_type text?
-- param wanted_status text?
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT * FROM mail
WHERE (:wanted_type IS NULL OR mail_type = :wanted_type)
  AND (:wanted_status IS NULL OR mail_status = :wanted_status)
  AND (created_at, id) < (:before_at, :before_id)
ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: mail_of_customer_page :list
-- The same of one customer, whose rows alone are read.
-- param wanted_invoice_id uuid_blob?
-- param wanted_type text?
-- param wanted_status text?
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT * FROM mail
WHERE customer_id = :customer_id
  AND (:wanted_invoice_id IS NULL OR invoice_id = :wanted_invoice_id)
  AND (:wanted_type IS NULL OR mail_type = :wanted_type)
  AND (:wanted_status IS NULL OR mail_status = :wanted_status)
  AND (created_at, id) < (:before_at, :before_id)
ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: mail_count :one
-- all customers: the list of mails, which may be filtered by customer
-- param first_customer_id uuid_blob
-- param last_customer_id uuid_blob
-- param wanted_invoice_id uuid_blob?
-- param wanted_type text?
-- param wanted_status text?
-- column total bigint
SELECT count(*) AS total FROM mail
WHERE customer_id BETWEEN :first_customer_id AND :last_customer_id
  AND (:wanted_invoice_id IS NULL OR invoice_id = :wanted_invoice_id)
  AND (:wanted_type IS NULL OR mail_type = :wanted_type)
  AND (:wanted_status IS NULL OR mail_status = :wanted_status)
