-- Vendor cost: imports, batches, rows, and what they come to for customers.

-- name: cost_lock :one
-- Whoever changes vendor cost, or whose it is, holds the organization: one after the other.
SELECT * FROM organization WHERE id = :id FOR UPDATE

-- insert: cost_import
-- insert: cost_batch
-- insert: cost_row
-- insert: cost_rollup
-- insert: customer_cost

-- name: cost_import_known :one
-- The import that brought the same content from the same source.
SELECT * FROM cost_import WHERE source = :source AND content_hash = :content_hash

-- name: cost_import_count :one
-- column total bigint
SELECT count(*) AS total FROM cost_import

-- name: cost_import_page :list
-- Newest first.
-- param before_at time_int
-- param before_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT * FROM cost_import WHERE (imported_at, id) < (:before_at, :before_id)
ORDER BY imported_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: cost_batch_current_one :one
-- The batch that counts for a source, billing account and period.
SELECT * FROM cost_batch
WHERE source = :source AND billing_account_id = :billing_account_id
  AND period_start_at = :period_start_at AND superseded_by IS NULL

-- name: cost_batch_supersede :exec
UPDATE cost_batch SET superseded_by = :superseded_by WHERE id = :id

-- name: customer_cost_of_batch :list
-- The customers that have cost of a batch, in order.
-- all customers: a batch is of all of them
SELECT DISTINCT customer_id FROM customer_cost WHERE batch_id = :batch_id ORDER BY customer_id

-- name: customer_cost_drop_batch :exec
-- The batch does not count any more.
-- all customers: a batch is of all of them
DELETE FROM customer_cost WHERE batch_id = :batch_id

-- name: customer_cost_drop_account :exec
-- The customer has this sub-account no more.
DELETE FROM customer_cost
WHERE customer_id = :customer_id AND provider_name = :provider_name
  AND sub_account_id = :sub_account_id

-- name: customer_cost_of_period :list
SELECT * FROM customer_cost
WHERE customer_id = :customer_id AND period_start_at = :period_start_at
ORDER BY provider_name, service_name, currency, sub_account_id, batch_id

-- name: customer_cost_of_account :list
-- Where the cost of one sub-account is.
SELECT * FROM customer_cost
WHERE customer_id = :customer_id AND provider_name = :provider_name
  AND sub_account_id = :sub_account_id
ORDER BY period_start_at

-- name: customer_cost_page :list
-- One customer's, newest period first.
-- param period_from time_int?
-- param before_at time_int
-- param after_provider text
-- param after_service text
-- param after_currency text
-- param after_account text
-- param after_batch_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT * FROM customer_cost
WHERE customer_id = :customer_id AND (:period_from IS NULL OR period_start_at = :period_from)
  AND period_start_at <= :before_at
  AND (period_start_at < :before_at
    OR (provider_name, service_name, currency, sub_account_id, batch_id)
      > (:after_provider, :after_service, :after_currency, :after_account, :after_batch_id))
ORDER BY period_start_at DESC, provider_name, service_name, currency, sub_account_id, batch_id
LIMIT :limit OFFSET :offset

-- name: customer_cost_count :one
-- param period_from time_int?
-- column total bigint
SELECT count(*) AS total FROM customer_cost
WHERE customer_id = :customer_id AND (:period_from IS NULL OR period_start_at = :period_from)

-- Sub-accounts -------------------------------------------------------------------------------------

-- insert: vendor_account
-- insert: vendor_account_owner

-- name: vendor_account_load :one
-- all customers: whose sub-account it is
SELECT * FROM vendor_account
WHERE provider_name = :provider_name AND sub_account_id = :sub_account_id

-- name: vendor_account_move :exec
-- all customers: whose sub-account it is
UPDATE vendor_account SET customer_id = :customer_id
WHERE provider_name = :provider_name AND sub_account_id = :sub_account_id

-- name: vendor_account_drop_customer :exec
-- The customer is no more: what its sub-accounts cost from now on is nobody's.
DELETE FROM vendor_account WHERE customer_id = :customer_id

-- name: vendor_account_page :list
-- With the customers' external ids.
-- all customers: the list of sub-accounts
-- param limit bigint
-- param offset bigint
SELECT vendor_account.provider_name, vendor_account.sub_account_id, vendor_account.customer_id,
       vendor_account.created_at, customer.external_id
FROM vendor_account JOIN customer ON customer.id = vendor_account.customer_id
ORDER BY vendor_account.provider_name, vendor_account.sub_account_id LIMIT :limit OFFSET :offset

-- name: vendor_account_count :one
-- all customers: the list of sub-accounts
-- column total bigint
SELECT count(*) AS total FROM vendor_account

-- name: cost_rollup_of_account :list
-- What counts of one sub-account, with its period.
SELECT cost_rollup.*, cost_batch.period_start_at, cost_batch.period_end_at
FROM cost_rollup JOIN cost_batch ON cost_batch.id = cost_rollup.batch_id
WHERE cost_rollup.provider_name = :provider_name AND cost_rollup.sub_account_id = :sub_account_id
  AND cost_batch.superseded_by IS NULL
