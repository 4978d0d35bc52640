-- A table in months on PostgreSQL.

-- only: sqlite
CREATE TABLE reading (
  day             day_int NOT NULL,
  id              uuid_blob NOT NULL,
  number          bigint,
  PRIMARY KEY (day, id)
) WITHOUT ROWID;
-- end
-- only: postgres
CREATE TABLE reading (
  day             day_int NOT NULL,
  id              uuid_blob NOT NULL,
  number          bigint,
  PRIMARY KEY (day, id)
) PARTITION BY RANGE (day);
-- end
