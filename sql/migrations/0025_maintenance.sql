-- When work that keeps the system going was last done: what doctor and the metrics show.

-- One row for each task. It says nothing about money, so it is not part of the audit trail.
CREATE TABLE maintenance (
  task            text NOT NULL PRIMARY KEY, -- backup, billing
  started_at      time_int NOT NULL,
  finished_at     time_int NOT NULL,
  words           text NOT NULL       -- what was done, for a person
);
