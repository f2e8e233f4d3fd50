CREATE TABLE answer (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,          -- ISO 8601, UTC
  exercise TEXT NOT NULL,    -- its id: the exercise can be made again from it
  skill TEXT NOT NULL,
  answer TEXT NOT NULL,      -- as typed
  correct INTEGER NOT NULL,
  hints INTEGER NOT NULL,    -- how many were shown before it
  mistakes TEXT NOT NULL     -- ids, a JSON list
);
CREATE TABLE card (
  skill TEXT NOT NULL,
  mistake TEXT NOT NULL,     -- '' for the skill as a whole
  state TEXT NOT NULL,       -- FSRS's own JSON
  PRIMARY KEY (skill, mistake)
);
CREATE TABLE lesson (
  id TEXT PRIMARY KEY,
  done_at TEXT NOT NULL
);
CREATE TABLE wall (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  skill TEXT,                -- NULL if nothing is missing
  sure REAL NOT NULL,
  questions INTEGER NOT NULL
);
