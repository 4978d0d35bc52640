-- Figures of one customer, for summaries.

-- name: figures_invoice_list :list
-- All that are shown, drafts too, in order of billing.
SELECT * FROM invoice
WHERE customer_id = :customer_id AND NOT skipped AND status IN ('draft', 'finalized', 'voided')
ORDER BY billing_at, id

-- name: figures_cost_list :list
-- Vendor cost that counts.
SELECT * FROM customer_cost WHERE customer_id = :customer_id
ORDER BY period_start_at, provider_name, sub_account_id, service_name, currency

-- name: figures_ledger_list :list
-- column balance_minor money_int
SELECT account, currency, CAST(sum(amount_minor) AS bigint) AS balance_minor FROM ledger_entry
WHERE customer_id = :customer_id GROUP BY account, currency ORDER BY account, currency
