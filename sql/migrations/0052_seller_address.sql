-- Where the seller is, and its numbers: an invoice must say so (VAT directive 2006/112/EC, article 226).

ALTER TABLE billing_entity ADD COLUMN address_line1 text;
ALTER TABLE billing_entity ADD COLUMN address_line2 text;
ALTER TABLE billing_entity ADD COLUMN city text;
ALTER TABLE billing_entity ADD COLUMN state text;
ALTER TABLE billing_entity ADD COLUMN zipcode text;
ALTER TABLE billing_entity ADD COLUMN legal_number text;              -- in the register of companies
ALTER TABLE billing_entity ADD COLUMN tax_identification_number text; -- for VAT
