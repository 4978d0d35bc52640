-- What became of events that came for a charge in advance while none was there, so that it can be proved of each event that
-- it was billed or had not to be.

-- How many of a period, as the plan was when they came.
CREATE TABLE advance_passed (
  customer_id     uuid_blob NOT NULL,
  subscription_id uuid_blob NOT NULL,
  metric_id       uuid_blob NOT NULL,
  from_at         time_int NOT NULL,  -- the period
  to_at           time_int NOT NULL,  -- exclusive
  plan_version_id uuid_blob NOT NULL, -- has no charge in advance for the metric
  first_seq       bigint NOT NULL,    -- the events' ingest commits
  last_seq        bigint NOT NULL,
  event_count     bigint NOT NULL,
  PRIMARY KEY (customer_id, subscription_id, metric_id, from_at, to_at, plan_version_id)
) WITHOUT ROWID;

-- Events of later ingest commits were noted, and each has its trace.
ALTER TABLE billable_metric ADD COLUMN paid_ahead_seq bigint;
UPDATE billable_metric SET paid_ahead_seq = (SELECT ingest_seq FROM instance WHERE singleton = 1) WHERE is_paid_ahead;
