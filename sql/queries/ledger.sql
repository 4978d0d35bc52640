-- The books: balanced postings, append-only.

-- insert: ledger_entry

-- name: ledger_of_document_list :list
-- The entries of an invoice's or a payment's postings.
SELECT * FROM ledger_entry
WHERE customer_id = :customer_id AND document_id = :document_id
ORDER BY created_at, posting_id, line

-- name: ledger_entry_each :each
-- In order of booking, posting by posting.
-- all customers: the books as a whole, for export and proof
SELECT * FROM ledger_entry ORDER BY booked_day, created_at, posting_id, line

-- name: ledger_entry_of_customer_each :each
SELECT * FROM ledger_entry WHERE customer_id = :customer_id ORDER BY posting_id, line

-- name: ledger_balance_list :list
-- What stands on each account in each currency.
-- all customers: the trial balance
-- column balance_minor money_int
SELECT account, currency, CAST(sum(amount_minor) AS bigint) AS balance_minor FROM ledger_entry
GROUP BY account, currency ORDER BY account, currency
