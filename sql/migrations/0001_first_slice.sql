-- The first schema: catalogue, customers, subscriptions, events, invoices, payments, ledger, audit, vendor cost.
--
-- Every table of a customer's data has customer_id first in its key (customer itself: id; event
-- structures: the day first, the customer second), and foreign keys include it, so that the customer
-- can be the shard.  Catalogue tables are small and the same everywhere; look-ups and counters are
-- listed under "Coordinator".  Amounts are in minor units of the row's currency.

-- Coordinator --------------------------------------------------------------------------------------

CREATE TABLE instance (
  singleton       bigint NOT NULL PRIMARY KEY CHECK (singleton = 1),
  dedup_secret    blob NOT NULL,      -- key of the hashes in event_key
  test_clock_at   time_int,           -- the test clock's time; none: this database runs on the real clock
  ingest_seq      bigint NOT NULL,    -- number of the newest ingest commit
  key_commits     bigint NOT NULL,    -- how many of them brought event keys: a gap shows another writer
  created_at      time_int NOT NULL
);

CREATE TABLE api_key (
  id              uuid_blob NOT NULL PRIMARY KEY,
  name            text NOT NULL,
  key_hash        blob NOT NULL UNIQUE, -- SHA-256 of the key; the key itself is never stored
  created_at      time_int NOT NULL,
  revoked_at      time_int
);

-- External ids are unique over all customers, so they live beside the customers' own tables.
CREATE TABLE customer_key (
  external_id     text NOT NULL PRIMARY KEY,
  customer_id     uuid_blob NOT NULL
) WITHOUT ROWID;

CREATE TABLE subscription_key (
  external_id     text NOT NULL PRIMARY KEY,
  customer_id     uuid_blob NOT NULL
) WITHOUT ROWID;

CREATE TABLE number_counter (
  scope_id        uuid_blob NOT NULL, -- billing entity, customer or organization
  series          text NOT NULL,      -- what is counted: invoice, customer
  last_number     bigint NOT NULL,
  PRIMARY KEY (scope_id, series)
) WITHOUT ROWID;

-- Catalogue ----------------------------------------------------------------------------------------

CREATE TABLE organization (
  id              uuid_blob NOT NULL PRIMARY KEY,
  name            text NOT NULL,
  created_at      time_int NOT NULL,
  updated_at      time_int NOT NULL
);

CREATE TABLE billing_entity (
  id              uuid_blob NOT NULL PRIMARY KEY,
  code            text NOT NULL UNIQUE,
  name            text NOT NULL,
  legal_name      text,
  email           text,
  country         text,               -- ISO 3166-1 alpha-2
  timezone        text NOT NULL,      -- IANA name
  default_currency text NOT NULL,
  document_numbering text NOT NULL,   -- per_customer, per_billing_entity
  document_number_prefix text NOT NULL,
  grace_days      bigint NOT NULL,    -- an invoice stays a draft for so many days
  payment_term_days bigint NOT NULL,  -- due so many days after the issuing day
  finalize_zero_amount bool_int NOT NULL,
  created_at      time_int NOT NULL,
  updated_at      time_int NOT NULL
);

CREATE TABLE tax (
  id              uuid_blob NOT NULL PRIMARY KEY,
  code            text NOT NULL UNIQUE,
  name            text NOT NULL,
  description     text,
  rate            decimal_text NOT NULL, -- percent
  created_at      time_int NOT NULL
);

-- Taxes that apply where nothing nearer names its own.
CREATE TABLE billing_entity_tax (
  billing_entity_id uuid_blob NOT NULL REFERENCES billing_entity (id),
  tax_id          uuid_blob NOT NULL REFERENCES tax (id),
  PRIMARY KEY (billing_entity_id, tax_id)
) WITHOUT ROWID;

CREATE TABLE billable_metric (
  id              uuid_blob NOT NULL PRIMARY KEY,
  code            text NOT NULL UNIQUE,
  name            text NOT NULL,
  description     text,
  aggregation_type text NOT NULL,     -- count_agg, sum_agg, max_agg, latest_agg
  field_name      text,               -- property that is aggregated; none for count_agg
  created_at      time_int NOT NULL
);

CREATE TABLE plan (
  id              uuid_blob NOT NULL PRIMARY KEY,
  code            text NOT NULL UNIQUE,
  created_at      time_int NOT NULL
);

