-- Answers that are kept for a repeat of the same request.

-- name: idempotent_answer_load :one
SELECT * FROM idempotent_answer
WHERE api_key_id = :api_key_id AND idempotency_key = :idempotency_key

-- name: idempotent_answer_claim :exec
-- Changes nothing where the key is there already; where another transaction is just writing it,
-- that one's end is waited for.
INSERT INTO idempotent_answer (api_key_id, idempotency_key, fingerprint, answer_status, content_type,
  ignored_fields, body, created_at)
VALUES (:api_key_id, :idempotency_key, :fingerprint, :answer_status, :content_type, :ignored_fields, :body,
  :created_at)
ON CONFLICT (api_key_id, idempotency_key) DO NOTHING

-- name: idempotent_answer_fill :exec
UPDATE idempotent_answer SET answer_status = :answer_status, content_type = :content_type,
  ignored_fields = :ignored_fields, body = :body
WHERE api_key_id = :api_key_id AND idempotency_key = :idempotency_key

-- name: idempotent_answer_drop :exec
DELETE FROM idempotent_answer
WHERE api_key_id = :api_key_id AND idempotency_key = :idempotency_key

-- name: idempotent_answer_purge :exec
-- param before time_int
DELETE FROM idempotent_answer WHERE created_at < :before
