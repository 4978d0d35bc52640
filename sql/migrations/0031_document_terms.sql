-- The language of a customer's documents and mails, and where the money goes.

ALTER TABLE customer ADD COLUMN document_locale text;       -- BCP 47; none: the billing entity's
ALTER TABLE billing_entity ADD COLUMN document_locale text; -- none: English
ALTER TABLE billing_entity ADD COLUMN iban text;            -- without spaces
ALTER TABLE billing_entity ADD COLUMN bic text;
ALTER TABLE billing_entity ADD COLUMN bank_name text;
ALTER TABLE billing_entity ADD COLUMN account_holder text;  -- none: the legal name
