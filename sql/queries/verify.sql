-- What `billow verify` goes through: everything, in an order in which it can be checked row by row.

-- name: verify_invoice_each :each
-- all customers: the proof of all invoices
SELECT * FROM invoice
WHERE status IN ('finalized', 'voided') AND NOT skipped
ORDER BY customer_id, id

-- name: verify_payment_each :each
-- all customers: the proof of all payments
SELECT * FROM payment ORDER BY customer_id, id

-- name: verify_event_key_each :each
-- all customers: the proof of all events
SELECT * FROM event_key WHERE customer_id IS NOT NULL
ORDER BY arrival_day, transaction_hash, subscription_hash

-- name: verify_ledger_each :each
-- Posting by posting.
-- all customers: the proof of the books
SELECT * FROM ledger_entry ORDER BY customer_id, posting_id, line

-- name: verify_number_each :each
-- Numbers of each series, in order: by customer and entity, or by entity.
-- all customers: numbers are without gaps over all customers
SELECT * FROM invoice
WHERE number IS NOT NULL ORDER BY billing_entity_id, number