-- What a plan says from some time on; never changed, so that a fee can always be derived again.
CREATE TABLE plan_version (
  id              uuid_blob NOT NULL PRIMARY KEY,
  plan_id         uuid_blob NOT NULL REFERENCES plan (id),
  version         bigint NOT NULL,
  name            text NOT NULL,
  invoice_display_name text,
  description     text,
  billing_interval text NOT NULL,     -- weekly, monthly, quarterly, semiannual, yearly
  amount_minor    money_int NOT NULL, -- the plan's own fee for a whole period
  currency        text NOT NULL,
  pay_in_advance  bool_int NOT NULL,
  bill_charges_monthly bool_int NOT NULL,
  proration       text NOT NULL,      -- days, fixed_30, none
  effective_at    time_int NOT NULL,
  UNIQUE (plan_id, version)
);

CREATE TABLE charge (
  id              uuid_blob NOT NULL PRIMARY KEY,
  plan_version_id uuid_blob NOT NULL REFERENCES plan_version (id),
  position        bigint NOT NULL,
  code            text NOT NULL,
  metric_id       uuid_blob NOT NULL REFERENCES billable_metric (id),
  invoice_display_name text,
  charge_model    text NOT NULL,      -- standard, graduated, volume, package
  properties      json_text NOT NULL, -- of the model, in canonical form
  UNIQUE (plan_version_id, position)
);
CREATE INDEX charge_metric ON charge (metric_id);

CREATE TABLE plan_version_tax (
  plan_version_id uuid_blob NOT NULL REFERENCES plan_version (id),
  tax_id          uuid_blob NOT NULL REFERENCES tax (id),
  PRIMARY KEY (plan_version_id, tax_id)
) WITHOUT ROWID;

CREATE TABLE charge_tax (
  charge_id       uuid_blob NOT NULL REFERENCES charge (id),
  tax_id          uuid_blob NOT NULL REFERENCES tax (id),
  PRIMARY KEY (charge_id, tax_id)
) WITHOUT ROWID;

-- How vendor cost is resold.  Never changed: a new rule takes over from its valid_from_at on.
CREATE TABLE resale_rule (
  id              uuid_blob NOT NULL PRIMARY KEY,
  code            text NOT NULL UNIQUE,
  name            text NOT NULL,
  resale_method   text NOT NULL,      -- markup, margin, discount
  percent         decimal_text NOT NULL,
  cost_column     text NOT NULL,      -- billed_cost, effective_cost, list_cost, contracted_cost
  rule_customer_id uuid_blob,         -- none: any customer
  provider_name   text,               -- none: any provider
  service_name    text,               -- none: any service
  valid_from_at   time_int NOT NULL,  -- for cost periods that start at or after it
  created_at      time_int NOT NULL
);

-- Customers ----------------------------------------------------------------------------------------

CREATE TABLE customer (
  id              uuid_blob NOT NULL PRIMARY KEY,
  external_id     text NOT NULL,
  customer_number bigint NOT NULL,    -- order of creation, as in PREFIX-007-001
  billing_entity_id uuid_blob NOT NULL REFERENCES billing_entity (id),
  account_type    text NOT NULL,      -- customer, partner
  name            text,
  legal_name      text,
  email           text,
  country         text,
  address_line1   text,
  address_line2   text,
  city            text,
  state           text,
  zipcode         text,
  tax_identification_number text,
  currency        text,
  timezone        text,               -- none: the billing entity's
  grace_days      bigint,             -- none: the billing entity's
  payment_term_days bigint,           -- none: the billing entity's
  zero_amount_policy text NOT NULL,   -- inherit, finalize, skip
  metadata        json_text,
  created_at      time_int NOT NULL,
  updated_at      time_int NOT NULL
);

CREATE TABLE customer_tax (
  customer_id     uuid_blob NOT NULL REFERENCES customer (id),
  tax_id          uuid_blob NOT NULL REFERENCES tax (id),
  PRIMARY KEY (customer_id, tax_id)
) WITHOUT ROWID;

