-- Stocks, averages, minimums, weighted sums and percentiles.

ALTER TABLE billable_metric ADD COLUMN is_recurring bool_int NOT NULL DEFAULT FALSE; -- a stock: carried into the next period
ALTER TABLE billable_metric ADD COLUMN percentile decimal_text;  -- of percentile_agg: above 0, at most 100
ALTER TABLE billable_metric ADD COLUMN slot_seconds bigint;      -- of percentile_agg: the length of a slot

-- None where the first events of the day were counted before this was kept; only metrics that were made since need them.
ALTER TABLE usage_day ADD COLUMN value_count bigint;             -- of the events that have a value
ALTER TABLE usage_day ADD COLUMN min decimal_text;
ALTER TABLE usage_day ADD COLUMN moment decimal_text;            -- of a weighted sum: values times the seconds of their events, added up

ALTER TABLE fee ADD COLUMN total_units decimal_text;             -- of a weighted sum: its level at the end; none: the units
