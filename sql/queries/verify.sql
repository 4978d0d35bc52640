-- What `billow verify` goes through: everything, in an order in which it can be checked row by row.

-- name: verify_invoice_each :each
-- Fees that stand alone too, by what holds them.
-- all customers: the proof of all invoices
SELECT * FROM invoice
WHERE status IN ('finalized', 'voided') AND (NOT skipped OR is_holder)
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

-- name: verify_customer_series :list
-- Of each customer and billing entity: how many numbers were given, and which was the last.
-- all customers: numbers are without gaps over all customers
-- column given bigint
-- column last_number bigint
SELECT customer_id, billing_entity_id, count(*) AS given, max(sequential_id) AS last_number
FROM invoice WHERE number IS NOT NULL GROUP BY customer_id, billing_entity_id
ORDER BY customer_id, billing_entity_id

-- name: verify_entity_series :list
-- Of each billing entity: how many numbers were given to customers who are no partners (those count
-- for themselves), and how far its counter is.
-- all customers: numbers are without gaps over all customers
-- column given bigint
-- column last_number bigint?
SELECT billing_entity.id, billing_entity.code, (
    SELECT count(*) FROM invoice JOIN customer ON customer.id = invoice.customer_id
    WHERE invoice.billing_entity_id = billing_entity.id AND invoice.number IS NOT NULL
      AND customer.account_type <> 'partner') AS given,
  number_counter.last_number
FROM billing_entity LEFT JOIN number_counter
  ON number_counter.scope_id = billing_entity.id AND number_counter.series = 'invoice'
ORDER BY billing_entity.id

-- name: verify_receipt_series :list
-- Of each billing entity: how many receipts were numbered, and how far its counter is.
-- all customers: numbers are without gaps over all customers
-- column given bigint
-- column distinct_numbers bigint
-- column last_number bigint?
SELECT billing_entity.id, billing_entity.code, (
    SELECT count(payment.receipt_number) FROM payment
    JOIN invoice ON invoice.customer_id = payment.customer_id AND invoice.id = payment.invoice_id
    WHERE invoice.billing_entity_id = billing_entity.id) AS given, (
    SELECT count(DISTINCT payment.receipt_number) FROM payment
    JOIN invoice ON invoice.customer_id = payment.customer_id AND invoice.id = payment.invoice_id
    WHERE invoice.billing_entity_id = billing_entity.id) AS distinct_numbers,
  number_counter.last_number
FROM billing_entity LEFT JOIN number_counter
  ON number_counter.scope_id = billing_entity.id AND number_counter.series = 'receipt'
ORDER BY billing_entity.id

-- name: verify_advance_each :each
-- Of which subscriptions there are events of metrics that are charged for in advance, and on which
-- days; stocks also of those that go on with them.
-- all customers: the proof of all charges in advance
-- column customer_id uuid_blob
-- column subscription_id uuid_blob
-- column metric_id uuid_blob
-- column first_day bigint
-- column last_day bigint
WITH RECURSIVE heir (customer_id, id, ancestor_id) AS (
  SELECT customer_id, id, previous_id FROM subscription
  WHERE previous_id IS NOT NULL AND status IN ('active', 'terminated')
  UNION ALL
  SELECT heir.customer_id, heir.id, subscription.previous_id FROM heir
  JOIN subscription ON subscription.customer_id = heir.customer_id
    AND subscription.id = heir.ancestor_id
  WHERE subscription.previous_id IS NOT NULL)
SELECT customer_id, subscription_id, metric_id, min(day) AS first_day, max(day) AS last_day
FROM (
  SELECT usage_day.customer_id, usage_day.subscription_id, usage_day.metric_id, usage_day.day
  FROM usage_day JOIN billable_metric ON billable_metric.id = usage_day.metric_id
  WHERE billable_metric.is_paid_ahead
  UNION ALL
  SELECT heir.customer_id, heir.id AS subscription_id, usage_day.metric_id, usage_day.day
  FROM usage_day JOIN billable_metric ON billable_metric.id = usage_day.metric_id
  JOIN heir ON heir.customer_id = usage_day.customer_id
    AND heir.ancestor_id = usage_day.subscription_id
  WHERE billable_metric.is_paid_ahead AND billable_metric.is_recurring) AS used
