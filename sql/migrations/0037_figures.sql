-- What lists and figures of the pages are read from: indexes alone, no new data.

-- Recurring revenue: how many run on each version of a plan, at any time.
CREATE INDEX subscription_running ON subscription (plan_version_id, started_at, terminated_at);

-- What is open, by customer and age; and the counts of invoices by state.
CREATE INDEX invoice_open ON invoice (customer_id, currency, timezone, payment_due_day, payment_overdue, total_amount_minor, paid_amount_minor)
  WHERE status = 'finalized' AND payment_status <> 'succeeded';
CREATE INDEX invoice_state ON invoice (status, payment_status, payment_overdue) WHERE NOT skipped;

-- Revenue by month, from the books; vendor cost behind it.
CREATE INDEX ledger_income ON ledger_entry (posting_type, booked_day, account, currency, amount_minor)
  WHERE account IN ('income:subscription', 'income:usage', 'income:resale');
CREATE INDEX fee_resale ON fee (customer_id, invoice_id, currency, vendor_cost) WHERE fee_type = 'resale';

-- What is looked for by itself.
CREATE INDEX invoice_number ON invoice (number);
CREATE INDEX customer_name ON customer (lower(name));
CREATE INDEX customer_email ON customer (lower(email));
CREATE INDEX customer_tax_number ON customer (lower(tax_identification_number));
