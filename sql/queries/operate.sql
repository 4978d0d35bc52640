-- What operators look at: settings in force, queues, when things were last done.

-- name: maintenance_save :exec
INSERT INTO maintenance (task, started_at, finished_at, words)
VALUES (:task, :started_at, :finished_at, :words)
ON CONFLICT (task) DO UPDATE SET
  started_at = excluded.started_at, finished_at = excluded.finished_at, words = excluded.words

-- name: maintenance_load :one
SELECT * FROM maintenance WHERE task = :task

-- name: engine_setting_list :list
-- The engine's settings that decide whether what is committed stays, as they are in force.
-- column name text
-- column setting text?
-- only: sqlite
SELECT 'version' AS name, sqlite_version() AS setting
UNION ALL SELECT 'journal_mode', journal_mode FROM pragma_journal_mode
UNION ALL SELECT 'synchronous', CAST(synchronous AS text) FROM pragma_synchronous
UNION ALL SELECT 'foreign_keys', CAST(foreign_keys AS text) FROM pragma_foreign_keys
-- end
-- only: postgres
SELECT CAST(name AS text) AS name, CAST(setting AS text) AS setting FROM pg_settings
WHERE name IN ('server_version', 'server_version_num', 'fsync', 'full_page_writes',
  'synchronous_commit', 'server_encoding', 'max_connections')
UNION ALL SELECT 'collation', CAST(datcollate AS text) FROM pg_database
WHERE datname = current_database()
-- end

-- name: engine_check_list :list
-- The file's structure, read through: one row "ok", or what is wrong. PostgreSQL checks pages when
-- it reads them.
-- column words text
-- only: sqlite
SELECT quick_check AS words FROM pragma_quick_check(20)
-- end
-- only: postgres
SELECT 'ok' AS words
-- end

-- name: queue_figures :one
-- How much waits, and since when.
-- all customers: what waits anywhere
-- param now time_int
-- column subscription_due_at time_int?
-- column cost_due_at time_int?
-- column draft_due_at time_int?
-- column draft_count bigint
-- column complete_count bigint
-- column unmatched_count bigint
-- column unmatched_at time_int?
-- column cost_exception_count bigint
-- column late_exception_count bigint
SELECT
  (SELECT min(next_due_at) FROM subscription WHERE next_due_at <= :now) AS subscription_due_at,
  (SELECT min(next_due_at) FROM customer_cost_period WHERE next_due_at <= :now) AS cost_due_at,
  (SELECT min(finalize_at) FROM invoice WHERE finalize_at <= :now AND status = 'draft')
    AS draft_due_at,
  (SELECT count(*) FROM invoice WHERE finalize_at IS NOT NULL AND status = 'draft') AS draft_count,
  (SELECT count(*) FROM invoice WHERE status = 'complete') AS complete_count,
  (SELECT count(*) FROM event_unmatched) AS unmatched_count,
  (SELECT min(received_at) FROM event_unmatched) AS unmatched_at,
  (SELECT count(*) FROM cost_exception) AS cost_exception_count,
  (SELECT count(*) FROM late_exception) AS late_exception_count

-- name: newest_instants :one
-- The newest instants that the database has, to compare the clock with.
-- all customers: the newest anywhere
-- column invoice_at time_int?
-- column maintenance_at time_int?
-- column arrival_day day_int?
-- column audit_chain_count bigint
SELECT
  (SELECT max(created_at) FROM invoice) AS invoice_at,
  (SELECT max(finished_at) FROM maintenance) AS maintenance_at,
  (SELECT max(arrival_day) FROM event_key) AS arrival_day,
  (SELECT count(*) FROM audit_head) AS audit_chain_count