CREATE TABLE subscription (
  customer_id     uuid_blob NOT NULL REFERENCES customer (id),
  id              uuid_blob NOT NULL,
  external_id     text NOT NULL,
  name            text,
  plan_version_id uuid_blob NOT NULL REFERENCES plan_version (id),
  status          text NOT NULL,      -- pending, active, terminated, canceled
  billing_time    text NOT NULL,      -- calendar, anniversary
  subscription_at time_int NOT NULL,  -- anchor, as asked for
  started_at      time_int,           -- none while pending
  ending_at       time_int,
  terminated_at   time_int,
  on_termination_invoice text NOT NULL, -- generate, skip
  billed_until_at time_int,           -- usage is billed before this instant
  billed_until_day day_int,           -- and periods before this local day: a changed zone moves instants, not days
  next_due_at     time_int,           -- when it must be looked at next; none: never again
  created_at      time_int NOT NULL,
  updated_at      time_int NOT NULL,
  PRIMARY KEY (customer_id, id)
) WITHOUT ROWID;
CREATE INDEX subscription_external ON subscription (customer_id, external_id);
CREATE INDEX subscription_due ON subscription (next_due_at);
CREATE INDEX subscription_id ON subscription (id);

-- Events: the day first, so that what is written together lies together ------------------------------

-- only: sqlite
CREATE TABLE event (
  day             day_int NOT NULL,   -- UTC day of occurred_at
  customer_id     uuid_blob NOT NULL,
  subscription_id uuid_blob NOT NULL,
  metric_id       uuid_blob NOT NULL,
  occurred_at     time_int NOT NULL,
  id              uuid_blob NOT NULL,
  transaction_id  text NOT NULL,
  properties      json_text NOT NULL,
  seq             bigint NOT NULL,    -- ingest commit that brought it
  received_at     time_int NOT NULL,
  PRIMARY KEY (day, customer_id, subscription_id, metric_id, occurred_at, id)
) WITHOUT ROWID;
-- end
-- only: postgres
CREATE TABLE event (
  day             day_int NOT NULL,
  customer_id     uuid_blob NOT NULL,
  subscription_id uuid_blob NOT NULL,
  metric_id       uuid_blob NOT NULL,
  occurred_at     time_int NOT NULL,
  id              uuid_blob NOT NULL,
  transaction_id  text NOT NULL,
  properties      json_text NOT NULL,
  seq             bigint NOT NULL,
  received_at     time_int NOT NULL,
  PRIMARY KEY (day, customer_id, subscription_id, metric_id, occurred_at, id)
) PARTITION BY RANGE (day);
-- end

-- Which events are known, by the day they arrived.  The digest shows a changed event, and a repeat
-- that says something else.
CREATE TABLE event_key (
  arrival_day     day_int NOT NULL,
  transaction_hash blob NOT NULL,     -- 16 bytes, keyed
  subscription_hash blob NOT NULL,    -- 8 bytes, keyed, of the subscription's external id
  digest          blob NOT NULL,      -- 16 bytes, of code, time and properties
  id              uuid_blob NOT NULL,
  customer_id     uuid_blob,          -- none: unmatched
  subscription_id uuid_blob,
  metric_id       uuid_blob,
  occurred_at     time_int NOT NULL,
  PRIMARY KEY (arrival_day, transaction_hash, subscription_hash)
) WITHOUT ROWID;

-- Events whose subscription is not known yet; they count when it appears.
CREATE TABLE event_unmatched (
  external_subscription_id text NOT NULL,
  occurred_at     time_int NOT NULL,
  id              uuid_blob NOT NULL,
  metric_id       uuid_blob NOT NULL,
  transaction_id  text NOT NULL,
  properties      json_text NOT NULL,
  received_at     time_int NOT NULL,
  arrival_day     day_int NOT NULL,
  PRIMARY KEY (external_subscription_id, occurred_at, id)
) WITHOUT ROWID;

CREATE INDEX event_unmatched_id ON event_unmatched (id);

-- Running totals by the customer's local day.
CREATE TABLE usage_day (
  day             day_int NOT NULL,
  customer_id     uuid_blob NOT NULL,
  subscription_id uuid_blob NOT NULL,
  metric_id       uuid_blob NOT NULL,
  timezone        text NOT NULL,
  event_count     bigint NOT NULL,
  sum             decimal_text NOT NULL,
  max             decimal_text,
  latest          decimal_text,
  latest_at       time_int,
  latest_id       uuid_blob,          -- decides between events of one instant
  PRIMARY KEY (day, customer_id, subscription_id, metric_id)
) WITHOUT ROWID;

-- Invoices -----------------------------------------------------------------------------------------

