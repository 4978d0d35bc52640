-- What a charge in advance has billed for a period, to see what is left of its maximum.
CREATE INDEX fee_advance ON fee (customer_id, subscription_id, from_at) WHERE usage_event_id IS NOT NULL;
