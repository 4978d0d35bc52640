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