CREATE TABLE invoice (
  customer_id     uuid_blob NOT NULL REFERENCES customer (id),
  id              uuid_blob NOT NULL,
  billing_entity_id uuid_blob NOT NULL REFERENCES billing_entity (id),
  status          text NOT NULL,      -- draft, complete (not numbered yet), finalized, voided
  number          text,               -- none until finalized
  sequential_id   bigint,             -- position in its series
  currency        text NOT NULL,
  timezone        text NOT NULL,      -- the customer's when it was made
  billing_at      time_int NOT NULL,  -- the instant that was due
  issuing_day     day_int NOT NULL,
  payment_term_days bigint NOT NULL,
  payment_due_day day_int NOT NULL,
  finalize_at     time_int,           -- of a draft or complete one: the instant at which it becomes final
  overdue_at      time_int,           -- start of the day after payment_due_day; none once settled, void or marked
  fees_amount_minor money_int NOT NULL,
  taxes_amount_minor money_int NOT NULL,
  total_amount_minor money_int NOT NULL,
  paid_amount_minor money_int NOT NULL,
  payment_status  text NOT NULL,      -- pending, succeeded, failed
  payment_overdue bool_int NOT NULL,
  skipped         bool_int NOT NULL,  -- zero amount, by policy not issued: unlisted, no number
  finalized_at    time_int,
  voided_at       time_int,
  created_at      time_int NOT NULL,
  updated_at      time_int NOT NULL,
  PRIMARY KEY (customer_id, id)
) WITHOUT ROWID;
CREATE INDEX invoice_id ON invoice (id);
CREATE INDEX invoice_finalize ON invoice (finalize_at) WHERE finalize_at IS NOT NULL;
CREATE INDEX invoice_overdue ON invoice (overdue_at) WHERE overdue_at IS NOT NULL;
CREATE INDEX invoice_complete ON invoice (billing_entity_id, issuing_day) WHERE status = 'complete';
CREATE INDEX invoice_created ON invoice (created_at);

-- Which period of which subscription an invoice bills.
CREATE TABLE invoice_subscription (
  customer_id     uuid_blob NOT NULL,
  invoice_id      uuid_blob NOT NULL,
  subscription_id uuid_blob NOT NULL,
  invoicing_reason text NOT NULL,     -- subscription_starting, subscription_periodic, subscription_terminating
  billing_at      time_int NOT NULL,
  from_at         time_int,           -- the plan fee's period; none: no plan fee here
  to_at           time_int,           -- exclusive
  charges_from_at time_int,           -- the charges' period; none: no charges here
  charges_to_at   time_int,           -- exclusive
  position        bigint NOT NULL,
  PRIMARY KEY (customer_id, invoice_id, subscription_id),
  FOREIGN KEY (customer_id, invoice_id) REFERENCES invoice (customer_id, id),
  FOREIGN KEY (customer_id, subscription_id) REFERENCES subscription (customer_id, id)
) WITHOUT ROWID;

