-- Keys of the API.

-- insert: api_key

-- name: api_key_by_hash :one
SELECT * FROM api_key WHERE key_hash = :key_hash AND revoked_at IS NULL

-- name: api_key_load :one
SELECT * FROM api_key WHERE id = :id

-- name: api_key_lock :one
-- Begins a change of a key: holds it until the transaction ends.
SELECT * FROM api_key WHERE id = :id FOR UPDATE

-- name: api_key_update :exec
UPDATE api_key SET name = :name, scopes = :scopes, expires_at = :expires_at,
  revoked_at = :revoked_at
WHERE id = :id

-- name: api_key_page :list
-- Newest first, revoked ones too.
-- param limit bigint
-- param offset bigint
SELECT * FROM api_key ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: api_key_count :one
-- column total bigint
SELECT count(*) AS total FROM api_key

-- name: api_key_touch :exec
-- Never back in time: several servers say when they saw the key.
UPDATE api_key SET last_used_at = :last_used_at
WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :last_used_at)
