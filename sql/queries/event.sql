-- Events, the keys by which repeats are known, and the running totals.

-- insert: event
-- insert: event_unmatched

-- name: event_key_add :batch
-- Keys of new events; conflicts are another process's doing and end the transaction.
INSERT INTO event_key (arrival_day, transaction_hash, subscription_hash, digest, id, customer_id,
  subscription_id, metric_id, occurred_at, source_hash)
VALUES (:arrival_day, :transaction_hash, :subscription_hash, :digest, :id, :customer_id,
  :subscription_id, :metric_id, :occurred_at, :source_hash)

-- name: event_key_find :one
SELECT * FROM event_key
WHERE arrival_day = :arrival_day AND transaction_hash = :transaction_hash
  AND subscription_hash = :subscription_hash

-- name: event_key_of_transaction :list
-- All events of a day with a transaction id, whatever their subscription.
SELECT * FROM event_key
WHERE arrival_day = :arrival_day AND transaction_hash = :transaction_hash

-- name: event_key_since :each
-- param first_day day_int
SELECT arrival_day, transaction_hash, subscription_hash FROM event_key
WHERE arrival_day >= :first_day

-- name: event_key_move :exec
-- An unmatched event has found its subscription.
UPDATE event_key SET customer_id = :customer_id, subscription_id = :subscription_id
WHERE arrival_day = :arrival_day AND transaction_hash = :transaction_hash
  AND subscription_hash = :subscription_hash

-- name: event_load :one
SELECT * FROM event
WHERE day = :day AND customer_id = :customer_id AND subscription_id = :subscription_id
  AND metric_id = :metric_id AND occurred_at = :occurred_at AND id = :id

-- name: event_unmatched_load :one
SELECT * FROM event_unmatched WHERE id = :id

-- name: event_of_subscription_each :each
-- Events of one metric on one UTC day, within [from_at, to_at).
-- param from_at time_int
-- param to_at time_int
SELECT * FROM event
WHERE day = :day AND customer_id = :customer_id AND subscription_id = :subscription_id
  AND metric_id = :metric_id AND occurred_at >= :from_at AND occurred_at < :to_at
ORDER BY occurred_at, id

-- name: event_of_customer_each :each
-- All events of a customer since a UTC day, in order of day, subscription, metric and time.
SELECT * FROM event WHERE day >= :day AND customer_id = :customer_id
ORDER BY day, subscription_id, metric_id, occurred_at, id

-- name: event_last_day :one
-- all customers: up to which day there are events
SELECT day FROM event ORDER BY day DESC LIMIT 1

-- name: event_since_list :list
-- A subscription's from an instant on, in order of time; each UTC day up to the last one looked up by itself.
-- param first_day day_int
-- param last_day day_int
-- param from_at time_int
WITH RECURSIVE wanted (day) AS (
  SELECT :first_day WHERE :first_day <= :last_day
  UNION ALL
  SELECT wanted.day + 1 FROM wanted WHERE wanted.day < :last_day)
SELECT event.* FROM wanted CROSS JOIN event
WHERE event.day = wanted.day AND event.customer_id = :customer_id
  AND event.subscription_id = :subscription_id AND event.occurred_at >= :from_at
ORDER BY event.occurred_at, event.id

-- name: event_move :exec
-- To the subscription that follows.
-- param to_id uuid_blob
UPDATE event SET subscription_id = :to_id
WHERE day = :day AND customer_id = :customer_id AND subscription_id = :subscription_id
  AND metric_id = :metric_id AND occurred_at = :occurred_at AND id = :id

-- name: event_all_each :each
-- all customers: verify goes through all events
SELECT * FROM event ORDER BY day, customer_id, subscription_id, metric_id, occurred_at, id

-- name: event_count :one
-- all customers: totals of the demo and of doctor
-- column total bigint
SELECT count(*) AS total FROM event

-- name: event_page :list
-- Newest first; each filter is none for any.
-- all customers: the list of events, which may be filtered by subscription
-- The days are those of the instants: they spare the rest of the table.
-- param wanted_customer_id uuid_blob?
-- param wanted_external_id text?
-- param wanted_metric_id uuid_blob?
-- param from_at time_int?
-- param to_at time_int?
-- param from_day day_int
-- param to_day day_int
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT * FROM event
WHERE day >= :from_day AND day <= :to_day
  AND (:wanted_customer_id IS NULL OR (customer_id = :wanted_customer_id
    AND subscription_id IN (SELECT id FROM subscription
      WHERE customer_id = :wanted_customer_id AND external_id = :wanted_external_id)))
  AND (:wanted_metric_id IS NULL OR metric_id = :wanted_metric_id)
  AND (:from_at IS NULL OR occurred_at >= :from_at)
  AND (:to_at IS NULL OR occurred_at <= :to_at)
  AND (occurred_at, id) < (:before_at, :before_id)
