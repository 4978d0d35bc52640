-- What is to be done outside once its transaction has committed, and the mails that customers get.

-- One row for each thing. Written in the transaction of what it follows from; whoever delivers it
-- claims it by moving due_at behind the time that a delivery may take.
CREATE TABLE outbox (
  customer_id     uuid_blob NOT NULL REFERENCES customer (id),
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
CREATE INDEX outbox_due ON outbox (topic, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_failed ON outbox (topic) WHERE delivery = 'failed';

-- What customers were sent, or could not be.
CREATE TABLE mail (
  customer_id     uuid_blob NOT NULL REFERENCES customer (id),
  id              uuid_blob NOT NULL, -- of its row in outbox, and its Message-ID
  mail_type       text NOT NULL,      -- invoice, receipt, portal_link
  invoice_id      uuid_blob,
  payment_id      uuid_blob,
  to_address      text,               -- none: the customer has no address
  link_url        text,               -- of portal_link; none once it was sent
  subject         text,               -- as sent
  mail_status     text NOT NULL,      -- waiting, sent, failed, no_address
  last_problem    text,
  created_at      time_int NOT NULL,
  sent_at         time_int,
  PRIMARY KEY (customer_id, id)
) WITHOUT ROWID;
CREATE INDEX mail_id ON mail (id);
CREATE INDEX mail_created ON mail (created_at, id);
CREATE INDEX mail_invoice ON mail (customer_id, invoice_id);
