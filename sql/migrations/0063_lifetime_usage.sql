-- What a subscription used before Billow knew it, as the operator says it.
--
-- It belongs to the external id, not to one subscription, so that it goes on with the next one of that id.

CREATE TABLE lifetime_usage (
  customer_id      uuid_blob NOT NULL,
  external_id      text NOT NULL,      -- the subscription's
  historical_minor money_int NOT NULL, -- 0 or more
  updated_at       time_int NOT NULL,
  PRIMARY KEY (customer_id, external_id),
  FOREIGN KEY (customer_id) REFERENCES customer (id)
) WITHOUT ROWID;
