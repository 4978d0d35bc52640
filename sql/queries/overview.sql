-- The provider's figures at a glance (app/overview.h).

-- name: overview_running_each :each
-- Subscriptions that ran at some time from first_at to last_at, those alike counted together.
-- all customers: a sum over everybody
-- param first_at time_int
-- param last_at time_int
-- column subscription_count bigint
SELECT plan_version_id, started_at, terminated_at, count(*) AS subscription_count FROM subscription
WHERE started_at <= :last_at AND (terminated_at IS NULL OR terminated_at > :first_at)
GROUP BY plan_version_id, started_at, terminated_at
ORDER BY plan_version_id, started_at, terminated_at

-- name: overview_version_list :list
-- Every version of every plan, in order.
SELECT * FROM plan_version ORDER BY plan_id, version

-- name: overview_open_list :list
-- What is open, by the day it was due and the zone of that day.
-- all customers: a sum over everybody
-- column open_minor money_int
-- column invoice_count bigint
SELECT currency, timezone, payment_due_day,
  CAST(sum(total_amount_minor - paid_amount_minor) AS bigint) AS open_minor,
  count(*) AS invoice_count
FROM invoice
WHERE status = 'finalized' AND payment_status <> 'succeeded'
  AND total_amount_minor > paid_amount_minor
GROUP BY currency, timezone, payment_due_day ORDER BY currency, timezone, payment_due_day

-- name: overview_debtor_each :each
-- The first day on which each customer had something due that is open, by currency and zone.
-- all customers: a sum over everybody
-- column first_due_day day_int
SELECT customer_id, currency, timezone, min(payment_due_day) AS first_due_day FROM invoice
WHERE status = 'finalized' AND payment_status <> 'succeeded'
  AND total_amount_minor > paid_amount_minor
GROUP BY customer_id, currency, timezone ORDER BY customer_id, currency, timezone

-- name: overview_income_list :list
-- What invoices issued on the days [from_day, to_day) booked as income; credit is negative.
-- all customers: a sum over everybody
-- param from_day day_int
-- param to_day day_int
-- column balance_minor money_int
SELECT booked_day, account, currency, CAST(sum(amount_minor) AS bigint) AS balance_minor
FROM ledger_entry
WHERE posting_type = 'invoice' AND booked_day >= :from_day AND booked_day < :to_day
  AND account IN ('income:subscription', 'income:usage', 'income:resale')
GROUP BY booked_day, account, currency ORDER BY booked_day, account, currency

-- name: overview_void_list :list
-- What was taken back of it by voiding, on the day of the invoice.
-- all customers: a sum over everybody
-- param from_day day_int
-- param to_day day_int
-- column balance_minor money_int
SELECT invoice.issuing_day, ledger_entry.account, ledger_entry.currency,
  CAST(sum(ledger_entry.amount_minor) AS bigint) AS balance_minor
FROM ledger_entry
JOIN invoice ON invoice.customer_id = ledger_entry.customer_id
  AND invoice.id = ledger_entry.document_id
WHERE ledger_entry.posting_type = 'void'
  AND ledger_entry.account IN ('income:subscription', 'income:usage', 'income:resale')
  AND invoice.issuing_day >= :from_day AND invoice.issuing_day < :to_day
GROUP BY invoice.issuing_day, ledger_entry.account, ledger_entry.currency
ORDER BY invoice.issuing_day, ledger_entry.account, ledger_entry.currency

-- name: overview_resale_each :each
-- The vendor cost behind each resale fee of a finalized invoice issued on those days.
-- all customers: a sum over everybody
-- param from_day day_int
-- param to_day day_int
SELECT invoice.issuing_day, fee.currency, fee.vendor_cost
FROM fee JOIN invoice ON invoice.customer_id = fee.customer_id AND invoice.id = fee.invoice_id
WHERE fee.fee_type = 'resale' AND fee.vendor_cost IS NOT NULL AND invoice.status = 'finalized'
  AND invoice.issuing_day >= :from_day AND invoice.issuing_day < :to_day

-- name: overview_run :one
-- What the billing run has before it.
-- all customers: a sum over everybody
-- param now time_int
-- column due_subscription_count bigint
-- column due_draft_count bigint
-- column draft_count bigint
-- column complete_count bigint
-- column next_subscription_at time_int?
-- column next_draft_at time_int?
-- column next_cost_at time_int?
SELECT
  (SELECT count(*) FROM subscription WHERE next_due_at <= :now) AS due_subscription_count,
  (SELECT count(*) FROM invoice WHERE finalize_at IS NOT NULL AND finalize_at <= :now)
    AS due_draft_count,
  (SELECT count(*) FROM invoice WHERE finalize_at IS NOT NULL AND status = 'draft') AS draft_count,
  (SELECT count(*) FROM invoice WHERE status = 'complete') AS complete_count,
  (SELECT min(next_due_at) FROM subscription WHERE next_due_at > :now) AS next_subscription_at,
  (SELECT min(finalize_at) FROM invoice WHERE finalize_at > :now) AS next_draft_at,
  (SELECT min(next_due_at) FROM customer_cost_period WHERE next_due_at > :now) AS next_cost_at
