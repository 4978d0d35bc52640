-- What one customer has to pay (app/customer_due.h).

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
