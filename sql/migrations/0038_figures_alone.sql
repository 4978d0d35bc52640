-- The figures of 0037 are read from indexes alone: SQLite does so only where an index also has the
-- columns of its own condition.  A customer's mails are few: they are found by the key.
DROP INDEX invoice_open;
CREATE INDEX invoice_open ON invoice (customer_id, currency, timezone, payment_due_day, payment_overdue, total_amount_minor, paid_amount_minor, status, payment_status)
  WHERE status = 'finalized' AND payment_status <> 'succeeded';
DROP INDEX invoice_state;
CREATE INDEX invoice_state ON invoice (status, payment_status, payment_overdue, skipped) WHERE NOT skipped;
DROP INDEX fee_resale;
CREATE INDEX fee_resale ON fee (customer_id, invoice_id, currency, vendor_cost, fee_type) WHERE fee_type = 'resale';
DROP INDEX mail_invoice;
