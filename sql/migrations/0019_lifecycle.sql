-- Lives of plans, customers, billing entities and drafts: versions that follow each other, deletion, archiving.

-- Of the plan as a whole.  A deleted plan's code is free again: `code` then holds its id.
ALTER TABLE plan ADD COLUMN deleted_at time_int;
ALTER TABLE plan ADD COLUMN deleted_code text;    -- what its code was; none while it lives
ALTER TABLE plan ADD COLUMN closed_at time_int;   -- when the last of its subscriptions was ended; none before

-- Whom a version takes over: all (from effective_at on), at_renewal (each at the first new period from then on), new (nobody).
ALTER TABLE plan_version ADD COLUMN applies_to text NOT NULL DEFAULT 'all';

-- One charge through the versions of its plan: the id of its first row, by which it is known outside and billed once.
ALTER TABLE charge ADD COLUMN lineage_id uuid_blob;
UPDATE charge SET lineage_id = id;

ALTER TABLE customer ADD COLUMN deleted_at time_int;
ALTER TABLE billing_entity ADD COLUMN archived_at time_int;

-- What the period was billed by: the plan's own fee and the usage, which differ where a version took over in between.
ALTER TABLE invoice_subscription ADD COLUMN plan_version_id uuid_blob;
ALTER TABLE invoice_subscription ADD COLUMN usage_version_id uuid_blob;
UPDATE invoice_subscription SET
  plan_version_id = (SELECT subscription.plan_version_id FROM subscription
    WHERE subscription.customer_id = invoice_subscription.customer_id
      AND subscription.id = invoice_subscription.subscription_id),
  usage_version_id = (SELECT subscription.plan_version_id FROM subscription
    WHERE subscription.customer_id = invoice_subscription.customer_id
      AND subscription.id = invoice_subscription.subscription_id);

-- A draft whose taxes or terms have changed since it was computed.
ALTER TABLE invoice ADD COLUMN stale_at time_int; -- since when; none: it is as it should be
CREATE INDEX invoice_stale ON invoice (stale_at) WHERE stale_at IS NOT NULL;
