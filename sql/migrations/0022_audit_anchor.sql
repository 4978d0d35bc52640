-- Anchors of the audit trail: what every chain ended with, once a day, signed; and indexes to list entries by.

-- Each anchor fixes the ends of the chains that grew since the one before, and follows it by hash.
CREATE TABLE audit_anchor (
  anchor_number   bigint NOT NULL PRIMARY KEY, -- 1, 2, 3 … without a gap
  anchored_at     time_int NOT NULL,
  chain_count     bigint NOT NULL,    -- rows of audit_anchor_head that belong to it
  heads_hash      blob NOT NULL,      -- BLAKE2b-256 over them, in order of chain
  previous_hash   blob NOT NULL,      -- the former anchor's; zeros for the first
  public_key      blob,               -- Ed25519, 32 bytes; none: unsigned
  hash            blob NOT NULL,      -- BLAKE2b-256 over all of the above
  signature       blob                -- 64 bytes, over "billow audit anchor" and the hash
);

-- The end of one chain as an anchor found it.
CREATE TABLE audit_anchor_head (
  chain_id        uuid_blob NOT NULL,
  entry_number    bigint NOT NULL,
  hash            blob NOT NULL,
  anchor_number   bigint NOT NULL REFERENCES audit_anchor (anchor_number),
  PRIMARY KEY (chain_id, entry_number)
) WITHOUT ROWID;
CREATE INDEX audit_anchor_head_anchor ON audit_anchor_head (anchor_number);

CREATE INDEX audit_entry_created ON audit_entry (created_at);
CREATE INDEX audit_entry_object ON audit_entry (object_id);
