-- Least and greatest amounts of a charge for a whole period, in minor units.

ALTER TABLE charge ADD COLUMN min_amount_minor money_int NOT NULL DEFAULT 0; -- 0: none
ALTER TABLE charge ADD COLUMN max_amount_minor money_int NOT NULL DEFAULT 0; -- 0: none

-- What is missing to a charge's minimum is a fee of its own, behind the fee for its usage.
ALTER TABLE fee ADD COLUMN is_true_up bool_int NOT NULL DEFAULT FALSE;
ALTER TABLE fee ADD COLUMN true_up_parent_fee_id uuid_blob; -- the fee for usage; none on a correction
