-- A subscription that waits beside the one that runs under its external id, to follow it on another plan.

ALTER TABLE subscription ADD COLUMN previous_id uuid_blob;      -- the one that it follows
ALTER TABLE subscription ADD COLUMN takes_over_day day_int;     -- with previous_id: the local day at whose start it does

CREATE UNIQUE INDEX subscription_one_active ON subscription (customer_id, external_id) WHERE status = 'active';
CREATE UNIQUE INDEX subscription_one_pending ON subscription (customer_id, external_id) WHERE status = 'pending';