ORDER BY cost_batch.period_start_at, cost_rollup.batch_id

-- name: cost_unassigned_page :list
-- Cost that counts of sub-accounts that nobody has, newest period first.
-- all customers: cost that no customer has
-- param before_at time_int
-- param after_provider text
-- param after_service text
-- param after_currency text
-- param after_account text
-- param after_batch_id uuid_blob
-- param limit bigint
-- param offset bigint
SELECT cost_rollup.*, cost_batch.source, cost_batch.billing_account_id, cost_batch.period_start_at,
       cost_batch.period_end_at
FROM cost_rollup JOIN cost_batch ON cost_batch.id = cost_rollup.batch_id
WHERE cost_batch.superseded_by IS NULL AND NOT EXISTS (
  SELECT 1 FROM vendor_account
  WHERE vendor_account.provider_name = cost_rollup.provider_name
    AND vendor_account.sub_account_id = cost_rollup.sub_account_id)
  AND cost_batch.period_start_at <= :before_at
  AND (cost_batch.period_start_at < :before_at
    OR (cost_rollup.provider_name, cost_rollup.sub_account_id, cost_rollup.service_name,
        cost_rollup.currency, cost_rollup.batch_id)
      > (:after_provider, :after_account, :after_service, :after_currency, :after_batch_id))
ORDER BY cost_batch.period_start_at DESC, cost_rollup.provider_name, cost_rollup.sub_account_id,
         cost_rollup.service_name, cost_rollup.currency, cost_rollup.batch_id
LIMIT :limit OFFSET :offset

-- name: cost_unassigned_count :one
-- all customers: cost that no customer has
-- column total bigint
SELECT count(*) AS total
FROM cost_rollup JOIN cost_batch ON cost_batch.id = cost_rollup.batch_id
WHERE cost_batch.superseded_by IS NULL AND NOT EXISTS (
  SELECT 1 FROM vendor_account
  WHERE vendor_account.provider_name = cost_rollup.provider_name
    AND vendor_account.sub_account_id = cost_rollup.sub_account_id)

-- Periods to be billed -----------------------------------------------------------------------------

-- name: cost_period_touch :exec
-- The cost of a customer's period changed.
INSERT INTO customer_cost_period (
  customer_id, period_start_at, period_end_at, revision, billed_revision, next_due_at)
VALUES (:customer_id, :period_start_at, :period_end_at, 1, 0, :next_due_at)
ON CONFLICT (customer_id, period_start_at) DO UPDATE SET
  period_end_at = CASE WHEN excluded.period_end_at > customer_cost_period.period_end_at
                       THEN excluded.period_end_at ELSE customer_cost_period.period_end_at END,
  revision = customer_cost_period.revision + 1,
  next_due_at = excluded.next_due_at

-- name: cost_period_open_list :list
-- Those that are not billed as they stand now, oldest first.
SELECT * FROM customer_cost_period
WHERE customer_id = :customer_id AND revision <> billed_revision ORDER BY period_start_at

-- name: cost_period_load :one
SELECT * FROM customer_cost_period
WHERE customer_id = :customer_id AND period_start_at = :period_start_at

-- name: cost_period_due_set :exec
UPDATE customer_cost_period SET next_due_at = :next_due_at
WHERE customer_id = :customer_id AND period_start_at = :period_start_at

-- name: cost_period_billed :exec
UPDATE customer_cost_period SET billed_revision = revision, next_due_at = NULL
WHERE customer_id = :customer_id AND period_start_at = :period_start_at

-- name: cost_running_count :one
-- Subscriptions that will be billed again.
-- column total bigint
SELECT count(*) AS total FROM subscription
WHERE customer_id = :customer_id AND status = 'active' AND next_due_at IS NOT NULL

-- name: cost_draft_list :list
-- Drafts that may take up a cost period, in order of billing.
SELECT * FROM invoice
WHERE customer_id = :customer_id AND status = 'draft' AND currency = :currency
ORDER BY billing_at, id

-- name: cost_fee_billed_list :list
-- Resale fees of a period on invoices that are not drafts any more, in order of creation.
SELECT fee.* FROM fee
JOIN invoice ON invoice.customer_id = fee.customer_id AND invoice.id = fee.invoice_id
WHERE fee.customer_id = :customer_id AND fee.fee_type = 'resale' AND fee.from_at = :from_at
  AND fee.invoice_id <> :invoice_id AND fee.currency = :currency AND invoice.status <> 'draft'
ORDER BY fee.created_at, fee.id

-- name: cost_fee_of_period_list :list
-- The same of all invoices, for verify.
SELECT fee.* FROM fee
JOIN invoice ON invoice.customer_id = fee.customer_id AND invoice.id = fee.invoice_id
WHERE fee.customer_id = :customer_id AND fee.fee_type = 'resale' AND fee.from_at = :from_at
  AND fee.currency = :currency AND invoice.status <> 'draft'
ORDER BY fee.created_at, fee.id

