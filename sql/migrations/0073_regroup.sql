-- Fees that stand alone and were paid are gathered on an invoice at the end of the period.

ALTER TABLE charge ADD COLUMN regroup_paid_fees text;  -- invoice; none: they stay alone
ALTER TABLE invoice ADD COLUMN invoice_type text NOT NULL DEFAULT 'subscription'; -- subscription, advance_charges: of fees that were paid before
CREATE INDEX invoice_holder ON invoice (customer_id) WHERE is_holder;

-- Of an invoice of advance_charges: the period at whose end the fees were gathered, whatever periods they are of.
ALTER TABLE invoice_subscription ADD COLUMN named_from_at time_int;
ALTER TABLE invoice_subscription ADD COLUMN named_to_at time_int; -- exclusive

-- By whose days a fee's period runs, where it is not those of its invoice: it was gathered.
ALTER TABLE fee ADD COLUMN period_timezone text;
