-- Whose a sub-account was, so that a fee of its cost can be derived again after it has moved.
--
-- What was assigned before this migration counts as its present owner's from the beginning on.

CREATE TABLE vendor_account_owner (
  provider_name   text NOT NULL,
  sub_account_id  text NOT NULL,
  owned_from_at   time_int NOT NULL,
  id              uuid_blob NOT NULL, -- of equal instants, the order
  customer_id     uuid_blob NOT NULL,
  PRIMARY KEY (provider_name, sub_account_id, owned_from_at, id)
) WITHOUT ROWID;

INSERT INTO vendor_account_owner (provider_name, sub_account_id, owned_from_at, id, customer_id)
SELECT provider_name, sub_account_id, created_at, customer_id, customer_id FROM vendor_account;