CREATE TABLE fee (
  customer_id     uuid_blob NOT NULL,
  invoice_id      uuid_blob NOT NULL,
  id              uuid_blob NOT NULL,
  position        bigint NOT NULL,    -- order on the invoice
  fee_type        text NOT NULL,      -- subscription, charge, resale
  once_key        text,               -- what it bills, so that nothing is billed twice, void invoices included
  subscription_id uuid_blob,
  plan_version_id uuid_blob,
  charge_id       uuid_blob,
  metric_id       uuid_blob,
  resale_rule_id  uuid_blob,
  provider_name   text,               -- of a resale fee
  item_code       text NOT NULL,      -- as it was when billed
  item_name       text NOT NULL,
  from_at         time_int NOT NULL,
  to_at           time_int NOT NULL,  -- exclusive
  units           decimal_text NOT NULL,
  event_count     bigint NOT NULL,
  event_seq       bigint,             -- usage counts the events of ingest commits up to this one
  unit_amount     decimal_text NOT NULL, -- precise amount by units, in major units
  precise_amount  decimal_text NOT NULL, -- before rounding, in major units
  amount_minor    money_int NOT NULL,
  currency        text NOT NULL,
  tax_rate        decimal_text NOT NULL, -- sum of its taxes' rates
  taxes_amount_minor money_int NOT NULL,
  taxes_precise_amount decimal_text NOT NULL, -- in minor units
  is_correction   bool_int NOT NULL,  -- corrects a period that was invoiced before
  vendor_cost     decimal_text,       -- cost behind a resale fee, in major units; a correction: its change
  explanation     json_text NOT NULL, -- array of {text, inputs, result}
  created_at      time_int NOT NULL,
  PRIMARY KEY (customer_id, invoice_id, id),
  FOREIGN KEY (customer_id, invoice_id) REFERENCES invoice (customer_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX fee_once ON fee (customer_id, once_key);
CREATE INDEX fee_id ON fee (id);

CREATE TABLE fee_tax (
  customer_id     uuid_blob NOT NULL,
  invoice_id      uuid_blob NOT NULL,
  fee_id          uuid_blob NOT NULL,
  tax_id          uuid_blob NOT NULL,
  code            text NOT NULL,
  name            text NOT NULL,
  rate            decimal_text NOT NULL,
  amount_minor    money_int NOT NULL,
  PRIMARY KEY (customer_id, invoice_id, fee_id, tax_id),
  FOREIGN KEY (customer_id, invoice_id, fee_id) REFERENCES fee (customer_id, invoice_id, id)
) WITHOUT ROWID;

CREATE TABLE invoice_tax (
  customer_id     uuid_blob NOT NULL,
  invoice_id      uuid_blob NOT NULL,
  tax_id          uuid_blob NOT NULL,
  code            text NOT NULL,
  name            text NOT NULL,
  rate            decimal_text NOT NULL,
  fees_amount_minor money_int NOT NULL, -- net that is taxed
  amount_minor    money_int NOT NULL,
  PRIMARY KEY (customer_id, invoice_id, tax_id),
  FOREIGN KEY (customer_id, invoice_id) REFERENCES invoice (customer_id, id)
) WITHOUT ROWID;

CREATE TABLE payment (
  customer_id     uuid_blob NOT NULL,
  id              uuid_blob NOT NULL,
  invoice_id      uuid_blob NOT NULL,
  payment_type    text NOT NULL,      -- manual
  amount_minor    money_int NOT NULL,
  currency        text NOT NULL,
  reference       text,
  status          text NOT NULL,      -- succeeded
  paid_at         time_int NOT NULL,
  created_at      time_int NOT NULL,
  PRIMARY KEY (customer_id, id),
  FOREIGN KEY (customer_id, invoice_id) REFERENCES invoice (customer_id, id)
) WITHOUT ROWID;
CREATE INDEX payment_invoice ON payment (customer_id, invoice_id);
CREATE INDEX payment_id ON payment (id);

-- Books --------------------------------------------------------------------------------------------

CREATE TABLE ledger_entry (
  customer_id     uuid_blob NOT NULL REFERENCES customer (id),
  posting_id      uuid_blob NOT NULL, -- entries of one posting add up to zero
  line            bigint NOT NULL,
  posting_type    text NOT NULL,      -- invoice, payment, void
  document_id     uuid_blob NOT NULL, -- invoice or payment
  description     text NOT NULL,
  account         text NOT NULL,
  amount_minor    money_int NOT NULL, -- debit positive, credit negative
  currency        text NOT NULL,
  booked_day      day_int NOT NULL,
  created_at      time_int NOT NULL,
  PRIMARY KEY (customer_id, posting_id, line)
) WITHOUT ROWID;
CREATE UNIQUE INDEX ledger_once ON ledger_entry (customer_id, document_id, posting_type, line);

-- One chain for each customer, and one for the rest under the organization's id.
CREATE TABLE audit_entry (
  chain_id        uuid_blob NOT NULL,
  entry_number    bigint NOT NULL,    -- 1, 2, 3 … without a gap
  created_at      time_int NOT NULL,
  actor           text NOT NULL,      -- api key, command or job
  origin          text NOT NULL,      -- request id and address, or host of the command
  action          text NOT NULL,      -- customer.create …
  object_id       uuid_blob NOT NULL,
  before          json_text,
  after           json_text,
  previous_hash   blob NOT NULL,      -- 32 bytes; zeros for the first
  hash            blob NOT NULL,      -- BLAKE2b-256 over all of the above
  PRIMARY KEY (chain_id, entry_number)
) WITHOUT ROWID;

CREATE TABLE audit_head (
  chain_id        uuid_blob NOT NULL PRIMARY KEY,
  entry_number    bigint NOT NULL,
  hash            blob NOT NULL
) WITHOUT ROWID;

-- Vendor cost --------------------------------------------------------------------------------------

CREATE TABLE cost_import (
  id              uuid_blob NOT NULL PRIMARY KEY,
  source          text NOT NULL,
  file_name       text NOT NULL,
  content_hash    blob NOT NULL,      -- SHA-256 of the uncompressed file
  focus_version   text NOT NULL,
  row_count       bigint NOT NULL,
  billed_cost     decimal_text NOT NULL,
  effective_cost  decimal_text NOT NULL,
  list_cost       decimal_text NOT NULL,
  contracted_cost decimal_text NOT NULL,
  imported_at     time_int NOT NULL,
  UNIQUE (source, content_hash)
);

-- What one import brought for one billing account and period.
CREATE TABLE cost_batch (
  id              uuid_blob NOT NULL PRIMARY KEY,
  import_id       uuid_blob NOT NULL REFERENCES cost_import (id),
  source          text NOT NULL,
  billing_account_id text NOT NULL,
  period_start_at time_int NOT NULL,
  period_end_at   time_int NOT NULL,
  row_count       bigint NOT NULL,
  superseded_by   uuid_blob           -- batch that took its place; none: this one counts
);
CREATE UNIQUE INDEX cost_batch_current ON cost_batch (source, billing_account_id, period_start_at)
  WHERE superseded_by IS NULL;

-- A batch summed by sub-account, provider, service and currency: what unassigned cost is listed from.
CREATE TABLE cost_rollup (
  batch_id        uuid_blob NOT NULL REFERENCES cost_batch (id),
  provider_name   text NOT NULL,
  sub_account_id  text NOT NULL,      -- empty where the file names none
  service_name    text NOT NULL,
  currency        text NOT NULL,
  sub_account_name text,
  row_count       bigint NOT NULL,
  billed_cost     decimal_text NOT NULL,
  effective_cost  decimal_text NOT NULL,
  list_cost       decimal_text NOT NULL,
  contracted_cost decimal_text NOT NULL,
  missing_columns text NOT NULL,      -- cost columns that were null on some row, comma-separated
  is_generated    bool_int NOT NULL,  -- any row says so in x_Generated
  PRIMARY KEY (batch_id, provider_name, sub_account_id, service_name, currency)
) WITHOUT ROWID;

-- Whose sub-account it is.
CREATE TABLE vendor_account (
  provider_name   text NOT NULL,
  sub_account_id  text NOT NULL,
  customer_id     uuid_blob NOT NULL,
  created_at      time_int NOT NULL,
  PRIMARY KEY (provider_name, sub_account_id)
) WITHOUT ROWID;

-- Cost of a customer: the roll-ups of its sub-accounts, of batches that count.
CREATE TABLE customer_cost (
  customer_id     uuid_blob NOT NULL REFERENCES customer (id),
  period_start_at time_int NOT NULL,
  batch_id        uuid_blob NOT NULL,
  provider_name   text NOT NULL,
  sub_account_id  text NOT NULL,
  service_name    text NOT NULL,
  currency        text NOT NULL,
  period_end_at   time_int NOT NULL,
  row_count       bigint NOT NULL,
  billed_cost     decimal_text NOT NULL,
  effective_cost  decimal_text NOT NULL,
  list_cost       decimal_text NOT NULL,
  contracted_cost decimal_text NOT NULL,
  missing_columns text NOT NULL,
  is_generated    bool_int NOT NULL,
  PRIMARY KEY (customer_id, period_start_at, batch_id, provider_name, sub_account_id, service_name, currency)
) WITHOUT ROWID;

-- A customer's cost period that is to be billed, or billed again because its cost changed.
CREATE TABLE customer_cost_period (
  customer_id     uuid_blob NOT NULL REFERENCES customer (id),
  period_start_at time_int NOT NULL,
  period_end_at   time_int NOT NULL,
  revision        bigint NOT NULL,    -- goes up with each change of its cost
  billed_revision bigint NOT NULL,    -- the one that finalized invoices bill; 0: none
  next_due_at     time_int,           -- when an invoice must take it up; none: nothing to do
  PRIMARY KEY (customer_id, period_start_at)
) WITHOUT ROWID;
CREATE INDEX customer_cost_period_due ON customer_cost_period (next_due_at);

-- Vendor cost that could not be billed, with the reason; gone when the reason is.
CREATE TABLE cost_exception (
  customer_id     uuid_blob NOT NULL REFERENCES customer (id),
  period_start_at time_int NOT NULL,
  provider_name   text NOT NULL,
  service_name    text NOT NULL,
  currency        text NOT NULL,
  reason          text NOT NULL,      -- currency_differs, no_rule, cost_missing
  billed_cost     decimal_text NOT NULL,
  created_at      time_int NOT NULL,
  PRIMARY KEY (customer_id, period_start_at, provider_name, service_name, currency)
) WITHOUT ROWID;
