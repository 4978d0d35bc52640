-- Keys with scopes and an end; answers that are kept for a repeat of the same request.

ALTER TABLE api_key ADD COLUMN scopes text NOT NULL DEFAULT 'all'; -- as app/scope.h reads them
ALTER TABLE api_key ADD COLUMN is_unlimited bool_int NOT NULL DEFAULT FALSE; -- no rate limit
ALTER TABLE api_key ADD COLUMN expires_at time_int; -- from then on the key is refused
ALTER TABLE api_key ADD COLUMN last_used_at time_int; -- to a minute or two

-- The keys that a database had before are the operator's own.
UPDATE api_key SET is_unlimited = TRUE;

-- What a request with an Idempotency-Key was answered, written in the transaction of its effect.
CREATE TABLE idempotent_answer (
  api_key_id      uuid_blob NOT NULL,
  idempotency_key text NOT NULL,
  fingerprint     blob NOT NULL,      -- of method, path, query and body
  answer_status   bigint NOT NULL,
  content_type    text,
  ignored_fields  text,               -- the header Billow-Ignored-Fields
  body            blob NOT NULL,
  created_at      time_int NOT NULL,
  PRIMARY KEY (api_key_id, idempotency_key)
);
CREATE INDEX idempotent_answer_age ON idempotent_answer (created_at);

-- Lists are read newest first, from any object on.
CREATE INDEX customer_created ON customer (created_at);
CREATE INDEX subscription_created ON subscription (created_at);
CREATE INDEX payment_created ON payment (created_at);
CREATE INDEX event_unmatched_received ON event_unmatched (received_at);