ORDER BY day DESC, occurred_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: event_unmatched_list :list
-- What came for an external id before its subscription was known, oldest first.
SELECT * FROM event_unmatched WHERE external_subscription_id = :external_subscription_id
ORDER BY occurred_at, id

-- name: event_unmatched_delete :exec
DELETE FROM event_unmatched
WHERE external_subscription_id = :external_subscription_id AND occurred_at = :occurred_at
  AND id = :id

-- name: event_key_delete :exec
-- An unmatched event was dismissed: sent again, it is new.
DELETE FROM event_key
WHERE arrival_day = :arrival_day AND transaction_hash = :transaction_hash
  AND subscription_hash = :subscription_hash

-- name: event_unmatched_count :one
-- Each filter is none for any.
-- param wanted_external_id text?
-- param wanted_metric_id uuid_blob?
-- column total bigint
SELECT count(*) AS total FROM event_unmatched
WHERE (:wanted_external_id IS NULL OR external_subscription_id = :wanted_external_id)
  AND (:wanted_metric_id IS NULL OR metric_id = :wanted_metric_id)

-- name: event_unmatched_page :list
-- Newest first; each filter is none for any.
-- param wanted_external_id text?
-- param wanted_metric_id uuid_blob?
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT * FROM event_unmatched
WHERE (:wanted_external_id IS NULL OR external_subscription_id = :wanted_external_id)
  AND (:wanted_metric_id IS NULL OR metric_id = :wanted_metric_id)
  AND (received_at, id) < (:before_at, :before_id)
ORDER BY received_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: event_unmatched_summary :list
-- What waits for each external id, the most first.
-- param limit bigint
-- param offset bigint
-- column event_count bigint
-- column first_at time_int
-- column last_at time_int
-- column last_received_at time_int
SELECT external_subscription_id, count(*) AS event_count, MIN(occurred_at) AS first_at,
  MAX(occurred_at) AS last_at, MAX(received_at) AS last_received_at
FROM event_unmatched GROUP BY external_subscription_id
ORDER BY event_count DESC, external_subscription_id LIMIT :limit OFFSET :offset

-- name: event_unmatched_summary_count :one
-- column total bigint
SELECT count(*) AS total
FROM (SELECT external_subscription_id FROM event_unmatched GROUP BY external_subscription_id) AS ids

-- name: event_unmatched_oldest :list
-- The next ones to dismiss; each filter is none for any.
-- param wanted_external_id text
-- param wanted_metric_id uuid_blob?
-- param limit bigint
SELECT * FROM event_unmatched
WHERE external_subscription_id = :wanted_external_id
  AND (:wanted_metric_id IS NULL OR metric_id = :wanted_metric_id)
ORDER BY occurred_at, id LIMIT :limit

-- name: ingest_checkpoint_load :one
SELECT * FROM ingest_checkpoint WHERE path = :path

-- name: ingest_checkpoint_save :batch
INSERT INTO ingest_checkpoint (path, record_count, digest, accepted_count, duplicate_count,
  unmatched_count, updated_at)
VALUES (:path, :record_count, :digest, :accepted_count, :duplicate_count, :unmatched_count,
  :updated_at)
ON CONFLICT (path) DO UPDATE SET record_count = excluded.record_count, digest = excluded.digest,
  accepted_count = excluded.accepted_count, duplicate_count = excluded.duplicate_count,
  unmatched_count = excluded.unmatched_count, updated_at = excluded.updated_at

-- name: usage_day_load :one
SELECT * FROM usage_day
WHERE day = :day AND customer_id = :customer_id AND subscription_id = :subscription_id
  AND metric_id = :metric_id

-- name: usage_day_range :list
-- Totals of local days [first_day, end_day), each day looked up by itself.
-- param first_day day_int
-- param end_day day_int
WITH RECURSIVE wanted (day) AS (
  SELECT :first_day WHERE :first_day < :end_day
  UNION ALL
  SELECT wanted.day + 1 FROM wanted WHERE wanted.day + 1 < :end_day)
SELECT usage_day.* FROM wanted CROSS JOIN usage_day
WHERE usage_day.day = wanted.day AND usage_day.customer_id = :customer_id
  AND usage_day.subscription_id = :subscription_id AND usage_day.metric_id = :metric_id

