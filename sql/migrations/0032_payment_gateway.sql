-- Payments by a gateway: their state, when they are looked up, events seen, and what staff must see.

-- A payment that is not made yet has no paid_at.
-- only: sqlite
CREATE TABLE payment_new (
  customer_id     uuid_blob NOT NULL,
  id              uuid_blob NOT NULL,
  invoice_id      uuid_blob NOT NULL,
  payment_type    text NOT NULL,      -- manual, provider (by a gateway)
  amount_minor    money_int NOT NULL, -- asked for; once succeeded, received
  currency        text NOT NULL,
  reference       text,
  status          text NOT NULL,      -- pending, processing, succeeded, failed, unknown; only succeeded is money
  paid_at         time_int,           -- none until it succeeded
  created_at      time_int NOT NULL,
  PRIMARY KEY (customer_id, id),
  FOREIGN KEY (customer_id, invoice_id) REFERENCES invoice (customer_id, id)
) WITHOUT ROWID;
INSERT INTO payment_new (customer_id, id, invoice_id, payment_type, amount_minor, currency, reference, status, paid_at, created_at)
SELECT customer_id, id, invoice_id, payment_type, amount_minor, currency, reference, status, paid_at, created_at FROM payment;
DROP TABLE payment;
ALTER TABLE payment_new RENAME TO payment;
CREATE INDEX payment_invoice ON payment (customer_id, invoice_id);
CREATE INDEX payment_id ON payment (id);
CREATE INDEX payment_created ON payment (created_at);
-- end
-- only: postgres
ALTER TABLE payment ALTER COLUMN paid_at DROP NOT NULL;
-- end
ALTER TABLE payment ADD COLUMN unapplied_minor money_int NOT NULL DEFAULT 0; -- part that the invoice did not need: the customer's credit
ALTER TABLE payment ADD COLUMN receipt_number text;        -- of the billing entity's series; none: not succeeded, or older than receipts
ALTER TABLE payment ADD COLUMN gateway_code text;          -- none: manual
ALTER TABLE payment ADD COLUMN gateway_payment_id text;    -- the gateway's own id; none until it has answered
ALTER TABLE payment ADD COLUMN gateway_reference text;     -- ours, made before the first call: its idempotency key
ALTER TABLE payment ADD COLUMN return_url text;            -- with which the checkout was asked for: a repeat says the same
ALTER TABLE payment ADD COLUMN checkout_locale text;       -- likewise
ALTER TABLE payment ADD COLUMN redirect_url text;          -- the hosted page
ALTER TABLE payment ADD COLUMN failure_code text;          -- why it failed: the decline, expired, canceled, never_started
ALTER TABLE payment ADD COLUMN lookup_at time_int;         -- when the gateway is asked next; none: all is known
ALTER TABLE payment ADD COLUMN lookup_count bigint NOT NULL DEFAULT 0; -- how often it was asked
ALTER TABLE payment ADD COLUMN updated_at time_int;        -- none: as created_at
CREATE UNIQUE INDEX payment_gateway_reference ON payment (customer_id, gateway_reference);
CREATE INDEX payment_reference_any ON payment (gateway_reference) WHERE gateway_reference IS NOT NULL;
CREATE INDEX payment_lookup ON payment (lookup_at) WHERE lookup_at IS NOT NULL;

-- Coordinator: events of webhooks that were taken in, each once.
CREATE TABLE gateway_event (
  gateway_code    text NOT NULL,
  event_id        text NOT NULL,
  kind            text NOT NULL,      -- the gateway's word
  gateway_reference text,             -- which payment it is about
  outcome         text NOT NULL,      -- settled, late, doubted, strange
  received_at     time_int NOT NULL,
  PRIMARY KEY (gateway_code, event_id)
) WITHOUT ROWID;

-- Money that did not go where it was meant to; stays until somebody resolves it.
CREATE TABLE payment_exception (
  customer_id     uuid_blob NOT NULL REFERENCES customer (id),
  id              uuid_blob NOT NULL,
  payment_id      uuid_blob NOT NULL,
  invoice_id      uuid_blob NOT NULL,
  reason          text NOT NULL,      -- overpaid, invoice_voided, amount_differs, currency_differs
  amount_minor    money_int NOT NULL, -- unapplied
  currency        text NOT NULL,
  detail          text NOT NULL,      -- a sentence for staff
  created_at      time_int NOT NULL,
  resolved_at     time_int,           -- none: open
  PRIMARY KEY (customer_id, id),
  FOREIGN KEY (customer_id, payment_id) REFERENCES payment (customer_id, id)
) WITHOUT ROWID;
CREATE INDEX payment_exception_id ON payment_exception (id);
CREATE INDEX payment_exception_open ON payment_exception (created_at) WHERE resolved_at IS NULL;
