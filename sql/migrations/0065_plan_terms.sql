-- Plans of any term: what one comes to in a year is told by core/recurring.h, once, when it is written.

ALTER TABLE plan_version ADD COLUMN yearly_minor money_int NOT NULL DEFAULT 0; -- of its own fee, by which plans are compared
-- More than an int64 holds could not be totalled before either.
UPDATE plan_version SET yearly_minor = CASE WHEN amount_minor > 177372539170284150 THEN 9223372036854775807
  ELSE amount_minor * CASE billing_interval WHEN 'weekly' THEN 52
    WHEN 'monthly' THEN 12 WHEN 'quarterly' THEN 4 WHEN 'semiannual' THEN 2 ELSE 1 END END;
