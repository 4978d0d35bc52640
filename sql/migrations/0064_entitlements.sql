-- What a plan grants: features with privileges, entitled by plans and changed for single subscriptions.

CREATE TABLE feature (
  id          uuid_blob NOT NULL PRIMARY KEY,
  code        text NOT NULL UNIQUE,
  name        text,
  description text,
  created_at  time_int NOT NULL,
  updated_at  time_int NOT NULL
) WITHOUT ROWID;

CREATE TABLE feature_privilege (
  feature_id     uuid_blob NOT NULL REFERENCES feature (id),
  id             uuid_blob NOT NULL, -- a privilege that was deleted and made again is another one
  position       bigint NOT NULL,
  code           text NOT NULL,
  name           text,
  value_type     text NOT NULL,      -- string, integer, boolean, select
  select_options json_text,          -- of a select: an array of texts
  PRIMARY KEY (feature_id, id),
  UNIQUE (feature_id, code)
) WITHOUT ROWID;

CREATE TABLE plan_entitlement (
  plan_id    uuid_blob NOT NULL REFERENCES plan (id),
  feature_id uuid_blob NOT NULL REFERENCES feature (id),
  PRIMARY KEY (plan_id, feature_id)
) WITHOUT ROWID;
CREATE INDEX plan_entitlement_feature ON plan_entitlement (feature_id);

CREATE TABLE plan_entitlement_value (
  plan_id         uuid_blob NOT NULL,
  feature_id      uuid_blob NOT NULL,
  privilege_id    uuid_blob NOT NULL,
  privilege_value text NOT NULL,     -- as text: 10, true, okta
  PRIMARY KEY (plan_id, feature_id, privilege_id),
  FOREIGN KEY (plan_id, feature_id) REFERENCES plan_entitlement (plan_id, feature_id),
  FOREIGN KEY (feature_id, privilege_id) REFERENCES feature_privilege (feature_id, id)
) WITHOUT ROWID;

-- A subscription's own, by its external id, so that they go on with the next one of that id.
CREATE TABLE subscription_entitlement (
  customer_id uuid_blob NOT NULL REFERENCES customer (id),
  external_id text NOT NULL,
  feature_id  uuid_blob NOT NULL REFERENCES feature (id),
  is_removed  bool_int NOT NULL,     -- the plan's does not hold
  PRIMARY KEY (customer_id, external_id, feature_id)
) WITHOUT ROWID;
CREATE INDEX subscription_entitlement_feature ON subscription_entitlement (feature_id);

CREATE TABLE subscription_entitlement_value (
  customer_id     uuid_blob NOT NULL,
  external_id     text NOT NULL,
  feature_id      uuid_blob NOT NULL,
  privilege_id    uuid_blob NOT NULL,
  privilege_value text,              -- none: the privilege is taken away
  PRIMARY KEY (customer_id, external_id, feature_id, privilege_id),
  FOREIGN KEY (customer_id, external_id, feature_id)
    REFERENCES subscription_entitlement (customer_id, external_id, feature_id),
  FOREIGN KEY (feature_id, privilege_id) REFERENCES feature_privilege (feature_id, id)
) WITHOUT ROWID;
