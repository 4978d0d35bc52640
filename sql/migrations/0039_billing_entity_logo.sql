-- What stands at the head of a seller's documents and of its customers' portal.

CREATE TABLE billing_entity_logo (
  billing_entity_id uuid_blob NOT NULL PRIMARY KEY REFERENCES billing_entity (id),
  media_type      text NOT NULL,      -- image/svg+xml, image/png
  content         blob NOT NULL,
  content_hash    blob NOT NULL       -- SHA-256
);
CREATE INDEX billing_entity_logo_content ON billing_entity_logo (content_hash);
