-- Customers with what they bring and owe (app/customer_table.h).

-- name: customer_table_list :list
-- Each filter is none for any; `sort` is created, name, mrr, open or overdue, `direction` 1 or -1.
-- A subscription counts at the version of its plan that holds at `now`, for a year.  Ids and sums
-- alone: sorting whole customers takes far longer than looking up those of one page.
-- all customers: the list of customers itself
-- param now time_int
-- param search_like text?
-- param wanted_currency text?
-- param wanted_status text?
-- param sort text
-- param direction bigint
-- param limit bigint
-- param offset bigint
-- column yearly_minor money_int
-- column running_count bigint
-- column open_minor money_int
-- column overdue_minor money_int
-- column oldest_due_day day_int?
-- column total bigint
WITH price (plan_version_id, yearly_minor) AS (
  SELECT mine.id, (
    SELECT newer.yearly_minor FROM plan_version AS newer
    WHERE newer.plan_id = mine.plan_id AND (newer.id = mine.id OR (newer.version > mine.version
      AND newer.effective_at <= :now AND newer.applies_to = 'all'))
    ORDER BY newer.version DESC LIMIT 1)
  FROM plan_version AS mine),
running (customer_id, yearly_minor, running_count) AS (
  SELECT subscription.customer_id, CAST(sum(price.yearly_minor) AS bigint), count(*)
  FROM subscription JOIN price ON price.plan_version_id = subscription.plan_version_id
  WHERE subscription.started_at <= :now
    AND (subscription.terminated_at IS NULL OR subscription.terminated_at > :now)
  GROUP BY subscription.customer_id),
unpaid (customer_id, open_minor, overdue_minor, oldest_due_day) AS (
  SELECT invoice.customer_id, CAST(sum(total_amount_minor - paid_amount_minor) AS bigint),
    CAST(sum(CASE WHEN payment_overdue THEN total_amount_minor - paid_amount_minor ELSE 0 END)
      AS bigint),
    min(payment_due_day)
  FROM invoice
  WHERE status = 'finalized' AND payment_status <> 'succeeded'
    AND total_amount_minor > paid_amount_minor
  GROUP BY invoice.customer_id)
SELECT customer.id, coalesce(running.yearly_minor, 0) AS yearly_minor,
  coalesce(running.running_count, 0) AS running_count,
  coalesce(unpaid.open_minor, 0) AS open_minor,
  coalesce(unpaid.overdue_minor, 0) AS overdue_minor, unpaid.oldest_due_day AS oldest_due_day,
  count(*) OVER () AS total
FROM customer
LEFT JOIN running ON running.customer_id = customer.id
LEFT JOIN unpaid ON unpaid.customer_id = customer.id
WHERE customer.deleted_at IS NULL
  AND (:wanted_currency IS NULL OR customer.currency = :wanted_currency)
  AND (:search_like IS NULL OR lower(customer.external_id) LIKE :search_like ESCAPE '!'
    OR lower(customer.name) LIKE :search_like ESCAPE '!'
    OR lower(customer.legal_name) LIKE :search_like ESCAPE '!'
    OR lower(customer.email) LIKE :search_like ESCAPE '!'
    OR lower(customer.tax_identification_number) LIKE :search_like ESCAPE '!')
  AND (:wanted_status IS NULL
    OR (:wanted_status = 'overdue' AND unpaid.overdue_minor > 0)
    OR (:wanted_status = 'open' AND unpaid.open_minor > 0)
    OR (:wanted_status = 'active' AND running.running_count > 0)
    OR (:wanted_status = 'inactive' AND running.running_count IS NULL))
ORDER BY
  CASE WHEN :sort IN ('mrr', 'open', 'overdue') THEN coalesce(customer.currency, '') END,
  CASE WHEN :sort = 'name' AND :direction > 0
    THEN lower(coalesce(customer.name, customer.external_id)) END,
  CASE WHEN :sort = 'name' AND :direction < 0
    THEN lower(coalesce(customer.name, customer.external_id)) END DESC,
  :direction * CASE :sort WHEN 'created' THEN customer.created_at
    WHEN 'mrr' THEN coalesce(running.yearly_minor, 0)
    WHEN 'open' THEN coalesce(unpaid.open_minor, 0)
    WHEN 'overdue' THEN coalesce(unpaid.overdue_minor, 0) ELSE 0 END,
  customer.id
LIMIT :limit OFFSET :offset

-- name: customer_table_sums :one
-- The same sums of one customer.
-- param now time_int
-- column yearly_minor money_int
-- column running_count bigint
-- column open_minor money_int
-- column overdue_minor money_int
-- column oldest_due_day day_int?
WITH running (yearly_minor) AS (
  SELECT (
    SELECT newer.yearly_minor FROM plan_version AS newer
    WHERE newer.plan_id = mine.plan_id AND (newer.id = mine.id OR (newer.version > mine.version
      AND newer.effective_at <= :now AND newer.applies_to = 'all'))
    ORDER BY newer.version DESC LIMIT 1)
  FROM subscription JOIN plan_version AS mine ON mine.id = subscription.plan_version_id
  WHERE subscription.customer_id = :customer_id AND subscription.started_at <= :now
    AND (subscription.terminated_at IS NULL OR subscription.terminated_at > :now)),
unpaid (open_minor, payment_overdue, payment_due_day) AS (
  SELECT total_amount_minor - paid_amount_minor, payment_overdue, payment_due_day FROM invoice
  WHERE customer_id = :customer_id AND status = 'finalized' AND payment_status <> 'succeeded'
    AND total_amount_minor > paid_amount_minor)
SELECT
  (SELECT CAST(coalesce(sum(yearly_minor), 0) AS bigint) FROM running) AS yearly_minor,
  (SELECT count(*) FROM running) AS running_count,
  (SELECT CAST(coalesce(sum(open_minor), 0) AS bigint) FROM unpaid) AS open_minor,
  (SELECT CAST(coalesce(sum(open_minor), 0) AS bigint) FROM unpaid WHERE payment_overdue)
    AS overdue_minor,
  (SELECT min(payment_due_day) FROM unpaid) AS oldest_due_day

-- name: customer_table_invoiced :one
-- What a customer was invoiced (with tax) and paid, in all.
-- column invoiced_minor money_int
-- column paid_minor money_int
-- column invoice_count bigint
-- column draft_count bigint
SELECT
  CAST(coalesce(sum(CASE WHEN status = 'finalized' THEN total_amount_minor ELSE 0 END), 0)
    AS bigint) AS invoiced_minor,
  CAST(coalesce(sum(CASE WHEN status = 'finalized' THEN paid_amount_minor ELSE 0 END), 0)
    AS bigint) AS paid_minor,
  count(CASE WHEN status = 'finalized' THEN 1 END) AS invoice_count,
  count(CASE WHEN status = 'draft' THEN 1 END) AS draft_count
FROM invoice WHERE customer_id = :customer_id AND NOT skipped
