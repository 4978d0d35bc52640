-- Queries of every kind.

-- insert: thing
-- insert: reading

-- name: thing_load :one
SELECT * FROM thing WHERE id = :id

-- name: thing_list :list
SELECT * FROM thing ORDER BY position

-- name: thing_each :each
SELECT * FROM thing ORDER BY position

-- name: thing_each_from :each
-- Some of the columns, from a position on.
-- param first bigint
SELECT position, label, picture FROM thing WHERE position >= :first ORDER BY position

-- name: thing_by_label :list
SELECT position, label FROM thing ORDER BY label, position

-- name: thing_find :list
-- Each filter is none for any.
-- param wanted_label text?
-- param wanted_price decimal_text?
-- param wanted_day day_int?
SELECT position FROM thing
WHERE (:wanted_label IS NULL OR label = :wanted_label)
  AND (:wanted_price IS NULL OR price = :wanted_price)
  AND (:wanted_day IS NULL OR day = :wanted_day)
ORDER BY position

-- name: thing_parent :list
-- column position bigint
-- column parent_label text?
SELECT child.position, parent.label AS parent_label
FROM thing AS child LEFT JOIN thing AS parent ON parent.id = child.parent_id
ORDER BY child.position

-- name: thing_count :one
-- column total bigint
-- column good bigint
SELECT count(*) AS total, CAST(coalesce(sum(CASE WHEN is_good THEN 1 ELSE 0 END), 0) AS bigint) AS good
FROM thing

-- name: thing_truth :one
-- param yes bool_int
-- column same bool_int
-- column other bool_int
SELECT :yes AND TRUE AS same, NOT :yes AS other

-- name: thing_rename :exec
-- param from_position bigint
UPDATE thing SET label = :label WHERE position >= :from_position

-- name: thing_delete :exec
DELETE FROM thing

-- name: thing_put :batch
-- New ones, or a new label for those that are there.
INSERT INTO thing (id, position, is_good, label) VALUES (:id, :position, TRUE, :label)
ON CONFLICT (id) DO UPDATE SET label = excluded.label
RETURNING position, label

-- name: thing_add_new :batch
-- Only those that are not there.
INSERT INTO thing (id, position, is_good, price, picture)
VALUES (:id, :position, :is_good, :price, :picture)
ON CONFLICT DO NOTHING

-- name: tally_add :one
UPDATE tally SET total = total + :number WHERE name = :name RETURNING total

-- name: tally_put :exec
INSERT INTO tally (name, total) VALUES (:name, :total)

-- name: tally_load :one
SELECT * FROM tally WHERE name = :name

-- name: tally_lock :one
SELECT * FROM tally WHERE name = :name FOR UPDATE

-- name: tally_sum :one
-- column total bigint
SELECT CAST(sum(total) AS bigint) AS total FROM tally
