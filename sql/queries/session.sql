-- Users of the console, and sessions of console and portal.

-- insert: app_user
-- insert: user_session
-- insert: portal_link
-- insert: portal_session

-- name: app_user_load :one
SELECT * FROM app_user WHERE id = :id

-- name: app_user_lock :one
-- Begins a change of a user: holds it until the transaction ends.
SELECT * FROM app_user WHERE id = :id FOR UPDATE

-- name: app_user_by_email :one
SELECT * FROM app_user WHERE email_key = :email_key

-- name: app_user_list :list
SELECT * FROM app_user ORDER BY email_key

-- name: app_user_update :exec
UPDATE app_user SET name = :name, role = :role, language = :language,
  password_hash = :password_hash, disabled_at = :disabled_at
WHERE id = :id

-- name: user_session_by_token :one
-- With its user.
SELECT s.id, s.user_id, s.seen_at, s.created_at, s.ended_at,
  u.email, u.name, u.role, u.language, u.disabled_at
FROM user_session s JOIN app_user u ON u.id = s.user_id
WHERE s.token_hash = :token_hash

-- name: user_session_lock :one
SELECT * FROM user_session WHERE id = :id AND user_id = :user_id FOR UPDATE

-- name: user_session_touch :exec
UPDATE user_session SET seen_at = :seen_at WHERE id = :id AND seen_at < :seen_at

-- name: user_session_end_at :exec
UPDATE user_session SET ended_at = :ended_at WHERE id = :id

-- name: user_session_end_others :exec
-- All of a user's but one, which may be none.
-- param kept_id uuid_blob?
UPDATE user_session SET ended_at = :ended_at
WHERE user_id = :user_id AND ended_at IS NULL AND (:kept_id IS NULL OR id <> :kept_id)

-- name: user_session_list :list
-- param alive_after time_int
-- param begun_after time_int
SELECT * FROM user_session
WHERE user_id = :user_id AND ended_at IS NULL AND seen_at > :alive_after AND created_at > :begun_after
ORDER BY created_at DESC, id DESC LIMIT 100

-- name: user_session_forget :exec
-- Those that are long over.
-- param before time_int
DELETE FROM user_session WHERE user_id = :user_id AND created_at < :before

-- name: portal_link_by_token :one
SELECT * FROM portal_link WHERE token_hash = :token_hash

-- name: portal_link_lock :one
SELECT * FROM portal_link WHERE token_hash = :token_hash FOR UPDATE

-- name: portal_link_use :exec
UPDATE portal_link SET used_at = :used_at WHERE id = :id

-- name: portal_link_forget :exec
-- param before time_int
DELETE FROM portal_link WHERE expires_at < :before

-- name: portal_customers :list
-- Those with an address that are not deleted, by name.
-- all customers: who has the address is what is asked
-- param limit bigint
SELECT * FROM customer WHERE lower(email) = :email_key AND deleted_at IS NULL
ORDER BY name, external_id LIMIT :limit

-- name: portal_session_by_token :one
SELECT * FROM portal_session WHERE token_hash = :token_hash

-- name: portal_session_lock :one
SELECT * FROM portal_session WHERE id = :id FOR UPDATE

-- name: portal_session_touch :exec
UPDATE portal_session SET seen_at = :seen_at WHERE id = :id AND seen_at < :seen_at

-- name: portal_session_show :exec
UPDATE portal_session SET shown_customer_id = :shown_customer_id WHERE id = :id

-- name: portal_session_end_at :exec
UPDATE portal_session SET ended_at = :ended_at WHERE id = :id

-- name: portal_session_forget :exec
-- param before time_int
DELETE FROM portal_session WHERE created_at < :before
