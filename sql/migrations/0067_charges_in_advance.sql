-- Charges that are paid in advance: each event is billed when it comes.

ALTER TABLE charge ADD COLUMN pay_in_advance bool_int NOT NULL DEFAULT FALSE;
ALTER TABLE charge ADD COLUMN is_invoiceable bool_int NOT NULL DEFAULT TRUE; -- FALSE: its fees stand alone, on no invoice
ALTER TABLE charge ADD COLUMN prorated bool_int NOT NULL DEFAULT FALSE;      -- units count for the days for which they are there

-- A plan has charged for it in advance, now or before: its events are noted in advance_event.
ALTER TABLE billable_metric ADD COLUMN is_paid_ahead bool_int NOT NULL DEFAULT FALSE;

-- Events that may have to be billed at once.  Written with the event, gone with its fees.
CREATE TABLE advance_event (
  customer_id     uuid_blob NOT NULL,
  subscription_id uuid_blob NOT NULL,
  seq             bigint NOT NULL,    -- the event's: they are billed in order of arrival
  usage_event_id        uuid_blob NOT NULL,
  metric_id       uuid_blob NOT NULL,
  occurred_at     time_int NOT NULL,
  due_at          time_int NOT NULL,  -- when it came; for a period that has not begun the start of that
  PRIMARY KEY (customer_id, subscription_id, seq, usage_event_id)
) WITHOUT ROWID;
CREATE INDEX advance_event_due ON advance_event (due_at, customer_id);

ALTER TABLE fee ADD COLUMN pay_in_advance bool_int NOT NULL DEFAULT FALSE; -- of a charge, by itself: made when its event came, or when its period began
ALTER TABLE fee ADD COLUMN usage_event_id uuid_blob;         -- the event that it bills
ALTER TABLE fee ADD COLUMN event_transaction_id text;  -- its
ALTER TABLE fee ADD COLUMN amount_details json_text;   -- how a price by percentage came about
ALTER TABLE fee ADD COLUMN succeeded_at time_int;      -- of a fee that stands alone: when somebody said so
ALTER TABLE fee ADD COLUMN failed_at time_int;
ALTER TABLE fee ADD COLUMN refunded_at time_int;
CREATE INDEX fee_event ON fee (event_transaction_id) WHERE event_transaction_id IS NOT NULL;

-- No invoice: it holds one fee that is not to be invoiced, its currency, zone, taxes and payment status.  It is skipped,
-- so that nothing shows it, never gets a number and is not in the books.
ALTER TABLE invoice ADD COLUMN is_holder bool_int NOT NULL DEFAULT FALSE;

-- Stocks that are carried into the period that begins were paid in advance as of this ingest commit; what comes later
-- is billed event by event.  None: there are no such charges.
ALTER TABLE invoice_subscription ADD COLUMN renewal_seq bigint;
