-- What is delivered after the commit.

-- insert: outbox

-- name: outbox_load :one
SELECT * FROM outbox WHERE customer_id = :customer_id AND id = :id

-- name: outbox_due :one
-- Whether anything of a topic is due.
-- all customers: whoever's is due
-- param now time_int
-- column due_at time_int
SELECT due_at FROM outbox WHERE topic = :topic AND due_at <= :now ORDER BY due_at LIMIT 1

-- name: outbox_next :one
-- The oldest that is due, locked; what another process is just claiming is passed over.
-- all customers: whoever's is due
-- param now time_int
SELECT * FROM outbox WHERE topic = :topic AND due_at <= :now
ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED

-- name: outbox_claim :exec
UPDATE outbox SET tries = :tries, due_at = :due_at
WHERE customer_id = :customer_id AND id = :id

-- name: outbox_end_try :exec
-- Unless the claim was lost to another process.
UPDATE outbox SET delivery = :delivery, due_at = :due_at, last_problem = :last_problem,
  ended_at = :ended_at
WHERE customer_id = :customer_id AND id = :id AND tries = :tries AND delivery = 'waiting'

-- name: outbox_again :exec
-- As if it were new.
UPDATE outbox SET delivery = 'waiting', tries = 0, due_at = :due_at, ended_at = NULL
WHERE customer_id = :customer_id AND id = :id

-- name: outbox_figures :one
-- all customers: what waits anywhere
-- param now time_int
-- column waiting_count bigint
-- column failed_count bigint
-- column oldest_at time_int?
SELECT
  (SELECT count(*) FROM outbox WHERE topic = :topic AND due_at IS NOT NULL) AS waiting_count,
  (SELECT count(*) FROM outbox WHERE topic = :topic AND delivery = 'failed') AS failed_count,
  (SELECT min(due_at) FROM outbox WHERE topic = :topic AND due_at <= :now) AS oldest_at