-- name: usage_day_save :batch
INSERT INTO usage_day (day, customer_id, subscription_id, metric_id, timezone, event_count, sum,
  max, latest, latest_at, latest_id, precise_total_cents, value_count, min, moment)
VALUES (:day, :customer_id, :subscription_id, :metric_id, :timezone, :event_count, :sum,
  :max, :latest, :latest_at, :latest_id, :precise_total_cents, :value_count, :min, :moment)
ON CONFLICT (day, customer_id, subscription_id, metric_id) DO UPDATE SET
  timezone = excluded.timezone, event_count = excluded.event_count, sum = excluded.sum,
  max = excluded.max, latest = excluded.latest, latest_at = excluded.latest_at,
  latest_id = excluded.latest_id, precise_total_cents = excluded.precise_total_cents,
  value_count = excluded.value_count, min = excluded.min, moment = excluded.moment

-- name: usage_day_clear :exec
-- A customer's totals go, to be made anew.
DELETE FROM usage_day WHERE day >= :day AND customer_id = :customer_id

-- name: usage_day_drop :exec
-- A subscription's day goes, to be made anew.
DELETE FROM usage_day
WHERE day = :day AND customer_id = :customer_id AND subscription_id = :subscription_id

-- name: usage_segment_drop :exec
DELETE FROM usage_segment
WHERE day = :day AND customer_id = :customer_id AND subscription_id = :subscription_id

-- name: usage_day_move :exec
-- A whole day, to the subscription that follows.
-- param to_id uuid_blob
UPDATE usage_day SET subscription_id = :to_id
WHERE day = :day AND customer_id = :customer_id AND subscription_id = :subscription_id

-- name: usage_segment_load :one
SELECT * FROM usage_segment
WHERE day = :day AND customer_id = :customer_id AND subscription_id = :subscription_id
  AND metric_id = :metric_id AND filter_revision = :filter_revision AND segment = :segment

-- name: usage_segment_range :list
-- Totals of local days [first_day, end_day), each day looked up by itself, by day.
-- param first_day day_int
-- param end_day day_int
WITH RECURSIVE wanted (day) AS (
  SELECT :first_day WHERE :first_day < :end_day
  UNION ALL
  SELECT wanted.day + 1 FROM wanted WHERE wanted.day + 1 < :end_day)
SELECT usage_segment.* FROM wanted CROSS JOIN usage_segment
WHERE usage_segment.day = wanted.day AND usage_segment.customer_id = :customer_id
  AND usage_segment.subscription_id = :subscription_id AND usage_segment.metric_id = :metric_id
  AND usage_segment.filter_revision = :filter_revision
ORDER BY usage_segment.day, usage_segment.segment

-- name: usage_segment_save :batch
INSERT INTO usage_segment (day, customer_id, subscription_id, metric_id, filter_revision, segment,
  event_count, sum, max, latest, latest_at, latest_id, precise_total_cents, value_count, min,
  moment)
VALUES (:day, :customer_id, :subscription_id, :metric_id, :filter_revision, :segment,
  :event_count, :sum, :max, :latest, :latest_at, :latest_id, :precise_total_cents, :value_count,
  :min, :moment)
ON CONFLICT (day, customer_id, subscription_id, metric_id, filter_revision, segment) DO UPDATE SET
  event_count = excluded.event_count, sum = excluded.sum, max = excluded.max,
  latest = excluded.latest, latest_at = excluded.latest_at, latest_id = excluded.latest_id,
  precise_total_cents = excluded.precise_total_cents, value_count = excluded.value_count,
  min = excluded.min, moment = excluded.moment

-- name: usage_segment_clear :exec
-- A customer's totals go, to be made anew.
DELETE FROM usage_segment WHERE day >= :day AND customer_id = :customer_id

-- name: usage_segment_move :exec
-- param to_id uuid_blob
UPDATE usage_segment SET subscription_id = :to_id
WHERE day = :day AND customer_id = :customer_id AND subscription_id = :subscription_id

-- name: usage_segment_each :each
-- all customers: verify goes through all totals
SELECT * FROM usage_segment ORDER BY customer_id, subscription_id, metric_id, day, filter_revision,
  segment

-- name: usage_day_of_metric :one
-- Whether anybody ever used a metric: reads all totals where nobody did.
-- all customers: a metric is everybody's
SELECT day FROM usage_day WHERE metric_id = :metric_id LIMIT 1

-- name: event_unmatched_of_metric :one
SELECT id FROM event_unmatched WHERE metric_id = :metric_id LIMIT 1

-- name: usage_day_each :each
-- all customers: verify goes through all totals
SELECT * FROM usage_day ORDER BY customer_id, subscription_id, metric_id, day
