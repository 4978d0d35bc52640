-- Metrics computed by expressions and rounded; events that say what they cost.

ALTER TABLE billable_metric ADD COLUMN expression text;          -- computes the value from the event; none: the property is the value
ALTER TABLE billable_metric ADD COLUMN rounding_function text;   -- of the quantity: round, ceil, floor; none: as it is
ALTER TABLE billable_metric ADD COLUMN rounding_precision bigint; -- decimals, below 0 for tens; none without a function

-- precise_total_amount_cents of an event: what it costs, in minor units; none: it does not say.
ALTER TABLE event ADD COLUMN precise_total_cents decimal_text;
ALTER TABLE event_unmatched ADD COLUMN precise_total_cents decimal_text;
ALTER TABLE usage_day ADD COLUMN precise_total_cents decimal_text; -- their sum; none: 0

-- Raised when a metric changes or goes: what was prepared by an older one is checked again.
ALTER TABLE instance ADD COLUMN metric_revision bigint NOT NULL DEFAULT 0;
