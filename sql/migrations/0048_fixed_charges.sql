-- What a plan charges by a number of units that is agreed, not metered: seats, licences, add-on units.

-- Something that is sold beside the plan itself.
CREATE TABLE add_on (
  id              uuid_blob NOT NULL PRIMARY KEY,
  code            text NOT NULL UNIQUE,
  name            text NOT NULL,
  invoice_display_name text,
  description     text,
  amount_minor    money_int NOT NULL, -- what it costs where nothing else says so
  currency        text NOT NULL,
  created_at      time_int NOT NULL,
  updated_at      time_int NOT NULL
);

CREATE TABLE add_on_tax (
  add_on_id       uuid_blob NOT NULL REFERENCES add_on (id),
  tax_id          uuid_blob NOT NULL REFERENCES tax (id),
  PRIMARY KEY (add_on_id, tax_id)
) WITHOUT ROWID;

-- Units of an add-on in a plan's version.
CREATE TABLE fixed_charge (
  id              uuid_blob NOT NULL PRIMARY KEY,
  plan_version_id uuid_blob NOT NULL REFERENCES plan_version (id),
  lineage_id      uuid_blob NOT NULL, -- through the versions of its plan: the id of its first row
  position        bigint NOT NULL,
  code            text NOT NULL,
  add_on_id       uuid_blob NOT NULL REFERENCES add_on (id),
  invoice_display_name text,
  charge_model    text NOT NULL,      -- standard, graduated, volume
  properties      json_text NOT NULL, -- of the model, in canonical form
  units           decimal_text NOT NULL,
  pay_in_advance  bool_int NOT NULL,
  prorated        bool_int NOT NULL,
  units_at_once   bool_int NOT NULL,  -- this version's units hold from its effective_at on, not from the next period
  UNIQUE (plan_version_id, position)
);
CREATE INDEX fixed_charge_add_on ON fixed_charge (add_on_id);
CREATE INDEX fixed_charge_lineage ON fixed_charge (lineage_id);

CREATE TABLE fixed_charge_tax (
  fixed_charge_id uuid_blob NOT NULL REFERENCES fixed_charge (id),
  tax_id          uuid_blob NOT NULL REFERENCES tax (id),
  PRIMARY KEY (fixed_charge_id, tax_id)
) WITHOUT ROWID;

-- Long plans may bill their fixed charges monthly, as they may their usage.
ALTER TABLE plan_version ADD COLUMN bill_fixed_charges_monthly bool_int NOT NULL DEFAULT FALSE;
-- Since when its units_at_once wait to be billed to subscriptions that pay in advance; none: nothing waits.
ALTER TABLE plan_version ADD COLUMN units_due_at time_int;
CREATE INDEX plan_version_units_due ON plan_version (units_due_at) WHERE units_due_at IS NOT NULL;

-- Units that a subscription has of a fixed charge instead of its plan's; what is newer goes before.  Rows stay.
CREATE TABLE fixed_units (
  customer_id     uuid_blob NOT NULL,
  subscription_id uuid_blob NOT NULL,
  id              uuid_blob NOT NULL,
  change_id       uuid_blob NOT NULL, -- what was changed together, and is billed together
  lineage_id      uuid_blob NOT NULL,
  units           decimal_text NOT NULL,
  from_at         time_int,           -- they hold from this instant on; none: from a period on
  from_day        day_int,            -- they hold from the period on that begins on this local day or later; none: from_at
  created_at      time_int NOT NULL,
  PRIMARY KEY (customer_id, subscription_id, id),
  FOREIGN KEY (customer_id, subscription_id) REFERENCES subscription (customer_id, id)
) WITHOUT ROWID;

-- The plan's version in force when the period of its fixed charges began: its units are those of the start.
ALTER TABLE subscription ADD COLUMN fixed_version_id uuid_blob;
UPDATE subscription SET fixed_version_id = plan_version_id;

-- The periods of fixed charges: the one that ended, of those in arrears, and the one that begins, of those in advance.
ALTER TABLE invoice_subscription ADD COLUMN fixed_from_at time_int;     -- none: nothing in arrears here
ALTER TABLE invoice_subscription ADD COLUMN fixed_to_at time_int;       -- exclusive
ALTER TABLE invoice_subscription ADD COLUMN fixed_version_id uuid_blob; -- the version in force when that period began
ALTER TABLE invoice_subscription ADD COLUMN advance_from_at time_int;   -- none: nothing in advance here
ALTER TABLE invoice_subscription ADD COLUMN advance_to_at time_int;     -- exclusive
ALTER TABLE invoice_subscription ADD COLUMN advance_version_id uuid_blob; -- the version that is paid in advance
-- A change of units inside the advance period, which is all that this row bills; none: no such row.
ALTER TABLE invoice_subscription ADD COLUMN units_at time_int;
ALTER TABLE invoice_subscription ADD COLUMN units_change_id uuid_blob;  -- the plan's version, or the fixed_units' change_id

ALTER TABLE fee ADD COLUMN fixed_charge_id uuid_blob;
ALTER TABLE fee ADD COLUMN add_on_id uuid_blob;
