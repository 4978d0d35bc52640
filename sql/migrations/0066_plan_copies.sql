-- Plans of a subscription's own: copies that differ from the plan in what was agreed with one customer.

ALTER TABLE plan ADD COLUMN parent_id uuid_blob;         -- of a copy: the plan that was copied; its code is that plan's
ALTER TABLE plan ADD COLUMN parent_version_id uuid_blob; -- of a copy: the version that was copied
ALTER TABLE plan ADD COLUMN subscription_id uuid_blob;   -- of a copy: whose it is
CREATE UNIQUE INDEX plan_subscription ON plan (subscription_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX plan_parent ON plan (parent_id) WHERE parent_id IS NOT NULL;
