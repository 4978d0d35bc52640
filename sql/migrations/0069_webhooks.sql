-- Webhooks: where the organization wants to be told of changes, and what it was told.

-- A message may be about what is no customer's (a plan, a tax): then the row is the organization's.
-- only: sqlite
CREATE TABLE outbox_new (
  customer_id     uuid_blob NOT NULL, -- or the organization's id: of what is no customer's
  id              uuid_blob NOT NULL, -- the idempotency key, the same at each try
  topic           text NOT NULL,      -- who delivers it: mail, …
  payload         json_text,          -- in the topic's own words
  delivery        text NOT NULL,      -- waiting, done, failed
  tries           bigint NOT NULL,    -- begun so far
  due_at          time_int,           -- of the next try; none: no more
  last_problem    text,               -- of the newest try that failed
  created_at      time_int NOT NULL,
  ended_at        time_int,
  PRIMARY KEY (customer_id, id)
) WITHOUT ROWID;
INSERT INTO outbox_new (customer_id, id, topic, payload, delivery, tries, due_at, last_problem, created_at, ended_at)
SELECT customer_id, id, topic, payload, delivery, tries, due_at, last_problem, created_at, ended_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (topic, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_failed ON outbox (topic) WHERE delivery = 'failed';
-- end
-- only: postgres
ALTER TABLE outbox DROP CONSTRAINT outbox_customer_id_fkey;
-- end

-- Where messages go.
CREATE TABLE webhook_endpoint (
  id              uuid_blob NOT NULL PRIMARY KEY,
  webhook_url     text NOT NULL UNIQUE,
  name            text,
  wire            text NOT NULL,      -- how messages look and are signed: standard, lago
  signature_algo  text NOT NULL,      -- hmac
  event_types     json_text,          -- a list of those that are wanted; none: all
  disabled_at     time_int,           -- none: messages are delivered
  disabled_reason text,               -- by_request, gone (it answered 410)
  created_at      time_int NOT NULL,
  updated_at      time_int NOT NULL
);

-- What signs: an endpoint's own secret, or, under the organization's id, the one of all endpoints
-- of Lago's form. Beside the endpoints, so that no list, entry or export of these shows it.
CREATE TABLE webhook_secret (
  owner_id        uuid_blob NOT NULL PRIMARY KEY,
  secret          blob NOT NULL,      -- whsec_ and base64; of the organization: hex digits
  previous_secret blob,               -- signs as well, up to then
  previous_until  time_int
);

-- Messages, one for each endpoint that is told; each has a row of its id in outbox.
CREATE TABLE webhook (
  customer_id     uuid_blob NOT NULL, -- or the organization's id: of what is no customer's
  id              uuid_blob NOT NULL, -- the message's own, told at each try
  endpoint_id     uuid_blob NOT NULL,
  webhook_type    text NOT NULL,      -- invoice.created, …
  object_type     text NOT NULL,      -- invoice, …
  object_id       uuid_blob NOT NULL,
  object_said     json_text,          -- what its audit entry says of it; none of what is never deleted
  message_body    text,               -- as sent, made at the first try and never again
  webhook_status  text NOT NULL,      -- waiting, succeeded, failed
  http_status     bigint,             -- of the newest try's answer; none: there was no answer
  answer_head     text,               -- its first bytes
  last_problem    text,               -- of the newest try that failed
  created_at      time_int NOT NULL,  -- of the change
  ended_at        time_int,
  PRIMARY KEY (customer_id, id)
) WITHOUT ROWID;
CREATE INDEX webhook_id ON webhook (id);
CREATE INDEX webhook_created ON webhook (created_at, id);
CREATE INDEX webhook_of_endpoint ON webhook (endpoint_id, created_at, id);
CREATE INDEX webhook_ended ON webhook (ended_at) WHERE ended_at IS NOT NULL;
