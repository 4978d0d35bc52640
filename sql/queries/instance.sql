-- name: instance_load :one
SELECT * FROM instance WHERE singleton = 1

-- insert: instance

-- name: instance_set_clock :exec
-- Keeps the test clock's time in the database.
UPDATE instance SET test_clock_at = :test_clock_at WHERE singleton = 1

-- name: ingest_seq_next :one
-- Takes the number of the next ingest commit; holds the row until the transaction ends, so that
-- commits become visible in the order of their numbers.
UPDATE instance SET ingest_seq = ingest_seq + 1 WHERE singleton = 1 RETURNING ingest_seq

-- name: ingest_commit_next :one
-- The same for a commit that brings event keys.
UPDATE instance SET ingest_seq = ingest_seq + 1, key_commits = key_commits + 1
WHERE singleton = 1 RETURNING ingest_seq, key_commits, metric_revision

-- name: metric_revision_next :one
-- A metric changes: holds the row until the transaction ends, so that no event is committed
-- meanwhile.
UPDATE instance SET metric_revision = metric_revision + 1
WHERE singleton = 1 RETURNING metric_revision

-- name: metric_revision_load :one
SELECT metric_revision FROM instance WHERE singleton = 1

-- name: ingest_seq_newest :one
-- The newest ingest commit that this transaction can see.
SELECT ingest_seq FROM instance WHERE singleton = 1

-- name: number_next :one
-- Takes the next number of a series; holds the series until the transaction ends.
INSERT INTO number_counter (scope_id, series, last_number) VALUES (:scope_id, :series, 1)
ON CONFLICT (scope_id, series) DO UPDATE SET last_number = number_counter.last_number + 1
RETURNING last_number

-- name: number_take :batch
-- Takes as many numbers of each series as last_number says and gives the last of them; each series
-- once in a batch.  Holds them until the transaction ends.
INSERT INTO number_counter (scope_id, series, last_number) VALUES (:scope_id, :series, :last_number)
ON CONFLICT (scope_id, series) DO UPDATE
SET last_number = number_counter.last_number + excluded.last_number
RETURNING scope_id, last_number

-- insert: number_counter
