-- Metrics and charges told apart by what events say.

ALTER TABLE billable_metric ADD COLUMN filters json_text NOT NULL DEFAULT '{}'; -- keys with their values: {"cloud": ["aws", "gcp"]}
ALTER TABLE billable_metric ADD COLUMN filter_revision bigint NOT NULL DEFAULT 0; -- raised when they change

-- A price of its own for some of a charge's events.
CREATE TABLE charge_filter (
  id              uuid_blob NOT NULL PRIMARY KEY,
  charge_id       uuid_blob NOT NULL REFERENCES charge (id),
  lineage_id      uuid_blob NOT NULL, -- the same in all versions of the plan
  position        bigint NOT NULL,
  invoice_display_name text,
  match_values    json_text NOT NULL, -- as they were sent: {"cloud": ["__ALL_FILTER_VALUES__"]}
  listed_values   json_text NOT NULL, -- with those that the metric listed when the version was made
  properties      json_text NOT NULL  -- of the charge's model
);
CREATE INDEX charge_filter_charge ON charge_filter (charge_id, position);

-- Running totals of a day, told apart by what the events say of the metric's filters.  Whole where they hold as many
-- events as usage_day: events that came before the revision are in none.
CREATE TABLE usage_segment (
  day             day_int NOT NULL,
  customer_id     uuid_blob NOT NULL,
  subscription_id uuid_blob NOT NULL,
  metric_id       uuid_blob NOT NULL,
  filter_revision bigint NOT NULL,    -- of the metric, by which the segment was told
  segment         text NOT NULL,      -- the place of each key's value among those listed: "0.2.-"
  event_count     bigint NOT NULL,
  sum             decimal_text NOT NULL,
  max             decimal_text,
  latest          decimal_text,
  latest_at       time_int,
  latest_id       uuid_blob,          -- decides between events of one instant
  precise_total_cents decimal_text,
  value_count     bigint,
  min             decimal_text,
  moment          decimal_text,
  PRIMARY KEY (day, customer_id, subscription_id, metric_id, filter_revision, segment)
) WITHOUT ROWID;

ALTER TABLE fee ADD COLUMN charge_filter_id uuid_blob; -- none: of no filter
