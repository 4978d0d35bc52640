-- What one customer has to pay and was billed (app/customer_due.h).

-- name: customer_due_list :list
-- By currency, of finalized invoices.
-- column open_minor money_int
-- column open_count bigint
-- column overdue_minor money_int
-- column overdue_count bigint
-- column first_due_day day_int
SELECT currency, CAST(sum(total_amount_minor - paid_amount_minor) AS bigint) AS open_minor,
  count(*) AS open_count,
  CAST(sum(CASE WHEN payment_overdue THEN total_amount_minor - paid_amount_minor ELSE 0 END)
    AS bigint) AS overdue_minor,
  count(CASE WHEN payment_overdue THEN 1 END) AS overdue_count,
  min(payment_due_day) AS first_due_day
FROM invoice
WHERE customer_id = :customer_id AND status = 'finalized' AND payment_status <> 'succeeded'
  AND total_amount_minor > paid_amount_minor
GROUP BY currency ORDER BY currency

-- name: customer_payments_open :list
-- Payments by a gateway of which nobody knows yet how they end, newest first.
SELECT * FROM payment
WHERE customer_id = :customer_id AND status IN ('processing', 'unknown')
ORDER BY created_at DESC, id DESC

-- name: customer_billed_list :list
-- What finalized invoices issued on the days [from_day, to_day) come to with tax, day by day.
-- param from_day day_int
-- param to_day day_int
-- column total_minor money_int
SELECT currency, issuing_day, CAST(sum(total_amount_minor) AS bigint) AS total_minor FROM invoice
WHERE customer_id = :customer_id AND status = 'finalized' AND NOT skipped
  AND issuing_day >= :from_day AND issuing_day < :to_day
GROUP BY currency, issuing_day ORDER BY currency, issuing_day

-- name: customer_billed_last :list
-- The newest finalized invoice in each currency.
SELECT id, currency, fees_amount_minor FROM (
  SELECT id, currency, fees_amount_minor, row_number() OVER (PARTITION BY currency
    ORDER BY issuing_day DESC, created_at DESC, id DESC) AS place
  FROM invoice WHERE customer_id = :customer_id AND status = 'finalized' AND NOT skipped) AS placed
WHERE place = 1 ORDER BY currency