GROUP BY customer_id, subscription_id, metric_id
ORDER BY customer_id, subscription_id, metric_id

-- name: verify_advance_fee_each :each
-- A customer's fees for single events, and for stocks that stand alone.
-- column timezone text
SELECT fee.id, fee.invoice_id, invoice.number,
  COALESCE(fee.period_timezone, invoice.timezone) AS timezone, fee.subscription_id, fee.metric_id,
  fee.plan_version_id, fee.charge_id, fee.from_at, fee.to_at, fee.usage_event_id, fee.event_seq,
  fee.once_key, fee.item_name, fee.amount_minor, fee.precise_amount, fee.units, fee.event_count,
  fee.grouped_by, fee.presentation_breakdowns
FROM fee JOIN invoice ON invoice.customer_id = fee.customer_id AND invoice.id = fee.invoice_id
WHERE fee.customer_id = :customer_id AND fee.pay_in_advance

-- name: verify_advance_stray_each :each
-- Such fees where there was no event of that kind.
-- all customers: the proof of all charges in advance
WITH RECURSIVE heir (customer_id, id, ancestor_id) AS (
  SELECT customer_id, id, previous_id FROM subscription
  WHERE previous_id IS NOT NULL AND status IN ('active', 'terminated')
  UNION ALL
  SELECT heir.customer_id, heir.id, subscription.previous_id FROM heir
  JOIN subscription ON subscription.customer_id = heir.customer_id
    AND subscription.id = heir.ancestor_id
  WHERE subscription.previous_id IS NOT NULL)
SELECT * FROM fee
WHERE pay_in_advance AND (customer_id, subscription_id, metric_id) NOT IN (
  SELECT usage_day.customer_id, usage_day.subscription_id, usage_day.metric_id
  FROM usage_day JOIN billable_metric ON billable_metric.id = usage_day.metric_id
  WHERE billable_metric.is_paid_ahead)
 AND (customer_id, subscription_id, metric_id) NOT IN (
  SELECT heir.customer_id, heir.id, usage_day.metric_id
  FROM usage_day JOIN billable_metric ON billable_metric.id = usage_day.metric_id
  JOIN heir ON heir.customer_id = usage_day.customer_id
    AND heir.ancestor_id = usage_day.subscription_id
  WHERE billable_metric.is_paid_ahead AND billable_metric.is_recurring)
ORDER BY customer_id, id

-- name: verify_advance_note_list :list
-- Of whichever subscription: a stock's may be noted with one that has ended.
SELECT * FROM advance_event
WHERE customer_id = :customer_id AND metric_id = :metric_id
ORDER BY usage_event_id

-- name: verify_advance_passed_list :list
SELECT * FROM advance_passed
WHERE customer_id = :customer_id AND subscription_id = :subscription_id AND metric_id = :metric_id
ORDER BY from_at, to_at, plan_version_id

-- name: verify_renewal_list :list
-- When stocks of charges in advance were renewed, and as of which ingest commit: first with a start.
SELECT * FROM invoice_subscription
WHERE customer_id = :customer_id AND subscription_id = :subscription_id
  AND renewal_seq IS NOT NULL
ORDER BY charges_to_at IS NOT NULL, charges_to_at, renewal_seq

-- name: verify_shared_list :list
-- External ids under which more than one runs, or waits.
-- all customers: the proof of all subscriptions
-- column total bigint
SELECT customer_id, external_id, status, count(*) AS total FROM subscription
WHERE status IN ('active', 'pending')
GROUP BY customer_id, external_id, status HAVING count(*) > 1
ORDER BY customer_id, external_id, status

-- name: verify_followed_list :list
-- Those that follow another, or wait to.
-- all customers: the proof of all subscriptions
-- column previous_id uuid_blob
-- column previous_external_id text
-- column previous_status text
-- column previous_terminated_at time_int?
SELECT subscription.customer_id, subscription.id, subscription.external_id, subscription.status,
  subscription.started_at, previous.id AS previous_id,
  previous.external_id AS previous_external_id, previous.status AS previous_status,
  previous.terminated_at AS previous_terminated_at
FROM subscription
JOIN subscription AS previous ON previous.customer_id = subscription.customer_id
  AND previous.id = subscription.previous_id
WHERE subscription.status <> 'canceled'
ORDER BY subscription.customer_id, subscription.created_at, subscription.id
