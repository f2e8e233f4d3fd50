-- The run file, version 1. Frozen: a change is a new migration in migrations.py, not an edit here.
--
-- Floats are never REAL: SQLite turns NaN into NULL and -0.0 into 0.0. They are packed in blobs:
-- one byte that names the type of the items ('b' 'h' 'i' 'q' integers of 1, 2, 4, 8 bytes, 'f' 'd'
-- floats of 4, 8 bytes), then the items, little-endian (codec.py). An outline is a record as zlib'd
-- JSON (outlines.py).

-- Records that are few: `header`, `description`, `totals`, `closing` (each with number 0),
-- `parameter`, `optimizer`, `graph` (numbered as in the run), `finding` (numbered from 0).
CREATE TABLE record (
  kind TEXT NOT NULL,
  number INTEGER NOT NULL,
  outline BLOB NOT NULL,
  PRIMARY KEY (kind, number)
) WITHOUT ROWID;

CREATE TABLE event (
  number INTEGER PRIMARY KEY,  -- in the order they happened, from 0
  kind TEXT NOT NULL,
  outline BLOB NOT NULL
);

CREATE TABLE series (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

-- Points number*256 to number*256+255 of a series; only the last chunk is shorter.
CREATE TABLE chunk (
  series INTEGER NOT NULL,
  number INTEGER NOT NULL,
  steps BLOB NOT NULL,
  readings BLOB NOT NULL,
  PRIMARY KEY (series, number)
) WITHOUT ROWID;

-- The pyramid: a bucket of level k sums up 32^k points; the last one of each level may be open.
CREATE TABLE bucket (
  series INTEGER NOT NULL,
  level INTEGER NOT NULL,
  number INTEGER NOT NULL,
  first_step INTEGER NOT NULL,
  last_step INTEGER NOT NULL,
  points INTEGER NOT NULL,
  nonfinite INTEGER NOT NULL,
  summary BLOB NOT NULL,  -- minimum, mean, maximum of the finite values
  PRIMARY KEY (series, level, number)
) WITHOUT ROWID;

CREATE TABLE sample (
  number INTEGER PRIMARY KEY,  -- in the order they were taken, from 0
  step INTEGER NOT NULL,
  optimizer INTEGER NOT NULL,
  timing BLOB NOT NULL,          -- time_s, overhead_s
  parameters BLOB NOT NULL,      -- index of each parameter; the next four have one item each
  gradient_norms BLOB NOT NULL,  -- NaN where there was no gradient: see flags
  weight_norms BLOB NOT NULL,
  update_norms BLOB NOT NULL,
  flags BLOB NOT NULL            -- 1: there was a gradient; 2: estimated
);

CREATE INDEX sample_by_step ON sample (step);

CREATE TABLE backward_pass (
  sample INTEGER NOT NULL,
  number INTEGER NOT NULL,  -- within the sample
  labels BLOB NOT NULL,     -- step, index, graph, accumulates
  scalars BLOB NOT NULL,    -- loss, scale, seed_norm
  node_norms BLOB NOT NULL,
  edge_norms BLOB NOT NULL,
  numels BLOB NOT NULL,
  activation_counts BLOB NOT NULL,     -- node, examples, units, bytes of the mask; per activation
  activation_fractions BLOB NOT NULL,  -- derivative, zero, small, nonfinite; per activation
  dead_masks BLOB NOT NULL,            -- the masks, one after the other, as they were measured
  PRIMARY KEY (sample, number)
) WITHOUT ROWID;
