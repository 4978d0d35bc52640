-- Where changes are told, and what was told.

-- insert: webhook_endpoint
-- insert: webhook_secret
-- insert: webhook

-- name: webhook_endpoints_lock :one
-- Begins every change of which endpoints there are: holds the organization until the transaction
-- ends.
SELECT * FROM organization WHERE id = :id FOR UPDATE

-- name: webhook_endpoint_load :one
SELECT * FROM webhook_endpoint WHERE id = :id

-- name: webhook_endpoint_list :list
-- The oldest first.
SELECT * FROM webhook_endpoint ORDER BY created_at, id

-- name: webhook_endpoint_update :exec
UPDATE webhook_endpoint SET webhook_url = :webhook_url, name = :name, event_types = :event_types,
  disabled_at = :disabled_at, disabled_reason = :disabled_reason, updated_at = :updated_at
WHERE id = :id

-- name: webhook_endpoint_delete :exec
DELETE FROM webhook_endpoint WHERE id = :id

-- name: webhook_secret_load :one
SELECT * FROM webhook_secret WHERE owner_id = :owner_id

-- name: webhook_secret_update :exec
UPDATE webhook_secret SET secret = :secret, previous_secret = :previous_secret,
  previous_until = :previous_until
WHERE owner_id = :owner_id

-- name: webhook_secret_delete :exec
DELETE FROM webhook_secret WHERE owner_id = :owner_id

-- name: webhook_load :one
SELECT * FROM webhook WHERE customer_id = :customer_id AND id = :id

-- name: webhook_by_id :one
-- all customers: only the id is known
SELECT * FROM webhook WHERE id = :id

-- name: webhook_set_body :exec
UPDATE webhook SET message_body = :message_body
WHERE customer_id = :customer_id AND id = :id AND message_body IS NULL

-- name: webhook_end_try :exec
UPDATE webhook SET webhook_status = :webhook_status, http_status = :http_status,
  answer_head = :answer_head, last_problem = :last_problem, ended_at = :ended_at
WHERE customer_id = :customer_id AND id = :id

-- name: webhook_again :exec
UPDATE webhook SET webhook_status = 'waiting', ended_at = NULL
WHERE customer_id = :customer_id AND id = :id

-- name: webhook_page :list
-- Newest first; each filter is none for any.
-- all customers: the list of messages, which may be about anything
-- param wanted_type text?
-- param wanted_status text?
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT * FROM webhook
WHERE (:wanted_type IS NULL OR webhook_type = :wanted_type)
  AND (:wanted_status IS NULL OR webhook_status = :wanted_status)
  AND (created_at, id) < (:before_at, :before_id)
ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: webhook_of_endpoint_page :list
-- The same of one endpoint.
-- all customers: the list of messages, which may be about anything
-- param wanted_type text?
-- param wanted_status text?
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT * FROM webhook
WHERE endpoint_id = :endpoint_id
  AND (:wanted_type IS NULL OR webhook_type = :wanted_type)
  AND (:wanted_status IS NULL OR webhook_status = :wanted_status)
  AND (created_at, id) < (:before_at, :before_id)
ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: webhook_count :one
-- all customers: the list of messages, which may be about anything
-- param first_endpoint_id uuid_blob
-- param last_endpoint_id uuid_blob
-- param wanted_type text?
-- param wanted_status text?
-- column total bigint
SELECT count(*) AS total FROM webhook
WHERE endpoint_id BETWEEN :first_endpoint_id AND :last_endpoint_id
  AND (:wanted_type IS NULL OR webhook_type = :wanted_type)
  AND (:wanted_status IS NULL OR webhook_status = :wanted_status)

-- name: webhook_clear_outbox :exec
-- The endpoint is no more, and nothing is delivered there.
-- all customers: what waits for an endpoint may be about anything
DELETE FROM outbox WHERE topic = :topic

-- name: webhook_clear :exec
-- all customers: what an endpoint was told may be about anything
DELETE FROM webhook WHERE endpoint_id = :endpoint_id

-- name: webhook_object_code :one
-- What an object of the catalogue is called today; nothing where it was deleted.
-- param object_id uuid_blob
-- column code text
SELECT code FROM plan WHERE id = :object_id AND deleted_at IS NULL
UNION ALL SELECT code FROM billable_metric WHERE id = :object_id
UNION ALL SELECT code FROM add_on WHERE id = :object_id
UNION ALL SELECT code FROM feature WHERE id = :object_id
UNION ALL SELECT code FROM tax WHERE id = :object_id
UNION ALL SELECT code FROM billing_entity WHERE id = :object_id

-- name: webhook_old_list :list
-- Messages that ended before then, the oldest first.
-- all customers: whoever's are old
-- param ended_before time_int
-- param limit bigint
-- column customer_id uuid_blob
-- column id uuid_blob
SELECT customer_id, id FROM webhook WHERE ended_at < :ended_before ORDER BY ended_at LIMIT :limit

-- name: webhook_delete :exec
DELETE FROM webhook WHERE customer_id = :customer_id AND id = :id

-- name: webhook_delete_outbox :exec
DELETE FROM outbox WHERE customer_id = :customer_id AND id = :id