-- name: cost_row_of_sum :list
-- The vendor's rows behind one row of customer_cost.
SELECT billed_cost, effective_cost, list_cost, contracted_cost FROM cost_row
WHERE batch_id = :batch_id AND provider_name = :provider_name
  AND sub_account_id = :sub_account_id AND service_name = :service_name
  AND billing_currency = :billing_currency
ORDER BY row_number

-- name: cost_fee_draft_count :one
-- Resale fees of a period that stand on another draft.
-- column total bigint
SELECT count(*) AS total FROM fee
JOIN invoice ON invoice.customer_id = fee.customer_id AND invoice.id = fee.invoice_id
WHERE fee.customer_id = :customer_id AND fee.fee_type = 'resale' AND fee.from_at = :from_at
  AND fee.invoice_id <> :invoice_id AND invoice.status = 'draft'

-- Exceptions ---------------------------------------------------------------------------------------

-- insert: cost_exception

-- name: cost_exception_of_period :list
SELECT * FROM cost_exception
WHERE customer_id = :customer_id AND period_start_at = :period_start_at
ORDER BY provider_name, service_name, currency

-- name: cost_exception_clear :exec
DELETE FROM cost_exception
WHERE customer_id = :customer_id AND period_start_at = :period_start_at

-- name: cost_exception_page :list
-- With the customers' external ids, newest period first.
-- all customers: what could not be billed, of all of them
-- param before_at time_int
-- param after_external_id text
-- param after_provider text
-- param after_service text
-- param after_currency text
-- param limit bigint
-- param offset bigint
SELECT cost_exception.*, customer.external_id
FROM cost_exception JOIN customer ON customer.id = cost_exception.customer_id
WHERE cost_exception.period_start_at <= :before_at
  AND (cost_exception.period_start_at < :before_at
    OR (customer.external_id, cost_exception.provider_name, cost_exception.service_name,
        cost_exception.currency)
      > (:after_external_id, :after_provider, :after_service, :after_currency))
ORDER BY cost_exception.period_start_at DESC, customer.external_id, cost_exception.provider_name,
         cost_exception.service_name, cost_exception.currency
LIMIT :limit OFFSET :offset

-- name: cost_exception_count :one
-- all customers: what could not be billed, of all of them
-- column total bigint
SELECT count(*) AS total FROM cost_exception

-- name: cost_exception_period_list :list
-- Periods with cost that a new rule could price, in order of customer.
-- all customers: a rule is for all of them
SELECT DISTINCT customer_id, period_start_at FROM cost_exception
WHERE reason <> 'currency_differs' ORDER BY customer_id, period_start_at

-- Rules --------------------------------------------------------------------------------------------

-- insert: resale_rule

-- name: resale_rule_by_code :one
SELECT * FROM resale_rule WHERE code = :code

-- name: resale_rule_all :list
-- In order of creation.
SELECT * FROM resale_rule ORDER BY created_at, id

-- name: resale_rule_page :list
-- Newest first, with the external ids of the customers that they are for.
-- all customers: the list of rules
-- param limit bigint
-- param offset bigint
-- column external_id text?
SELECT resale_rule.*,
       (SELECT customer.external_id FROM customer
         WHERE customer.id = resale_rule.rule_customer_id) AS external_id
FROM resale_rule ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset

-- name: resale_rule_count :one
-- column total bigint
SELECT count(*) AS total FROM resale_rule

-- name: cost_as_of_list :list
-- What a customer's period cost when something was made: the sums of the batches that counted then,
-- of the sub-accounts that were the customer's, in the order of customer_cost_of_period.  At one
-- instant ids tell the order.
-- param made_at time_int
-- param made_id uuid_blob
SELECT cost_rollup.* FROM cost_batch JOIN cost_rollup ON cost_rollup.batch_id = cost_batch.id
JOIN cost_import ON cost_import.id = cost_batch.import_id
JOIN vendor_account_owner AS owner ON owner.provider_name = cost_rollup.provider_name
  AND owner.sub_account_id = cost_rollup.sub_account_id
WHERE cost_batch.period_start_at = :period_start_at
  AND (cost_import.imported_at, cost_batch.id) < (:made_at, :made_id)
  AND NOT EXISTS (
    SELECT 1 FROM cost_batch AS next JOIN cost_import AS next_import
      ON next_import.id = next.import_id
    WHERE next.id = cost_batch.superseded_by
      AND (next_import.imported_at, next.id) < (:made_at, :made_id))
  AND owner.customer_id = :customer_id AND (owner.owned_from_at, owner.id) < (:made_at, :made_id)
  AND NOT EXISTS (
    SELECT 1 FROM vendor_account_owner AS later
    WHERE later.provider_name = owner.provider_name AND later.sub_account_id = owner.sub_account_id
      AND (later.owned_from_at, later.id) > (owner.owned_from_at, owner.id)
      AND (later.owned_from_at, later.id) < (:made_at, :made_id))
ORDER BY cost_rollup.provider_name, cost_rollup.service_name, cost_rollup.currency,
         cost_rollup.sub_account_id, cost_rollup.batch_id
