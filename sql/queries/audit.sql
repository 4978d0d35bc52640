-- name: audit_head_lock :one
-- The end of a chain, held until the transaction ends.
SELECT * FROM audit_head WHERE chain_id = :chain_id FOR UPDATE

-- name: audit_head_set :exec
INSERT INTO audit_head (chain_id, entry_number, hash) VALUES (:chain_id, :entry_number, :hash)
ON CONFLICT (chain_id) DO UPDATE SET entry_number = excluded.entry_number, hash = excluded.hash

-- insert: audit_entry

-- name: audit_chain_list :list
-- Every chain's end.
SELECT * FROM audit_head ORDER BY chain_id

-- name: audit_entry_each :each
-- A chain from its first entry on.
SELECT * FROM audit_entry WHERE chain_id = :chain_id ORDER BY entry_number

-- name: audit_head_of_range :list
-- The ends of the chains with ids from first_id to last_id, of those that have one.
-- param first_id uuid_blob
-- param last_id uuid_blob
SELECT * FROM audit_head WHERE chain_id BETWEEN :first_id AND :last_id ORDER BY chain_id

-- name: audit_head_put :batch
INSERT INTO audit_head (chain_id, entry_number, hash) VALUES (:chain_id, :entry_number, :hash)
ON CONFLICT (chain_id) DO UPDATE SET entry_number = excluded.entry_number, hash = excluded.hash

-- name: audit_chain_without_end :list
-- Chains that have entries, but no end: it was deleted.
-- column chain_id uuid_blob
SELECT DISTINCT chain_id FROM audit_entry
WHERE NOT EXISTS (SELECT 1 FROM audit_head WHERE audit_head.chain_id = audit_entry.chain_id)
ORDER BY chain_id

-- name: audit_page :list
-- Entries, newest first.
-- param wanted_chain_id uuid_blob?
-- param wanted_object_id uuid_blob?
-- param wanted_actor text?
-- param action_like text?
-- param created_from time_int?
-- param created_to time_int?
-- param before_at time_int
-- param before_chain_id uuid_blob
-- param before_number bigint
-- param limit bigint
-- param offset bigint
SELECT * FROM audit_entry
WHERE (:wanted_chain_id IS NULL OR chain_id = :wanted_chain_id)
  AND (:wanted_object_id IS NULL OR object_id = :wanted_object_id)
  AND (:wanted_actor IS NULL OR actor = :wanted_actor)
  AND (:action_like IS NULL OR action LIKE :action_like ESCAPE '!')
  AND (:created_from IS NULL OR created_at >= :created_from)
  AND (:created_to IS NULL OR created_at < :created_to)
  AND (created_at, chain_id, entry_number) < (:before_at, :before_chain_id, :before_number)
ORDER BY created_at DESC, chain_id DESC, entry_number DESC LIMIT :limit OFFSET :offset

-- name: audit_of_object :list
-- The newest entries about one object, newest first.
-- param limit bigint
SELECT * FROM audit_entry WHERE object_id = :object_id
ORDER BY created_at DESC, chain_id DESC, entry_number DESC LIMIT :limit

-- name: audit_of_chain :list
-- The newest entries of one chain, newest first.
-- param limit bigint
SELECT * FROM audit_entry WHERE chain_id = :chain_id ORDER BY entry_number DESC LIMIT :limit

-- name: audit_count :one
-- How many audit_page has in all.
-- param wanted_chain_id uuid_blob?
-- param wanted_object_id uuid_blob?
-- param wanted_actor text?
-- param action_like text?
-- param created_from time_int?
-- param created_to time_int?
-- column total bigint
SELECT count(*) AS total FROM audit_entry
WHERE (:wanted_chain_id IS NULL OR chain_id = :wanted_chain_id)
  AND (:wanted_object_id IS NULL OR object_id = :wanted_object_id)
  AND (:wanted_actor IS NULL OR actor = :wanted_actor)
  AND (:action_like IS NULL OR action LIKE :action_like ESCAPE '!')
  AND (:created_from IS NULL OR created_at >= :created_from)
  AND (:created_to IS NULL OR created_at < :created_to)

-- name: audit_export_each :each
-- Entries of one chain or all, chain by chain, in their order.
-- param wanted_chain_id uuid_blob?
-- param created_from time_int?
-- param created_to time_int?
SELECT * FROM audit_entry
WHERE (:wanted_chain_id IS NULL OR chain_id = :wanted_chain_id)
  AND (:created_from IS NULL OR created_at >= :created_from)
  AND (:created_to IS NULL OR created_at < :created_to)
ORDER BY chain_id, entry_number

-- name: audit_anchor_lock :one
-- Anchors are made one after the other.
SELECT * FROM organization WHERE id = :id FOR UPDATE

-- name: audit_anchor_newest :one
SELECT * FROM audit_anchor ORDER BY anchor_number DESC LIMIT 1

-- name: audit_anchor_list :list
-- Oldest first.
SELECT * FROM audit_anchor ORDER BY anchor_number

-- name: audit_anchor_page :list
-- Newest first.
-- param limit bigint
-- param offset bigint
SELECT * FROM audit_anchor ORDER BY anchor_number DESC LIMIT :limit OFFSET :offset

-- name: audit_anchor_count :one
-- column total bigint
SELECT count(*) AS total FROM audit_anchor

-- name: audit_unanchored_list :list
-- Ends of the chains that grew since they were last anchored, in order of chain.
SELECT * FROM audit_head
WHERE NOT EXISTS (SELECT 1 FROM audit_anchor_head
                  WHERE audit_anchor_head.chain_id = audit_head.chain_id
                    AND audit_anchor_head.entry_number = audit_head.entry_number)
ORDER BY chain_id

-- name: audit_anchor_head_each :each
-- What one anchor fixes, in order of chain.
SELECT * FROM audit_anchor_head WHERE anchor_number = :anchor_number ORDER BY chain_id

-- name: audit_anchor_check_each :each
-- What each anchor fixes that is not so, by chain: the entry is not there, or is another one.
-- column entry_hash blob?
SELECT audit_anchor_head.chain_id, audit_anchor_head.entry_number, audit_anchor_head.hash,
  audit_anchor_head.anchor_number, audit_entry.hash AS entry_hash
FROM audit_anchor_head LEFT JOIN audit_entry
  ON audit_entry.chain_id = audit_anchor_head.chain_id
  AND audit_entry.entry_number = audit_anchor_head.entry_number
WHERE audit_entry.hash IS NULL OR audit_entry.hash <> audit_anchor_head.hash
ORDER BY audit_anchor_head.chain_id, audit_anchor_head.entry_number

-- name: audit_anchored_before :one
-- The last anchored entry of a chain before another; 0: none.
-- column entry_number bigint
SELECT coalesce(max(entry_number), 0) AS entry_number FROM audit_anchor_head
WHERE chain_id = :chain_id AND entry_number < :entry_number

-- insert: audit_anchor
-- insert: audit_anchor_head
