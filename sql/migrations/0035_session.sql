-- People: users of the console with their sessions; customers who come to the portal by a link.

CREATE TABLE app_user (
  id              uuid_blob NOT NULL PRIMARY KEY,
  email           text NOT NULL,      -- as given
  email_key       text NOT NULL UNIQUE, -- in small letters
  name            text NOT NULL,
  role            text NOT NULL,      -- admin, member, viewer
  language        text NOT NULL,      -- BCP 47; empty: what the browser asks for
  password_hash   blob NOT NULL,      -- Argon2id, as text that holds its cost
  disabled_at     time_int,
  created_at      time_int NOT NULL
);

CREATE TABLE user_session (
  id              uuid_blob NOT NULL PRIMARY KEY,
  token_hash      blob NOT NULL UNIQUE, -- SHA-256
  user_id         uuid_blob NOT NULL REFERENCES app_user (id),
  address         text NOT NULL,      -- where it began
  user_agent      text NOT NULL,
  created_at      time_int NOT NULL,
  seen_at         time_int NOT NULL,  -- to five minutes
  ended_at        time_int            -- signed out
);
CREATE INDEX user_session_user ON user_session (user_id, created_at);

-- A way into the portal that opens once.
CREATE TABLE portal_link (
  id              uuid_blob NOT NULL PRIMARY KEY,
  token_hash      blob NOT NULL UNIQUE,
  link_customer_id uuid_blob,         -- whom it shows first; none: nobody has the address, it never opens
  link_email      text,               -- whose customers it shows; none: only that one
  created_at      time_int NOT NULL,
  expires_at      time_int NOT NULL,
  used_at         time_int
);
CREATE INDEX portal_link_expiry ON portal_link (expires_at);

CREATE TABLE portal_session (
  id              uuid_blob NOT NULL PRIMARY KEY,
  token_hash      blob NOT NULL UNIQUE,
  shown_customer_id uuid_blob NOT NULL REFERENCES customer (id),
  link_email      text,               -- as in portal_link
  address         text NOT NULL,
  user_agent      text NOT NULL,
  created_at      time_int NOT NULL,
  seen_at         time_int NOT NULL,
  ended_at        time_int
);
CREATE INDEX portal_session_age ON portal_session (created_at);
