-- A schema for the store's own tests: everything that a column can be.

-- One of each type, twice: that must be there, and that may be none.
CREATE TABLE thing (
  id              uuid_blob NOT NULL PRIMARY KEY,
  position        bigint NOT NULL UNIQUE,
  is_good         bool_int NOT NULL,
  parent_id       uuid_blob REFERENCES thing (id),
  label           text,
  details         json_text,
  price           decimal_text,
  amount_minor    money_int,
  number          bigint,
  happened_at     time_int,
  day             day_int,
  picture         blob
);

CREATE TABLE tally (
  name            text NOT NULL PRIMARY KEY,
  total           bigint NOT NULL CHECK (total >= 0)
) WITHOUT ROWID;
