-- Invoices with their customer's name, filtered and sorted (app/invoice_table.h).

-- name: invoice_table_list :list
-- Each other filter than the customer, who is a range of ids, is none for any; `state` is draft, open, overdue, unpaid (open or
-- overdue), paid, voided or issued (all but drafts); `sort` issued, due,
-- number, amount, open or customer, `direction` 1 or -1.
-- all customers: the list of invoices, which may be filtered by customer
-- param first_customer_id uuid_blob
-- param last_customer_id uuid_blob
-- param wanted_state text?
-- param wanted_currency text?
-- param search_like text?
-- param issuing_from day_int?
-- param issuing_to day_int?
-- param due_from day_int?
-- param due_to day_int?
-- param sort text
-- param direction bigint
-- param limit bigint
-- param offset bigint
-- column customer_name text?
-- column total bigint
SELECT invoice.*, customer.external_id, customer.name AS customer_name, count(*) OVER () AS total
FROM invoice JOIN customer ON customer.id = invoice.customer_id
WHERE NOT invoice.skipped AND invoice.status <> 'complete'
  AND invoice.customer_id BETWEEN :first_customer_id AND :last_customer_id
  AND (:wanted_state IS NULL
    OR (:wanted_state = 'draft' AND invoice.status = 'draft')
    OR (:wanted_state = 'voided' AND invoice.status = 'voided')
    OR (:wanted_state = 'issued' AND invoice.status <> 'draft')
    OR (invoice.status = 'finalized' AND (
      (:wanted_state = 'paid' AND invoice.payment_status = 'succeeded')
      OR (:wanted_state = 'unpaid' AND invoice.payment_status <> 'succeeded')
      OR (:wanted_state = 'overdue' AND invoice.payment_status <> 'succeeded'
        AND invoice.payment_overdue)
      OR (:wanted_state = 'open' AND invoice.payment_status <> 'succeeded'
        AND NOT invoice.payment_overdue))))
  AND (:wanted_currency IS NULL OR invoice.currency = :wanted_currency)
  AND (:issuing_from IS NULL OR invoice.issuing_day >= :issuing_from)
  AND (:issuing_to IS NULL OR invoice.issuing_day <= :issuing_to)
  AND (:due_from IS NULL OR invoice.payment_due_day >= :due_from)
  AND (:due_to IS NULL OR invoice.payment_due_day <= :due_to)
  AND (:search_like IS NULL OR lower(invoice.number) LIKE :search_like ESCAPE '!'
    OR lower(customer.external_id) LIKE :search_like ESCAPE '!'
    OR lower(customer.name) LIKE :search_like ESCAPE '!')
ORDER BY
  CASE WHEN :sort IN ('amount', 'open') THEN invoice.currency END,
  CASE WHEN :sort = 'number' AND :direction > 0 THEN coalesce(invoice.number, '') END,
  CASE WHEN :sort = 'number' AND :direction < 0 THEN coalesce(invoice.number, '') END DESC,
  CASE WHEN :sort = 'customer' AND :direction > 0
    THEN lower(coalesce(customer.name, customer.external_id)) END,
  CASE WHEN :sort = 'customer' AND :direction < 0
    THEN lower(coalesce(customer.name, customer.external_id)) END DESC,
  :direction * CASE :sort WHEN 'issued' THEN invoice.issuing_day
    WHEN 'due' THEN invoice.payment_due_day WHEN 'amount' THEN invoice.total_amount_minor
    WHEN 'open' THEN CASE WHEN invoice.status = 'finalized'
      AND invoice.payment_status <> 'succeeded'
      THEN invoice.total_amount_minor - invoice.paid_amount_minor ELSE 0 END
    ELSE 0 END,
  invoice.created_at DESC, invoice.id DESC
LIMIT :limit OFFSET :offset

-- name: invoice_state_count_list :list
-- How many there are in each state.
-- all customers: a count over everybody
-- column invoice_count bigint
SELECT status, payment_status, payment_overdue, count(*) AS invoice_count FROM invoice
WHERE NOT skipped GROUP BY status, payment_status, payment_overdue
ORDER BY status, payment_status, payment_overdue
