-- Usage that arrives after its period was billed: what was counted, what may be late, what is too late.

-- The charges of the period count events of ingest commits up to this one; none: no charges, or billed before this was kept.
ALTER TABLE invoice_subscription ADD COLUMN usage_seq bigint;
UPDATE invoice_subscription SET usage_seq = (
  SELECT max(fee.event_seq) FROM fee
  WHERE fee.customer_id = invoice_subscription.customer_id AND fee.invoice_id = invoice_subscription.invoice_id
    AND fee.subscription_id = invoice_subscription.subscription_id);

-- Days of usage that got events when their period was over or nearly so.  Noted by the ingest, which does not know better;
-- whether they are late is seen when the subscription is billed next.  Gone when they are billed.
CREATE TABLE late_usage (
  customer_id     uuid_blob NOT NULL,
  subscription_id uuid_blob NOT NULL,
  metric_id       uuid_blob NOT NULL,
  day             day_int NOT NULL,   -- the customer's local day
  seq             bigint NOT NULL,    -- newest ingest commit that brought some
  first_at        time_int NOT NULL,  -- occurred_at of the earliest and of the latest
  last_at         time_int NOT NULL,
  noted_at        time_int NOT NULL,  -- when the first of them came
  is_ended        bool_int NOT NULL,  -- the subscription had ended: nothing else bills it any more
  PRIMARY KEY (customer_id, subscription_id, metric_id, day)
) WITHOUT ROWID;
CREATE INDEX late_usage_ended ON late_usage (customer_id, subscription_id) WHERE is_ended;

-- Late usage that can't be billed any more, with the reason; stays until somebody dismisses it.
CREATE TABLE late_exception (
  customer_id     uuid_blob NOT NULL REFERENCES customer (id),
  subscription_id uuid_blob NOT NULL,
  charge_id       uuid_blob NOT NULL, -- of the plan version that billed the period
  from_at         time_int NOT NULL,  -- the charges' period
  to_at           time_int NOT NULL,  -- exclusive
  id              uuid_blob NOT NULL,
  metric_id       uuid_blob NOT NULL,
  reason          text NOT NULL,      -- too_old, currency_differs
  event_count     bigint NOT NULL,    -- what is not billed of the period
  units           decimal_text NOT NULL,
  amount_minor    money_int NOT NULL, -- before tax
  currency        text NOT NULL,
  event_seq       bigint NOT NULL,    -- counts the events of ingest commits up to this one
  created_at      time_int NOT NULL,
  updated_at      time_int NOT NULL,
  PRIMARY KEY (customer_id, subscription_id, charge_id, from_at),
  FOREIGN KEY (customer_id, subscription_id) REFERENCES subscription (customer_id, id)
) WITHOUT ROWID;
CREATE INDEX late_exception_id ON late_exception (id);
