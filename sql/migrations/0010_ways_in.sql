-- Ways in: who sent a CloudEvent, and how far the ingest of a file has come.

-- 8 bytes, keyed, of a CloudEvent's source; none: it came as a plain event.
ALTER TABLE event_key ADD COLUMN source_hash blob;

-- A file that `billow ingest` reads: what of it is in the database.
CREATE TABLE ingest_checkpoint (
  path            text NOT NULL PRIMARY KEY, -- absolute
  record_count    bigint NOT NULL,    -- lines, or rows of CSV with the header, that are done
  digest          blob NOT NULL,      -- 32 bytes, of those
  accepted_count  bigint NOT NULL,
  duplicate_count bigint NOT NULL,
  unmatched_count bigint NOT NULL,
  updated_at      time_int NOT NULL
);
